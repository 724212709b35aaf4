"""Each store's colours, as a stylesheet of its own: a strict CSP allows no inline style."""

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.storage import campaigns
from milepost.storage.database import reading
from milepost.web.public.view import brand_css_url
from milepost.web.static import CACHE_CONTROL
from milepost.wording.colour import bar_css, brand_css


async def brand(request: Request) -> Response:
    """`GET /brand/{slug}.{hash}.css`."""
    slug = request.path_params["name"].rpartition(".")[0]
    async with reading(request.state.site.database) as db:
        colour = (
            await campaigns.brand_of(db, slug) if slug.isascii() and slug.isprintable() else None
        )
    if colour is None or request.url.path != brand_css_url(slug, colour):
        raise HTTPException(404)
    return Response(brand_css(colour), 200, {"cache-control": CACHE_CONTROL}, "text/css")


async def bar(request: Request) -> Response:
    """`GET /brand/bar-{colour}.css`: a cart's bar in a colour of its own (S35)."""
    colour = request.path_params["colour"]
    if not re.fullmatch("[0-9a-f]{6}", colour):
        raise HTTPException(404)
    css = bar_css(f"#{colour}", ".cart-milestones")
    return Response(css, 200, {"cache-control": CACHE_CONTROL}, "text/css")
