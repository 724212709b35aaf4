"""Campaigns as programs of their store read them."""

from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("api_campaigns")


async def campaigns(
    db: Connection, store_id: int, published: bool | None, after: int, most: int
) -> list[Any]:
    """The store's campaigns after a place."""
    found = _sql.api_campaigns(db, store_id=store_id, published=published, after=after, most=most)
    return await rows_of(found)


async def campaign(db: Connection, store_id: int, slug: str) -> Any | None:
    """One of the store's campaigns."""
    return await _sql.api_campaign(db, store_id=store_id, slug=slug)
