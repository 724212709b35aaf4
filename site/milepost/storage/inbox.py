"""The inbox: what arrived, kept once, and the facts that we understood of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from milepost.domain.facts import Fact
from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("inbox")
GIVE_UP = timedelta(days=7)  # when a payment that nobody here made is called so


@dataclass(slots=True)
class Arrival:
    """An event as it arrived, with its fact, or the reason why there is none to act on.

    Neither: the event concerns nobody here, and is kept and ignored.
    """

    provider_id: str
    type: str
    created_at: datetime
    payload: str
    fact: Fact | None = None
    campaign_id: int = 0
    reason: str | None = None


def fact_of(row: Any) -> Fact:
    """The fact of its row, about an order or a subscription."""
    return Fact(
        row["kind"],
        0,
        row["inbox_id"],
        amount=row["amount"],
        ref=row["ref"],
        payment=row["payment"],
        detail=row["detail"],
        order=row.get("order_key", ""),
        subscription=row.get("subscription_key", ""),
    )


async def keep(db: Connection, arrivals: Sequence[Arrival], now: datetime) -> int:
    """Keep each event once, in one statement; returns how many are new."""
    acted = [a for a in arrivals if a.fact is not None or a.reason is not None]
    facts = [a.fact or Fact("paying", 0) for a in acted]
    rows = await rows_of(
        _sql.keep_events(
            db,
            received_at=now,
            provider_ids=[a.provider_id for a in arrivals],
            types=[a.type for a in arrivals],
            created=[a.created_at for a in arrivals],
            payloads=[a.payload for a in arrivals],
            fact_ids=[a.provider_id for a in acted],
            campaign_ids=[a.campaign_id or None for a in acted],
            pledge_ids=[f.pledge_id or None for f in facts],
            kinds=[f.kind for f in facts],
            amounts=[f.amount for f in facts],
            refs=[f.ref for f in facts],
            payments=[f.payment for f in facts],
            details=[orjson.dumps(f.detail).decode() for f in facts],
            order_keys=[f.order for f in facts],
            subscription_keys=[f.subscription for f in facts],
            reasons=[a.reason for a in acted],
        )
    )
    return len(rows)


async def route(db: Connection) -> None:
    """Give facts that name only a payment the pledge or order that it paid, once that is known."""
    await _sql.route_facts(db)
    await _sql.route_facts_to_orders(db)


async def refuse_unroutable(db: Connection, now: datetime) -> None:
    """Refuse, with the reason, facts that for a week have named nobody here."""
    await _sql.refuse_unroutable(db, before=now - GIVE_UP)
    await _sql.refuse_strangers(db)
    await _sql.refuse_strange_orders(db)
    await _sql.refuse_strange_subscriptions(db)


async def refused(db: Connection, most: int = 100) -> list[Any]:
    """What could not be understood or was unlawful, newest first."""
    rows: list[Any] = await rows_of(_sql.refused_facts(db, most=most))
    return rows


async def kept_event(db: Connection, provider_id: str) -> Any | None:
    """One event as it arrived, with what became of it."""
    return await _sql.kept_event(db, provider_id=provider_id)


async def understand_again(db: Connection, inbox_id: int, campaign_id: int, fact: Fact) -> None:
    """A refused event waits again, with the fact as we understand it now."""
    await _sql.understand_again(
        db,
        inbox_id=inbox_id,
        campaign_id=campaign_id or None,
        pledge_id=fact.pledge_id or None,
        kind=fact.kind,
        amount=fact.amount,
        ref=fact.ref,
        payment=fact.payment,
        detail=fact.detail,
        order_key=fact.order,
        subscription_key=fact.subscription,
    )


async def asked_at(db: Connection) -> datetime | None:
    """When the provider was last asked for its events, all of which were then kept."""
    found: datetime | None = await _sql.asked_at(db)
    return found


async def asked(db: Connection, now: datetime) -> None:
    """All that the provider had to tell at `now` is kept."""
    await _sql.asked(db, now=now)


async def counts(db: Connection) -> tuple[int, int]:
    """How many facts wait, and how many were refused."""
    row = await _sql.count_facts(db)
    return row["waiting"], row["refused"]
