"""The store's products: what there is to give, and what of it is set aside (R1, A14)."""

from collections.abc import Sequence
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


async def campaigns(db: Connection, product_ids: Sequence[int]) -> list[int]:
    """The campaigns in which grants may wait for these, in the order of locking."""
    rows = await rows_of(_sql.campaigns_that_give_products(db, product_ids=product_ids))
    return [row["id"] for row in rows]


async def waiting(db: Connection, product_ids: Sequence[int]) -> list[Any]:
    """The milestones with grants that wait for these, the oldest first, each with its campaign."""
    return await rows_of(_sql.milestones_waiting_for_products(db, product_ids=product_ids))


async def hold(db: Connection, store_id: int, product_id: int) -> Any | None:
    """The product's row, locked."""
    return await _sql.hold_product(db, store_id=store_id, product_id=product_id)


async def keep(db: Connection, product_id: int, **columns: Any) -> None:
    """What it is from now on."""
    await _sql.keep_product(db, product_id=product_id, **columns)


async def delete(db: Connection, product_id: int) -> bool:
    """True when it is gone; False where a reward is or was it (A13)."""
    return bool(await _sql.delete_product(db, product_id=product_id))
