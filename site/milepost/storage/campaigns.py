"""Stores, campaigns, tiers and products: how they are made and how the public may see them."""

from datetime import datetime
from typing import Any

from milepost.domain.shipping import Zone
from milepost.storage.database import Connection, named_queries, rows_of
from milepost.storage.tiers import zones_of

_sql = named_queries("campaigns")


async def add_store(db: Connection, **columns: Any) -> int:
    """A new store; returns its id."""
    made: int = await _sql.add_store(db, **columns)
    return made


async def add_product(db: Connection, **columns: Any) -> int:
    """A new product with its stock, None for one that never runs out; returns its id."""
    made: int = await _sql.add_product(db, **columns)
    return made


async def add_campaign(db: Connection, store_id: int, **columns: Any) -> tuple[int, int]:
    """A new campaign and the track that it owns; returns both ids."""
    track_id: int = await _sql.add_track(db, store_id=store_id)
    campaign_id: int = await _sql.add_campaign(db, store_id=store_id, track_id=track_id, **columns)
    return campaign_id, track_id


async def add_tier(db: Connection, **columns: Any) -> int:
    """A new tier, the last in its campaign's list; returns its id."""
    made: int = await _sql.add_tier(db, **columns)
    return made


async def public(
    db: Connection, slug: str, now: datetime, *, announced: bool = False, key: str | None = None
) -> tuple[Any, list[Any], list[Any], list[Zone]] | None:
    """A published campaign, its milestones, its tiers with the add-ons, and where it ships to.

    With `announced` also one that is not published yet, of which the public sees no more than its
    row's few words; with a `key` the draft that it previews. Nothing still secret is among it (R2).
    Three queries, and a fourth where something is shipped, however many backers there are.
    """
    campaign = await _sql.public_campaign(db, slug=slug, now=now, announced=announced, key=key)
    if campaign is None:
        return None
    if not campaign["published"] and key is None:
        return campaign, [], [], []
    milestones = await public_milestones(db, campaign["track_id"])
    choices = await rows_of(_sql.public_tiers(db, campaign_id=campaign["id"]))
    ships = any(row["ships"] for row in choices)
    zones = await zones_of(db, campaign["id"]) if ships else []
    return campaign, milestones, choices, zones


async def public_milestones(db: Connection, track_id: int) -> list[Any]:
    """What the public may know of each milestone, lowest target first."""
    return await rows_of(_sql.public_milestones(db, track_id=track_id))


async def slug_of(db: Connection, campaign_id: int) -> str | None:
    """The campaign's slug."""
    found: str | None = await _sql.slug_of_campaign(db, campaign_id=campaign_id)
    return found


async def published_slugs(db: Connection, now: datetime, most: int) -> list[str]:
    """The campaigns for the front page, open ones first, newest first."""
    return [row["slug"] for row in await rows_of(_sql.published_slugs(db, now=now, most=most))]


async def by_slug(db: Connection, slug: str) -> Any | None:
    """The campaign's row with its totals, published or not."""
    return await _sql.campaign_by_slug(db, slug=slug)


async def all_of_them(db: Connection) -> list[Any]:
    """Each campaign's id and slug."""
    rows: list[Any] = await rows_of(_sql.all_campaigns(db))
    return rows


async def brand_of(db: Connection, slug: str) -> str | None:
    """The store's brand colour as hex."""
    found: str | None = await _sql.brand_of_store(db, slug=slug)
    return found
