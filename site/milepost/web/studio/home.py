"""`/studio` and `/studio/{store}`: the stores one works in, and a store's campaigns."""

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.roles import Deed
from milepost.services.choosing import calendar_of
from milepost.services.publishing import in_language
from milepost.storage import creators
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.public.view import store_view
from milepost.web.studio.desk import Desk, behind, shown


@behind(Deed.MIND_ACCOUNT)
async def stores(request: Request, desk: Desk) -> Response:
    """`GET /studio`: the stores; whoever works in one only is led there."""
    async with reading(request.state.site.database) as db:
        rows = await creators.stores(db, desk.creator_id)
    if len(rows) == 1:
        return back_to(f"/studio/{rows[0]['store_slug']}")
    own = [{**store_view(row, desk.locale), "role": row["role"]} for row in rows]
    return shown(request, "studio/stores.html", desk, stores=own)


@behind(Deed.SEE_STORE)
async def store(request: Request, desk: Desk) -> Response:
    """`GET /studio/{store}`: the store's campaigns and how far they are."""
    site = request.state.site
    async with reading(site.database) as db:
        rows = await creators.campaigns(db, desk.store_id)
    shown_ones = []
    for row in rows:
        total = row["units"] if row["basis"] == "units" else row["money"]
        phase = calendar_of(row).phase(site.clock())
        shown_ones.append(
            {
                **dict(row),
                "title": in_language(row, desk.locale)("title"),
                "state": row["outcome"] or phase,
                "is_public": phase != "draft",
                "total": total,
                "share": total / row["goal"],
                "filled": min(100, total * 100 // row["goal"]),
            }
        )
    return shown(request, "studio/store.html", desk, campaigns=shown_ones)
