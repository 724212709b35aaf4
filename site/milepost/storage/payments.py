"""Payments and refunds as the pledges' own books have them."""

from collections.abc import Sequence
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("payments")


async def known(db: Connection, after: int, most: int) -> list[Any]:
    """Payments that count, by pledge: the next after that pledge."""
    rows: list[Any] = await rows_of(_sql.payments_known(db, after=after, most=most))
    return rows


async def known_refunds(db: Connection) -> list[Any]:
    """Every refund that the books have, zero for one that failed."""
    rows: list[Any] = await rows_of(_sql.refunds_known(db))
    return rows


async def known_of_orders(db: Connection, after: int, most: int) -> list[Any]:
    """Payments that count, by order: the next after that order."""
    rows: list[Any] = await rows_of(_sql.payments_of_orders(db, after=after, most=most))
    return rows


async def known_refunds_of_orders(db: Connection) -> list[Any]:
    """Every refund of an order that the books have, zero for one that failed."""
    rows: list[Any] = await rows_of(_sql.refunds_of_orders(db))
    return rows


async def orders_by_key(db: Connection, keys: Sequence[str]) -> dict[str, int]:
    """The numbers of these orders."""
    return {row["key"]: row["id"] for row in await rows_of(_sql.order_ids(db, keys=keys))}


async def owners(db: Connection, payments: Sequence[str]) -> dict[str, Any]:
    """The pledge and campaign that named each of these payments."""
    rows = await rows_of(_sql.owners_of_payments(db, payments=payments))
    return {row["payment"]: row for row in rows}


async def overpaid(db: Connection) -> list[Any]:
    """Charged pledges with more money than they cost."""
    rows: list[Any] = await rows_of(_sql.overpaid_pledges(db))
    return rows
