"""`…/pledges/{number}/refund`, `cancel`, `release`: decisions, each shown before it is made."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Literal

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Refusal
from milepost.domain.facts import Fact
from milepost.domain.numbers import number_in
from milepost.domain.pledges import credit_used
from milepost.domain.roles import Deed
from milepost.services import minding
from milepost.services.author import Author
from milepost.services.showing import show_pledge
from milepost.storage import ledger, parcels, refunds
from milepost.storage.database import Database, reading, unit
from milepost.web.me.visit import back_to
from milepost.web.public.shown import pledge_view
from milepost.web.public.view import campaign_view
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.parts import errors_of, given_back, status_of, typed_in
from milepost.web.studio.pledge import home_of, pledge_in

Decision = Callable[[Database, Author, int, datetime], Awaitable[None]]


@behind(Deed.MIND_PLEDGES)
async def refund(request: Request, desk: Desk) -> Response:
    """`…/refund`: all of it, an amount or lines; what follows is shown before it happens."""
    row = await pledge_in(request, desk)
    if request.method != "POST":
        return await _refund_page(request, desk, row)
    site, typed = request.state.site, await typed_in(request)
    told: tuple[Any, Any] | None = None
    try:
        amount, returned = given_back(typed, desk.row["currency"])
        expected = number_in(typed.get("expected", ""))
        if expected is None:
            told = await minding.foresee_refund(
                site.database,
                desk.author,
                row["id"],
                site.clock(),
                amount=amount,
                returned=returned,
            )
        else:
            await minding.refund(
                site.database,
                desk.author,
                row["id"],
                site.clock(),
                amount=amount,
                returned=returned,
                reason=typed.get("reason", "").strip()[:200],
                expected=expected,
                seen_left=number_in(typed.get("left", "")),
            )
            return back_to(f"{home_of(desk, row['id'])}?done=refunded")
    except Refusal as refusal:
        return await _refund_page(request, desk, row, typed, refusal=refusal)
    return await _refund_page(request, desk, row, typed, told)


async def _refund_page(
    request: Request,
    desk: Desk,
    row: Any,
    typed: Mapping[str, str] | None = None,
    told: tuple[Any, Any] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    site = request.state.site
    async with reading(site.database) as db:
        found = await show_pledge(db, row["key"], lambda _: desk.locale, site.clock())
        if found is None:
            raise HTTPException(404)
        back = await refunds.lines_returned(db, row["id"])
        asked_back = sum((await refunds.requested(db, row["id"])).values())
    c = campaign_view(found.published, desk.locale, site.clock(), site.settings.base_url)
    lines = [
        {
            "place": own["position"],
            "title": line["title"],
            "price": line["unit_price"],
            "left": own["quantity"] - back.get(own["position"], 0),
        }
        for line, own in zip(pledge_view(found, c, desk.locale)["lines"], found.lines, strict=False)
    ]
    pledge = ledger.pledge_of(row)
    return shown(
        request,
        "studio/pledges/refund.html",
        desk,
        status_of(refusal),
        c=c,
        row=dict(row),
        lines=lines,
        paid=sum(pledge.paid.values()),
        left=sum(pledge.paid.values()) - max(pledge.refunded, asked_back),
        typed=typed or {},
        told=told[0] if told else None,
        foreseen=told[1] if told else [],
        names={r.milestone_id: r.title for r in found.rewards},
        errors=errors_of(refusal, desk.locale),
    )


@behind(Deed.MIND_PLEDGES)
async def cancel(request: Request, desk: Desk) -> Response:
    """`…/cancel`: a pledge that is not charged ends; what follows is shown before."""
    return await _decide(request, desk, "cancelled", {"": (minding.cancel, "cancelled")})


@behind(Deed.MIND_PLEDGES)
async def release(request: Request, desk: Desk) -> Response:
    """`…/release`: a held pledge counts from now on, or is refused (C6)."""
    ways = {"": (minding.release, "released"), "refuse": (minding.refuse, "refused")}
    return await _decide(request, desk, "released", ways)


async def _decide(
    request: Request,
    desk: Desk,
    kind: Literal["cancelled", "released"],
    ways: Mapping[str, tuple[Decision, str]],
) -> Response:
    """Foresee a fact of that kind; by POST decide it in the way that its button names."""
    row, site = await pledge_in(request, desk), request.state.site
    refusal: Refusal | None = None
    if request.method == "POST":
        typed = await typed_in(request)
        work, done = ways.get(typed.get("do", ""), ways[""])
        try:
            await work(site.database, desk.author, row["id"], site.clock())
        except Refusal as error:
            refusal = error
        else:
            return back_to(f"{home_of(desk, row['id'])}?done={done}")
    async with unit(site.database) as db:
        foreseen = await minding.foresee(db, desk.campaign_id, Fact(kind, row["id"]))
        names = {x["id"]: x["title"] for x in await parcels.contents(db, desk.row["track_id"])}
    return shown(
        request,
        "studio/pledges/decide.html",
        desk,
        status_of(refusal),
        what="cancel" if kind == "cancelled" else "release",
        row=dict(row),
        total=row["money"] + row["shipping"] + row["tax"],
        paid=sum(row["paid"].values()),
        credit=credit_used(row),
        foreseen=foreseen,
        names=names,
        errors=errors_of(refusal, desk.locale),
    )
