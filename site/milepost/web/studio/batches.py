"""`…/fulfilment/batches`: made from what is owed, printed, sent to the carrier as CSV."""

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Refusal
from milepost.domain.messages import N_
from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.domain.shipping import COUNTRIES
from milepost.services.batching import Content, dissolve_batch, make_batch, overview
from milepost.services.listing import batch_csv
from milepost.storage import parcels, pledge_list
from milepost.storage.database import reading
from milepost.storage.parcels import Wanted
from milepost.web.me.visit import back_to
from milepost.web.public.chosen import plain
from milepost.web.public.destinations import options, select
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.fulfilment import names_of
from milepost.web.studio.parts import asked, download, errors_of, numbered, status_of

PAGE = 50  # boxes on one page
SHEETS = 100  # boxes on one page to print
MOST = 1_000_000
DONE = {
    "made": N_("The batch is ready. Who is in it stays in it."),
    "dissolved": N_("What was not sent is in no batch any more."),
}


@behind(Deed.FULFIL)
async def new(request: Request, desk: Desk) -> Response:
    """`…/batches/new`: what goes into it, and for whom."""
    if request.method != "POST":
        return await _form(request, desk)
    site = request.state.site
    sent = await request.form(max_files=0, max_fields=200)
    typed = {name: plain(str(value)) for name, value in sent.items()}
    contents = [n for value in sent.getlist("contents") if (n := number_in(str(value))) is not None]
    country, most = typed.get("country", "").upper(), number_in(typed.get("most", "").strip())
    wanted = Wanted(
        contents=contents,
        country=country if country in COUNTRIES else None,
        tier_id=number_in(typed.get("tier", "")),
        addressed="addressed" in typed,
        answered="answered" in typed,
        most=min(most, MOST) if most else None,
    )
    try:
        batch_id = await make_batch(
            site.database,
            desk.store_id,
            desk.campaign_id,
            typed.get("name", ""),
            wanted,
            desk.creator_id,
            site.clock(),
        )
    except Refusal as refusal:
        return await _form(request, desk, refusal, typed, contents)
    return back_to(f"{desk.campaign_home}/fulfilment/batches/{batch_id}?done=made")


async def _form(
    request: Request,
    desk: Desk,
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
    chosen: list[int] | None = None,
) -> Response:
    site = request.state.site
    async with reading(site.database) as db:
        seen = await overview(db, desk.campaign_id, desk.row["track_id"], site.clock())
        choices = await pledge_list.choices(db, desk.campaign_id)
    if typed is None:
        of = number_in(asked(request, "of"))
        chosen = [of] if of is not None else [c.milestone_id for c in seen.contents if _is_due(c)]
        posted = any(choice["ships"] for choice in choices)  # else nobody is asked for an address
        typed = {"answered": "on"} | ({"addressed": "on"} if posted else {})
    return shown(
        request,
        "studio/fulfilment/new_batch.html",
        desk,
        status_of(refusal),
        contents=seen.contents,
        names=names_of(seen.contents),
        chosen=chosen or [],
        typed=typed,
        choices=choices,
        countries=select(options(desk.locale, COUNTRIES), typed.get("country", "")),
        errors=errors_of(refusal, desk.locale),
    )


def _is_due(content: Content) -> bool:
    """True for what is owed and sent by post: a code or a text is in no box."""
    return bool(content["owed"]) and (content.row is None or content.row["kind"] == "product")


async def _batch(request: Request, desk: Desk) -> Any:
    async with reading(request.state.site.database) as db:
        found = await parcels.batch(db, desk.campaign_id, numbered(request, "batch"))
    if found is None:
        raise HTTPException(404)
    return found


def _after(request: Request, batch: Any) -> int:
    """The box after which the address asks for more; none is beyond the last."""
    return min(number_in(asked(request, "after")) or 0, int(batch["last_box"]))


@behind(Deed.FULFIL)
async def one(request: Request, desk: Desk) -> Response:
    """`…/batches/{batch}`: how far it is, what to pick, and its boxes, fifty a page."""
    site, batch = request.state.site, await _batch(request, desk)
    after = _after(request, batch)
    async with reading(site.database) as db:
        through = await parcels.end_of_boxes(db, batch["id"], after, PAGE) or after
        boxes = await parcels.boxes(db, batch["id"], after, through, False)
        items = await parcels.items(db, batch["id"], after, through)
    return shown(
        request,
        "studio/fulfilment/batch.html",
        desk,
        batch=batch,
        boxes=boxes,
        items=items,
        sheets=list(range(0, batch["last_box"], SHEETS))[:200],
        sheet=SHEETS,
        after=after,
        next_after=through if through < batch["last_box"] else None,
        done=DONE.get(request.query_params.get("done", "")),
    )


@behind(Deed.FULFIL)
async def packing(request: Request, desk: Desk) -> Response:
    """`…/batches/{batch}/packing?after=`: packing lists to print, a hundred at a time."""
    site, batch = request.state.site, await _batch(request, desk)
    after = _after(request, batch)
    through = after + SHEETS
    async with reading(site.database) as db:
        boxes = await parcels.boxes(db, batch["id"], after, through, False)
        items = await parcels.items(db, batch["id"], after, through)
        said = await parcels.answers(db, batch["id"], after, through)
    return shown(
        request,
        "studio/fulfilment/packing.html",
        desk,
        batch=batch,
        boxes=boxes,
        items=items,
        answers=said,
        after=after,
        sheet=SHEETS,
    )


@behind(Deed.FULFIL)
async def as_csv(request: Request, desk: Desk) -> Response:
    """`…/batches/{batch}/csv`: for the carrier; filled in it comes back as tracking numbers."""
    batch = await _batch(request, desk)
    lines = batch_csv(request.state.site.database, batch["id"], desk.may(Deed.MIND_PLEDGES))
    return download(lines, f"{desk.row['campaign_slug']}-batch-{batch['id']}.csv")


@behind(Deed.FULFIL)
async def dissolve(request: Request, desk: Desk) -> Response:
    """`…/batches/{batch}/dissolve`: what is not sent goes back among what is owed."""
    batch, site = await _batch(request, desk), request.state.site
    if request.method != "POST":
        return shown(request, "studio/fulfilment/dissolve.html", desk, batch=batch)
    await dissolve_batch(
        site.database, desk.store_id, desk.campaign_id, batch["id"], desk.creator_id, site.clock()
    )
    return back_to(f"{desk.campaign_home}/fulfilment/batches/{batch['id']}?done=dissolved")
