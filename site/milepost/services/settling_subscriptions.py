"""Settling subscriptions: what Stripe told of them becomes cycles, which are orders (L7, P1, P9).

Subscriptions are taken many at a time, each under its own row's lock; all that follows is written
in one transaction, as few statements for one as for many: orders, facts for loyalty, mails.
"""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from milepost.domain.subscriptions import Cycle, Subscription, hear
from milepost.services.clock import Clock
from milepost.services.doings import note_breaks, note_orders
from milepost.services.settling_batches import Noun, Told, close_facts, know_payers, settle_batches
from milepost.storage import mails, orders, subscriptions
from milepost.storage.database import Connection, Database, enqueue_all
from milepost.storage.mails import OrderLetter
from milepost.storage.subscriptions import CycleOrder

Found = Mapping[str, Subscription]


async def settle_subscriptions(database: Database, clock: Clock) -> int:
    """Settle what waits about subscriptions that no other worker holds; returns how many facts."""
    return await settle_batches(database, clock, SUBSCRIPTIONS)


@dataclass(slots=True)
class _Heard:
    """What a batch of facts said: who began what, why what ended, and which facts were taken."""

    begun: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    taken: list[int] = field(default_factory=list)


async def _settle(db: Connection, rows: Sequence[Any], told: Told, now: datetime) -> int:
    """All that follows from these facts about these subscriptions; how many facts were taken.

    What is told of one that has not begun stays waiting.
    """
    invoices = await subscriptions.invoices(db, [row["id"] for row in rows])
    found = {row["key"]: subscriptions.subscription_of(row, invoices[row["id"]]) for row in rows}
    heard = _hear(found, told)
    await subscriptions.write(db, list(found.values()))
    await _name(db, rows, heard.begun, now)
    letters = await _cycles(db, rows, found, now)
    await note_breaks(db, [s.id for s in found.values() if s.state == "ended"])
    letters += await _letters(db, rows, found, heard.ended)
    await mails.promise_of_orders(db, letters, now)
    cards = [{"subscription_id": s.id, "method": s.method} for s in found.values() if s.method]
    await enqueue_all(db, "use_card", cards)
    return await close_facts(db, heard.taken, heard.refused)


SUBSCRIPTIONS = Noun(
    "subscriptions", subscriptions.lock_with_facts, subscriptions.waiting_facts, _settle
)


def _hear(found: Found, told: Told) -> _Heard:
    heard = _Heard()
    for key, fact in told:
        if found[key].begun_at is None and fact.kind not in ("begun", "expired"):
            continue
        if reason := hear(found[key], fact):
            heard.refused[fact.inbox_id] = reason
            continue
        heard.taken.append(fact.inbox_id)
        if fact.kind == "begun":
            heard.begun.setdefault(key, fact.detail)
        elif fact.kind == "ended":
            heard.ended[key] = str(fact.detail.get("reason", ""))
    return heard


async def _name(
    db: Connection, rows: Sequence[Any], begun: Mapping[str, Mapping[str, Any]], now: datetime
) -> None:
    """Whose each is that has just begun."""
    new = [row for row in rows if row["key"] in begun and row["customer_id"] is None]
    ids = await know_payers(db, new, begun, now)
    await subscriptions.name_subscribers(
        db, {row["id"]: (ids[row["key"]], begun[row["key"]]) for row in new}
    )


async def _cycles(
    db: Connection, rows: Sequence[Any], found: Found, now: datetime
) -> list[OrderLetter]:
    """An order for each cycle that was paid, its piece claimed if there is one (P3); the mails."""
    paid = [
        (row, cycle)
        for row in rows
        for cycle in sorted(found[row["key"]].new_cycles, key=lambda cycle: cycle.start)
    ]
    there = await orders.claim_those_there(db, Counter(row["product_id"] for row, _ in paid))
    made = []
    for row, cycle in paid:
        claiming = there[row["product_id"]] > 0
        there[row["product_id"]] -= claiming
        made.append(CycleOrder(row["id"], secrets.token_urlsafe(18), cycle, claiming))
    ids = await subscriptions.add_cycles(db, made, now)
    await note_orders(db, list(ids.values()))
    letters = []
    for row, cycle in paid:
        kind, id_ = _kind(found[row["key"]], cycle), ids[cycle.invoice]
        letters.append(OrderLetter(kind, f"order:{id_}", id_, _detail(row)))
    return letters


def _kind(subscription: Subscription, cycle: Cycle) -> str:
    """The mail about a cycle: a subscription's first one says what has begun."""
    new = subscription.new_cycles
    is_new = len(subscription.invoices) == len(new)
    return "subscribed" if is_new and cycle.start == min(c.start for c in new) else "order"


async def _letters(
    db: Connection,
    rows: Sequence[Any],
    found: Found,
    ended: Mapping[str, str],
) -> list[OrderLetter]:
    """Mails about cards that were declined, and about ends; each once, however often it is told."""
    told = [
        (row, letter)
        for row in rows
        for letter in _news(row, found[row["key"]], ended.get(row["key"], ""))
    ]
    latest = await subscriptions.latest_cycles(db, sorted({row["id"] for row, _ in told}))
    return [
        OrderLetter(kind, name, latest[row["id"]], _detail(row) | detail)
        for row, (kind, name, detail) in told
        if row["id"] in latest
    ]


def _news(row: Any, now: Subscription, reason: str) -> list[tuple[str, str, dict[str, Any]]]:
    """What to write about a subscription that was its `row`: kinds, keys and details of mails."""
    news: list[tuple[str, str, dict[str, Any]]] = [
        ("cycle_failed", f"cycle_failed:{invoice}:{attempt}", {})
        for invoice, attempt in now.failures
        if invoice not in now.invoices and now.state != "ended"
    ]
    if now.cancels and now.cancelled_at and now.cancelled_at != row["cancelled_at"]:
        until = now.period_end.isoformat() if now.period_end else ""
        name = f"subscription_cancelled:{now.id}:{int(now.cancelled_at.timestamp())}"
        news.append(("subscription_cancelled", name, {"until": until}))
    ran_out = now.cancels and now.ended_at and now.period_end and now.ended_at >= now.period_end
    if now.state == "ended" and row["state"] != "ended" and not ran_out:
        news.append(("subscription_ended", f"subscription_ended:{now.id}", {"reason": reason}))
    return news


def _detail(row: Any) -> dict[str, Any]:
    """What each mail about a subscription needs to know of it."""
    return {
        "subscription": row["key"],
        "title": row["line"]["title"],
        "count": row["every_count"],
        "unit": row["every_unit"],
    }
