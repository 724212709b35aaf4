"""`…/fulfilment`: what the campaign owes, to whom, and how far it is (S57)."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.domain.shipping import COUNTRIES
from milepost.services.batching import STANDINGS, overview
from milepost.storage import parcels, tracking
from milepost.storage.database import reading
from milepost.web.public.destinations import options, select
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.parts import asked, question

PAGE = 50
WINDOW = 2000
BATCHES = 20


@behind(Deed.FULFIL)
async def fulfilment(request: Request, desk: Desk) -> Response:
    """Own goods and each reached milestone with their counts; the batches; files that came in."""
    site, before = request.state.site, number_in(asked(request, "before"))
    async with reading(site.database) as db:
        seen = await overview(db, desk.campaign_id, desk.row["track_id"], site.clock())
        made = await parcels.batches(db, desk.campaign_id, before, BATCHES + 1)
        runs = await tracking.runs(db, desk.campaign_id, 5)
    return shown(
        request,
        "studio/fulfilment/overview.html",
        desk,
        contents=seen.contents,
        counted_at=seen.counted_at,
        batches=made[:BATCHES],
        older=made[BATCHES - 1]["id"] if len(made) > BATCHES else None,
        names=names_of(seen.contents),
        runs=runs,
        is_first=before is None,
    )


def names_of(contents: Any) -> dict[int, str]:
    """What each content is called; own goods have no name of their own."""
    return {
        c.milestone_id: (c.row["product"] or c.row["title"]) if c.row is not None else ""
        for c in contents
    }


@behind(Deed.FULFIL)
async def owed(request: Request, desk: Desk) -> Response:
    """`…/fulfilment/parcels?of=`: who is owed a milestone's reward, or own goods; by key."""
    site, of = request.state.site, number_in(asked(request, "of") or "0")
    standing, after = asked(request, "standing"), number_in(asked(request, "after")) or 0
    country = asked(request, "country").upper()
    standing = standing if standing in STANDINGS else ""
    country = country if country in COUNTRIES else ""
    async with reading(site.database) as db:
        contents = await parcels.contents(db, desk.row["track_id"])
        if of is None or (of and of not in {row["id"] for row in contents}):
            raise HTTPException(404)
        rows, end = await parcels.listed(
            db,
            desk.campaign_id,
            of,
            standing or None,
            country or None,
            after,
            WINDOW,
            PAGE + 1,
            desk.may(Deed.MIND_PLEDGES),
        )
    following = rows[PAGE - 1]["beneficiary"] if len(rows) > PAGE else end
    here = f"{desk.campaign_home}/fulfilment/parcels"
    words = {"of": of or "0", "standing": standing, "country": country}
    return shown(
        request,
        "studio/fulfilment/parcels.html",
        desk,
        content=next((row for row in contents if row["id"] == of), None),
        contents=contents,
        of=of,
        standing=standing,
        standings=STANDINGS,
        countries=select(options(desk.locale, COUNTRIES), country),
        rows=rows[:PAGE],
        looked_further=len(rows) <= PAGE and end is not None,
        next_href=here + question(**words, after=following) if following else None,
        first_href=here + question(**words) if after else None,
    )
