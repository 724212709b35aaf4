"""What the proof of the orders asks: claims, uses of codes, sums, payments."""

from collections.abc import Sequence
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("audit_orders")
MOST = 1000  # differences of a kind that are told


async def lock(db: Connection) -> int:
    """Nothing of any order changes until the transaction ends; how many there are."""
    await _sql.lock_orders_to_audit(db)
    return int(await _sql.count_orders(db))


async def wrong_claims(db: Connection) -> list[Any]:
    """Products that don't say what the orders hold."""
    return await rows_of(_sql.wrong_claims(db, most=MOST))


async def mend_claims(db: Connection, product_ids: Sequence[int]) -> None:
    """They say it."""
    await _sql.mend_claims(db, product_ids=product_ids)


async def wrong_code_uses(db: Connection) -> list[Any]:
    """Codes that don't say how many orders use them."""
    return await rows_of(_sql.wrong_code_uses(db, most=MOST))


async def mend_code_uses(db: Connection, code_ids: Sequence[int]) -> None:
    """They say it."""
    await _sql.mend_code_uses(db, code_ids=code_ids)


async def wrong_orders(db: Connection) -> list[Any]:
    """Orders that don't add up, or are not paid, refunded or claimed as they say."""
    return await rows_of(_sql.wrong_orders(db, most=MOST))


async def wrong_credits(db: Connection) -> list[Any]:
    """Orders that used another sum of credit than their customer's account says."""
    return await rows_of(_sql.wrong_credits(db, most=MOST))


async def wrong_gifts(db: Connection) -> list[Any]:
    """Gifts of customers that go with an order which does not say so, or the other way round."""
    return await rows_of(_sql.wrong_gifts(db, most=MOST))
