"""Products, listings and stock as programs of their store read them."""

from collections.abc import Sequence
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("api_shop")


async def products(
    db: Connection, store_id: int, listing_id: int | None, after: int, most: int
) -> list[Any]:
    """The store's products after a place; of a listing alone, if one is named."""
    found = _sql.api_products(db, store_id=store_id, listing_id=listing_id, after=after, most=most)
    return await rows_of(found)


async def product(db: Connection, store_id: int, product_id: int) -> Any | None:
    """One of the store's products."""
    return await _sql.api_product(db, store_id=store_id, product_id=product_id)


async def listings(
    db: Connection, store_id: int, published: bool | None, after: int, most: int
) -> list[Any]:
    """The store's listings after a place, with their variants."""
    found = _sql.api_listings(
        db, store_id=store_id, published=published, after=after, most=most, listing_id=None
    )
    return await rows_of(found)


async def listing(db: Connection, store_id: int, listing_id: int) -> Any | None:
    """One of the store's listings."""
    found = _sql.api_listings(
        db, store_id=store_id, published=None, after=0, most=1, listing_id=listing_id
    )
    return next(iter(await rows_of(found)), None)


async def stock(
    db: Connection, store_id: int, after: int, most: int, product_ids: Sequence[int] | None = None
) -> list[Any]:
    """What there is of the store's products after a place, or of these."""
    ids = None if product_ids is None else list(product_ids)
    found = _sql.api_stock(db, store_id=store_id, after=after, most=most, product_ids=ids)
    return await rows_of(found)
