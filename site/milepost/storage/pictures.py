"""Pictures that a store has uploaded, by their addresses."""

from datetime import datetime

from milepost.storage.database import Connection, named_queries

_sql = named_queries("pictures")


async def keep(
    db: Connection,
    store_id: int,
    address: str,
    width: int,
    height: int,
    weight: int,
    creator_id: int,
    now: datetime,
) -> None:
    """Note the picture of `weight` bytes; the same one again changes nothing."""
    await _sql.keep_picture(
        db,
        store_id=store_id,
        address=address,
        width=width,
        height=height,
        bytes=weight,
        made_by=creator_id,
        now=now,
    )


async def has(db: Connection, store_id: int, address: str) -> bool:
    """True when the store has uploaded a picture at this address."""
    return bool(await _sql.has_picture(db, store_id=store_id, address=address))
