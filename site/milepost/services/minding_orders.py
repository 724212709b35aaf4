"""Minding orders: money given back, parcels sent; decided once, noted with who it was (P4, M2)."""

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.messages import N_
from milepost.domain.money import Money, coin
from milepost.domain.orders import Part, worth_of
from milepost.gateways.stripe import RefundRefused, StripeGateway
from milepost.services.author import Author
from milepost.services.noting import note
from milepost.services.spending import claim_own, give_own, hold_own, return_credit
from milepost.storage import order_list, orders
from milepost.storage.database import Connection, Database, enqueue, reading, unit

AT_ONCE = 50
DISPUTED = N_(
    "Its payment is disputed, and Stripe refuses a refund until the bank has decided. If the"
    " customer is right, accept the dispute at Stripe, and they keep the money."
)


@dataclass(frozen=True, slots=True)
class Back:
    """What goes back, in minor units: to the card, and to the customer's store credit.

    `lines` are the pieces that it is for, by place of their line.
    """

    amount: int
    currency: str
    lines: Mapping[int, int]
    credit: int = 0

    @property
    def whole(self) -> int:
        """Both together."""
        return self.amount + self.credit


def parts_of(row: Any) -> list[Part]:
    """What was paid for each line of an order, and last for its shipping, if anything."""
    parts = [
        Part(line["quantity"], line["quantity"] * line["price"] - line.get("off", 0))
        for line in row["lines"]
    ]
    shipping = row["shipping"] - row["shipping_off"]
    return [*parts, Part(1, shipping)] if shipping else parts


def money_left(row: Any) -> int:
    """What can still go back to the card that paid, in minor units."""
    return int(row["paid"] - max(row["refunded"], row["asked_back"]))


def credit_left(row: Any) -> int:
    """What can still go back to its customer's store credit; nothing where none was claimed."""
    return int(row["credit"] - row["credit_back"]) if row["claiming"] else 0


def left_of(row: Any) -> int:
    """What can still go back of the order, in minor units."""
    return max(0, money_left(row)) + credit_left(row)


async def foresee_refund(
    database: Database,
    author: Author,
    order_id: int,
    *,
    amount: int | None = None,
    lines: Mapping[int, int] | None = None,
) -> Back:
    """What would go back; nothing happens. Raises whatever the refund itself would."""
    async with unit(database) as db:
        return await _reckon(db, author, order_id, amount, lines)


async def refund_order(
    database: Database,
    author: Author,
    order_id: int,
    now: datetime,
    *,
    amount: int | None = None,
    lines: Mapping[int, int] | None = None,
    reason: str = "",
    expected: int,
    left: int | None = None,
) -> Back:
    """Give back all that is left, an `amount`, or pieces of `lines` with what was paid for them.

    It goes to the card that paid as long as that has anything left, then to the store credit: there
    at once, with a mail of its own.

    Raises NotFound, Invalid or Conflict; also when it is not the `expected` sum any more, or no
    longer so much is `left` as was when it was asked for: a form that is sent twice gives once.
    """
    async with unit(database) as db:
        row = await _held(db, author.store_id, order_id)
        if left is not None and left_of(row) < left:
            raise Conflict(
                N_("Meanwhile money of this order went back: %(left)s is left. Look at it again."),
                left=Money(max(0, left_of(row)), row["currency"]),
            )
        back = await _reckon(db, author, order_id, amount, lines)
        if back.whole != expected:
            raise Conflict(
                N_("Meanwhile something changed: %(sum)s would go back now. Look at it again."),
                sum=Money(back.whole, back.currency),
            )
        key = f"refund-{secrets.token_urlsafe(18)}"
        sums = back.amount, back.credit
        await order_list.request_refund(
            db, order_id, sums, back.lines, key, reason, author.email, now
        )
        if back.credit:
            await return_credit(db, row, back.credit, now)
        after = {"amount": back.whole, "currency": back.currency}
        after |= {"credit": back.credit} if back.credit else {}
        after |= {"reason": reason} if reason else {}
        await note(
            db, author.store_id, author.creator_id, "order_refunded", now, about(order_id),
            after=after,
        )  # fmt: skip
        await enqueue(db, "send_refunds", {}, "send_refunds")
    return back


def about(order_id: int) -> str:
    """What the log calls an order."""
    return f"order {order_id}"


async def _reckon(
    db: Connection,
    author: Author,
    order_id: int,
    amount: int | None,
    lines: Mapping[int, int] | None,
) -> Back:
    row = await _held(db, author.store_id, order_id)
    left = left_of(row)
    if not (row["paid"] or credit_left(row) or row["credit_back"]):
        raise Conflict(N_("Nothing was paid for this order, so nothing can go back."))
    if is_disputed(row):
        raise Conflict(DISPUTED)
    wanted = dict(lines or {})
    if wanted:
        try:
            earlier = await order_list.returned(db, order_id)
            worth = worth_of(parts_of(row), wanted, earlier, coin(row["currency"]))
        except ValueError:
            raise Invalid(
                N_("Fewer pieces of one of these lines are left. Look again."),
                about="returned",
            ) from None
        amount = min(worth, left)
    if amount is None:
        amount = left
    if not 0 < amount <= left:
        raise Invalid(
            N_("Between %(least)s and %(most)s of this order can be refunded."),
            about="amount",
            least=Money(min(1, left), row["currency"]),
            most=Money(max(0, left), row["currency"]),
        )
    to_card = min(amount, max(0, money_left(row)))
    return Back(to_card, row["currency"], wanted, amount - to_card)


async def _held(db: Connection, store_id: int, order_id: int) -> Any:
    row = await order_list.lock(db, store_id, order_id)
    if row is None:
        raise NotFound(N_("There is no such order."))
    return row


async def send_order_refunds(database: Database, gateway: StripeGateway) -> int:
    """Ask Stripe for every refund of an order that was decided on; how many it took.

    Asking twice is harmless: each has its key. Raises PaymentUnavailable.
    """
    async with reading(database) as db:
        waiting = await order_list.refunds_to_send(db, AT_ONCE)
    sent = 0
    for row in waiting:
        provider_id, error = "", ""
        try:
            provider_id = await gateway.refund(
                row["payment"], row["amount"], row["idempotency_key"]
            )
            sent += 1
        except RefundRefused as refused:
            error = str(refused)
        async with unit(database) as db:
            if provider_id:
                await order_list.refund_sent(db, row["id"], provider_id)
            else:
                await order_list.refund_failed(db, row["id"], error)
    return sent


def can_be_sent(row: Any) -> bool:
    """True for what is paid and set aside, and that nobody asks back."""
    is_asked_back = (row["paid"] or row["credit"]) and left_of(row) <= 0
    is_here = row["state"] == "paid" and row["claiming"] and row["shipped_at"] is None
    return bool(is_here and not is_asked_back and not is_disputed(row))


def is_disputed(row: Any) -> bool:
    """True while the bank of its payer decides about a payment; Stripe refuses refunds of it."""
    return any(d["state"] == "open" for d in row["disputes"].values())


async def correct_order(database: Database, author: Author, order_id: int, now: datetime) -> None:
    """It was marked as sent by mistake: it waits again. Raises NotFound or Conflict."""
    async with unit(database) as db:
        row = await _held(db, author.store_id, order_id)
        if row["shipped_at"] is None:
            raise Conflict(N_("This order is not marked as sent."))
        await order_list.unship(db, order_id)
        before = {"carrier": row["carrier"]}
        await note(
            db, author.store_id, author.creator_id, "order_corrected", now, about(order_id), before
        )


async def claim_late_order(
    database: Database, author: Author, order_id: int, now: datetime
) -> None:
    """An order that was paid too late gets its pieces after all. Raises Conflict without stock."""
    async with unit(database) as db:
        row = await _held(db, author.store_id, order_id)
        if row["state"] != "paid" or row["claiming"]:
            raise Conflict(N_("This order has all its pieces, or needs none."))
        await hold_own(db, [row])
        pieces = Counter[int]()
        for line in (*row["lines"], *row["gifts"]):
            pieces[line["product"]] += line["quantity"]
        titles = {x["product"]: x["title"] for x in (*row["lines"], *row["gifts"])}
        for product_id in await orders.claim(db, pieces):
            raise Conflict(
                N_("There is not enough of “%(title)s”. Restock it, or give the money back."),
                title=titles[product_id],
            )
        code_id = row["code_id"]
        if await claim_own(db, row, now):
            raise Conflict(
                N_("What its customer paid with is not there any more: store credit, or a gift.")
            )
        if code_id is not None and not await orders.use_code(db, code_id, now, late=True):
            raise Conflict(N_("The code of this order was used as often as it may be. Raise that."))
        await order_list.claim_again(db, order_id)
        await give_own(db, [order_id])
        await note(db, author.store_id, author.creator_id, "order_claimed", now, about(order_id))
