"""Facts about customers, and what the programs make of them, a set of customers at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("loyalty")
EVERYBODY = 2**62


@dataclass(frozen=True, slots=True)
class LoyalFact:
    """Something that a customer did, as its source tells it now (L3).

    `source` names it in its store for ever; told again, its new worth takes the place of the old.
    `amount` is minor units of `currency`, less what went back; `run` is a cycle's subscription.
    """

    customer_id: int
    kind: str
    source: str
    at: datetime
    stands: bool = True
    amount: int = 0
    currency: str | None = None
    points: int = 0
    run: str = ""


async def settings(db: Connection, store_id: int) -> Any | None:
    """How the store counts; None where it keeps no facts."""
    return await _sql.keeps_facts(db, store_id=store_id)


async def hold_settings(db: Connection, store_ids: Iterable[int]) -> dict[int, Any]:
    """How these stores count, by store; held until the transaction ends."""
    found = _sql.hold_settings(db, store_ids=list(store_ids))
    return {row["store_id"]: row for row in await rows_of(found)}


async def hold_settings_to_change(db: Connection, store_id: int) -> Any | None:
    """The store's settings, locked until the transaction ends."""
    return await _sql.hold_loyalty_settings(db, store_id=store_id)


async def keep_settings(db: Connection, store_id: int, **columns: Any) -> None:
    """How the store counts from now on."""
    await _sql.keep_loyalty_settings(db, store_id=store_id, **columns)


async def note_orders(db: Connection, order_ids: Sequence[int]) -> None:
    """What these orders are worth now, in stores that keep facts."""
    await _sql.loyal_orders(db, order_ids=list(order_ids))
    await _sql.loyal_cycles(db, order_ids=list(order_ids))


async def note_breaks(db: Connection, subscription_ids: Sequence[int]) -> None:
    """These subscriptions are over: whoever begins anew begins from zero (L7)."""
    await _sql.loyal_breaks(db, subscription_ids=list(subscription_ids))


async def note_pledges(db: Connection, pledge_ids: Sequence[int]) -> None:
    """The same of charged pledges."""
    await _sql.loyal_pledges(db, pledge_ids=list(pledge_ids))


async def tell(db: Connection, store_id: int, facts: Sequence[LoyalFact]) -> None:
    """Keep these facts of the store's customers; one of a known source is corrected."""
    await _sql.tell_facts(
        db,
        store_id=store_id,
        customer_ids=[f.customer_id for f in facts],
        kinds=[f.kind for f in facts],
        sources=[f.source for f in facts],
        ats=[f.at for f in facts],
        stands=[f.stands for f in facts],
        amounts=[f.amount for f in facts],
        currencies=[f.currency for f in facts],
        points=[f.points for f in facts],
        runs=[f.run for f in facts],
    )


async def lock_waiting(db: Connection, most: int) -> list[int]:
    """The next customers with facts that wait, held by no other worker; locked."""
    rows = await rows_of(_sql.lock_waiting_accounts(db, most=most))
    return [row["customer_id"] for row in rows]


async def take_facts(db: Connection, ids: Sequence[int]) -> list[Any]:
    """What waited about these customers, now in its place among the facts that count."""
    return await rows_of(_sql.take_loyal_facts(db, ids=list(ids)))


async def break_runs(db: Connection, ids: Sequence[int]) -> None:
    """Count again where their subscriptions broke off (L7)."""
    await _sql.break_runs(db, ids=list(ids))


async def note_last_orders(db: Connection, ids: Sequence[int]) -> None:
    """Note the order since which each of them has had none (L6)."""
    await _sql.note_last_orders(db, ids=list(ids))


async def programs_to_judge(db: Connection, store_ids: Iterable[int], now: datetime) -> list[Any]:
    """The programs of these stores that were ever turned on."""
    found = _sql.programs_to_judge(db, store_ids=list(store_ids), now=now)
    return await rows_of(found)


async def grant(db: Connection, program_id: int, ids: Sequence[int], now: datetime) -> list[Any]:
    """Make what the program's rules give to these customers and nobody has made; those grants."""
    return await rows_of(
        _sql.grant_met(
            db,
            program_id=program_id,
            ids=list(ids),
            past=0,
            upto=EVERYBODY,
            now=now,
            quiet=False,
        )
    )


async def grant_to_chunk(
    db: Connection, program_id: int, past: int, upto: int, now: datetime
) -> int:
    """The same for all customers after `past` up to `upto`; how many grants."""
    (row,) = await rows_of(
        _sql.grant_met(
            db, program_id=program_id, ids=None, past=past, upto=upto, now=now, quiet=True
        )
    )
    return int(row["beneficiary"])


async def fallen(db: Connection, program_id: int, ids: Sequence[int]) -> list[Any]:
    """Unspent grants of these customers that the readings no longer reach, or reach again (L9)."""
    return await rows_of(_sql.fallen_grants(db, program_id=program_id, ids=list(ids)))


async def turn(db: Connection, states: Sequence[tuple[int, int, str]], now: datetime) -> None:
    """Grants, by milestone and beneficiary, in new states; their codes with them."""
    columns = {
        "milestone_ids": [milestone for milestone, _, _ in states],
        "beneficiaries": [beneficiary for _, beneficiary, _ in states],
        "states": [state for _, _, state in states],
    }
    await _sql.turn_grants(db, **columns)
    await _sql.turn_codes(db, **columns, now=now)
