"""Settling in batches: what is told of things with a key, such as orders, is taken many at a time.

Each noun says what is locked, what is told of it and what follows; the rest is the same for all.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from milepost.domain.facts import Fact
from milepost.services.clock import Clock
from milepost.storage import ledger
from milepost.storage.database import DEADLOCK, SENSELESS, Connection, Database, unit

log = logging.getLogger("milepost.settling")
BREAKS = (
    *SENSELESS,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
BATCH = 100  # rows at a time
MOST_FACTS = 1000
TRIES = 5  # how often a batch meets a deadlock until it is left to the next look

Told = Sequence[tuple[str, Fact]]
"""Facts, each with the key of the row that it is about."""


@dataclass(frozen=True, slots=True)
class Noun:
    """What is settled: how its rows are locked, what is told of them, and what follows of that.

    `settle` is inside the caller's transaction, and says how many facts it took.
    """

    name: str
    lock: Callable[[Connection, int], Awaitable[list[Any]]]
    waiting: Callable[[Connection, Sequence[str], int], Awaitable[list[tuple[str, Fact]]]]
    settle: Callable[[Connection, Sequence[Any], Told, datetime], Awaitable[int]]


async def settle_batches(database: Database, clock: Clock, noun: Noun) -> int:
    """Settle what waits about rows that no other worker holds; returns how many facts.

    A batch that breaks is settled row by row, and a fact that breaks is kept with its reason;
    one that was in the way of another transaction begins again.
    """
    settled = deadlocks = 0
    while True:
        try:
            async with unit(database) as db:
                rows, told = await _next(db, noun, BATCH, MOST_FACTS)
                count = await noun.settle(db, rows, told, clock()) if rows else 0
        except DEADLOCK:
            deadlocks += 1
            if deadlocks == TRIES:
                raise
            continue
        except BREAKS:
            log.exception("a batch of %s could not be settled; one by one now", noun.name)
            count = await _one_by_one(database, clock, noun)
        if not count:
            return settled
        settled += count


async def _next(
    db: Connection, noun: Noun, most: int, most_facts: int
) -> tuple[list[Any], list[tuple[str, Fact]]]:
    rows = await noun.lock(db, most)
    return rows, await noun.waiting(db, [row["key"] for row in rows], most_facts) if rows else []


async def _one_by_one(database: Database, clock: Clock, noun: Noun) -> int:
    settled = 0
    for _ in range(BATCH):
        async with unit(database) as db:
            rows, told = await _next(db, noun, 1, 1)
            if not told:
                break
            try:
                async with db.transaction():
                    settled += await noun.settle(db, rows, told, clock())
            except BREAKS as error:
                reason = f"it can't be settled: {error!r}"
                await ledger.mark_refused(db, {told[0][1].inbox_id: reason})
                settled += 1
    return settled


async def close_facts(db: Connection, taken: Sequence[int], refused: Mapping[int, str]) -> int:
    """These wait no longer: settled, or kept with why they change nothing; how many."""
    await ledger.take_settled(db, taken)
    if refused:
        await ledger.mark_refused(db, refused)
    return len(taken) + len(refused)


async def know_payers(
    db: Connection, rows: Sequence[Any], payers: Mapping[str, Mapping[str, Any]], now: datetime
) -> dict[str, int]:
    """The customer who pays for each of `rows`, by its key, made where its store knows nobody.

    `payers` says by key who that is: an `email`, and a `name` if one is told.
    """
    by_store: dict[int, dict[str, tuple[str, str]]] = {}
    for row in rows:
        payer = payers[row["key"]]
        known = by_store.setdefault(row["store_id"], {})
        known[payer["email"]] = (payer.get("name", ""), row["locale"])
    ids = {
        store_id: await ledger.know_customers(db, store_id, known, now)
        for store_id, known in sorted(by_store.items())
    }
    return {row["key"]: ids[row["store_id"]][payers[row["key"]]["email"]][0] for row in rows}
