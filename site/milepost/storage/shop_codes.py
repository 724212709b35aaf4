"""The codes of a shop, and how often each was used."""

from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("shop_codes")


async def of_store(db: Connection, store_id: int, before: int | None, most: int) -> list[Any]:
    """The next `most` codes, newest first, those with an id below `before`."""
    return await rows_of(_sql.codes_of_store(db, store_id=store_id, before=before, most=most))


async def one(db: Connection, store_id: int, code_id: int) -> Any | None:
    """The store's code, and whether an order was made with it."""
    return await _sql.code_of_store(db, store_id=store_id, code_id=code_id)


async def hold(db: Connection, store_id: int, code_id: int) -> Any | None:
    """The code's row, locked."""
    return await _sql.hold_code(db, store_id=store_id, code_id=code_id)


async def add(db: Connection, store_id: int, now: datetime, **columns: Any) -> int | None:
    """A new code; its id, None when the store has one of this name."""
    made: int | None = await _sql.add_code(db, store_id=store_id, now=now, **columns)
    return made


async def keep(db: Connection, code_id: int, **columns: Any) -> None:
    """What the code does from now on."""
    await _sql.keep_code(db, code_id=code_id, **columns)


async def delete(db: Connection, code_id: int) -> bool:
    """True when it is gone, from carts too; False when an order was made with it."""
    gone = bool(await _sql.delete_code(db, code_id=code_id))
    return gone


async def leave_carts(db: Connection, code_id: int) -> None:
    """No cart has it any more."""
    await _sql.forget_code_in_carts(db, code_id=code_id)


async def zone(db: Connection, store_id: int) -> str:
    """The clock by which the store dates things."""
    return str(await _sql.zone_of_store(db, store_id=store_id))


async def currencies(db: Connection, store_id: int) -> list[str]:
    """What the store sells in, its own currency first."""
    return list(await _sql.currencies_of_store(db, store_id=store_id))
