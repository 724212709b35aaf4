"""Closings: which campaigns are past their deadline, and what became of them (P2, P7)."""

from datetime import datetime

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("closings")


async def due(db: Connection, now: datetime) -> list[int]:
    """Campaigns past their deadline without an outcome."""
    return [row["id"] for row in await rows_of(_sql.campaigns_to_close(db, now=now))]


async def close(db: Connection, campaign_id: int, closed_at: datetime) -> None:
    """Note the instant at which the campaign closed; once."""
    await _sql.close_campaign(db, campaign_id=campaign_id, closed_at=closed_at)


async def decide(db: Connection, campaign_id: int, outcome: str) -> None:
    """The campaign is `funded` or has `failed`, for good."""
    await _sql.decide_campaign(db, campaign_id=campaign_id, outcome=outcome)


async def has_waiting_facts(db: Connection, campaign_id: int) -> bool:
    """True while something that was heard in time is not settled."""
    return bool(await _sql.has_waiting_facts(db, campaign_id=campaign_id))


async def is_undecided(db: Connection, campaign_id: int) -> bool:
    """True while a checkout that was begun in time may still be finished (P7)."""
    return bool(await _sql.is_undecided(db, campaign_id=campaign_id))
