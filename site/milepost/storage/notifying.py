"""Followers: who wants to hear when a campaign opens."""

from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("notifying")


async def campaign(db: Connection, slug: str) -> Any | None:
    """The campaign at `slug`, if the public can see it."""
    return await _sql.campaign_to_follow(db, slug=slug)


async def ask(db: Connection, campaign_id: int, email: str, locale: str, now: datetime) -> int:
    """The follower of this address, who has yet to confirm; the id."""
    found: int = await _sql.ask_to_follow(
        db, campaign_id=campaign_id, email=email, locale=locale, now=now
    )
    return found


async def follower(db: Connection, follower_id: int) -> Any | None:
    """The follower, with the campaign and its store."""
    return await _sql.follower(db, follower_id=follower_id)


async def confirm(db: Connection, follower_id: int, now: datetime) -> int | None:
    """The campaign that is followed from here on; None when nothing changed."""
    found: int | None = await _sql.confirm_follower(db, follower_id=follower_id, now=now)
    return found


async def remove(db: Connection, follower_id: int) -> int | None:
    """The campaign that was followed until now, None when nobody was there."""
    found: int | None = await _sql.remove_follower(db, follower_id=follower_id)
    return found


async def to_tell(db: Connection, now: datetime) -> list[int]:
    """The campaigns that have opened and whose followers have not all heard of it."""
    return [row["id"] for row in await rows_of(_sql.campaigns_to_tell(db, now=now))]


async def tell(db: Connection, campaign_id: int, now: datetime, most: int) -> int:
    """Promise the launch to the next followers; how many."""
    return int(await _sql.tell_followers(db, campaign_id=campaign_id, now=now, most=most))


async def forget_old(db: Connection, asked_before: datetime, told_before: datetime) -> None:
    """Forget who never confirmed since then, and who was told before."""
    await _sql.forget_followers(db, asked_before=asked_before, told_before=told_before)


async def counts(db: Connection, campaign_id: int) -> Any:
    """How many have `confirmed`, and how many have only `asked`."""
    return await _sql.count_followers(db, campaign_id=campaign_id)
