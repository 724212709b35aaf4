"""Milestones as programs of their store read them."""

from collections.abc import Sequence
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("api_milestones")


async def milestones(
    db: Connection,
    campaign_id: int,
    after: int,
    most: int,
    *,
    may_edit: bool,
    archived: bool | None = None,
) -> list[Any]:
    """The campaign's milestones after a place; their secrets for whoever may edit them."""
    found = _sql.api_milestones(
        db,
        campaign_id=campaign_id,
        after=after,
        most=most,
        may_edit=may_edit,
        archived=archived,
    )
    return await rows_of(found)


async def milestone(
    db: Connection, campaign_id: int, milestone_id: int, *, may_edit: bool
) -> Any | None:
    """One of them."""
    rows = await milestones(db, campaign_id, milestone_id - 1, 1, may_edit=may_edit)
    return rows[0] if rows and rows[0]["id"] == milestone_id else None


async def granted(db: Connection, milestone_ids: Sequence[int]) -> dict[int, Any]:
    """What each has granted, and the codes that it still has."""
    rows = await rows_of(_sql.api_granted(db, milestone_ids=list(milestone_ids)))
    return {row["id"]: row for row in rows}
