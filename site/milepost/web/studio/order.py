"""`/studio/{store}/orders/{number}`: one order whole, sent, and money of it given back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.carriers import KNOWN
from milepost.domain.errors import Refusal
from milepost.domain.messages import N_
from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.services import minding_orders as minding
from milepost.services.author import Author
from milepost.services.sending_orders import ship_orders
from milepost.storage import order_list
from milepost.storage import orders as storage
from milepost.storage.database import Database, reading
from milepost.web.me.visit import back_to
from milepost.web.public.order import order_view
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.parts import asked, errors_of, given_back, numbered, status_of, typed_in
from milepost.web.studio.pledge import at_stripe
from milepost.wording.mail_names import MAIL_NAMES

DONE = {
    "shipped": N_("It is marked as sent, and a mail goes out."),
    "corrected": N_("It is not marked as sent any more."),
    "refunded": N_("The money is on its way back. It shows here once Stripe has sent it."),
    "claimed": N_("Its pieces are set aside. It can be sent."),
}


def home_of(desk: Desk, order_id: int) -> str:
    """Where the order's pages begin."""
    return f"{desk.home}/orders/{order_id}"


async def _order(request: Request, desk: Desk) -> Any:
    """The store's order. Raises 404."""
    async with reading(request.state.site.database) as db:
        row = await order_list.one(db, desk.store_id, numbered(request, "order"))
    if row is None:
        raise HTTPException(404)
    return row


@behind(Deed.SEE_PLEDGES)
async def one(request: Request, desk: Desk) -> Response:
    """All of one order; to whoever only fulfils what they need to send it."""
    return await _page(request, desk)


async def _page(
    request: Request,
    desk: Desk,
    typed: Mapping[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    site, minds = request.state.site, desk.may(Deed.MIND_PLEDGES)
    row = await _order(request, desk)
    async with reading(site.database) as db:
        deeds = await order_list.deeds(db, desk.store_id, minding.about(row["id"]))
        mails = await order_list.mails(db, row["id"])
        refunds = await storage.refunds_of(db, row["id"])
    return shown(
        request,
        "studio/orders/one.html",
        desk,
        status_of(refusal),
        o=order_view(row, desk.locale),
        row=dict(row),
        history=_history(row, deeds if minds else [], refunds if minds else [], mails),
        mail_names=MAIL_NAMES,
        stripe_url=at_stripe(site.settings, row["payment"]) if row["payment"] and minds else "",
        minds=minds,
        fulfils=desk.may(Deed.FULFIL),
        can_refund=minds and minding.left_of(row) > 0 and not minding.is_disputed(row),
        disputed=minding.DISPUTED if minding.is_disputed(row) else "",
        can_send=minding.can_be_sent(row) and row["ships"],
        disputes=_disputes(row) if minds else [],
        carriers=KNOWN,
        v=dict(typed or {}),
        errors=errors_of(refusal, desk.locale),
        done=DONE.get(asked(request, "done")),
    )


def _history(
    row: Any, deeds: Sequence[Any], refunds: Sequence[Any], mails: Sequence[Any]
) -> list[tuple[datetime, str, Any]]:
    """What happened to the order: when, what kind of thing, the thing itself; oldest first."""
    happened: list[tuple[datetime, str, Any]] = [(row["made_at"], "made", None)]
    if row["paid_at"] is not None:
        happened.append((row["paid_at"], "paid", None))
    happened += [(deed["at"], "deed", deed) for deed in deeds]
    happened += [(refund["made_at"], "refund", refund) for refund in refunds]
    happened += [(mail["sent_at"] or mail["due_at"], "mail", mail) for mail in mails]
    return sorted(happened, key=itemgetter(0))


def _disputes(row: Any) -> list[dict[str, Any]]:
    """What the banks of its payer asked back, each with its state and until when to answer."""
    return [
        told
        | {"ref": ref}
        | ({"due_by": datetime.fromtimestamp(told["due_by"], UTC)} if "due_by" in told else {})
        for ref, told in row["disputes"].items()
    ]


@behind(Deed.FULFIL)
async def ship(request: Request, desk: Desk) -> Response:
    """`POST …/ship`: it is on its way, and a mail goes out."""
    row = await _order(request, desk)
    if request.method != "POST":
        return back_to(home_of(desk, row["id"]))
    site, typed = request.state.site, await typed_in(request)
    parcel = (row["id"], typed.get("carrier", ""), typed.get("tracking", ""))
    try:
        await ship_orders(site.database, desk.author, [parcel], site.clock())
    except Refusal as refusal:
        return await _page(request, desk, typed, refusal)
    return back_to(f"{home_of(desk, row['id'])}?done=shipped")


@behind(Deed.FULFIL)
async def correct(request: Request, desk: Desk) -> Response:
    """`POST …/correct`: it was marked as sent by mistake."""
    return await _do(request, desk, minding.correct_order, "corrected")


@behind(Deed.MIND_PLEDGES)
async def claim(request: Request, desk: Desk) -> Response:
    """`POST …/claim`: what was paid too late gets its pieces after all."""
    return await _do(request, desk, minding.claim_late_order, "claimed")


async def _do(
    request: Request,
    desk: Desk,
    work: Callable[[Database, Author, int, datetime], Awaitable[None]],
    done: str,
) -> Response:
    site, row = request.state.site, await _order(request, desk)
    if request.method != "POST":
        return back_to(home_of(desk, row["id"]))
    try:
        await work(site.database, desk.author, row["id"], site.clock())
    except Refusal as refusal:
        return await _page(request, desk, None, refusal)
    return back_to(f"{home_of(desk, row['id'])}?done={done}")


@behind(Deed.MIND_PLEDGES)
async def refund(request: Request, desk: Desk) -> Response:
    """`…/refund`: all of it, an amount or pieces; the sum is shown before it goes."""
    row = await _order(request, desk)
    if request.method != "POST":
        return await _refund_page(request, desk, row)
    site, typed = request.state.site, await typed_in(request, 220)
    told: minding.Back | None = None
    try:
        amount, lines = given_back(typed, row["currency"])
        expected = number_in(typed.get("expected", ""))
        if expected is None:
            told = await minding.foresee_refund(
                site.database, desk.author, row["id"], amount=amount, lines=lines
            )
        else:
            await minding.refund_order(
                site.database,
                desk.author,
                row["id"],
                site.clock(),
                amount=amount,
                lines=lines,
                reason=typed.get("reason", "").strip()[:200],
                expected=expected,
                left=number_in(typed.get("left", "")),
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
    told: minding.Back | None = None,
    refusal: Refusal | None = None,
) -> Response:
    async with reading(request.state.site.database) as db:
        back = await order_list.returned(db, row["id"])
    titles = [line["title"] for line in row["lines"]]
    lines = [
        {
            "place": place,
            "title": titles[place] if place < len(titles) else None,
            "price": part.amount,
            "left": part.quantity - back.get(place, 0),
        }
        for place, part in enumerate(minding.parts_of(row))
        if part.amount
    ]
    return shown(
        request,
        "studio/orders/refund.html",
        desk,
        status_of(refusal),
        row=dict(row),
        credit=row["credit"] if row["claiming"] else 0,
        lines=lines,
        left=minding.left_of(row),
        disputed=minding.DISPUTED if minding.is_disputed(row) else "",
        typed=dict(typed or {}),
        told=told,
        errors=errors_of(refusal, desk.locale),
    )
