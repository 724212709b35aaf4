"""`…/pledges/{number}`: one pledge whole, and what is decided about it, each shown before."""

import re
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.carriers import KNOWN, tracking_link
from milepost.domain.errors import Invalid, Refusal
from milepost.domain.facts import Fact
from milepost.domain.messages import N_
from milepost.domain.money import exponent
from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.services import batching, minding
from milepost.services.addressing import show_address
from milepost.services.showing import show_pledge
from milepost.storage import ledger, parcels, pledge_list, refunds, surveys
from milepost.storage.database import reading, unit
from milepost.web.me.view import answers_view
from milepost.web.me.visit import back_to
from milepost.web.public.shown import pledge_view, rewards_view
from milepost.web.public.view import campaign_view
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.parts import asked, errors_of, numbered, status_of, typed_in

DONE = {
    "refunded": N_("The money is on its way back. It shows here once Stripe has sent it."),
    "cancelled": N_("The pledge is being cancelled. It shows here in a moment."),
    "released": N_("The pledge is released. It counts in a moment."),
    "refused": N_("The pledge is refused. What was paid goes back."),
    "noted": N_("It is written down."),
    "shipped": N_("It is marked as sent, and its backer gets a mail."),
    "corrected": N_("It is not marked as sent any more."),
}
AMOUNT = re.compile(r"\d{1,12}(?:[.,]\d{1,3})?")


async def _pledge(request: Request, desk: Desk) -> Any:
    """The pledge of the address, if it is the campaign's. Raises 404."""
    async with reading(request.state.site.database) as db:
        row = await pledge_list.one(db, desk.campaign_id, numbered(request, "number"))
    if row is None:
        raise HTTPException(404)
    return row


def _at(desk: Desk, pledge_id: int) -> str:
    return f"{desk.campaign_home}/pledges/{pledge_id}"


@behind(Deed.SEE_PLEDGES)
async def one(request: Request, desk: Desk) -> Response:
    """All of one pledge; to whoever only fulfils what they need to send it."""
    return await _page(request, desk)


async def _page(
    request: Request,
    desk: Desk,
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    site, minds = request.state.site, desk.may(Deed.MIND_PLEDGES)
    row = await _pledge(request, desk)
    async with reading(site.database) as db:
        found = await show_pledge(db, row["key"], lambda _: desk.locale, site.clock())
        if found is None:
            raise HTTPException(404)
        address = await show_address(db, row["id"])
        questions = await surveys.of_pledge(db, row["id"])
        own_parcels = await parcels.of_pledge(db, row["id"])
        notes = await pledge_list.notes(db, row["id"])
        history = given = []
        banks: dict[str, Any] = {}
        if minds:
            history = await pledge_list.history(db, desk.store_id, desk.campaign_id, row["id"])
            given = await refunds.of_pledge(db, row["id"])
            banks = await pledge_list.known_disputes(db, [row["id"]])
    pledge = ledger.pledge_of(row)
    c = campaign_view(found.published, desk.locale, site.clock(), site.settings.base_url)
    travels = {x["milestone_id"]: x for x in own_parcels}
    rewards = rewards_view(found, desk.locale)["rewards"]
    return shown(
        request,
        "studio/pledges/one.html",
        desk,
        status_of(refusal),
        c=c,
        row=dict(row),
        p=pledge_view(found, c, desk.locale),
        paid=sum(pledge.paid.values()),
        asked_back=sum(r["amount"] for r in given if r["state"] != "failed"),
        rewards=[r | {"parcel": travels.get(r["milestone_id"])} for r in rewards],
        parcels=own_parcels,
        goods=travels.get(parcels.GOODS),
        may_ship=_may_ship(row, rewards, travels, found.lines, c),
        ships=any(
            t["ships"] for t in (*c["tiers"], *c["addons"]) if _chosen(t["id"], found.lines)
        ),
        address=address,
        answers=answers_view(questions, desk.locale),
        notes=notes,
        history=history,
        refunds=given,
        disputes=_disputes(row, banks, site.settings.stripe_secret_key),
        payments=[(payment, _stripe(site, payment)) for payment in pledge.paid if payment],
        minds=minds,
        fulfils=desk.may(Deed.FULFIL),
        can_refund=pledge.state in ("charged", "disputed", "refunded") and pledge.paid
        and sum(pledge.paid.values()) > pledge.refunded,
        can_cancel=pledge.state in ("confirmed", "past_due"),
        carriers=KNOWN,
        link=tracking_link,
        typed=typed or {},
        errors=errors_of(refusal, desk.locale),
        done=DONE.get(request.query_params.get("done", "")),
    )  # fmt: skip


def _chosen(tier_id: str, lines: list[Any]) -> bool:
    return any(str(line["tier_id"]) == tier_id for line in lines)


def _may_ship(
    row: Any, rewards: list[dict[str, Any]], travels: Mapping[int, Any], lines: list[Any], c: Any
) -> bool:
    """True when something of it may be marked as sent now."""
    if row["state"] != "charged" or row["held"]:
        return False
    ships = any(t["ships"] for t in (*c["tiers"], *c["addons"]) if _chosen(t["id"], lines))
    own = travels.get(parcels.GOODS)
    goods = ships if own is None else own["state"] == "ready" and own["hindrance"] is None
    return goods or any(r["state"] == "owed" and not r["backordered"] for r in rewards)


def _stripe(site: Any, payment: str) -> str:
    """Where Stripe shows a payment and its disputes."""
    test = "test/" if "_test_" in site.settings.stripe_secret_key else ""
    return f"https://dashboard.stripe.com/{test}payments/{payment}"


def _disputes(row: Any, banks: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    test = "test/" if "_test_" in key else ""
    return [
        {
            "ref": ref,
            "state": state,
            "bank": banks.get(ref),
            "url": f"https://dashboard.stripe.com/{test}payments/{row['origins'].get(ref, '')}",
        }
        for ref, state in row["disputes"].items()
    ]


@behind(Deed.MIND_PLEDGES)
async def refund(request: Request, desk: Desk) -> Response:
    """`…/refund`: all of it, an amount or lines; what follows is shown before it happens."""
    row = await _pledge(request, desk)
    if request.method != "POST":
        return await _refund_page(request, desk, row)
    site, typed = request.state.site, await typed_in(request)
    told: tuple[Any, Any] | None = None
    try:
        amount, returned = _wanted(typed, desk.row["currency"])
        expected = number_in(typed.get("expected", ""))
        if expected is None:
            told = await minding.foresee_refund(
                site.database,
                desk.campaign_id,
                row["id"],
                desk.email,
                site.clock(),
                amount=amount,
                returned=returned,
            )
        else:
            await minding.refund(
                site.database,
                desk.store_id,
                desk.campaign_id,
                row["id"],
                desk.row,
                site.clock(),
                amount=amount,
                returned=returned,
                reason=typed.get("reason", "").strip()[:200],
                expected=expected,
            )
            return back_to(f"{_at(desk, row['id'])}?done=refunded")
    except Refusal as refusal:
        return await _refund_page(request, desk, row, typed, refusal=refusal)
    return await _refund_page(request, desk, row, typed, told)


def _wanted(typed: Mapping[str, str], currency: str) -> tuple[int | None, dict[int, int] | None]:
    """An amount, or pieces of lines; neither for all that is left. Raises Invalid."""
    if typed.get("what") == "amount":
        said = typed.get("amount", "").strip()
        if not AMOUNT.fullmatch(said):
            raise Invalid(N_("Type an amount, such as 12.50."), about="amount")
        major, _, minor = said.replace(",", ".").partition(".")
        places = exponent(currency)
        if len(minor) > places:
            raise Invalid(N_("That has more decimals than the currency."), about="amount")
        return int(major) * 10**places + int(minor.ljust(places, "0") or 0), None
    if typed.get("what") == "lines":
        counts = {
            int(name.removeprefix("line-")): count
            for name, value in typed.items()
            if name.startswith("line-") and number_in(name.removeprefix("line-"))
            if (count := number_in(value.strip() or "0"))
        }
        if not counts:
            raise Invalid(N_("Say how many of which line come back."), about="returned")
        return None, counts
    return None, None


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
            **line,
            "position": own["position"],
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
        places=exponent(c["currency"]),
    )


@behind(Deed.MIND_PLEDGES)
async def cancel(request: Request, desk: Desk) -> Response:
    """`…/cancel`: a pledge that is not charged ends; what follows is shown before."""
    return await _decide(request, desk, "cancel", "cancelled")


@behind(Deed.MIND_PLEDGES)
async def release(request: Request, desk: Desk) -> Response:
    """`…/release`: a held pledge counts from now on, or is refused (C6)."""
    return await _decide(request, desk, "release", "released")


async def _decide(request: Request, desk: Desk, what: str, kind: Any) -> Response:
    row, site = await _pledge(request, desk), request.state.site
    refusal: Refusal | None = None
    if request.method == "POST":
        typed = await typed_in(request)
        refuse = what == "release" and typed.get("do") == "refuse"
        work = minding.refuse if refuse else getattr(minding, what)
        try:
            await work(
                site.database, desk.store_id, desk.campaign_id, row["id"], desk.row, site.clock()
            )
        except Refusal as error:
            refusal = error
        else:
            return back_to(f"{_at(desk, row['id'])}?done={'refused' if refuse else kind}")
    async with unit(site.database) as db:
        foreseen = await minding.foresee(db, desk.campaign_id, Fact(kind, row["id"]))
        names = {x["id"]: x["title"] for x in await parcels.contents(db, desk.row["track_id"])}
    return shown(
        request,
        "studio/pledges/decide.html",
        desk,
        status_of(refusal),
        what=what,
        row=dict(row),
        total=row["money"] + row["shipping"] + row["tax"],
        paid=sum(row["paid"].values()),
        foreseen=foreseen,
        names=names,
        errors=errors_of(refusal, desk.locale),
    )


@behind(Deed.SEE_PLEDGES)
async def note(request: Request, desk: Desk) -> Response:
    """`POST …/note`: something to remember about it."""
    if request.method != "POST":
        return back_to(_at(desk, numbered(request, "number")))
    row, site, typed = await _pledge(request, desk), request.state.site, await typed_in(request)
    try:
        await minding.write_note(
            site.database,
            desk.campaign_id,
            row["id"],
            desk.creator_id,
            typed.get("text", ""),
            site.clock(),
        )
    except Refusal as refusal:
        return await _page(request, desk, refusal, typed)
    return back_to(f"{_at(desk, row['id'])}?done=noted#notes")


@behind(Deed.FULFIL)
async def ship(request: Request, desk: Desk) -> Response:
    """`POST …/ship`: all that may go is sent, by hand."""
    if request.method != "POST":
        return back_to(_at(desk, numbered(request, "number")))
    row, site, typed = await _pledge(request, desk), request.state.site, await typed_in(request)
    try:
        await batching.ship_pledge(
            site.database,
            desk.store_id,
            desk.campaign_id,
            row["id"],
            typed.get("carrier", ""),
            typed.get("tracking", ""),
            desk.creator_id,
            site.clock(),
        )
    except Refusal as refusal:
        return await _page(request, desk, refusal, typed)
    return back_to(f"{_at(desk, row['id'])}?done=shipped")


@behind(Deed.FULFIL)
async def correct(request: Request, desk: Desk) -> Response:
    """`…/correct?parcel=`: it was marked as sent by mistake; asked once more before."""
    row, site = await _pledge(request, desk), request.state.site
    typed = await typed_in(request) if request.method == "POST" else {}
    milestone_id = number_in(typed.get("parcel", "") or asked(request, "parcel") or "0") or 0
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            await batching.correct_parcel(
                site.database,
                desk.store_id,
                desk.campaign_id,
                row["id"],
                milestone_id,
                desk.creator_id,
                site.clock(),
            )
        except Refusal as error:
            refusal = error
        else:
            return back_to(f"{_at(desk, row['id'])}?done=corrected")
    async with reading(site.database) as db:
        found = await parcels.of_pledge(db, row["id"])
    parcel = next((x for x in found if x["milestone_id"] == milestone_id), None)
    if parcel is None or (parcel["state"] != "shipped" and refusal is None):
        raise HTTPException(404)
    return shown(
        request,
        "studio/pledges/correct.html",
        desk,
        status_of(refusal),
        row=dict(row),
        parcel=parcel,
        errors=errors_of(refusal, desk.locale),
    )
