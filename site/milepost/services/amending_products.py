"""Amending products as programs do: some fields of one, by the same rules as the studio's forms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.messages import N_
from milepost.services.author import Author
from milepost.services.offering import NewVariant, save_variant
from milepost.services.preparing import NewProduct, Translations
from milepost.services.returning import hold_givers
from milepost.services.stocking import Restock, change_product
from milepost.storage import api_shop, listings, products
from milepost.storage.database import Connection, Database, unit

OF_VARIANTS = ("label", "prices", "ships", "every")


@dataclass(frozen=True, slots=True)
class Amended:
    """What is to be different; what is None stays. `every` may be nothing: it is sold once."""

    title: str | None = None
    image_alt: str | None = None
    label: str | None = None
    prices: Mapping[str, int] | None = None
    ships: bool | None = None
    every: tuple[int, str] | tuple[()] | None = None
    translations: Translations | None = None


async def hold_product(db: Connection, store_id: int, product_id: int) -> Any:
    """The store's product, held with its listing and what gives it, in this order of all.

    Raises NotFound.
    """
    seen = await api_shop.product(db, store_id, product_id)
    if seen is not None:
        if seen["listing_id"] is not None:
            await listings.hold(db, store_id, seen["listing_id"])
        await hold_givers(db, [product_id])
        if await products.hold(db, store_id, product_id) is not None:
            return await api_shop.product(db, store_id, product_id)
    raise NotFound(N_("There is no such product."))


async def amend_product(
    database: Database, author: Author, product_id: int, wish: Amended, now: datetime
) -> None:
    """The product is different in what `wish` names; its stock stays (A14).

    Raises NotFound, Invalid, and Conflict about what only variants of a listing have.
    """
    async with unit(database) as db:
        row = await hold_product(db, author.store_id, product_id)
        alt = row["image_alt"] if wish.image_alt is None else wish.image_alt
        if row["image"] and not alt:
            raise Invalid(N_("Say what the picture shows."), about="image_alt")
        told = row["translations"] if wish.translations is None else wish.translations
        stays = Restock(row["stock"], row["stock"])
        if row["listing_id"] is not None:
            await check_prices(db, author.store_id, wish.prices, row["prices"])
            variant = NewVariant(
                NewProduct("", row["image"], alt, row["stock"], _only(told, "label")),
                row["label"] if wish.label is None else wish.label,
                row["prices"] if wish.prices is None else dict(wish.prices),
                row["ships"] if wish.ships is None else wish.ships,
                _every(row, wish),
            )
            await save_variant(
                database, author, row["listing_id"], product_id, None, variant, stays, now
            )
        elif named := [name for name in OF_VARIANTS if getattr(wish, name) is not None]:
            raise Conflict(
                N_("No listing sells this product. Make it a variant of one first."), about=named[0]
            )
        if row["listing_id"] is None or (wish.title, wish.translations) != (None, None):
            kept = await api_shop.product(db, author.store_id, product_id) or row
            title = kept["title"] if wish.title is None else wish.title
            product = NewProduct(title, row["image"], alt, row["stock"], _only(told, "title"))
            store_id, creator_id = author.store_id, author.creator_id
            await change_product(database, store_id, product_id, product, stays, creator_id, now)


async def check_prices(
    db: Connection, store_id: int, prices: Mapping[str, int] | None, was: Mapping[str, int]
) -> None:
    """Raises Invalid for a price in a currency that the store does not sell in, nor did."""
    known = {*(await listings.store(db, store_id))["currencies"], *was}
    if unknown := sorted({*(prices or ())} - known):
        raise Invalid(
            N_("This shop does not sell in %(currency)s."),
            about=f"prices/{unknown[0]}",
            currency=unknown[0],
        )


def _every(row: Any, wish: Amended) -> tuple[int, str] | None:
    if wish.every is None:
        return (row["every_count"], row["every_unit"]) if row["every_unit"] else None
    return wish.every or None


def _only(told: Translations, name: str) -> Translations:
    """Of texts in other languages those of one field."""
    return {tag: {name: texts[name]} for tag, texts in told.items() if texts.get(name)}
