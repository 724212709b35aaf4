"""`…/pledges/{number}`: one pledge whole, with what is noted about it and sent."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.carriers import KNOWN, tracking_link
from milepost.domain.errors import Refusal
from milepost.domain.messages import N_
from milepost.domain.numbers import number_in
from milepost.domain.pledges import Pledge
from milepost.domain.roles import Deed
from milepost.services import batching, minding
from milepost.services.addressing import show_address
from milepost.services.showing import show_pledge
from milepost.settings import Settings
from milepost.storage import ledger, parcels, pledge_list, refunds, surveys
from milepost.storage.database import reading
from milepost.web.me.view import answers_view
from milepost.web.me.visit import back_to
from milepost.web.public.shown import pledge_view, rewards_view
from milepost.web.public.view import campaign_view
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.parts import asked, errors_of, numbered, status_of, typed_in
from milepost.wording.mail_names import MAIL_NAMES

DONE = {
    "refunded": N_("The money is on its way back. It shows here once Stripe has sent it."),
    "cancelled": N_("The pledge is being cancelled. It shows here in a moment."),
    "released": N_("The pledge is released. It counts in a moment."),
    "refused": N_("The pledge is refused. What was paid goes back."),
    "noted": N_("It is written down."),
    "shipped": N_("It is marked as sent, and its backer gets a mail."),
    "corrected": N_("It is not marked as sent any more."),
}


async def pledge_in(request: Request, desk: Desk) -> Any:
    """The pledge of the address, if it is the campaign's. Raises 404."""
    async with reading(request.state.site.database) as db:
        row = await pledge_list.one(db, desk.campaign_id, numbered(request, "number"))
    if row is None:
        raise HTTPException(404)
    return row


def home_of(desk: Desk, pledge_id: int) -> str:
    """Where the pledge's pages begin."""
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
    row = await pledge_in(request, desk)
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
        **_money(pledge, given, site.settings),
        rewards=[r | {"parcel": travels.get(r["milestone_id"])} for r in rewards],
        parcels=own_parcels,
        goods=travels.get(parcels.GOODS),
        may_ship=_may_ship(row, rewards, travels, found.lines, c),
        ships=any(
            t["ships"] for t in (*c["tiers"], *c["addons"]) if _chosen(t["id"], found.lines)
        )
        or any(gift["ships"] for gift in pledge.gifts),
        address=address,
        answers=answers_view(questions, desk.locale),
        notes=notes,
        history=history,
        disputes=_disputes(row, banks, site.settings),
        mail_names=MAIL_NAMES,
        minds=minds,
        fulfils=desk.may(Deed.FULFIL),
        carriers=KNOWN,
        link=tracking_link,
        typed=typed or {},
        errors=errors_of(refusal, desk.locale),
        done=DONE.get(request.query_params.get("done", "")),
    )  # fmt: skip


def _money(pledge: Pledge, given: Sequence[Any], settings: Settings) -> dict[str, Any]:
    """What was paid, where Stripe shows it, what goes back, and what can be done about it."""
    paid = sum(pledge.paid.values())
    return {
        "paid": paid,
        "asked_back": sum(r["amount"] for r in given if r["state"] != "failed"),
        "refunds": given,
        "payments": [
            (payment, at_stripe(settings, payment))
            for payment in pledge.paid
            if payment not in ("", pledge.credit_payment)
        ],
        "can_refund": pledge.state in ("charged", "disputed", "refunded")
        and paid > pledge.refunded,
        "can_cancel": pledge.state in ("confirmed", "past_due"),
    }


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


def at_stripe(settings: Settings, payment: str) -> str:
    """Where Stripe shows a payment and its disputes."""
    test = "test/" if "_test_" in settings.stripe_secret_key else ""
    return f"https://dashboard.stripe.com/{test}payments/{payment}"


def _disputes(row: Any, banks: Mapping[str, Any], settings: Settings) -> list[dict[str, Any]]:
    return [
        {
            "ref": ref,
            "state": state,
            "bank": banks.get(ref),
            "url": at_stripe(settings, row["origins"].get(ref, "")),
        }
        for ref, state in row["disputes"].items()
    ]


@behind(Deed.SEE_PLEDGES)
async def note(request: Request, desk: Desk) -> Response:
    """`POST …/note`: something to remember about it."""
    if request.method != "POST":
        return back_to(home_of(desk, numbered(request, "number")))
    row, site, typed = await pledge_in(request, desk), request.state.site, await typed_in(request)
    try:
        await minding.write_note(
            site.database, desk.author, row["id"], typed.get("text", ""), site.clock()
        )
    except Refusal as refusal:
        return await _page(request, desk, refusal, typed)
    return back_to(f"{home_of(desk, row['id'])}?done=noted#notes")


@behind(Deed.FULFIL)
async def ship(request: Request, desk: Desk) -> Response:
    """`POST …/ship`: all that may go is sent, by hand."""
    if request.method != "POST":
        return back_to(home_of(desk, numbered(request, "number")))
    row, site, typed = await pledge_in(request, desk), request.state.site, await typed_in(request)
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
    return back_to(f"{home_of(desk, row['id'])}?done=shipped")


@behind(Deed.FULFIL)
async def correct(request: Request, desk: Desk) -> Response:
    """`…/correct?parcel=`: it was marked as sent by mistake; asked once more before."""
    row, site = await pledge_in(request, desk), request.state.site
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
            return back_to(f"{home_of(desk, row['id'])}?done=corrected")
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
