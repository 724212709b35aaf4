"""Giving up orders: nothing will come of one, and all that it claimed is free again (P3)."""

from datetime import datetime, timedelta

from milepost.domain.orders import pieces_of
from milepost.gateways.stripe import StripeGateway
from milepost.services.clock import Clock
from milepost.services.returning import give_back, hold_givers
from milepost.services.spending import give_back_own, hold_own
from milepost.storage import orders
from milepost.storage.database import Database, reading, unit

LATER = timedelta(minutes=10)  # until one whose events are on their way is looked at again


async def give_up(database: Database, order_id: int, state: str, now: datetime) -> None:
    """Nothing will come of an open order: all that it claimed is free again (P3)."""
    async with unit(database) as db:
        row = await orders.lock_open(db, order_id)
        if row is not None:
            if row["claiming"]:
                codes = {row["code_id"]: 1} if row["code_id"] else {}
                await hold_givers(db, sorted(pieces_of(row)))
                await hold_own(db, [row])
                await give_back(db, pieces_of(row), codes)
                await give_back_own(db, [row], now)
            await orders.give_up(db, order_id, state)


async def was_completed(gateway: StripeGateway, session: str) -> bool:
    """Close the payment page; True when somebody had completed it before."""
    if await gateway.end_checkout(session):
        return False
    return await gateway.checkout_is_complete(session)


async def end_overdue_orders(
    database: Database, gateway: StripeGateway, clock: Clock, most: int = 100
) -> int:
    """Close payment pages of orders past their time, and free what they claimed (P3).

    One that was completed after all is left to its events; how many were looked at.
    """
    async with reading(database) as db:
        overdue = await orders.overdue(db, clock(), most)
    for row in overdue:
        session = row["session_id"]
        if session is not None and await was_completed(gateway, session):
            async with unit(database) as db:
                await orders.look_later(db, row["id"], clock() + LATER)
            continue
        await give_up(database, row["id"], "expired", clock())
    return len(overdue)
