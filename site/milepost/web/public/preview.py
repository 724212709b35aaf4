"""`/preview/{key}`: a campaign's page as it would look, for whoever has the secret link."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from milepost.services.publishing import preview
from milepost.storage.database import reading
from milepost.web.public.home import reader_locale
from milepost.web.public.view import campaign_view, store_view
from milepost.web.slugs import is_key

# The link is the secret: it goes to no other site, into no cache and no index.
HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
}


async def page(request: Request) -> Response:
    """The true page of a draft; nothing on it can be pledged for. 404 alike for any other key."""
    site, key, locale = request.state.site, request.path_params["key"], reader_locale(request)
    now = site.clock()
    published = None
    if is_key(key):
        async with reading(site.database) as db:
            published = await preview(db, key, now)
    if published is None:
        raise HTTPException(404)
    if published.campaign["is_public"]:
        return RedirectResponse(f"/c/{published.campaign['slug']}", 303, HEADERS)
    view = campaign_view(published, locale, now, site.settings.base_url)
    html = site.renderer.page(
        "public/preview.html",
        locale,
        c=view
        | {
            "can_pledge": False,
            "state": "upcoming",
            "opens_at": max(now, published.campaign["opens_at"]),
        },
        store=store_view(published.campaign, locale),
    )
    return HTMLResponse(html, headers=HEADERS)
