"""What customers did before their store kept facts."""

from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("doings")


async def past_orders(db: Connection, store_id: int, after: int, most: int) -> list[int]:
    """The store's next paid orders."""
    found = _sql.past_orders(db, store_id=store_id, after=after, most=most)
    return [row["id"] for row in await rows_of(found)]


async def past_pledges(db: Connection, store_id: int, after: int, most: int) -> list[int]:
    """The store's next charged pledges."""
    found = _sql.past_pledges(db, store_id=store_id, after=after, most=most)
    return [row["id"] for row in await rows_of(found)]


async def past_reviews(db: Connection, store_id: int) -> list[Any]:
    """The store's reviews that are shown."""
    return await rows_of(_sql.past_reviews(db, store_id=store_id))


async def past_ends(db: Connection, store_id: int) -> list[int]:
    """The store's subscriptions that are over."""
    return [row["id"] for row in await rows_of(_sql.past_ends(db, store_id=store_id))]
