"""Creators: who works in which store, as what; and what a desk in the studio shows first."""

from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("creators")


async def desk(
    db: Connection, token_hash: bytes, slug: str, campaign: str, now: datetime
) -> Any | None:
    """The sitting, its creator, their `role` in the store of this slug, and its campaign, at once.

    None when the sitting is over; `store_id` None: no such store; `role` None: no member there;
    `campaign_id` None: no such campaign in that store.
    """
    return await _sql.desk(db, token_hash=token_hash, slug=slug, campaign=campaign, now=now)


async def give_plan(db: Connection, slug: str, plan: str) -> int | None:
    """The store of this slug has that plan from now on; its id."""
    found: int | None = await _sql.give_plan(db, slug=slug, plan=plan)
    return found


async def by_address(db: Connection, email: str) -> Any | None:
    """The creator of this address."""
    return await _sql.creator_by_address(db, email=email)


async def add(db: Connection, email: str, name: str, locale: str, now: datetime) -> int:
    """The id of the creator of this address, who is made if there was none."""
    found: int = await _sql.add_creator(db, email=email, name=name, locale=locale, now=now)
    return found


async def keep_password(db: Connection, creator_id: int, password_hash: str) -> None:
    """From here on this is the creator's password."""
    await _sql.keep_password(db, creator_id=creator_id, password_hash=password_hash)


async def hold_password(db: Connection, creator_id: int) -> str | None:
    """What is kept of the creator's password, held until the transaction ends."""
    kept: str | None = await _sql.hold_password(db, creator_id=creator_id)
    return kept


async def keep_about(db: Connection, creator_id: int, name: str, locale: str) -> None:
    """What the creator is called, and in which language the studio speaks to them."""
    await _sql.keep_about_creator(db, creator_id=creator_id, name=name, locale=locale)


async def hold_members(db: Connection, store_id: int) -> dict[int, Any]:
    """The store's members by id, held until the transaction ends."""
    return {
        row["creator_id"]: row for row in await rows_of(_sql.hold_members(db, store_id=store_id))
    }


async def members(db: Connection, store_id: int) -> list[Any]:
    """The store's members, owners first."""
    rows: list[Any] = await rows_of(_sql.members_of_store(db, store_id=store_id))
    return rows


async def stores(db: Connection, creator_id: int) -> list[Any]:
    """The stores in which the creator works, each with their `role`."""
    rows: list[Any] = await rows_of(_sql.stores_of_creator(db, creator_id=creator_id))
    return rows


async def keep_member(
    db: Connection, store_id: int, creator_id: int, role: str, now: datetime
) -> None:
    """The creator works in the store, as this, whatever they were there before."""
    await _sql.keep_member(db, store_id=store_id, creator_id=creator_id, role=role, now=now)


async def remove_member(db: Connection, store_id: int, creator_id: int) -> None:
    """The creator works there no more."""
    await _sql.remove_member(db, store_id=store_id, creator_id=creator_id)


async def store_to_own(db: Connection, slug: str) -> Any | None:
    """The store of this slug; without one the only store, None where there are none or several."""
    return await _sql.store_to_own(db, slug=slug)


async def campaigns(db: Connection, store_id: int) -> list[Any]:
    """The store's campaigns, drafts too, the newest first."""
    rows: list[Any] = await rows_of(_sql.campaigns_in_studio(db, store_id=store_id))
    return rows
