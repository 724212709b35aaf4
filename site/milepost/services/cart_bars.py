"""The bar of a cart's milestones: where it shows, its look, its words (S22–S24, S33–S35, S42)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from milepost.domain.cart_looks import Layout, Look, Place, TierLook
from milepost.domain.cart_words import Messages, Name
from milepost.services.author import Author
from milepost.services.cart_campaigns import locked, part
from milepost.services.editing import save_part
from milepost.services.noting import note
from milepost.storage import cart_campaigns
from milepost.storage.database import Connection, Database, unit


async def save_display(
    database: Database,
    author: Author,
    campaign_id: int,
    base: int,
    places: tuple[Place, ...],
    layout: Layout,
    now: datetime,
) -> None:
    """Where the bar shows and in which layout. Raises NotFound, Overtaken."""
    async with unit(database) as db:
        row = await locked(db, author, campaign_id)
        await save_part(db, author, part(campaign_id, "display"), base, now)
        was = Look.of(row["design"])
        look = replace(was, places=places, layout=layout)
        await cart_campaigns.save_look(db, campaign_id, look.kept)
        before = {"places": list(was.places), "layout": was.layout}
        after = {"places": list(look.places), "layout": look.layout}
        await _note(db, author, row, "cart_display_saved", before, after, now)


async def save_design(
    database: Database,
    author: Author,
    campaign_id: int,
    base: int,
    design: Mapping[str, Any],
    tiers: Mapping[int, TierLook],
    now: datetime,
) -> None:
    """What a reached tier shows, shimmer, colour, and each tier's icon. Raises NotFound, Overtaken.

    A tier that is gone meanwhile is passed over.
    """
    async with unit(database) as db:
        row = await locked(db, author, campaign_id)
        await save_part(db, author, part(campaign_id, "design"), base, now)
        was = Look.of(row["design"])
        look = replace(was, **design)
        await cart_campaigns.save_look(db, campaign_id, look.kept)
        icons: list[dict[str, str]] = [{}, {}]
        for tier in await cart_campaigns.tiers(db, row["track_id"]):
            one = tiers.get(tier["id"], TierLook.of(tier["design"], tier["kind"]))
            for told, seen in zip(icons, (tier["design"], one.kept), strict=True):
                told[str(tier["position"] + 1)] = TierLook.of(seen, tier["kind"]).told
            await cart_campaigns.save_tier_look(db, row["track_id"], tier["id"], one.kept)
        before, after = (
            {"done": one.done, "shimmer": one.shimmer, "colour": one.colour, "icons": shown}
            for one, shown in zip((was, look), icons, strict=True)
        )
        await _note(db, author, row, "cart_design_saved", before, after, now)


async def save_messages(
    database: Database,
    author: Author,
    campaign_id: int,
    base: int,
    messages: Messages,
    rewards: Mapping[int, Messages],
    now: datetime,
) -> None:
    """What the bar says in each language, and of each tier. Raises NotFound, Overtaken.

    The messages are checked already (K8); a tier that is gone meanwhile is passed over.
    """
    async with unit(database) as db:
        row = await locked(db, author, campaign_id)
        await save_part(db, author, part(campaign_id, "languages"), base, now)
        await cart_campaigns.save_messages(db, campaign_id, messages)
        before = _told(row["messages"])
        after = _told(messages)
        for tier in await cart_campaigns.tiers(db, row["track_id"]):
            own = rewards.get(tier["id"], {})
            await cart_campaigns.save_tier_messages(db, row["track_id"], tier["id"], own)
            before |= _told(tier["messages"], f"{tier['position'] + 1}: ")
            after |= _told(own, f"{tier['position'] + 1}: ")
        before |= dict.fromkeys(after.keys() - before.keys(), "")
        after |= dict.fromkeys(before.keys() - after.keys(), "")
        await _note(db, author, row, "cart_messages_saved", before, after, now)


def _told(messages: Messages, which: str = "") -> dict[str, str]:
    """The messages as the log keeps them, by tier, name and language."""
    return {
        f"{which}{name} ({locale})": text
        for locale, by_name in messages.items()
        for name, text in by_name.items()
    }


def without_empty(messages: Mapping[str, Mapping[Name, str]]) -> dict[str, dict[str, str]]:
    """Only what somebody has written: what is empty falls back (K8)."""
    found = {
        locale: {str(name): text for name, text in by_name.items() if text}
        for locale, by_name in messages.items()
    }
    return {locale: by_name for locale, by_name in found.items() if by_name}


async def _note(
    db: Connection,
    author: Author,
    row: Any,
    what: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    now: datetime,
) -> None:
    await note(db, author.store_id, author.creator_id, what, now, row["name"], before, after)
