"""Customers' accounts as the studio reads them, and holds one that it sets right."""

from collections.abc import Sequence
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("loyal_customers")
MOST_FOUND = 500  # customers whose address begins as was searched for


async def some(
    db: Connection, store_id: int, ids: Sequence[int] | None, before: int | None, most: int
) -> list[Any]:
    """The next customers with an account, the newest first; of `ids`, if there are any."""
    found = None if ids is None else list(ids)
    return await rows_of(
        _sql.loyal_customers_of_store(db, store_id=store_id, ids=found, before=before, most=most)
    )


async def by_address(db: Connection, store_id: int, said: str) -> list[int]:
    """The customers whose address begins so."""
    found = _sql.customers_by_address(db, store_id=store_id, said=said, most=MOST_FOUND)
    return [row["id"] for row in await rows_of(found)]


async def one(db: Connection, store_id: int, customer_id: int) -> Any | None:
    """The store's customer of that id, if they have an account."""
    return await _sql.loyal_customer(db, store_id=store_id, customer_id=customer_id)


async def hold(db: Connection, store_id: int, customer_id: int, unit: str) -> int | None:
    """What they can spend of the unit; their account is locked. None where there is none here."""
    found: int | None = await _sql.hold_account_of_store(
        db, store_id=store_id, customer_id=customer_id, unit=unit
    )
    return found


async def is_entered(db: Connection, customer_id: int, unit: str, source: str) -> bool:
    """True when the account has an entry of this source."""
    return bool(await _sql.is_entered(db, customer_id=customer_id, unit=unit, source=source))
