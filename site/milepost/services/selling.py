"""Selling: the pages of the shop, what they say and whether everybody sees them (B21)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from milepost.domain.errors import Conflict, Invalid
from milepost.domain.messages import N_
from milepost.services.arranging import LONGEST_SLUG, check_slug, slug_from, tell
from milepost.services.author import Author
from milepost.services.editing import save_part
from milepost.services.noting import note
from milepost.services.offering import (
    NewVariant,
    hold_listing,
    new_variant,
    priced,
    rename_variants,
    sold_as,
    unlisted,
)
from milepost.services.preparing import Translations
from milepost.storage import editing, listings
from milepost.storage.database import Connection, Database, unit

NOT_A_LISTING = frozenset({"in"})  # addresses of the shop's own
BEGINNING = 200  # characters of a long text that the log keeps


@dataclass(frozen=True, slots=True)
class NewListing:
    """What a page of the shop says; an empty `slug` is made from the title."""

    title: str
    slug: str = ""
    text: str = ""
    is_gift_card: bool = False
    collections: tuple[int, ...] = ()
    translations: Translations = field(default_factory=dict)


async def add_listing(
    database: Database, author: Author, listing: NewListing, first: NewVariant,
    now: datetime, product_id: int | None = None,
) -> int:  # fmt: skip
    """A listing with its first variant, not published yet; returns its id.

    With a `product_id` the variant is that product, which no listing sells so far. Raises Invalid
    for a bad address, NotFound for no such product.
    """
    async with unit(database) as db:
        await editing.forget(db, author.place("listing-new"), author.creator_id)
        slug = listing.slug or await _free_slug(db, author.store_id, listing.title)
        await _check_slug(db, author.store_id, slug)
        made = await listings.add(
            db,
            author.store_id,
            now,
            slug=slug,
            title=listing.title,
            text=listing.text,
            is_gift_card=listing.is_gift_card,
            translations=listing.translations,
        )
        await listings.collect(db, author.store_id, made, listing.collections)
        after = {"slug": slug, "prices": priced(first.prices)}
        await _note(db, author, "listing_added", now, listing.title, {}, after)
        if product_id is None:
            await new_variant(db, author, made, listing.title, first, now)
        else:
            row = await unlisted(db, author, product_id)
            await listings.sell(db, made, product_id, **sold_as(row, first))
    return made


async def save_listing(
    database: Database, author: Author, listing_id: int, base: int, listing: NewListing,
    now: datetime,
) -> None:  # fmt: skip
    """What the page says from now on; its address stands once it was published.

    Raises Overtaken where somebody has saved it meanwhile.
    """
    async with unit(database) as db:
        row = await hold_listing(db, author, listing_id)
        await save_part(db, author, f"listing-{listing_id}", base, now)
        slug = row["slug"]
        if row["published_at"] is None and listing.slug != slug:
            slug = listing.slug or await _free_slug(db, author.store_id, listing.title, listing_id)
            await _check_slug(db, author.store_id, slug, listing_id)
        said = {"title": listing.title, "text": listing.text, "slug": slug}
        said |= {"is_gift_card": listing.is_gift_card, "translations": listing.translations}
        sold = await listings.variants(db, listing_id) if listing.is_gift_card else []
        if any(variant["every_unit"] for variant in sold):
            raise Invalid(N_("A gift card can't be sold by subscription."), about="is_gift_card")
        await listings.save(db, listing_id, **said)
        was_in = await _collections(db, author, listing_id)
        await listings.collect(db, author.store_id, listing_id, listing.collections)
        is_in = await _collections(db, author, listing_id)
        await rename_variants(db, author, listing_id, row["title"], listing.title)
        before = {name: row[name] for name in said if row[name] != said[name]}
        after = {name: said[name] for name in before}
        if was_in != is_in:
            before, after = before | {"collections": was_in}, after | {"collections": is_in}
        await _note(db, author, "listing_saved", now, listing.title, _brief(before), _brief(after))


async def publish_listing(
    database: Database, author: Author, listing_id: int, now: datetime
) -> None:
    """Everybody sees it. Raises Conflict where nothing of it has a price."""
    async with unit(database) as db:
        row = await hold_listing(db, author, listing_id)
        if row["published"]:
            return
        if not any(variant["prices"] for variant in await listings.variants(db, listing_id)):
            raise Conflict(N_("Nothing of it has a price yet. Give one of its variants a price."))
        await listings.publish(db, listing_id, now)
        await _note(db, author, "listing_published", now, row["title"])
        await _tell_campaigns(db, author)


async def withdraw_listing(
    database: Database, author: Author, listing_id: int, now: datetime
) -> None:
    """Nobody sees it, and nobody can put it into a cart; its address stays its own."""
    async with unit(database) as db:
        row = await hold_listing(db, author, listing_id)
        if row["published"]:
            await listings.withdraw(db, listing_id)
            await _note(db, author, "listing_withdrawn", now, row["title"])
            await _tell_campaigns(db, author)


async def remove_listing(
    database: Database, author: Author, listing_id: int, now: datetime
) -> None:
    """It is gone; its variants stay as products. Raises Conflict while it is shown, or reviewed."""
    async with unit(database) as db:
        row = await hold_listing(db, author, listing_id)
        if row["published"]:
            raise Conflict(N_("It is in the shop. Withdraw it first."))
        if row["published_at"] is not None:
            raise Conflict(N_("It was in the shop, and orders may lead to it. So it stays."))
        for variant in await listings.variants(db, listing_id):
            await listings.take_off(db, variant["id"])
            await editing.gone(db, author.place(f"variant-{variant['id']}"))
        await listings.delete(db, listing_id)
        await editing.gone(db, author.place(f"listing-{listing_id}"))
        await _note(db, author, "listing_removed", now, row["title"])


async def _free_slug(db: Connection, store_id: int, title: str, listing_id: int = 0) -> str:
    """The title's own address, with a number behind it where others have it already."""
    slug = slug_from(title, "listing")
    numbered = (f"{slug[: LONGEST_SLUG - 4]}-{number}" for number in range(2, 1000))
    for one in (slug, *numbered):
        if one not in NOT_A_LISTING and not await listings.is_taken(db, store_id, one, listing_id):
            return one
    return slug


async def _check_slug(db: Connection, store_id: int, slug: str, listing_id: int = 0) -> None:
    check_slug(slug, NOT_A_LISTING)
    if await listings.is_taken(db, store_id, slug, listing_id):
        raise Invalid(N_("Another listing is at this address. Choose another one."), about="slug")


async def _collections(db: Connection, author: Author, listing_id: int) -> list[str]:
    """The titles of the collections in which it is."""
    row = await listings.one_in_studio(db, author.store_id, listing_id)
    there = await listings.collections(db, author.store_id)
    return [one["title"] for one in there if one["id"] in row["collected"]] if row else []


async def _tell_campaigns(db: Connection, author: Author) -> None:
    """Their pages lead to the shop while there is something in it."""
    for campaign_id in await editing.shown(db, author.store_id):
        await tell(db, campaign_id)


def _brief(state: dict[str, Any]) -> dict[str, Any]:
    """What the log keeps: the beginning of a long text, and which languages were translated."""
    said = {name: value for name, value in state.items() if name != "translations"}
    if "text" in said:
        said["text"] = said["text"][:BEGINNING]
    if "translations" in state:
        said["language"] = sorted(state["translations"])
    return said


async def _note(
    db: Connection, author: Author, what: str, now: datetime, about: str,
    before: dict[str, Any] | None = None, after: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    await note(db, author.store_id, author.creator_id, what, now, about, before, after)
