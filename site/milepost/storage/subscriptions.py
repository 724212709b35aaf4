"""Subscriptions: begun on a payment page, moved by facts; each paid cycle is an order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from milepost.domain.facts import Fact
from milepost.domain.subscriptions import Cycle, Subscription
from milepost.storage.database import Connection, named_queries, rows_of
from milepost.storage.inbox import fact_of

_sql = named_queries("subscriptions")


async def product(db: Connection, store_id: int, slug: str, product_id: int) -> Any | None:
    """The published variant of a listing that is sold by subscription, with how it travels."""
    return await _sql.product_to_subscribe(db, store_id=store_id, slug=slug, product_id=product_id)


async def add(db: Connection, **columns: Any) -> int:
    """A subscription whose payment page is about to be opened; its id."""
    return int(await _sql.add_subscription(db, **columns))


async def note_page(db: Connection, subscription_id: int, session: str) -> None:
    """Its payment page is there."""
    await _sql.note_subscription_page(db, subscription_id=subscription_id, session=session)


async def give_up(db: Connection, subscription_id: int) -> None:
    """Nothing will come of its page."""
    await _sql.give_up_subscription(db, subscription_id=subscription_id)


async def overdue(db: Connection, now: datetime, most: int) -> list[Any]:
    """Those past their time whose page nobody was heard to complete."""
    return await rows_of(_sql.overdue_subscriptions(db, now=now, most=most))


async def look_later(db: Connection, subscription_id: int, when: datetime) -> None:
    """Its page was completed; whether we have heard of it is looked at again then."""
    await _sql.look_at_subscription_later(db, subscription_id=subscription_id, when=when)


async def lock_with_facts(db: Connection, most: int) -> list[Any]:
    """The next subscriptions of which something was told, locked; none that another holds."""
    return await rows_of(_sql.lock_subscriptions_with_facts(db, most=most))


async def waiting_facts(db: Connection, keys: Sequence[str], most: int) -> list[tuple[str, Fact]]:
    """What was told of these subscriptions, their beginnings first, each with its key."""
    rows = await rows_of(_sql.waiting_facts_of_subscriptions(db, keys=list(keys), most=most))
    return [(row["subscription_key"], fact_of(row)) for row in rows]


async def invoices(db: Connection, ids: Sequence[int]) -> dict[int, set[str]]:
    """The paid invoices of these subscriptions, by subscription."""
    found: dict[int, set[str]] = {id_: set() for id_ in ids}
    for row in await rows_of(_sql.invoices_of_subscriptions(db, ids=list(ids))):
        found[row["subscription_id"]].add(row["invoice"])
    return found


def subscription_of(row: Any, invoices: set[str]) -> Subscription:
    """The subscription of its row, as facts move it."""
    return Subscription(
        row["id"],
        row["key"],
        row["state"],
        row["provider_id"] or "",
        row["payer"],
        row["cancels"],
        row["period_end"],
        row["told_at"],
        row["begun_at"],
        row["cancelled_at"],
        row["ended_at"],
        invoices,
    )


async def write(db: Connection, subscriptions: Sequence[Subscription]) -> None:
    """What these have become."""
    await _sql.write_subscriptions(
        db,
        ids=[s.id for s in subscriptions],
        states=[s.state for s in subscriptions],
        provider_ids=[s.provider_id or None for s in subscriptions],
        payers=[s.payer for s in subscriptions],
        cancels=[s.cancels for s in subscriptions],
        period_ends=[s.period_end for s in subscriptions],
        told_ats=[s.told_at for s in subscriptions],
        begun_ats=[s.begun_at for s in subscriptions],
        cancelled_ats=[s.cancelled_at for s in subscriptions],
        ended_ats=[s.ended_at for s in subscriptions],
    )


async def name_subscribers(
    db: Connection, people: Mapping[int, tuple[int, Mapping[str, Any]]]
) -> None:
    """Whose each is and where it is sent, as its payment page has asked: id → customer, told."""
    if not people:
        return
    told = [who for _, who in people.values()]
    await _sql.name_subscribers(
        db,
        ids=list(people),
        customer_ids=[customer_id for customer_id, _ in people.values()],
        emails=[who["email"] for who in told],
        names=[who.get("name", "") for who in told],
        addresses=[
            orjson.dumps(who["address"]).decode() if who.get("address") else None for who in told
        ],
    )


@dataclass(frozen=True, slots=True)
class CycleOrder:
    """An order that a paid cycle becomes; `claiming` where its piece was there."""

    subscription_id: int
    key: str
    cycle: Cycle
    claiming: bool


async def add_cycles(db: Connection, cycles: Sequence[CycleOrder], now: datetime) -> dict[str, int]:
    """The orders of cycles that were paid, their ids rising in this order: invoice → id."""
    if not cycles:
        return {}
    made = _sql.add_cycles(
        db,
        subscription_ids=[made.subscription_id for made in cycles],
        keys=[made.key for made in cycles],
        claimings=[made.claiming for made in cycles],
        paids=[made.cycle.amount for made in cycles],
        invoices=[made.cycle.invoice for made in cycles],
        period_starts=[made.cycle.start for made in cycles],
        period_ends=[made.cycle.end for made in cycles],
        now=now,
    )
    return {row["invoice"]: row["id"] for row in await rows_of(made)}


async def latest_cycles(db: Connection, ids: Sequence[int]) -> dict[int, int]:
    """The order of the latest cycle of each of these subscriptions that has one."""
    if not ids:
        return {}
    rows = await rows_of(_sql.latest_cycles(db, ids=list(ids)))
    return {row["subscription_id"]: row["id"] for row in rows}


async def own(db: Connection, email: str, key: str | None, most: int) -> list[Any]:
    """The subscriptions of this address, those that go on first; or the one, if it is theirs."""
    return await rows_of(_sql.own_subscriptions(db, email=email, key=key, most=most))


async def cycles(db: Connection, subscription_id: int, most: int) -> list[Any]:
    """Its orders, newest first."""
    found = _sql.cycles_of_subscription(db, subscription_id=subscription_id, most=most)
    return await rows_of(found)


async def by_key(db: Connection, key: str) -> Any | None:
    """The subscription with its store."""
    return await _sql.subscription_by_key(db, key=key)


async def of_store(
    db: Connection, store_id: int, state: str | None, before: int | None, most: int
) -> list[Any]:
    """The next `most` of the store's subscriptions, newest first."""
    found = _sql.subscriptions_of_store(
        db, store_id=store_id, state=state, before=before, most=most
    )
    return await rows_of(found)


async def counts(db: Connection, store_id: int) -> dict[str, int]:
    """How many the store has, by state."""
    rows = await rows_of(_sql.count_subscriptions(db, store_id=store_id))
    return {row["state"]: row["count"] for row in rows}


async def one_of_store(db: Connection, store_id: int, subscription_id: int) -> Any | None:
    """The store's subscription."""
    return await _sql.subscription_of_store(db, store_id=store_id, subscription_id=subscription_id)


async def hold(db: Connection, subscription_id: int) -> Any | None:
    """The subscription, locked."""
    return await _sql.hold_subscription(db, subscription_id=subscription_id)


async def end_with_period(db: Connection, subscription_id: int, cancels: bool) -> None:
    """It ends with the period that is paid, or goes on after it."""
    await _sql.end_with_period(db, subscription_id=subscription_id, cancels=cancels)


async def send_to(db: Connection, subscription_id: int, address: Mapping[str, str]) -> bool:
    """It is sent there from now on; False where it is over, or paid to another country."""
    found = await _sql.send_subscription_to(
        db, subscription_id=subscription_id, address=dict(address), country=address["country"]
    )
    return found is not None


async def wrong_cycles(db: Connection, most: int = 100) -> list[Any]:
    """Those that have not one order for each invoice that was told to be paid."""
    return await rows_of(_sql.wrong_cycles(db, most=most))


async def wrong(db: Connection, most: int = 100) -> list[Any]:
    """Those whose facts are not what their paid invoices say (L7)."""
    return await rows_of(_sql.wrong_subscriptions(db, most=most))
