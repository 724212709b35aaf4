"""Signing in and out: an address is typed, a link is mailed, a button uses it once."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from milepost.domain.errors import Refusal
from milepost.services.signing_in import (
    LONGEST,
    Asking,
    TooOften,
    address_behind,
    ask_for_link,
    ask_for_pledge,
    own_page,
    sign_out,
    sign_out_everywhere,
    use_link,
)
from milepost.storage.database import reading
from milepost.web.me.visit import (
    LONGEST_TOKEN,
    PRIVATE,
    back_to,
    client_of,
    cookie_name,
    give_cookie,
    is_own,
    language_of,
    shown,
    store_here,
    take_cookie,
    visit_of,
)
from milepost.web.public.chosen import plain
from milepost.web.shop.token import bring_cart, take_token, token_of
from milepost.web.slugs import is_key
from milepost.wording.saying import say

AN_HOUR = {"retry-after": "3600"}


async def sign_in(request: Request) -> Response:
    """`/me/sign-in`: the form, and one answer for known and unknown addresses alike."""
    if request.method == "POST":
        return await _asked(request)
    if await visit_of(request) is not None:
        return back_to(own_page(request.query_params.get("next", "")) or "/me")
    return await _form(request, next_=own_page(request.query_params.get("next", "")))


async def _asked(request: Request) -> Response:
    site = request.state.site
    sent = await request.form(max_files=0, max_fields=5)
    typed, next_ = str(sent.get("email", "")), own_page(str(sent.get("next", "")))
    asking = Asking(client_of(request), language_of(request, str(sent.get("lang", ""))), next_)
    try:
        await ask_for_link(site.database, site.settings.base_url, typed, asking, site.clock())
    except TooOften as refusal:
        return await _too_often(request, refusal)
    except Refusal as refusal:
        error = say(refusal.sentence, asking.locale)
        return await _form(request, 422, typed=plain(typed, LONGEST), next_=next_, error=error)
    return await _form(request, sent_to=plain(typed, LONGEST))


async def for_pledge(request: Request) -> Response:
    """`POST /me/sign-in/for/{key}`: a link to whoever made the pledge; the address is not shown."""
    site, key = request.state.site, request.path_params["key"]
    if request.method != "POST" or not is_key(key):
        return back_to(f"/p/{key}" if is_key(key) else "/me/sign-in")
    visit = await visit_of(request)
    if visit is not None and await is_own(request, visit):
        return back_to(f"/me/pledges/{key}")
    asking = Asking(client_of(request), language_of(request))
    try:
        await ask_for_pledge(site.database, site.settings.base_url, key, asking, site.clock())
    except TooOften as refusal:
        return await _too_often(request, refusal)
    return await _form(request, for_pledge=key)


async def _too_often(request: Request, refusal: TooOften) -> Response:
    locale = language_of(request)
    page = await _form(request, 429, too_often=say(refusal.sentence, locale))
    page.headers.update(AN_HOUR)
    return page


async def _form(
    request: Request,
    status: int = 200,
    *,
    typed: str = "",
    next_: str = "",
    error: str = "",
    sent_to: str = "",
    for_pledge: str = "",
    too_often: str = "",
) -> Response:
    locale = language_of(request)
    async with reading(request.state.site.database) as db:
        store = await store_here(db, locale)
    return shown(
        request,
        "me/sign_in.html",
        locale,
        status,
        store=store,
        typed=typed,
        next=next_,
        error=error,
        sent_to=sent_to,
        for_pledge=for_pledge,
        too_often=too_often,
        mails_are_here=request.state.site.settings.keeps_mails,
    )


async def link(request: Request) -> Response:
    """`/me/sign-in/{token}`: GET shows one button and uses nothing up; POST signs in, once."""
    site, token = request.state.site, request.path_params["token"]
    found = None
    if len(token) <= LONGEST_TOKEN:
        if request.method == "POST":
            used = await use_link(site.database, token, site.clock())
            if used is not None:
                if (earlier := await visit_of(request)) is not None:
                    await sign_out(site.database, earlier.token)
                response = RedirectResponse(used[1], 303, PRIVATE)
                give_cookie(response, site.settings, used[0])
                await bring_cart(request, response, used[0])
                return response
        else:
            found = await address_behind(site.database, token, site.clock())
    locale = language_of(request)
    async with reading(site.database) as db:
        store = await store_here(db, locale)
    status = 200 if found else 410
    return shown(request, "me/link.html", locale, status, store=store, token=token, address=found)


async def out(request: Request) -> Response:
    """`POST /me/sign-out`: this visit is over."""
    return await _out(request, everywhere=False)


async def out_everywhere(request: Request) -> Response:
    """`POST /me/sign-out/everywhere`: every visit of this address is over."""
    return await _out(request, everywhere=True)


async def _out(request: Request, *, everywhere: bool) -> Response:
    site = request.state.site
    visit = await visit_of(request) if request.method == "POST" else None
    if visit is None:
        return back_to("/me")
    if everywhere:
        await sign_out_everywhere(site.database, visit.email)
    else:
        await sign_out(site.database, visit.token)
    locale = language_of(request, visit.locale)
    async with reading(site.database) as db:
        store = await store_here(db, locale)
    response = shown(request, "me/signed_out.html", locale, store=store, everywhere=everywhere)
    if token_of(request) is not None:
        take_token(response, site.settings)  # whoever sits here next has a cart of their own
    if cookie_name(site.settings) in request.cookies:
        take_cookie(response, site.settings)
    return response
