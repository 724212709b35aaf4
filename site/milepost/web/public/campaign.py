"""A campaign's share picture; its page, JSON and stream are in `doors.py`."""

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.numbers import number_in
from milepost.services.publishing import publish
from milepost.storage.database import reading
from milepost.web.public.card import WIDTH, WIDTHS, share_card, smaller
from milepost.web.public.home import reader_locale
from milepost.web.public.view import campaign_view, store_view
from milepost.web.shelf import Finished
from milepost.web.site import Site
from milepost.web.slugs import is_slug


async def unknown(request: Request) -> Response:
    """What the doors did not know; other sites may read that there is no such campaign."""
    raise HTTPException(404, headers={"access-control-allow-origin": "*"})


async def share_picture(request: Request) -> Response:
    """`GET /c/{slug}/card.png`: 1200 × 630, drawn once per version and language.

    `?width=` asks for it smaller, in one of the `WIDTHS`.
    """
    site, slug, locale = request.state.site, request.path_params["slug"], reader_locale(request)
    finished = await site.shelf.get(slug) if is_slug(slug) else None
    if finished is None:
        raise HTTPException(404)
    width = number_in(request.query_params.get("width", "")) or WIDTH
    if width not in WIDTHS:
        raise HTTPException(404)
    tag = f'"{finished.version}-{locale}-{width}-card"'
    headers = {
        "cross-origin-resource-policy": "cross-origin",
        "cache-control": "public, max-age=60, stale-while-revalidate=600",
        "vary": "accept-language",
        "etag": tag,
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    picture = finished.pictures.get((locale, width))
    if picture is None:
        picture = await _drawn(site, finished, locale)
        if width != WIDTH:
            picture = await run_in_threadpool(smaller, picture, width)
        finished.pictures[locale, width] = picture
    return Response(picture, 200, headers, "image/png")


async def _drawn(site: Site, finished: Finished, locale: str) -> bytes:
    """The whole picture of that version; drawn now when nobody has asked for it yet."""
    slug, now = finished.published.campaign["slug"], site.clock()
    picture = finished.pictures.get((locale, WIDTH))
    if picture is not None:
        return picture
    async with reading(site.database) as db:
        published = await publish(db, slug, now)
    if published is None:
        raise HTTPException(404)
    view = campaign_view(published, locale, now, site.settings.base_url)
    store = store_view(published.campaign, locale)
    picture = await run_in_threadpool(share_card, view, store, locale)
    finished.pictures[locale, WIDTH] = picture
    return picture
