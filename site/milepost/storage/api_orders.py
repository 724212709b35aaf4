"""Orders as programs of their store read them."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("api_orders")


@dataclass(frozen=True, slots=True)
class OrdersWanted:
    """Which ones; None is any. `unsent`: paid and to be sent, or False: sent."""

    state: str | None = None
    paid_since: datetime | None = None
    email: str | None = None
    unsent: bool | None = None


async def orders(
    db: Connection, store_id: int, wanted: OrdersWanted, after: int, most: int
) -> list[Any]:
    """The store's orders after a place, those that are wanted."""
    found = _sql.api_orders(
        db, store_id=store_id, after=after, most=most, order_id=None, **asdict(wanted)
    )
    return await rows_of(found)


async def order(db: Connection, store_id: int, order_id: int) -> Any | None:
    """One of the store's orders."""
    found = _sql.api_orders(
        db, store_id=store_id, after=0, most=1, order_id=order_id, **asdict(OrdersWanted())
    )
    return next(iter(await rows_of(found)), None)
