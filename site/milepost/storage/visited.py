"""Visits of campaigns' pages, as sums; no row is about anybody."""

from collections.abc import Mapping
from datetime import datetime

from milepost.storage.database import Connection, named_queries

_sql = named_queries("visited")


async def add(
    db: Connection,
    seen: Mapping[tuple[int, str, str], int],
    now: datetime,
    most: int,
    others: str,
) -> None:
    """Add (campaign, source, tag) → how many; above `most` kinds a day they go under `others`."""
    await _sql.add_visits(
        db,
        now=now,
        campaign_ids=[campaign_id for campaign_id, _, _ in seen],
        sources=[source for _, source, _ in seen],
        tags=[tag for _, _, tag in seen],
        seen=list(seen.values()),
        most=most,
        others=others,
    )
