"""A campaign's share picture; its page, JSON and stream are in `doors.py`."""

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.services.publishing import publish
from milepost.storage.database import reading
from milepost.web.public.card import share_card
from milepost.web.public.home import reader_locale
from milepost.web.public.view import campaign_view, store_view
from milepost.web.slugs import is_slug


async def unknown(request: Request) -> Response:
    """What the doors did not know."""
    raise HTTPException(404)


async def share_picture(request: Request) -> Response:
    """`GET /c/{slug}/card.png`: 1200 × 630, drawn once per version and language."""
    site, slug, locale = request.state.site, request.path_params["slug"], reader_locale(request)
    finished = await site.shelf.get(slug) if is_slug(slug) else None
    if finished is None:
        raise HTTPException(404)
    tag = f'"{finished.version}-{locale}-card"'
    headers = {
        "cache-control": "public, max-age=60, stale-while-revalidate=600",
        "vary": "accept-language",
        "etag": tag,
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    picture = finished.pictures.get(locale)
    if picture is None:
        now = site.clock()
        async with reading(site.database) as db:
            published = await publish(db, slug, now)
        if published is None:
            raise HTTPException(404)
        view = campaign_view(published, locale, now, site.settings.base_url)
        store = store_view(published.campaign, locale)
        picture = await run_in_threadpool(share_card, view, store, locale)
        finished.pictures[locale] = picture
    return Response(picture, 200, headers, "image/png")
