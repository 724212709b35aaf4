"""The chain of a campaign's promises, and what it promises as it stands (N6)."""

from datetime import datetime
from typing import Any

from milepost.domain.audience import Audience
from milepost.domain.promises import Link
from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("promises")


async def last(db: Connection, campaign_id: int) -> Any | None:
    """The last link's number and hash, and the slug of the chain; None before its first link."""
    return await _sql.last_promise(db, campaign_id=campaign_id)


async def add(db: Connection, campaign_id: int, link: Link, made_by: str) -> None:
    """Append the link; whoever calls holds the campaign's row."""
    await _sql.add_promise(
        db,
        campaign_id=campaign_id,
        number=link.number,
        made_at=link.made_at,
        made_by=made_by,
        kind=link.kind,
        subject=link.subject,
        statement=link.statement,
        hash=link.hash,
    )


async def chain(db: Connection, campaign_id: int) -> list[Link]:
    """Every link, the first one first."""
    rows = await rows_of(_sql.promises_of_campaign(db, campaign_id=campaign_id))
    return [Link(*row) for row in rows]


async def campaign(db: Connection, campaign_id: int) -> Any:
    """The campaign's row with all that it promises itself."""
    return await _sql.campaign_as_promised(db, campaign_id=campaign_id)


async def milestones(db: Connection, track_id: int) -> list[Any]:
    """Each milestone on the trail with the whole of its reward."""
    return await rows_of(_sql.milestones_as_promised(db, track_id=track_id))


async def rewards(db: Connection, track_id: int) -> list[Any]:
    """Every version of every reward on the track."""
    return await rows_of(_sql.rewards_as_promised(db, track_id=track_id))


async def missing(db: Connection) -> list[int]:
    """Published campaigns whose chain has not begun."""
    return [row["id"] for row in await rows_of(_sql.campaigns_without_promises(db))]


async def has_pledges(db: Connection, campaign_id: int) -> bool:
    """True once anybody has pledged or is about to."""
    return bool(await _sql.has_pledges(db, campaign_id=campaign_id))


async def move_deadline(db: Connection, campaign_id: int, closes_at: datetime) -> None:
    """Another end for a campaign that has not closed."""
    await _sql.move_deadline(db, campaign_id=campaign_id, closes_at=closes_at)


async def change_audience(db: Connection, milestone_id: int, audience: Audience) -> None:
    """Another audience for a milestone that is not reached (A11)."""
    await _sql.change_audience(
        db,
        milestone_id=milestone_id,
        audience=audience.kind,
        include_crossing=audience.include_crossing,
        exclude_late=audience.exclude_late,
        per=audience.per,
        tiers=sorted(audience.tiers),
        cap=audience.cap,
    )


async def move_goal(db: Connection, campaign_id: int, goal: int) -> None:
    """Another goal for a campaign that has not closed."""
    await _sql.move_goal(db, campaign_id=campaign_id, goal=goal)
