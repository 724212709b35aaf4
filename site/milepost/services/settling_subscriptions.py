"""Settling subscriptions: what Stripe told of them becomes cycles, which are orders (L7, P1, P9).

Subscriptions are taken many at a time, each under its own row's lock; all that follows is written
in one transaction: orders, facts for loyalty, mails.
"""

import logging
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from milepost.domain.facts import Fact
from milepost.domain.subscriptions import Cycle, Subscription, hear
from milepost.services.clock import Clock
from milepost.services.doings import note_breaks, note_orders
from milepost.storage import ledger, mails, orders, subscriptions
from milepost.storage.database import DEADLOCK, SENSELESS, Connection, Database, enqueue, unit
from milepost.storage.mails import OrderLetter

log = logging.getLogger("milepost.settling")
BREAKS = (*SENSELESS, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
BATCH = 100  # subscriptions at a time
MOST_FACTS = 1000
TRIES = 5  # how often a batch meets a deadlock until it is left to the next look


async def settle_subscriptions(database: Database, clock: Clock) -> int:
    """Settle what waits about subscriptions that no other worker holds; returns how many facts.

    A batch that breaks is settled one by one, and a fact that breaks is kept with its reason.
    """
    settled = deadlocks = 0
    while True:
        try:
            async with unit(database) as db:
                count = await _settle_batch(db, clock(), BATCH)
        except DEADLOCK:
            deadlocks += 1
            if deadlocks == TRIES:
                raise
            continue
        except BREAKS:
            log.exception("a batch of subscriptions could not be settled; one by one now")
            count = await _settle_one_by_one(database, clock)
        if not count:
            return settled
        settled += count


async def _settle_batch(db: Connection, now: datetime, most: int) -> int:
    rows = await subscriptions.lock_with_facts(db, most)
    if not rows:
        return 0
    told = await subscriptions.waiting_facts(db, [row["key"] for row in rows], MOST_FACTS)
    return await _settle(db, rows, told, now)


async def _settle_one_by_one(database: Database, clock: Clock) -> int:
    settled = 0
    for _ in range(BATCH):
        async with unit(database) as db:
            rows = await subscriptions.lock_with_facts(db, 1)
            if not rows:
                break
            told = await subscriptions.waiting_facts(db, [rows[0]["key"]], 1)
            if not told:
                break
            try:
                async with db.transaction():
                    settled += await _settle(db, rows, told, clock())
            except BREAKS as error:
                reason = f"it can't be settled: {error!r}"
                await ledger.mark_refused(db, {told[0][1].inbox_id: reason})
                settled += 1
    return settled


async def _settle(
    db: Connection, rows: Sequence[Any], told: Sequence[tuple[str, Fact]], now: datetime
) -> int:
    """All that follows from these facts, inside the caller's transaction; how many were taken.

    What is told of one that has not begun stays waiting.
    """
    invoices = await subscriptions.invoices(db, [row["id"] for row in rows])
    found = {row["key"]: subscriptions.subscription_of(row, invoices[row["id"]]) for row in rows}
    begun: dict[str, Mapping[str, Any]] = {}
    ended: dict[str, str] = {}
    refused: dict[int, str] = {}
    taken: list[int] = []
    for key, fact in told:
        if found[key].begun_at is None and fact.kind not in ("begun", "expired"):
            continue
        if reason := hear(found[key], fact):
            refused[fact.inbox_id] = reason
            continue
        taken.append(fact.inbox_id)
        if fact.kind == "begun":
            begun.setdefault(key, fact.detail)
        elif fact.kind == "ended":
            ended[key] = str(fact.detail.get("reason", ""))
    by_key = {row["key"]: row for row in rows}
    await subscriptions.write(db, list(found.values()))
    await _name(db, [by_key[key] for key in begun], begun, now)
    letters = await _cycles(db, rows, found, now)
    await note_breaks(db, [s.id for s in found.values() if s.state == "ended"])
    letters += await _letters(db, rows, found, ended)
    await mails.promise_of_orders(db, letters, now)
    for subscription in found.values():
        if subscription.method:
            told_job = {"subscription_id": subscription.id, "method": subscription.method}
            await enqueue(db, "use_card", told_job)
    await ledger.take_settled(db, taken)
    if refused:
        await ledger.mark_refused(db, refused)
    return len(taken) + len(refused)


async def _name(
    db: Connection, rows: Sequence[Any], begun: Mapping[str, Mapping[str, Any]], now: datetime
) -> None:
    """Whose each is that has just begun."""
    for row in rows:
        who = begun[row["key"]]
        if row["customer_id"] is None:
            people = {who["email"]: (who.get("name", ""), row["locale"])}
            ids = await ledger.know_customers(db, row["store_id"], people, now)
            await subscriptions.name_subscriber(db, row["id"], ids[who["email"]][0], who)


async def _cycles(
    db: Connection, rows: Sequence[Any], found: Mapping[str, Subscription], now: datetime
) -> list[OrderLetter]:
    """An order for each cycle that was paid, its piece claimed if there is one (P3); the mails."""
    paid = [(row, cycle) for row in rows for cycle in found[row["key"]].new_cycles]
    if not paid:
        return []
    await orders.hold_products(db, sorted({row["product_id"] for row, _ in paid}))
    letters, made = [], []
    for row, cycle in paid:
        order_id = await _cycle(db, row, cycle, now)
        is_first = len(found[row["key"]].invoices) == len(found[row["key"]].new_cycles)
        first = min(c.start for c in found[row["key"]].new_cycles)
        kind = "subscribed" if is_first and cycle.start == first else "order"
        letters.append(OrderLetter(kind, f"order:{order_id}", order_id, _detail(row)))
        made.append(order_id)
    await note_orders(db, made)
    return letters


async def _cycle(db: Connection, row: Any, cycle: Cycle, now: datetime) -> int:
    claim = db.transaction()
    await claim.start()
    gone = await orders.claim(db, {row["product_id"]: 1})
    if gone:
        await claim.rollback()
    else:
        await claim.commit()
    key = secrets.token_urlsafe(18)
    return await subscriptions.add_cycle(db, row["id"], key, cycle, not gone, now)


async def _letters(
    db: Connection,
    rows: Sequence[Any],
    found: Mapping[str, Subscription],
    ended: Mapping[str, str],
) -> list[OrderLetter]:
    """Mails about cards that were declined, and about ends; each once, however often it is told."""
    letters = []
    for row in rows:
        now = found[row["key"]]
        kinds: list[tuple[str, str, dict[str, Any]]] = [
            ("cycle_failed", f"cycle_failed:{invoice}:{attempt}", {})
            for invoice, attempt in now.failures
            if invoice not in now.invoices and now.state != "ended"
        ]
        if now.cancels and now.cancelled_at and now.cancelled_at != row["cancelled_at"]:
            until = now.period_end.isoformat() if now.period_end else ""
            name = f"subscription_cancelled:{now.id}:{int(now.cancelled_at.timestamp())}"
            kinds.append(("subscription_cancelled", name, {"until": until}))
        ran_out = now.cancels and now.ended_at and now.period_end and now.ended_at >= now.period_end
        if now.state == "ended" and row["state"] != "ended" and not ran_out:
            detail = {"reason": ended.get(now.key, "")}
            kinds.append(("subscription_ended", f"subscription_ended:{now.id}", detail))
        order_id = await subscriptions.latest_cycle(db, now.id) if kinds else None
        if order_id is not None:
            letters += [
                OrderLetter(kind, name, order_id, _detail(row) | detail)
                for kind, name, detail in kinds
            ]
    return letters


def _detail(row: Any) -> dict[str, Any]:
    """What each mail about a subscription needs to know of it."""
    return {
        "subscription": row["key"],
        "title": row["line"]["title"],
        "count": row["every_count"],
        "unit": row["every_unit"],
    }
