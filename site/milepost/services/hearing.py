"""Hearing what shops elsewhere tell (`POST /api/v1/events`): once, in any order, all or none."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import groupby
from typing import Any

import orjson

from milepost.domain.errors import Conflict, Invalid
from milepost.domain.messages import N_
from milepost.domain.told import Told, Worth, source_of, worth_of
from milepost.storage import api, loyalty
from milepost.storage.database import Connection, Database, unit
from milepost.storage.ledger import know_customers
from milepost.storage.loyalty import LoyalFact

AHEAD = timedelta(minutes=5)  # clocks differ


@dataclass(frozen=True, slots=True)
class Heard:
    """An event with the sender's own id of it, and the customer's address."""

    key: str
    customer: str
    told: Told

    @property
    def hash(self) -> str:
        """Of all that it says."""
        said = orjson.dumps([self.customer, asdict(self.told)])
        return sha256(said).hexdigest()


async def hear(
    database: Database, store_id: int, heard: Sequence[Heard], now: datetime
) -> list[Worth | None]:
    """Keep all of them, or none; what each one's source is worth then.

    Raises Conflict for a store that keeps no facts, for an id that said something else before, and
    for a source of another customer; Invalid for what has not happened yet.
    """
    for place, each in enumerate(heard):
        if each.told.at > now + AHEAD:
            raise Invalid(N_("This is in the future."), about=f"{place}/at")
    async with unit(database) as db:
        if await loyalty.settings(db, store_id) is None:
            raise Conflict(N_("The store has no reward program, so it keeps no events. Make one."))
        people = {each.customer: ("", "") for each in heard}
        known = await know_customers(db, store_id, people, now)
        await api.hold_sources(db, store_id, {source_of(each.told) for each in heard})
        await _keep(db, store_id, heard, {email: id_ for email, (id_, _) in known.items()}, now)
        return await _tell(db, store_id, heard)


async def _keep(
    db: Connection, store_id: int, heard: Sequence[Heard], ids: dict[str, int], now: datetime
) -> None:
    rows: dict[str, dict[str, Any]] = {}
    for place, each in enumerate(heard):
        row = asdict(each.told) | {
            "key": each.key,
            "hash": each.hash,
            "source": source_of(each.told),
            "customer_id": ids[each.customer],
        }
        if rows.setdefault(each.key, row)["hash"] != each.hash:
            raise _said_otherwise(place)
    new = await api.keep(db, store_id, list(rows.values()), now)
    before = await api.hashes(db, store_id, rows.keys() - new)
    for place, each in enumerate(heard):
        if before.get(each.key, each.hash) != each.hash:
            raise _said_otherwise(place)


def _said_otherwise(place: int) -> Conflict:
    return Conflict(
        N_("Another event was told under this id. Give this one an id of its own."),
        about=f"{place}/id",
    )


async def _tell(db: Connection, store_id: int, heard: Sequence[Heard]) -> list[Worth | None]:
    sources = [source_of(each.told) for each in heard]
    rows = sorted(await api.told_of(db, store_id, set(sources)), key=lambda row: row["source"])
    worths: dict[str, Worth | None] = {}
    facts = []
    for source, group in groupby(rows, key=lambda row: row["source"]):
        events = list(group)
        if len({row["customer_id"] for row in events}) > 1:
            raise Conflict(
                N_("This source was told of another customer before."),
                about=f"{sources.index(source)}/source",
            )
        columns = ("type", "source", "at", "amount", "currency", "points", "subscription")
        worth = worth_of([Told(**{name: row[name] for name in columns}) for row in events])
        worths[source] = worth
        if worth is not None:
            who, run = events[0]["customer_id"], worth.run
            earned = (worth.stands, worth.amount, worth.currency, worth.points)
            facts.append(LoyalFact(who, worth.kind, source, worth.at, *earned, run))
    if facts:
        await loyalty.tell(db, store_id, facts)
    return [worths[source] for source in sources]
