"""`/studio/{store}/log`: who did what, when, from what to what."""

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.roles import Deed
from milepost.domain.talking import REASONS
from milepost.services.noting import log_page
from milepost.web.studio.desk import Desk, behind, shown


@behind(Deed.SEE_LOG)
async def log(request: Request, desk: Desk) -> Response:
    """The store's deeds, newest first, fifty a page; `?before=` goes on below a deed."""
    asked = request.query_params.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None
    page = await log_page(request.state.site.database, desk.store_id, before)
    return shown(
        request,
        "studio/log.html",
        desk,
        deeds=page.deeds,
        older=page.older,
        is_first=before is None,
        reasons=REASONS,
    )
