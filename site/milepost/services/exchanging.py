"""Exchanging: points become store credit, in whole steps of what the store pays for them (L10)."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from milepost.domain.accounts import POINTS
from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.messages import N_, NN_, Several
from milepost.domain.money import Money
from milepost.storage import accounts, exchanges, spendings
from milepost.storage.accounts import Entry
from milepost.storage.database import Connection, Database, unit

_POINTS = NN_("one point", "%(count)s points")
_STEPS = (1, 2, 3, 5, 10, 20, 50, 100)


@dataclass(frozen=True, slots=True)
class Offer:
    """So many `points` are worth so much (minor units) of a store's currency; `has` they have."""

    customer_id: int
    store: Any
    currency: str
    points: int
    amount: int
    has: int

    @property
    def most(self) -> int:
        """How many times over they could take it."""
        return self.has // self.points

    @property
    def choices(self) -> list[tuple[int, int]]:
        """What to choose from, as points and minor units: a few steps, and all that they have."""
        steps = sorted({*(n for n in _STEPS if n < self.most), self.most} - {0})
        return [(n * self.points, n * self.amount) for n in steps]


async def offers_to(db: Connection, email: str, store: str | None = None) -> list[Offer]:
    """What whoever reads this address can turn their points into; in one store, by its slug."""
    return [
        Offer(row["customer_id"], row, row["currency"], row["points"], row["amount"], row["has"])
        for row in await exchanges.offers(db, email, store)
        if row["points"] > 0 and row["amount"] > 0
    ]


async def exchange(
    database: Database,
    email: str,
    store: str,
    currency: str,
    points: int,
    seen: int,
    now: datetime,
) -> Money:
    """Turn so many points into credit; how much that is.

    Raises NotFound, Invalid, or Conflict where they have other points than were `seen` in the
    form: one that is sent twice exchanges once.
    """
    async with unit(database) as db:
        found = await _offer(db, email, store, currency)
        await spendings.hold_accounts(db, [found.customer_id])
        offer = await _offer(db, email, store, currency)
        if offer.has != seen:
            raise Conflict(
                N_("You have %(points)s now. Look at it again."),
                points=Several(*_POINTS, offer.has),
            )
        if points <= 0 or points % offer.points:
            raise Invalid(
                N_("Points are exchanged in steps of %(step)s."), about="points", step=offer.points
            )
        source = f"exchange:{secrets.token_urlsafe(12)}"
        spender = offer.customer_id, POINTS
        if not await accounts.spend(db, *spender, points, source, now, kind="exchanged"):
            raise Conflict(N_("You do not have so many points."))
        worth = points // offer.points * offer.amount
        entry = Entry(offer.customer_id, currency, "exchanged", worth, source=source)
        await accounts.enter(db, [entry], now)
    return Money(worth, currency)


async def _offer(db: Connection, email: str, store: str, currency: str) -> Offer:
    found = [one for one in await offers_to(db, email, store) if one.currency == currency]
    if not found:
        raise NotFound(N_("Points can’t be exchanged for this any more."))
    return found[0]
