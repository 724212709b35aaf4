"""The studio's entrance: a password, a mailed link, and the ways out."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from milepost.domain.errors import Refusal
from milepost.domain.roles import Deed
from milepost.services.entering import (
    TooOften,
    address_behind,
    ask_for_link,
    sign_in,
    sign_out,
    sign_out_everywhere,
    studio_page,
    use_link,
)
from milepost.services.signing_in import LONGEST
from milepost.storage.database import reading
from milepost.web.me.visit import LONGEST_TOKEN, PRIVATE, back_to, language_of, store_here
from milepost.web.public.chosen import plain
from milepost.web.studio.desk import (
    Desk,
    behind,
    caller_of,
    cookie_name,
    desk_of,
    give_cookie,
    shown,
    take_cookie,
)
from milepost.wording.saying import say

AN_HOUR = {"retry-after": "3600"}


async def outside(
    request: Request, template: str, status: int = 200, **context: object
) -> Response:
    """A page for whoever is not signed in, in the colours of the only store."""
    async with reading(request.state.site.database) as db:
        store = await store_here(db, language_of(request))
    return shown(request, template, None, status, **{"store": store} | context)


def entered(request: Request, token: str, leads_to: str) -> Response:
    """303 to `leads_to`, signed in."""
    response = RedirectResponse(leads_to, 303, PRIVATE)
    give_cookie(response, request.state.site.settings, token)
    return response


async def password(request: Request) -> Response:
    """`/studio/sign-in`: address and password, a passkey, or a link by mail."""
    next_ = studio_page(request.query_params.get("next", ""))
    if request.method != "POST":
        if await desk_of(request) is not None:
            return back_to(next_ or "/studio")
        return await _form(request, next_=next_)
    site = request.state.site
    sent = await request.form(max_files=0, max_fields=5)
    typed, next_ = str(sent.get("email", "")), studio_page(str(sent.get("next", "")))
    caller = caller_of(request)
    try:
        token = await sign_in(
            site.database, typed, str(sent.get("password", "")), caller, site.clock()
        )
    except Refusal as refusal:
        return await _form(request, plain(typed, LONGEST), next_, refusal)
    return entered(request, token, next_ or "/studio")


async def _form(
    request: Request, typed: str = "", next_: str = "", refusal: Refusal | None = None
) -> Response:
    errors, status = {}, 200
    if refusal is not None:
        errors = {refusal.about: say(refusal.sentence, language_of(request))}
        status = 429 if isinstance(refusal, TooOften) else 422
    page = await outside(
        request, "studio/sign_in.html", status, typed=typed, next=next_, errors=errors
    )
    if status == 429:
        page.headers.update(AN_HOUR)
    return page


async def mail_link(request: Request) -> Response:
    """`/studio/sign-in/link`: the form, and one answer for known and unknown addresses alike."""
    site, typed, errors, status = request.state.site, "", {}, 200
    next_ = studio_page(request.query_params.get("next", ""))
    sent_to = ""
    if request.method == "POST":
        sent = await request.form(max_files=0, max_fields=5)
        typed = str(sent.get("email", ""))
        next_ = studio_page(str(sent.get("next", "")))
        try:
            await ask_for_link(
                site.database,
                site.settings.base_url,
                typed,
                next_,
                caller_of(request),
                site.clock(),
            )
            sent_to = plain(typed, LONGEST)
        except Refusal as refusal:
            errors = {refusal.about: say(refusal.sentence, language_of(request))}
            status = 429 if isinstance(refusal, TooOften) else 422
    page = await outside(
        request,
        "studio/mail_link.html",
        status,
        typed=plain(typed, LONGEST),
        next=next_,
        errors=errors,
        sent_to=sent_to,
    )
    if status == 429:
        page.headers.update(AN_HOUR)
    return page


async def link(request: Request) -> Response:
    """`/studio/sign-in/{token}`: GET shows one button and uses nothing up; POST signs in, once."""
    site, token = request.state.site, request.path_params["token"]
    found = None
    if len(token) <= LONGEST_TOKEN:
        if request.method == "POST":
            desk = await desk_of(request)
            used = await use_link(site.database, token, caller_of(request), site.clock())
            if used is not None:
                if desk is not None:  # one browser, one sitting
                    await sign_out(site.database, desk.creator_id, desk.sitting_id)
                return entered(request, *used)
        else:
            found = await address_behind(site.database, token, site.clock())
    status = 200 if found else 410
    return await outside(request, "studio/link.html", status, token=token, address=found)


@behind(Deed.MIND_ACCOUNT)
async def out(request: Request, desk: Desk) -> Response:
    """`POST /studio/sign-out`: this sitting is over."""
    if request.method != "POST":
        return back_to("/studio")
    await sign_out(request.state.site.database, desk.creator_id, desk.sitting_id)
    return await _left(request, everywhere=False)


@behind(Deed.MIND_ACCOUNT)
async def out_everywhere(request: Request, desk: Desk) -> Response:
    """`POST /studio/sign-out/everywhere`: every sitting of this creator is over."""
    if request.method != "POST":
        return back_to("/studio/account")
    await sign_out_everywhere(request.state.site.database, desk.creator_id, desk.email)
    return await _left(request, everywhere=True)


async def _left(request: Request, *, everywhere: bool) -> Response:
    response = await outside(request, "studio/signed_out.html", everywhere=everywhere)
    if cookie_name(request.state.site.settings) in request.cookies:
        take_cookie(response, request.state.site.settings)
    return response
