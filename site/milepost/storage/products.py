"""The store's products: what there is to give, and what of it is set aside (R1, A14)."""

from collections.abc import Mapping, Sequence
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("products")


async def of_store(
    db: Connection, store_id: int, find: str, before: int | None, most: int
) -> list[Any]:
    """The next `most` products, newest first, those with an id below `before`."""
    found = _sql.products_of_store(db, store_id=store_id, find=find, before=before, most=most)
    return await rows_of(found)


async def one(db: Connection, store_id: int, product_id: int) -> Any | None:
    """The store's product, and whether a reward is or was it."""
    return await _sql.product_of_store(db, store_id=store_id, product_id=product_id)


async def uses(db: Connection, product_id: int) -> list[Any]:
    """The milestones that give it, with what is set aside for each and what is missing."""
    return await rows_of(_sql.uses_of_product(db, product_id=product_id))


async def hold_givers(db: Connection, product_ids: Sequence[int]) -> list[int]:
    """The campaigns in which grants may wait for these, locked in their order."""
    rows = await rows_of(_sql.hold_campaigns_that_give(db, product_ids=list(product_ids)))
    return [row["id"] for row in rows]


async def waiting(db: Connection, product_ids: Sequence[int]) -> list[Any]:
    """The milestones with grants that wait for these, the oldest first, each with its campaign."""
    return await rows_of(_sql.milestones_waiting_for_products(db, product_ids=product_ids))


async def hold(db: Connection, store_id: int, product_id: int) -> Any | None:
    """The product's row, locked."""
    return await _sql.hold_product(db, store_id=store_id, product_id=product_id)


async def hold_many(db: Connection, store_id: int, product_ids: Sequence[int]) -> list[Any]:
    """The title and stock of these products of the store, their rows locked."""
    ids = list(product_ids)
    return await rows_of(_sql.hold_products_of_store(db, store_id=store_id, product_ids=ids))


async def keep_stocks(db: Connection, stocks: Mapping[int, int | None]) -> None:
    """So much of each product is on the shelf."""
    await _sql.keep_stocks(db, product_ids=list(stocks), stocks=list(stocks.values()))


async def keep(db: Connection, product_id: int, **columns: Any) -> None:
    """What it is from now on."""
    await _sql.keep_product(db, product_id=product_id, **columns)


async def delete(db: Connection, product_id: int) -> bool:
    """True when it is gone; False where a reward is or was it (A13)."""
    return bool(await _sql.delete_product(db, product_id=product_id))
