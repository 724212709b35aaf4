"""Notify me: an address is typed, a link is mailed, a button confirms it; another one leaves."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from milepost.domain.errors import Conflict, NotFound, Refusal
from milepost.services.notifying import Follows, ask_to_follow, confirm, find_follower, leave
from milepost.services.publishing import in_language, publish
from milepost.services.signing_in import LONGEST, Asking, TooOften
from milepost.storage.database import reading
from milepost.web.me.visit import PRIVATE, back_to, client_of
from milepost.web.public.chosen import plain
from milepost.web.public.home import reader_locale
from milepost.web.public.view import announced_view, store_view
from milepost.web.slugs import is_slug
from milepost.wording.saying import say

LONGEST_LINK = 200  # characters of a token


async def follow(request: Request) -> Response:
    """`POST /c/{slug}/follow`: one answer for known and unknown addresses alike."""
    site, slug, locale = request.state.site, request.path_params["slug"], reader_locale(request)
    if not is_slug(slug):
        raise HTTPException(404)
    if request.method != "POST":
        return back_to(f"/c/{slug}")
    sent = await request.form(max_files=0, max_fields=5)
    typed = str(sent.get("email", ""))
    follows, asking = Follows(site.settings.secret_key), Asking(client_of(request), locale)
    error, status = "", 200
    try:
        await ask_to_follow(
            site.database, site.settings.base_url, follows, slug, typed, asking, site.clock()
        )
    except NotFound:
        raise HTTPException(404) from None
    except Refusal as refusal:
        error = say(refusal.sentence, locale)
        is_late = isinstance(refusal, Conflict)
        status = 429 if isinstance(refusal, TooOften) else 409 if is_late else 422
    now = site.clock()
    async with reading(site.database) as db:
        published = await publish(db, slug, now, announced=True)
    if published is None:
        raise HTTPException(404)
    page = site.renderer.page(
        "public/follow.html",
        locale,
        store=store_view(published.campaign, locale),
        c=announced_view(published, locale, now, site.settings.base_url),
        sent_to="" if error else plain(typed, LONGEST),
        typed=plain(typed, LONGEST),
        error=error,
        mails_are_here=site.settings.keeps_mails,
    )
    return HTMLResponse(page, status, PRIVATE)


async def confirmed(request: Request) -> Response:
    """`/follow/{token}`: GET shows a button and changes nothing; POST confirms the address.

    Programs that look through mails follow links, so looking must not confirm.
    """
    site, token = request.state.site, request.path_params["token"]
    follows = Follows(site.settings.secret_key)
    follower_id = follows.follower(token) if len(token) <= LONGEST_LINK else None
    if follower_id is None:
        raise HTTPException(404)
    found = await find_follower(site.database, follower_id)
    if found is not None and request.method == "POST":
        await confirm(site.database, follower_id, site.clock())
        found = await find_follower(site.database, follower_id)
    return _page(request, found, token, leaves=False)


async def leaving(request: Request, follower_id: int) -> Response:
    """`/unsubscribe/{token}` of a follower: GET shows and changes nothing; POST forgets them."""
    site = request.state.site
    found = await find_follower(site.database, follower_id)
    if request.method == "POST":
        await leave(site.database, follower_id)
        found = None
    return _page(request, found, request.path_params["token"], leaves=True)


def _page(request: Request, found: Any, token: str, *, leaves: bool) -> Response:
    site, locale = request.state.site, reader_locale(request)
    html = site.renderer.page(
        "public/following.html",
        locale,
        store=store_view(found, locale) if found is not None else None,
        title=in_language(found, locale)("title") if found is not None else "",
        f=found,
        leaves=leaves,
        token=token,
    )
    return HTMLResponse(html, 200 if found is not None or leaves else 410, PRIVATE)
