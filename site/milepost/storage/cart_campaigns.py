"""Milestone campaigns of the cart as the studio keeps them: campaigns, tiers, looks, messages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from milepost.domain.cart_plans import Rule, TierPlan
from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("cart_campaigns")
ANOTHER_IS_ACTIVE = "one_active_cart_campaign"


class Taken(Exception):
    """Another campaign of the store is active; this transaction can only end."""


async def of_store(db: Connection, store_id: int, before: int | None, most: int) -> list[Any]:
    """The next `most` of the store, the latest first, those with an id below `before`."""
    return await rows_of(
        _sql.cart_campaigns_of_store(db, store_id=store_id, before=before, most=most)
    )


async def one(db: Connection, store_id: int, campaign_id: int) -> Any | None:
    """The store's campaign of that id, with what of the store it is drawn up by."""
    return await _sql.cart_campaign(db, store_id=store_id, campaign_id=campaign_id)


async def lock(db: Connection, store_id: int, campaign_id: int) -> Any | None:
    """The same, locked until the transaction ends."""
    return await _sql.lock_cart_campaign(db, store_id=store_id, campaign_id=campaign_id)


async def tiers(db: Connection, track_id: int) -> list[Any]:
    """The tiers in the order in which they were drawn up, each with its product."""
    return await rows_of(_sql.tiers_of_cart_campaign(db, track_id=track_id))


async def add(db: Connection, store_id: int, name: str, trigger: str, now: datetime) -> int:
    """A draft without tiers; its id."""
    made: int = await _sql.add_cart_campaign(
        db, store_id=store_id, name=name, trigger=trigger, now=now
    )
    return made


async def save_rule(db: Connection, campaign_id: int, track_id: int, rule: Rule) -> None:
    """The rule, its tiers in their order; a tier that is not in it any more is gone."""
    await _sql.save_cart_rule(
        db,
        campaign_id=campaign_id,
        name=rule.name,
        trigger=rule.trigger,
        adds_up=rule.adds_up,
        after_codes=rule.after_codes,
        excluded_products=list(rule.excluded_products),
        excluded_collections=list(rule.excluded_collections),
    )
    stay = [tier.id for tier in rule.tiers if tier.id is not None]
    await _sql.keep_cart_tiers(db, track_id=track_id, tier_ids=stay)
    for position, tier in enumerate(rule.tiers):
        columns = _columns(tier) | {"track_id": track_id, "position": position}
        if tier.id is None:
            await _sql.add_cart_tier(db, **columns)
        else:
            await _sql.save_cart_tier(db, tier_id=tier.id, **columns)


def _columns(tier: TierPlan) -> dict[str, Any]:
    """What a tier holds besides its place: nothing of a kind that it is not."""
    return {
        "targets": dict(tier.targets),
        "kind": tier.kind,
        "percent": tier.percent if tier.kind == "percent" else None,
        "amounts": dict(tier.amounts) if tier.kind == "amount" else {},
        "product_id": tier.product_id if tier.kind == "gift" else None,
    }


async def forget_messages(db: Connection, campaign_id: int) -> None:
    """Every message in every language is its trigger's default again (K2)."""
    await _sql.forget_cart_messages(db, campaign_id=campaign_id)


async def save_look(db: Connection, campaign_id: int, design: Mapping[str, Any]) -> None:
    """How the campaign's bar looks from here on."""
    await _sql.save_cart_look(db, campaign_id=campaign_id, design=dict(design))


async def save_tier_look(
    db: Connection, track_id: int, tier_id: int, design: Mapping[str, Any]
) -> None:
    """How one tier looks."""
    await _sql.save_tier_look(db, track_id=track_id, tier_id=tier_id, design=dict(design))


async def save_messages(db: Connection, campaign_id: int, messages: Mapping[str, Any]) -> None:
    """What the campaign's bar says, by language and name."""
    await _sql.save_cart_messages(db, campaign_id=campaign_id, messages=dict(messages))


async def save_tier_messages(
    db: Connection, track_id: int, tier_id: int, messages: Mapping[str, Any]
) -> None:
    """What it says once the tier is reached."""
    await _sql.save_tier_messages(db, track_id=track_id, tier_id=tier_id, messages=dict(messages))


async def turn(
    db: Connection, campaign_id: int, state: str, creator_id: int, now: datetime
) -> None:
    """Active or paused from here on. Raises Taken where another of the store is active (K1)."""
    try:
        await _sql.turn_cart_campaign(
            db, campaign_id=campaign_id, state=state, creator_id=creator_id, now=now
        )
    except asyncpg.UniqueViolationError as taken:
        if taken.constraint_name != ANOTHER_IS_ACTIVE:
            raise
        raise Taken from taken


async def discard(db: Connection, store_id: int, campaign_id: int) -> None:
    """Gone, with its tiers and what somebody has typed and not saved."""
    await _sql.discard_cart_campaign(db, store_id=store_id, campaign_id=campaign_id)


async def active(db: Connection, store_id: int) -> Any | None:
    """The store's active campaign, and who turned it on."""
    return await _sql.active_cart_campaign(db, store_id=store_id)


async def goods(
    db: Connection, store_id: int, find: str, ids: Sequence[int], most: int
) -> list[Any]:
    """Variants to pick from by a word of their title, those in `ids` before all others."""
    return await rows_of(
        _sql.goods_for_carts(db, store_id=store_id, find=find, ids=list(ids), most=most)
    )


async def known(db: Connection, store_id: int, ids: Sequence[int]) -> dict[int, str]:
    """Those of the products that the store's shop has, by id with their titles."""
    found = await rows_of(_sql.goods_known(db, store_id=store_id, ids=list(ids)))
    return {row["id"]: row["title"] for row in found}


async def collections(db: Connection, store_id: int) -> list[Any]:
    """The store's collections in their order."""
    return await rows_of(_sql.collections_for_carts(db, store_id=store_id))


async def drawer_seen(db: Connection, slug: str, now: datetime) -> None:
    """A drawer has told that it stands on a page of that store (S23)."""
    await _sql.drawer_seen(db, slug=slug, now=now)


async def average_orders(db: Connection, store_id: int, since: datetime) -> list[Any]:
    """How many paid orders since then in each currency, and what they came to on average."""
    return await rows_of(_sql.average_orders(db, store_id=store_id, since=since))


async def gifts(db: Connection, store_id: int, ids: Sequence[int]) -> list[Any]:
    """Products as the shop's bar names and shows them."""
    return await rows_of(_sql.gifts_of_bar(db, store_id=store_id, ids=list(ids)))
