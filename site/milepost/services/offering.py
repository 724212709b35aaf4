"""Offering: the variants of a listing, which are products with a price (B21).

One stock serves the shop and the milestones: a variant that is restocked serves whoever waits for
it as a reward first (A14).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.listings import LONGEST_TITLE, MOST_VARIANTS
from milepost.domain.messages import N_
from milepost.domain.money import Money
from milepost.domain.subscriptions import MOST_EVERY, every
from milepost.services.author import Author
from milepost.services.editing import pass_part, save_part
from milepost.services.noting import note
from milepost.services.preparing import NewProduct, create_product
from milepost.services.stocking import Restock, product_changed
from milepost.storage import editing, listings, products
from milepost.storage.database import Connection, Database, unit


@dataclass(frozen=True, slots=True)
class NewVariant:
    """A variant: a product with its label among the others, and minor units by currency (M1)."""

    product: NewProduct
    label: str = ""
    prices: dict[str, int] = field(default_factory=dict)
    ships: bool = True
    every: tuple[int, str] | None = None  # sold by subscription, paid every so many of a unit


def product_title(title: str, label: str) -> str:
    """What a variant's product is called where no listing is beside it: in parcels and rewards."""
    return (f"{title}, {label}" if label else title)[:LONGEST_TITLE]


async def add_variant(
    database: Database, author: Author, listing_id: int, variant: NewVariant, now: datetime,
    *, is_typed: bool = True,
) -> int:  # fmt: skip
    """One more variant, the last of them; returns its product's id.

    Where it `is_typed`, what its author has typed in the form is not kept any longer.
    """
    async with unit(database) as db:
        row = await hold_listing(db, author, listing_id)
        if is_typed:
            await editing.forget(db, author.place(f"variant-new{listing_id}"), author.creator_id)
        await _check_room(db, listing_id, variant.label)
        _check_every(row, variant)
        return await new_variant(db, author, listing_id, row["title"], variant, now)


async def put_up(
    database: Database, author: Author, listing_id: int, product_id: int, now: datetime
) -> None:
    """A product that no listing sells becomes a variant of this one; its price comes after."""
    async with unit(database) as db:
        row = await hold_listing(db, author, listing_id)
        product = await unlisted(db, author, product_id)
        label = product["title"]
        await _check_room(db, listing_id, label)
        sold = {"label": label, "prices": product["prices"], "ships": True, **_every(None)}
        translations = product["translations"]
        await listings.sell(db, listing_id, product_id, translations=translations, **sold)
        await _note(db, author, "variant_added", now, row["title"], {}, {"label": label})


async def save_variant(
    database: Database, author: Author, listing_id: int, product_id: int, base: int | None,
    variant: NewVariant, restock: Restock, now: datetime,
) -> int:  # fmt: skip
    """What the variant is from now on; what is put on the shelf goes to those who wait (A14).

    Returns how many pieces went to them. Raises Overtaken; Conflict where less is left than was to
    be taken away. Without a `base` it was not typed in a form: whoever calls has looked before.
    """
    async with unit(database) as db:
        listing = await hold_listing(db, author, listing_id)
        if base is None:
            await pass_part(db, author, f"variant-{product_id}", now)
        else:
            await save_part(db, author, f"variant-{product_id}", base, now)
        was = await listings.variant(db, author.store_id, listing_id, product_id)
        if was is None:
            raise NotFound(N_("There is no such variant."))
        await _check_room(db, listing_id, variant.label, product_id)
        _check_every(listing, variant)
        product = _named(variant, was, listing["title"])
        served = await product_changed(
            db, author.store_id, product_id, product, restock, author.creator_id, now
        )
        await listings.sell(db, listing_id, product_id, **sold_as(was, variant))
        stood = {"label": was["label"], "prices": priced(was["prices"]), "ships": was["ships"]}
        said = {"label": variant.label, "prices": priced(variant.prices), "ships": variant.ships}
        stood["every"] = _paid(was["every_count"], was["every_unit"])
        said["every"] = _paid(*(variant.every or (None, None)))
        before = {name: stood[name] for name in said if stood[name] != said[name]}
        after = {name: said[name] for name in before}
        if before:
            await _note(db, author, "variant_saved", now, listing["title"], before, after)
    return served


async def move_variant(
    database: Database, author: Author, listing_id: int, product_id: int, up: bool, now: datetime
) -> None:
    """One place up or down among its listing's variants."""
    async with unit(database) as db:
        row = await hold_listing(db, author, listing_id)
        order = [variant["id"] for variant in await listings.variants(db, listing_id)]
        if moved(order, product_id, up):
            await listings.place_variants(db, order)
            await _note(db, author, "variant_moved", now, row["title"])


async def take_off(
    database: Database, author: Author, listing_id: int, product_id: int, now: datetime
) -> None:
    """The product is no variant any more, and stays a product. Raises Conflict for the last."""
    async with unit(database) as db:
        row = await hold_listing(db, author, listing_id)
        there = await listings.variants(db, listing_id)
        found = next((variant for variant in there if variant["id"] == product_id), None)
        if found is None:
            raise NotFound(N_("There is no such variant."))
        if len(there) == 1:
            raise Conflict(N_("It is the only variant. Withdraw the listing instead."))
        await listings.take_off(db, product_id)
        await editing.gone(db, author.place(f"variant-{product_id}"))
        label = found["label"] or found["title"]
        await _note(db, author, "variant_taken_off", now, row["title"], {"label": label})


def priced(prices: Mapping[str, int]) -> list[str]:
    """Prices for the log."""
    return [str(Money(amount, currency)) for currency, amount in sorted(prices.items())]


def moved(order: list[int], one: int, up: bool) -> bool:
    """Whether `one` could go a place up, or down, in this order; it has."""
    if one not in order:
        return False
    at = order.index(one)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(order):
        return False
    order[at], order[to] = order[to], order[at]
    return True


async def hold_listing(db: Connection, author: Author, listing_id: int) -> Any:
    """The store's listing, locked: before its campaigns and its products. Raises NotFound."""
    row = await listings.hold(db, author.store_id, listing_id)
    if row is None:
        raise NotFound(N_("There is no such listing."))
    return row


async def unlisted(db: Connection, author: Author, product_id: int) -> Any:
    """The store's product, if no listing sells it. Raises Conflict."""
    if await products.hold(db, author.store_id, product_id) is None:
        raise NotFound(N_("There is no such product."))
    row = await products.one(db, author.store_id, product_id)
    if row is None or row["listing_id"] is not None:
        raise Conflict(N_("That product is in the shop already."))
    return row


async def new_variant(
    db: Connection, author: Author, listing_id: int, title: str, variant: NewVariant, now: datetime
) -> int:
    """The product that the variant is, called after its listing; returns its id."""
    named = replace(variant.product, title=product_title(title, variant.label))
    product_id = await create_product(db, author.store_id, named)
    await listings.sell(
        db,
        listing_id,
        product_id,
        label=variant.label,
        prices=variant.prices,
        ships=variant.ships,
        translations=named.translations,
        **_every(variant.every),
    )
    after: dict[str, Any] = {"label": variant.label, "prices": priced(variant.prices)}
    after |= {"stock": named.stock}
    await _note(db, author, "variant_added", now, title, {}, after)
    return product_id


def sold_as(row: Any, variant: NewVariant) -> dict[str, Any]:
    """The columns that make a product a variant; its own translated title stays."""
    titles = {
        tag: {"title": said["title"]}
        for tag, said in row["translations"].items()
        if said.get("title")
    }
    labels = variant.product.translations
    return {
        "label": variant.label,
        "prices": variant.prices,
        "ships": variant.ships,
        **_every(variant.every),
        "translations": {
            tag: titles.get(tag, {}) | labels.get(tag, {}) for tag in (*titles, *labels)
        },
    }


def _named(variant: NewVariant, was: Any, title: str) -> NewProduct:
    """The product as it is kept: one that was called after its listing goes on being so."""
    follows = was["title"] == product_title(title, was["label"])
    own = product_title(title, variant.label) if follows else was["title"]
    titles = {
        tag: {"title": said["title"]}
        for tag, said in was["translations"].items()
        if said.get("title")
    }
    return replace(variant.product, title=own, translations=titles)


async def rename_variants(
    db: Connection, author: Author, listing_id: int, was: str, became: str
) -> None:
    """Products that were called after the listing go on being so."""
    if was == became:
        return
    for row in await listings.variants(db, listing_id):
        if row["title"] == product_title(was, row["label"]):
            held = await products.hold(db, author.store_id, row["id"])
            columns = dict(held or row)
            kept = ("image", "image_alt", "stock", "translations")
            title = product_title(became, row["label"])
            await products.keep(db, row["id"], title=title, **{k: columns[k] for k in kept})


def _every(every: tuple[int, str] | None) -> dict[str, Any]:
    count, unit_of_time = every or (None, None)
    return {"every_count": count, "every_unit": unit_of_time}


def _paid(count: int | None, unit_of_time: str | None) -> str:
    """How often it is paid, for the log."""
    return str(every(count, unit_of_time)) if count and unit_of_time else ""


def _check_every(listing: Any, variant: NewVariant) -> None:
    """Raises Invalid for what can't be sold by subscription."""
    if variant.every is None:
        return
    count, unit_of_time = variant.every
    if not 1 <= count <= MOST_EVERY[unit_of_time]:
        raise Invalid(
            N_("Type a number from 1 to %(most)s."),
            about="every_count",
            most=MOST_EVERY[unit_of_time],
        )
    if listing["is_gift_card"]:
        raise Invalid(N_("A gift card can't be sold by subscription."), about="every")
    if not all(variant.prices.values()):
        raise Invalid(N_("What is sold by subscription has a price above zero."), about="every")


async def _check_room(
    db: Connection, listing_id: int, label: str, product_id: int | None = None
) -> None:
    """Raises Invalid for a label that another variant has, Conflict for one variant too many."""
    others = [row for row in await listings.variants(db, listing_id) if row["id"] != product_id]
    if product_id is None and len(others) >= MOST_VARIANTS:
        raise Conflict(N_("A listing has at most %(most)s variants."), most=MOST_VARIANTS)
    if others and not label:
        raise Invalid(N_("Say what tells it from the other variants."), about="label")
    if any(row["label"].casefold() == label.casefold() for row in others):
        raise Invalid(N_("Another variant is called so. Choose another label."), about="label")


async def _note(
    db: Connection, author: Author, what: str, now: datetime, about: str,
    before: dict[str, Any] | None = None, after: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    await note(db, author.store_id, author.creator_id, what, now, about, before, after)
