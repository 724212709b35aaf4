"""Giving money back: decided once, asked of Stripe once, counted when its event comes (P4, M2)."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.facts import Fact
from milepost.domain.lines import Line
from milepost.domain.messages import N_
from milepost.domain.money import Money, split
from milepost.domain.pledges import GOES_BACK, Part, Pledge
from milepost.gateways.stripe import RefundRefused, StripeGateway
from milepost.services.keeping import keep_own
from milepost.storage import attempts, ledger, pledges, refunds
from milepost.storage.database import Connection, Database, enqueue, reading, unit

AT_ONCE = 50
Returned = Mapping[int, int]  # position of a line → how many of it


@dataclass(frozen=True, slots=True)
class Refunded:
    """What was decided: minor units in all, and how much of them is store credit again."""

    amount: int
    currency: str
    credit: int
    parts: Part | None = None


async def refund_pledge(
    database: Database,
    pledge_id: int,
    by: str,
    now: datetime,
    *,
    amount: int | None = None,
    returned: Returned | None = None,
    reason: str = "",
    seen_left: int | None = None,
) -> Refunded:
    """Give back all that is left of a charged pledge, an `amount`, or whole lines of it.

    Units and tiers of `returned` lines go with them (C1, A7); an `amount` takes goods and fees in
    proportion (M2). Raises NotFound, Conflict or Invalid, about `amount` or `returned`; Conflict
    too when less is left than was seen: a form that is sent twice gives once.
    """
    async with unit(database) as db:
        await pledges.lock_campaign_of(db, pledge_id)
        row = await pledges.lock(db, pledge_id)
        if row is None:
            raise NotFound(N_("There is no such pledge."))
        pledge = ledger.pledge_of(row)
        if pledge.state not in ("charged", "disputed", "refunded") or not pledge.paid:
            raise Conflict(
                N_("This pledge is %(state)s. Only one that was charged can be refunded."),
                state=row["state"],
            )
        if await pledges.is_changing(db, row["campaign_id"], pledge_id):
            raise Conflict(N_("A change of this pledge is being worked on. Try again in a moment."))
        standing = await attempts.standing(db, pledge_id)
        if standing is not None and standing["purpose"] == "change":
            raise Conflict(
                N_(
                    "Its backer is just paying for a change of this pledge. Try again once that"
                    " page is paid or has closed, within half an hour."
                )
            )
        parts: Part | None = None
        left = sum(pledge.paid.values()) - max(pledge.refunded, await _asked(db, pledge_id))
        if seen_left is not None and left < seen_left:
            raise Conflict(
                N_("Meanwhile money of this pledge went back: %(left)s is left. Look at it again."),
                left=Money(max(0, left), row["currency"]),
            )
        if returned:
            earlier = await refunds.lines_returned(db, pledge_id)
            amount, parts = _lines_back(await _lines(db, pledge_id), returned, earlier, pledge)
            amount = min(amount, left)
        if amount is None:
            amount = left
        if not 0 < amount <= left:
            raise Invalid(
                N_("Between %(least)s and %(most)s of this pledge can be refunded."),
                about="amount",
                least=Money(min(1, left), row["currency"]),
                most=Money(max(0, left), row["currency"]),
            )
        credit = await give_back(db, pledge, amount, parts, reason, by, now)
    return Refunded(amount, row["currency"], credit, parts)


async def give_back(
    db: Connection,
    pledge: Pledge,
    amount: int,
    parts: Part | None,
    reason: str,
    by: str,
    now: datetime,
) -> int:
    """Decide on `amount`, from one payment after the other; how much of it is store credit again.

    Raises Conflict when it was not paid through Stripe.
    """
    asked = await refunds.requested(db, pledge.id)
    shares: dict[str, int] = {}
    rest = amount
    cards_first = sorted(pledge.paid.items(), key=lambda one: one[0] == pledge.credit_payment)
    for payment, paid in cards_first:
        gone = max(asked.get(payment, 0), pledge.returned(payment))
        if (share := min(rest, paid - gone)) > 0:
            shares[payment] = share
            rest -= share
    if rest:
        raise Conflict(N_("That much is not left of what was paid for this pledge."))
    each = _parts_of(parts, list(shares.values()))
    for (payment, share), part in zip(shares.items(), each, strict=True):
        if not payment:
            raise Conflict(
                N_("This pledge was not paid through Stripe. Give the money back by hand.")
            )
        await _request(db, pledge, payment, share, part, reason, by, now)
    await enqueue(db, "send_refunds", {}, "send_refunds")
    return shares.get(pledge.credit_payment, 0)


async def give_credit_back(db: Connection, pledge: Pledge, reason: str, now: datetime) -> None:
    """All that store credit paid of it and that is still here goes back there."""
    payment = pledge.credit_payment
    asked = (await refunds.requested(db, pledge.id)).get(payment, 0)
    left = pledge.paid.get(payment, 0) - max(asked, pledge.returned(payment))
    if left > 0:
        await _request(db, pledge, payment, left, None, reason, "dispute", now)


async def _request(
    db: Connection,
    pledge: Pledge,
    payment: str,
    amount: int,
    part: Part | None,
    reason: str,
    by: str,
    now: datetime,
) -> None:
    """A row before anybody is asked (P4); of store credit nobody is."""
    key = f"refund-{secrets.token_urlsafe(18)}"
    refund_id = await refunds.request(
        db, pledge.id, payment, amount, key, parts=part, reason=reason, by=by, now=now
    )
    if payment == pledge.credit_payment:
        await _to_credit(db, pledge, refund_id, amount, part, by, now)


def _parts_of(parts: Part | None, shares: Sequence[int]) -> list[Part | None]:
    """What each of several refunds is for: goods in proportion (M2), all else with the first.

    The first is asked of a bank, which may refuse it: then neither pieces nor units are back.
    """
    if parts is None or len(shares) < 2:
        return [parts] * len(shares)
    goods = split(parts["goods"], shares)
    first: Part = {**parts, "goods": goods[0]}
    return [first, *(Part(goods=share, units=0, tiers=[]) for share in goods[1:])]


async def _to_credit(
    db: Connection,
    pledge: Pledge,
    refund_id: int,
    amount: int,
    parts: Part | None,
    by: str,
    now: datetime,
) -> None:
    """What was paid with store credit goes back there: nobody else is asked, so it is decided."""
    ref = f"{pledge.credit_payment}-{refund_id}"
    detail: dict[str, Any] = {name: parts[name] for name in GOES_BACK} if parts else {}
    payment = pledge.credit_payment
    fact = Fact("refund", pledge.id, amount=amount, ref=ref, payment=payment, detail=detail)
    campaign_id = await pledges.lock_campaign_of(db, pledge.id)
    assert campaign_id is not None
    await refunds.sent(db, refund_id, ref)
    await keep_own(db, "pledge.refunded", campaign_id, fact, now, by)


async def _asked(db: Connection, pledge_id: int) -> int:
    return sum((await refunds.requested(db, pledge_id)).values())


async def _lines(db: Connection, pledge_id: int) -> list[Line]:
    names = ("source", "title", "quantity", "unit_price", "units", "tier_id")
    return [Line(**{n: r[n] for n in names}) for r in await pledges.lines_of(db, pledge_id)]


def _lines_back(
    lines: Sequence[Line], returned: Returned, earlier: Returned, pledge: Pledge
) -> tuple[int, Part]:
    """The minor units of the `returned` lines with their share of the tax, and what goes with them.

    Raises Invalid for a line that is not there so often.
    """
    goods = fees = units = 0
    tiers: list[int] = []
    for position, count in returned.items():
        line = lines[position - 1] if 1 <= position <= len(lines) else None
        before = earlier.get(position, 0)
        if line is None or not 1 <= count <= line.quantity - before:
            raise Invalid(
                N_("Line %(position)s of this pledge is not there %(count)s times."),
                about="returned",
                position=position,
                count=count,
            )
        if line.source == "shipping":
            fees += count * line.unit_price
            continue
        goods += count * line.unit_price
        units += split(line.units, [1] * line.quantity)[0] * count if line.units else 0
        if line.tier_id in pledge.tiers and before + count == line.quantity:
            tiers.append(line.tier_id or 0)
    net = pledge.money + pledge.shipping
    tax = split(pledge.tax, [goods + fees, net - goods - fees])[0]
    lines_back = {str(position): count for position, count in returned.items()}
    part: Part = {"goods": goods, "units": units, "tiers": tiers, "lines": lines_back}
    return goods + fees + tax, part


async def send_refunds(database: Database, gateway: StripeGateway) -> int:
    """Ask Stripe for every refund that was decided on; how many it took.

    Asking twice is harmless: each has its key. Raises PaymentUnavailable.
    """
    async with reading(database) as db:
        waiting = await refunds.to_send(db, AT_ONCE)
    sent = 0
    for row in waiting:
        provider_id, error = "", ""
        try:
            provider_id = await gateway.refund(
                row["payment"], row["amount"], row["idempotency_key"], _metadata(row["parts"])
            )
            sent += 1
        except RefundRefused as refused:
            error = str(refused)
        async with unit(database) as db:
            if provider_id:
                await refunds.sent(db, row["id"], provider_id)
            else:
                await refunds.failed(db, row["id"], error)
    return sent


def _metadata(parts: Any) -> dict[str, str]:
    if not parts:
        return {}
    return {
        "milepost_goods": str(parts["goods"]),
        "milepost_units": str(parts["units"]),
        "milepost_tiers": ",".join(map(str, parts["tiers"])),
    }
