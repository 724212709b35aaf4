"""How a store's orders travel."""

from collections.abc import Sequence
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("shipping_options")


async def of_store(db: Connection, store_id: int) -> list[Any]:
    """The store's shipping options, in its order."""
    return await rows_of(_sql.options_of_store(db, store_id=store_id))


async def hold(db: Connection, store_id: int) -> dict[int, Any]:
    """The same by id, locked."""
    rows = await rows_of(_sql.hold_options(db, store_id=store_id))
    return {row["id"]: row for row in sorted(rows, key=lambda r: (r["position"], r["id"]))}


async def add(db: Connection, store_id: int, **columns: Any) -> int:
    """A new option after all others; its id."""
    return int(await _sql.add_option(db, store_id=store_id, **columns))


async def keep(db: Connection, option_id: int, **columns: Any) -> None:
    """What the option is from now on."""
    await _sql.keep_option(db, option_id=option_id, **columns)


async def order(db: Connection, store_id: int, option_ids: Sequence[int]) -> None:
    """The options in this order."""
    await _sql.order_options(db, store_id=store_id, option_ids=list(option_ids))


async def delete(db: Connection, store_id: int, option_id: int) -> None:
    """The option is gone; carts that had it choose again, orders keep its title."""
    await _sql.delete_option(db, store_id=store_id, option_id=option_id)
