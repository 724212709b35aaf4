"""Campaigns as programs of their store read them."""

from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("api_campaigns")


async def campaigns(
    db: Connection, store_id: int, published: bool | None, after: int, most: int
) -> list[Any]:
    """The store's campaigns after a place."""
    found = _sql.api_campaigns(
        db, store_id=store_id, slug=None, published=published, after=after, most=most
    )
    return await rows_of(found)


async def campaign(db: Connection, store_id: int, slug: str) -> Any | None:
    """One of the store's campaigns."""
    found = _sql.api_campaigns(db, store_id=store_id, slug=slug, published=None, after=0, most=1)
    return next(iter(await rows_of(found)), None)


async def totals(db: Connection, store_id: int, slug: str) -> Any | None:
    """The same one's ids, terms and totals."""
    return await _sql.api_campaign_totals(db, store_id=store_id, slug=slug)
