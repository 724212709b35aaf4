"""Adjusting: a creator puts something into a customer's account by hand, or takes it out (L10)."""

from datetime import datetime

from milepost.domain.accounts import POINTS
from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.messages import N_, NN_, Several
from milepost.domain.money import Money
from milepost.services.author import Author
from milepost.services.noting import note
from milepost.storage import loyal_customers
from milepost.storage.accounts import Entry, enter
from milepost.storage.database import Database, unit

LONGEST_REASON = 200
LARGEST = 10**12
_POINTS = NN_("one point", "%(count)s points")


async def adjust(
    database: Database,
    author: Author,
    customer_id: int,
    unit_: str,
    amount: int,
    reason: str,
    key: str,
    now: datetime,
) -> None:
    """Enter `amount` of the unit, less than nothing to take it out; a `key` enters once.

    Nobody's account goes below zero. Raises Invalid, Conflict, NotFound.
    """
    if not amount or abs(amount) > LARGEST:
        raise Invalid(N_("Say how much."), about="amount")
    if not reason or len(reason) > LONGEST_REASON:
        raise Invalid(
            N_("Say why, in up to %(most)s characters. The customer reads it."),
            about="reason",
            most=LONGEST_REASON,
        )
    async with unit(database) as db:
        has = await loyal_customers.hold(db, author.store_id, customer_id, unit_)
        if has is None:
            raise NotFound(N_("There is no such customer."))
        source = f"adjusted:{key}"
        if await loyal_customers.is_entered(db, customer_id, unit_, source):
            return
        if has + amount < 0:
            said = Several(*_POINTS, has) if unit_ == POINTS else Money(has, unit_)
            raise Conflict(
                N_("The account has %(has)s, and nobody’s goes below zero."),
                about="amount",
                has=said,
            )
        entry = Entry(customer_id, unit_, "adjusted", amount, source=source, reason=reason)
        await enter(db, [entry], now)
        shown = amount if unit_ == POINTS else str(Money(amount, unit_))
        await note(
            db, author.store_id, author.creator_id, "account_adjusted", now,
            f"customer {customer_id}", {}, {"worth": shown, "why": reason},
        )  # fmt: skip
