"""Sending orders: one or ten thousand marked at once, each with its parcel and its mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.messages import N_, Sentence
from milepost.services.author import Author
from milepost.services.batching import read_parcel
from milepost.services.minding_orders import about, can_be_sent, is_disputed
from milepost.services.noting import note_many
from milepost.storage import mails, order_list
from milepost.storage.database import Connection, Database, unit
from milepost.storage.mails import OrderLetter

MOST_AT_ONCE = 100  # orders in one form
SENT = N_("Order %(number)s is not one to send: it was sent, or given back.")
REFUSALS = {
    "unknown": N_("There is no such order."),
    "twice": N_("Order %(number)s is there twice."),
    "sent": SENT,
    "over": SENT,
    "unpaid": N_("Order %(number)s is not paid."),
    "incomplete": N_(
        "Not all of order %(number)s is set aside. Set it aside first, or give the money back."
    ),
    "disputed": N_("Order %(number)s is disputed. Wait until the bank has decided."),
    "moving": N_("All money of order %(number)s is on its way back. It is not sent."),
}


@dataclass(frozen=True, slots=True)
class OrderParcel:
    """What an order travels as."""

    order_id: int
    carrier: str
    tracking: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """An order that may not go: its place among those that were named, and why."""

    place: int
    order_id: int
    reason: str

    @property
    def sentence(self) -> Sentence:
        """Why, to a person."""
        return Sentence(REFUSALS[self.reason], {"number": self.order_id})


@dataclass(frozen=True, slots=True)
class Sending:
    """How many were sent, and how many had been, in the same parcel; the rest may not go."""

    sent: int
    already: int
    refused: Sequence[NotSent]


async def send_orders(
    database: Database, author: Author, parcels: Sequence[OrderParcel], now: datetime
) -> Sending:
    """What can be sent is on its way; its statements are as many for one as for ten thousand."""
    async with unit(database) as db:
        return await _send(db, author, parcels, now)


async def ship_orders(
    database: Database,
    author: Author,
    parcels: Sequence[tuple[int, str, str]],
    now: datetime,
) -> int:
    """These orders, each with carrier and tracking number, are on their way; how many.

    All of them or none: raises NotFound, Invalid, or Conflict about the one that may not go.
    """
    if not parcels:
        raise Invalid(N_("Tick the orders that you have sent."), about="orders")
    if len(parcels) > MOST_AT_ONCE:
        raise Invalid(N_("Up to 100 orders can be marked at once."), about="orders")
    told = [OrderParcel(id_, *read_parcel(by, number)) for id_, by, number in sorted(parcels)]
    async with unit(database) as db:
        done = await _send(db, author, told, now)
        if done.refused:
            refused = done.refused[0]
            kind = NotFound if refused.reason == "unknown" else Conflict
            raise kind(REFUSALS[refused.reason], about="orders", number=refused.order_id)
        if done.already:
            raise Conflict(SENT, about="orders", number=told[0].order_id)
    return done.sent


async def _send(
    db: Connection, author: Author, parcels: Sequence[OrderParcel], now: datetime
) -> Sending:
    ids = sorted({each.order_id for each in parcels})
    rows = {row["id"]: row for row in await order_list.lock_many(db, author.store_id, ids)}
    going: dict[int, OrderParcel] = {}
    refused, already = [], 0
    for place, each in enumerate(parcels):
        row = rows.get(each.order_id)
        reason = "twice" if each.order_id in going else why_not(row)
        if reason == "sent" and row is not None and _travels_so(row, each):
            already += 1
        elif reason:
            refused.append(NotSent(place, each.order_id, reason))
        else:
            going[each.order_id] = each
    if going:
        await _mark(db, author, list(going.values()), now)
    return Sending(len(going), already, refused)


def _travels_so(row: Any, parcel: OrderParcel) -> bool:
    return (row["carrier"], row["tracking"]) == (parcel.carrier, parcel.tracking)


def why_not(row: Any | None) -> str:
    """Why the order may not go, as a key of REFUSALS; nothing where it may."""
    if row is None:
        return "unknown"
    if row["shipped_at"] is not None:
        return "sent"
    if row["state"] != "paid":
        return "over" if row["state"] == "refunded" else "unpaid"
    if not row["claiming"]:
        return "incomplete"
    if is_disputed(row):
        return "disputed"
    return "" if can_be_sent(row) else "moving"


async def _mark(
    db: Connection, author: Author, going: Sequence[OrderParcel], now: datetime
) -> None:
    await order_list.ship_many(
        db, [(each.order_id, each.carrier, each.tracking) for each in going], now
    )
    letters = [
        OrderLetter(
            "order_shipped",
            f"order_shipped:{each.order_id}:{int(now.timestamp())}",
            each.order_id,
            {"carrier": each.carrier, "tracking": each.tracking},
        )
        for each in going
    ]
    await mails.promise_of_orders(db, letters, now)
    # no tracking number: deeds outlive an erasure
    deeds: list[Any] = [(about(each.order_id), {}, {"carrier": each.carrier}) for each in going]
    await note_many(db, author.store_id, author.creator_id, "order_shipped", now, deeds)
