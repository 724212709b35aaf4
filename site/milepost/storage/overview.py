"""What the studio's overview reads: roll-ups, and what waits; few rows, whatever was pledged."""

from datetime import datetime
from typing import Any

from milepost.domain.origins import OTHERS
from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("overview")
MOST_NAMED = 8  # sources, tags, countries: the others go together
MOST_WAITING = 1000  # what waits is not counted further


async def standing(db: Connection, campaign_id: int, still: datetime) -> Any:
    """How far the roll-ups are, and the checkouts begun that they do not count yet."""
    return await _sql.overview_standing(db, campaign_id=campaign_id, still=still)


async def hours(db: Connection, campaign_id: int, recent: datetime) -> list[Any]:
    """What each day brought, from `recent` on (both on the campaign's clock) each hour."""
    rows: list[Any] = await rows_of(_sql.overview_hours(db, campaign_id=campaign_id, recent=recent))
    return rows


async def visits(db: Connection, campaign_id: int) -> list[Any]:
    """The visits of each day."""
    rows: list[Any] = await rows_of(_sql.overview_visits(db, campaign_id=campaign_id))
    return rows


async def origins(db: Connection, campaign_id: int) -> list[Any]:
    """Sources and tags with their visits, pledges and money."""
    rows: list[Any] = await rows_of(
        _sql.overview_origins(db, campaign_id=campaign_id, most=MOST_NAMED, others=OTHERS)
    )
    return rows


async def tallies(db: Connection, campaign_id: int) -> list[Any]:
    """What was chosen, and the countries."""
    rows: list[Any] = await rows_of(
        _sql.overview_tallies(db, campaign_id=campaign_id, most=MOST_NAMED, others=OTHERS)
    )
    return rows


async def milestones(db: Connection, track_id: int) -> list[Any]:
    """The milestones on the road, lowest target first."""
    rows: list[Any] = await rows_of(_sql.overview_milestones(db, track_id=track_id))
    return rows


async def waiting(db: Connection, campaign_id: int, track_id: int) -> Any:
    """How many pledges and grants wait for a person, each count up to `MOST_WAITING`."""
    return await _sql.overview_waiting(
        db, campaign_id=campaign_id, track_id=track_id, most=MOST_WAITING + 1
    )


async def entries_page(db: Connection, campaign_id: int, after: int, most: int) -> list[Any]:
    """The next `most` entries after entry `after`."""
    rows: list[Any] = await rows_of(
        _sql.entries_page(db, campaign_id=campaign_id, after=after, most=most)
    )
    return rows
