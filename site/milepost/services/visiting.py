"""Visiting: views of a campaign's page become sums by day, source and tag."""

from collections.abc import Mapping
from datetime import datetime

from milepost.domain.origins import OTHERS
from milepost.storage import visited
from milepost.storage.database import Database, unit

MOST_A_DAY = 300  # kinds of visits that a campaign's day keeps apart; whatever comes above is one


async def keep_visits(
    database: Database, seen: Mapping[tuple[int, str, str], int], now: datetime
) -> None:
    """Add these: (campaign, source, tag) → how many; the day is the campaign's own at `now`."""
    async with unit(database) as db:
        await visited.add(db, seen, now, MOST_A_DAY, OTHERS)
