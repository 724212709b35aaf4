"""A small shop for tests: listings, variants and collections, made by plain inserts."""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from milepost.storage.database import unit
from tests.world import World

_serial = itertools.count(1)


@dataclass(frozen=True)
class Variant:
    """What a listing sells one kind of; `prices` (minor units by currency) instead of its price."""

    label: str = ""
    price: int | None = None
    stock: int | None = None
    ships: bool = True
    prices: Mapping[str, int] | None = None
    image: str = ""
    image_alt: str = ""
    translations: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Listed:
    """A listing that was made, by its ids; `product` is its first variant."""

    id: int
    slug: str
    products: tuple[int, ...]

    @property
    def product(self) -> int:
        """The first of its variants."""
        return self.products[0]


async def listing(
    world: World,
    *,
    title: str = "Wind muff",
    price: int = 1900,
    stock: int | None = None,
    currency: str = "USD",
    variants: Iterable[Variant] = (),
    published: bool = True,
    is_gift_card: bool = False,
    collections: Iterable[int] = (),
    text: str = "",
    slug: str = "",
    ships: bool = True,
    translations: Mapping[str, Any] | None = None,
    store_id: int | None = None,
) -> Listed:
    """A page of the shop; without `variants` it has one, at `price` and with `stock`."""
    slug = slug or f"listing-{next(_serial)}"
    store_id = store_id or world.store_id
    many = tuple(variants) or (Variant(price=price, stock=stock, ships=ships),)
    products = []
    async with unit(world.database) as db:
        listing_id = await db.fetchval(
            "insert into listings (store_id, slug, title, text, published, is_gift_card,"
            " translations, made_at, published_at)"
            " values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id",
            store_id,
            slug,
            title,
            text,
            published,
            is_gift_card,
            dict(translations or {}),
            world.now,
            world.now if published else None,
        )
        for position, variant in enumerate(many):
            own = variant.prices or {currency: price if variant.price is None else variant.price}
            products.append(
                await db.fetchval(
                    "insert into products (store_id, title, image, image_alt, stock, translations,"
                    " listing_id, label, position, prices, ships)"
                    " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning id",
                    store_id,
                    f"{title}, {variant.label}" if variant.label else title,
                    variant.image,
                    variant.image_alt,
                    variant.stock,
                    dict(variant.translations),
                    listing_id,
                    variant.label,
                    position,
                    dict(own),
                    variant.ships,
                )
            )
        for collection_id in collections:
            await db.execute("insert into collected values ($1, $2)", collection_id, listing_id)
    return Listed(listing_id, slug, tuple(products))


async def collection(
    world: World, *, title: str = "Accessories", slug: str = "", position: int = 0
) -> int:
    """A collection of the store; its id."""
    async with unit(world.database) as db:
        return int(
            await db.fetchval(
                "insert into collections (store_id, slug, title, position)"
                " values ($1, $2, $3, $4) returning id",
                world.store_id,
                slug or f"collection-{next(_serial)}",
                title,
                position,
            )
        )


async def sells_in(world: World, *currencies: str) -> None:
    """The store sells in these currencies; the first is its own."""
    async with unit(world.database) as db:
        await db.execute(
            "update stores set currencies = $2 where id = $1", world.store_id, list(currencies)
        )


async def customer(world: World, who: str, store_id: int | None = None) -> int:
    """The store's customer `who`, made if need be; the id."""
    async with unit(world.database) as db:
        return int(
            await db.fetchval(
                "insert into customers (store_id, email, name, created_at) values ($1, $2, $3, $4)"
                " on conflict (store_id, email) do update set name = excluded.name returning id",
                store_id or world.store_id,
                f"{who.lower()}@example.org",
                who.title(),
                world.now,
            )
        )


async def bought(
    world: World,
    who: str,
    listed: Listed,
    *,
    quantity: int = 1,
    state: str = "paid",
    shipped: bool = False,
) -> int:
    """An order of `who` with the listing's first variant, at its first price; the order's id."""
    customer_id, is_paid = await customer(world, who), state in ("paid", "refunded")
    async with unit(world.database) as db:
        product = await db.fetchrow(
            "update products set claimed = claimed + $2 where id = $1 returning title, prices",
            listed.product,
            quantity * is_paid,
        )
        currency, price = next(iter(product["prices"].items()))
        goods = quantity * price
        line = {
            "product": listed.product,
            "quantity": quantity,
            "price": price,
            "title": product["title"],
            "listing": listed.id,
        }
        return int(
            await db.fetchval(
                "insert into orders (store_id, key, customer_id, state, locale, currency, lines,"
                " goods, total, email, claiming, made_at, expires_at, paid_at,"
                " shipped_at)"
                " values ($1, $2, $3, $4, 'en', $5, $6, $7, $7, $8, $12, $9, $9, $10, $11)"
                " returning id",
                world.store_id,
                f"order-{next(_serial)}",
                customer_id,
                state,
                currency,
                [line],
                goods,
                f"{who.lower()}@example.org",
                world.now,
                world.now if is_paid else None,
                world.now if shipped else None,
                is_paid,
            )
        )


async def reviewed(
    world: World, who: str, listed: Listed, stars: int = 5, text: str = "", state: str = "waiting"
) -> int:
    """What `who`, who has bought it, says of the listing; the review's id."""
    customer_id = await customer(world, who)
    shown = int(state == "shown")
    async with unit(world.database) as db:
        await db.execute(
            "update listings set stars = stars + $2, reviews = reviews + $3 where id = $1",
            listed.id,
            shown * stars,
            shown,
        )
        return int(
            await db.fetchval(
                "insert into reviews (listing_id, customer_id, order_id, stars, text, name, state,"
                " made_at) select $1, $2, max(id), $3, $4, $5, $6, $7 from orders"
                " where customer_id = $2 returning id",
                listed.id,
                customer_id,
                stars,
                text,
                who.title(),
                state,
                world.now,
            )
        )


async def subscribed(world: World, who: str, listed: Listed) -> int:
    """`who` has subscribed to it and not paid a cycle yet; the id."""
    customer_id = await customer(world, who)
    async with unit(world.database) as db:
        return int(
            await db.fetchval(
                "insert into subscriptions (store_id, key, product_id, customer_id, state, locale,"
                " currency, line, every_count, every_unit, goods, ships, email, name, provider_id,"
                " period_end, made_at, expires_at, begun_at)"
                " values ($1, $2, $3, $4, 'active', 'en', 'USD', $5, 1, 'month', 1200, false, $6,"
                " $7, $8, $9, $10, $10, $10) returning id",
                world.store_id,
                f"subscription-{next(_serial):08}",
                listed.product,
                customer_id,
                {"title": "Bird of the month", "product": listed.product, "slug": listed.slug},
                f"{who.lower()}@example.org",
                who,
                f"sub_of_{who}",
                world.now + timedelta(days=30),
                world.now,
            )
        )
