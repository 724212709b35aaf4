"""What mails show, for a whole batch at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("mails")


async def pledges_of(db: Connection, pledge_ids: Sequence[int]) -> dict[int, Any]:
    """The pledges with their backers, by id."""
    rows = await rows_of(_sql.pledges_of_mails(db, pledge_ids=pledge_ids))
    return {row["id"]: row for row in rows}


async def orders_of(db: Connection, order_ids: Sequence[int]) -> dict[int, Any]:
    """The orders with their stores, by id."""
    rows = await rows_of(_sql.orders_of_mails(db, order_ids=order_ids))
    return {row["id"]: row for row in rows}


async def lines_of(db: Connection, pledge_ids: Sequence[int]) -> dict[int, list[Any]]:
    """Each pledge's lines, in order."""
    found: dict[int, list[Any]] = {}
    for row in await rows_of(_sql.lines_of_mails(db, pledge_ids=pledge_ids)):
        found.setdefault(row["pledge_id"], []).append(row)
    return found


async def campaigns_of(db: Connection, campaign_ids: Sequence[int]) -> dict[int, Any]:
    """The campaigns with their stores, by id."""
    rows = await rows_of(_sql.campaigns_of_mails(db, campaign_ids=campaign_ids))
    return {row["id"]: row for row in rows}


async def milestones_of(db: Connection, mails: Sequence[Mapping[str, Any]]) -> dict[int, Any]:
    """For each mail about a milestone: the milestone, and its reader's grant for it, by mail."""
    about = [mail for mail in mails if mail["milestone_id"] is not None]
    rows = await rows_of(
        _sql.milestones_of_mails(
            db,
            mail_ids=[mail["id"] for mail in about],
            milestone_ids=[mail["milestone_id"] for mail in about],
            pledge_ids=[mail["pledge_id"] for mail in about],
            customer_ids=[mail["customer_id"] for mail in about],
        )
    )
    return {row["mail_id"]: row for row in rows}


async def updates_of(db: Connection, mails: Sequence[Mapping[str, Any]]) -> dict[int, Any]:
    """For each mail of an update: the update, and whether its reader is `live`, by mail."""
    about = [mail for mail in mails if mail["update_id"] is not None]
    rows = await rows_of(
        _sql.updates_of_mails(
            db,
            mail_ids=[mail["id"] for mail in about],
            update_ids=[mail["update_id"] for mail in about],
            customer_ids=[mail["customer_id"] for mail in about],
        )
    )
    return {row["mail_id"]: row for row in rows}


async def stores_of(db: Connection, addresses: Sequence[str]) -> dict[str, Any]:
    """The store that knows each address."""
    rows = await rows_of(_sql.stores_of_addresses(db, addresses=addresses))
    return {row["email"]: row for row in rows}
