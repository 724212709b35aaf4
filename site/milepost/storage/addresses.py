"""Addresses: where a pledge is sent to, until its creator locks it (B5)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries

_sql = named_queries("addresses")


async def of_pledge(db: Connection, pledge_id: int) -> Any | None:
    """The pledge's address."""
    return await _sql.address_of(db, pledge_id=pledge_id)


async def keep(db: Connection, pledge_id: int, address: Mapping[str, str], now: datetime) -> bool:
    """Keep it; False when it is locked, in another country, or the pledge is over."""
    return bool(await _sql.keep_address(db, pledge_id=pledge_id, now=now, **address))


async def type_many(
    db: Connection,
    campaign_id: int,
    streets: Sequence[str],
    towns: Sequence[str],
    countries: Sequence[str],
) -> None:
    """Most backers of a campaign have typed an invented address (the demo's)."""
    await _sql.type_addresses(
        db,
        campaign_id=campaign_id,
        streets=list(streets),
        towns=list(towns),
        countries=list(countries),
    )
