"""A campaign's milestones as its creators see them, secrets for those alone who may edit."""

from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("studio_milestones")


async def trail(db: Connection, track_id: int) -> list[Any]:
    """Every milestone with what everybody in the store may see of it, the archived ones last."""
    return await rows_of(_sql.trail_in_studio(db, track_id=track_id))


async def one(db: Connection, campaign_id: int, milestone_id: int, may_edit: bool) -> Any | None:
    """The campaign's milestone, or None."""
    return await _sql.milestone_in_studio(
        db, campaign_id=campaign_id, milestone_id=milestone_id, may_edit=may_edit
    )


async def grants(db: Connection, milestone_id: int) -> dict[str, Any]:
    """Its grants by state."""
    rows = await rows_of(_sql.grants_in_brief(db, milestone_id=milestone_id))
    return {row["state"]: row for row in rows}


async def pool(db: Connection, milestone_id: int) -> Any:
    """How many codes it has, and how many of them nobody has."""
    return await _sql.pool_in_brief(db, milestone_id=milestone_id)


async def next_code(db: Connection, milestone_id: int) -> str | None:
    """The code that the next one gets."""
    found: str | None = await _sql.next_code(db, milestone_id=milestone_id)
    return found


async def examples(db: Connection, campaign_id: int, after: int) -> Any:
    """A first entry that comes after that place, and one that does not; None where nobody has."""
    return await _sql.example_seqs(db, campaign_id=campaign_id, after=after)


async def tiers(db: Connection, campaign_id: int) -> list[Any]:
    """What a pledge can qualify by: the tiers, then the add-ons."""
    return await rows_of(_sql.tiers_to_qualify(db, campaign_id=campaign_id))


async def language(db: Connection, store_id: int) -> str:
    """The language in which the store writes first."""
    found: str = await _sql.languages_of_store(db, store_id=store_id)
    return found
