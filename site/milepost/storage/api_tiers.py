"""Tiers and add-ons as programs of their store read them."""

from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("api_tiers")


async def tiers(
    db: Connection, campaign_id: int, kind: str | None, after: int, most: int
) -> list[Any]:
    """The campaign's tiers and add-ons after a place."""
    found = _sql.api_tiers(db, campaign_id=campaign_id, kind=kind, after=after, most=most)
    return await rows_of(found)


async def tier(db: Connection, campaign_id: int, tier_id: int) -> Any | None:
    """One of them."""
    rows = await tiers(db, campaign_id, None, tier_id - 1, 1)
    return rows[0] if rows and rows[0]["id"] == tier_id else None
