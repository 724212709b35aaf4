"""Referrals: personal links, who came by them, and whose first order it was."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("referrals")


async def link(db: Connection, code: str) -> Any | None:
    """The link behind a code, with `has_shop`; None where nobody has it."""
    return await _sql.link_of_referrals(db, code=code)


async def code_of(db: Connection, customer_id: int, store_id: int, code: str) -> str:
    """The customer's own code: `code`, where there was none."""
    made = await _sql.referral_code(db, customer_id=customer_id, store_id=store_id, code=code)
    return str(made)


async def order_came_by(db: Connection, order_id: int, code: str) -> None:
    """Keep with the order by whose link whoever orders has come."""
    await _sql.order_came_by(db, order_id=order_id, code=code)


async def pledge_came_by(db: Connection, pledge_id: int, code: str) -> None:
    """The same of a pledge."""
    await _sql.pledge_came_by(db, pledge_id=pledge_id, code=code)


async def pledge_came_as(db: Connection, pledge_id: int, instead: str) -> None:
    """They came as they did when they made the pledge of this key, which it takes the place of."""
    await _sql.pledge_came_as(db, pledge_id=pledge_id, instead=instead)


async def friends(db: Connection, customer_id: int, campaign_id: int, now: datetime) -> Any:
    """The `code` of the customer's link, and what came of it in the campaign."""
    return await _sql.friends_of_campaign(
        db, customer_id=customer_id, campaign_id=campaign_id, now=now
    )


async def campaigns(db: Connection, store_id: int, now: datetime, most: int) -> list[Any]:
    """The store's campaigns that take pledges."""
    return await rows_of(_sql.campaigns_to_share(db, store_id=store_id, now=now, most=most))


async def tell(db: Connection, order_ids: Sequence[int], pledge_ids: Sequence[int]) -> None:
    """What these orders and pledges, whose facts are noted, mean to whoever referred to them."""
    orders, pledges = list(order_ids), list(pledge_ids)
    await _sql.begin_referrals(db, order_ids=orders, pledge_ids=pledges)
    sources = [f"order:{id_}" for id_ in orders] + [f"pledge:{id_}" for id_ in pledges]
    await _sql.tell_referrals(db, sources=sources)
