"""Listings of the shop with their variants, which are products; collections; what it sells in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("listings")


async def shop(db: Connection, token_hash: bytes = b"") -> Any | None:
    """The store whose shop this site shows, with its collections; None where there is no store.

    `cart_currency` is that of the reader's cart, found by its token's hash.
    """
    return await _sql.shop(db, token_hash=token_hash)


async def for_sale(
    db: Connection,
    store_id: int,
    most: int,
    *,
    collection_id: int | None = None,
    find: str = "",
    before: int | None = None,
    by_price: tuple[int, str] | None = None,
) -> list[Any]:
    """The next `most` published listings after that one, newest first.

    `by_price` 1: from the cheapest on in that currency; -1: from the dearest on.
    """
    shelf = {"store_id": store_id, "collection_id": collection_id, "find": find}
    page = {"before": before, "most": most}
    if by_price is None:
        return await rows_of(_sql.listings_for_sale(db, **shelf, **page))
    way, currency = by_price
    return await rows_of(_sql.listings_by_price(db, **shelf, **page, way=way, currency=currency))


async def one_for_sale(db: Connection, store_id: int, slug: str) -> Any | None:
    """The published listing at this address."""
    return await _sql.listing_for_sale(db, store_id=store_id, slug=slug)


async def in_studio(
    db: Connection, store_id: int, find: str, before: int | None, most: int
) -> list[Any]:
    """The next `most` of the store's listings, published or not."""
    found = _sql.listings_in_studio(db, store_id=store_id, find=find, before=before, most=most)
    return await rows_of(found)


async def one_in_studio(db: Connection, store_id: int, listing_id: int) -> Any | None:
    """The store's listing with its variants."""
    return await _sql.listing_in_studio(db, store_id=store_id, listing_id=listing_id)


async def store(db: Connection, store_id: int) -> Any:
    """The store's language, currencies and collections."""
    return await _sql.shop_in_studio(db, store_id=store_id)


async def hold(db: Connection, store_id: int, listing_id: int) -> Any | None:
    """The listing's row, locked."""
    return await _sql.hold_listing(db, store_id=store_id, listing_id=listing_id)


async def is_taken(db: Connection, store_id: int, slug: str, listing_id: int = 0) -> bool:
    """True when another listing of the store has this address."""
    return bool(
        await _sql.listing_slug_is_taken(db, store_id=store_id, slug=slug, listing_id=listing_id)
    )


async def add(db: Connection, store_id: int, now: datetime, **columns: Any) -> int:
    """A new listing, not published; returns its id."""
    made: int = await _sql.add_listing(db, store_id=store_id, now=now, **columns)
    return made


async def save(db: Connection, listing_id: int, **columns: Any) -> None:
    """What it says from now on."""
    await _sql.save_listing(db, listing_id=listing_id, **columns)


async def publish(db: Connection, listing_id: int, now: datetime) -> None:
    """Everybody sees it."""
    await _sql.publish_listing(db, listing_id=listing_id, now=now)


async def withdraw(db: Connection, listing_id: int) -> None:
    """Nobody but the studio sees it."""
    await _sql.withdraw_listing(db, listing_id=listing_id)


async def delete(db: Connection, listing_id: int) -> None:
    """It is gone."""
    await _sql.delete_listing(db, listing_id=listing_id)


async def collect(
    db: Connection, store_id: int, listing_id: int, collection_ids: Sequence[int]
) -> None:
    """It is in these of the store's collections, and in no other."""
    await _sql.collect(
        db, store_id=store_id, listing_id=listing_id, collection_ids=list(collection_ids)
    )


async def variants(db: Connection, listing_id: int) -> list[Any]:
    """Its variants in their order."""
    rows: list[Any] = await rows_of(_sql.variants_of_listing(db, listing_id=listing_id))
    return rows


async def variant(db: Connection, store_id: int, listing_id: int, product_id: int) -> Any | None:
    """One of its variants, and whether a reward is or was it."""
    return await _sql.variant_of_listing(
        db, store_id=store_id, listing_id=listing_id, product_id=product_id
    )


async def sell(db: Connection, listing_id: int, product_id: int, **columns: Any) -> None:
    """The product is a variant of the listing, with this label, these prices."""
    await _sql.sell_product(db, listing_id=listing_id, product_id=product_id, **columns)


async def place_variants(db: Connection, product_ids: Sequence[int]) -> None:
    """The variants stand in this order."""
    await _sql.place_variants(db, product_ids=list(product_ids))


async def take_off(db: Connection, product_id: int) -> None:
    """The product is no variant any more."""
    await _sql.take_off(db, product_id=product_id)


async def unlisted(
    db: Connection, store_id: int, find: str, before: int | None, most: int
) -> list[Any]:
    """The next `most` products that no listing sells."""
    found = _sql.products_without_listing(
        db, store_id=store_id, find=find, before=before, most=most
    )
    return await rows_of(found)


async def collections(db: Connection, store_id: int) -> list[Any]:
    """The store's collections in their order, each with how many listings are in it."""
    rows: list[Any] = await rows_of(_sql.collections_in_studio(db, store_id=store_id))
    return rows


async def hold_collections(db: Connection, store_id: int) -> list[Any]:
    """The same, locked."""
    rows: list[Any] = await rows_of(_sql.hold_collections(db, store_id=store_id))
    return rows


async def add_collection(db: Connection, store_id: int, **columns: Any) -> int:
    """A new collection, the last; returns its id."""
    made: int = await _sql.add_collection(db, store_id=store_id, **columns)
    return made


async def rename_collection(db: Connection, collection_id: int, **columns: Any) -> None:
    """It is called something else; its address stays."""
    await _sql.rename_collection(db, collection_id=collection_id, **columns)


async def place_collections(db: Connection, collection_ids: Sequence[int]) -> None:
    """The collections stand in this order."""
    await _sql.place_collections(db, collection_ids=list(collection_ids))


async def remove_collection(db: Connection, collection_id: int) -> None:
    """It is gone; what was in it stays in the shop."""
    await _sql.remove_collection(db, collection_id=collection_id)


async def currency_uses(db: Connection, store_id: int, currencies: Sequence[str]) -> list[Any]:
    """How many variants have a price in each, and whether an active bar has targets in it."""
    rows: list[Any] = await rows_of(
        _sql.currency_uses(db, store_id=store_id, currencies=list(currencies))
    )
    return rows


async def hold_currencies(db: Connection, store_id: int) -> list[str]:
    """What the store sells in, its row locked."""
    found: list[str] = await _sql.hold_currencies(db, store_id=store_id)
    return found


async def keep_currencies(db: Connection, store_id: int, currencies: Sequence[str]) -> None:
    """What it sells in from now on."""
    await _sql.keep_currencies(db, store_id=store_id, currencies=list(currencies))


async def keep_zone(db: Connection, store_id: int, zone: str) -> str | None:
    """The clock that the store goes by; returns what it was, if it was another."""
    was: str | None = await _sql.keep_zone(db, store_id=store_id, zone=zone)
    return was
