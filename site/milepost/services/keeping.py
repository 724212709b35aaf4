"""Keeping what we decide ourselves: it travels the same road as Stripe's events."""

import uuid
from datetime import datetime

import orjson

from milepost.domain.facts import Fact
from milepost.storage import inbox, notices
from milepost.storage.database import Connection
from milepost.storage.inbox import Arrival


async def keep_own(
    db: Connection, kind: str, campaign_id: int, fact: Fact, now: datetime, by: str
) -> None:
    """Put a decision of ours on the same road as Stripe's events, in the caller's transaction."""
    payload = orjson.dumps({"by": by, "kind": fact.kind, "detail": fact.detail}).decode()
    own = Arrival(f"own_{uuid.uuid4().hex}", f"milepost.{kind}", now, payload, fact, campaign_id)
    await inbox.keep(db, [own], now)
    await notices.inbox_filled(db)
