"""Customers and what they have of programs, as programs of their store read them."""

from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("api_customers")


async def customers(
    db: Connection, store_id: int, email: str | None, after: int, most: int
) -> list[Any]:
    """The store's customers after a place; the one of an address, if one is named."""
    found = _sql.api_customers(db, store_id=store_id, email=email, after=after, most=most)
    return await rows_of(found)


async def customer(db: Connection, store_id: int, customer_id: int) -> Any | None:
    """One of the store's customers, with what they have done."""
    return await _sql.api_known_customer(db, store_id=store_id, customer_id=customer_id)


async def knows(db: Connection, store_id: int, customer_id: int) -> bool:
    """True for a customer of the store."""
    return bool(await _sql.api_knows_customer(db, store_id=store_id, customer_id=customer_id))


async def entries(
    db: Connection, customer_id: int, unit: str | None, after: int, most: int
) -> list[Any]:
    """The entries of a customer's account after a place, of one unit or of all."""
    found = _sql.api_entries(db, customer_id=customer_id, unit=unit, after=after, most=most)
    return await rows_of(found)


async def rewards(db: Connection, customer_id: int, after: tuple[int, ...], most: int) -> list[Any]:
    """What programs gave to a customer, after a seq, milestone and beneficiary."""
    seq, milestone_id, beneficiary = after
    found = _sql.api_rewards(
        db,
        customer_id=customer_id,
        seq=seq,
        milestone_id=milestone_id,
        beneficiary=beneficiary,
        most=most,
    )
    return await rows_of(found)


async def facts(
    db: Connection,
    store_id: int,
    customer_id: int | None,
    kind: str | None,
    since: datetime | None,
    after: int,
    most: int,
) -> list[Any]:
    """What customers did, after a place; of one of them, of a kind, since a moment."""
    found = _sql.api_loyalty_facts(
        db,
        store_id=store_id,
        customer_id=customer_id,
        kind=kind,
        since=since,
        after=after,
        most=most,
    )
    return await rows_of(found)


async def programs(
    db: Connection, store_id: int, after: int, most: int, program_id: int | None = None
) -> list[Any]:
    """The store's programs after a place, on or off; or one of them."""
    found = _sql.api_programs(db, store_id=store_id, after=after, most=most, program_id=program_id)
    return await rows_of(found)
