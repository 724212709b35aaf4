"""Subscriptions: begun on a payment page, moved by facts; each paid cycle is an order."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from milepost.domain.facts import Fact
from milepost.domain.subscriptions import Cycle, Subscription
from milepost.storage.database import Connection, named_queries, rows_of

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
    return [
        (
            row["subscription_key"],
            Fact(
                row["kind"],
                0,
                row["inbox_id"],
                row["amount"],
                row["ref"],
                row["payment"],
                row["detail"],
                subscription=row["subscription_key"],
            ),
        )
        for row in rows
    ]


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


async def name_subscriber(
    db: Connection, subscription_id: int, customer_id: int, who: Mapping[str, Any]
) -> None:
    """Whose it is and where it is sent, as its payment page has asked."""
    await _sql.name_subscriber(
        db,
        subscription_id=subscription_id,
        customer_id=customer_id,
        email=who["email"],
        name=who.get("name", ""),
        address=who.get("address"),
    )


async def add_cycle(
    db: Connection, subscription_id: int, key: str, cycle: Cycle, claiming: bool, now: datetime
) -> int:
    """The order of a cycle that was paid; its id."""
    return int(
        await _sql.add_cycle(
            db,
            subscription_id=subscription_id,
            key=key,
            claiming=claiming,
            paid=cycle.amount,
            invoice=cycle.invoice,
            period_start=cycle.start,
            period_end=cycle.end,
            now=now,
        )
    )


async def latest_cycle(db: Connection, subscription_id: int) -> int | None:
    """The order of its latest cycle."""
    found: int | None = await _sql.latest_cycle(db, subscription_id=subscription_id)
    return found


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


async def wrong_cycles(db: Connection, most: int = 100) -> list[Any]:
    """Those that have not one order for each invoice that was told to be paid."""
    return await rows_of(_sql.wrong_cycles(db, most=most))


async def wrong(db: Connection, most: int = 100) -> list[Any]:
    """Those whose facts are not what their paid invoices say (L7)."""
    return await rows_of(_sql.wrong_subscriptions(db, most=most))
