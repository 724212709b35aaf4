"""`POST /cart/seen`: a drawer tells once that it stands on a page (S23)."""

from starlette.requests import Request
from starlette.responses import Response

from milepost.storage import cart_campaigns
from milepost.storage.database import unit
from milepost.web.me.visit import PRIVATE
from milepost.web.public.chosen import plain


async def seen(request: Request) -> Response:
    """Always 204: whoever tells learns nothing, and at most one word an hour is written."""
    sent = await request.form(max_files=0, max_fields=5)
    slug, site = plain(str(sent.get("store", "")), 100), request.state.site
    async with unit(site.database) as db:
        await cart_campaigns.drawer_seen(db, slug, site.clock())
    return Response(None, 204, PRIVATE)
