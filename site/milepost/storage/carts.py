"""Carts: one row each, read with all that it is judged by in one statement, written by another."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("carts")


async def as_judged(
    db: Connection,
    token_hash: bytes,
    adding: int | None,
    typed_code: str | None,
    now: datetime,
    visit: bytes | None = None,
) -> Any | None:
    """The cart's row with its store, campaign, tiers, products, codes and shipping options.

    The product that is being added and the code that was typed are among them; what the cart's
    customer has earned, too, where the `visit`, by its hash, is theirs.
    """
    return await _sql.cart_as_judged(
        db,
        token_hash=token_hash,
        adding=adding,
        typed_code=typed_code,
        now=now,
        visit=visit,
    )


async def none_as_judged(db: Connection) -> Any | None:
    """The shop with its milestones, for whoever has no cart yet; None where it has none of them."""
    return await _sql.no_cart_as_judged(db)


async def keep(
    db: Connection, cart_id: int, version: int, now: datetime, **columns: Any
) -> int | None:
    """The cart's next version; None where somebody else has changed it meanwhile."""
    made: int | None = await _sql.keep_cart(
        db, cart_id=cart_id, version=version, now=now, **columns
    )
    return made


async def add(
    db: Connection,
    token_hash: bytes,
    product_id: int | None,
    currency: str | None,
    country: str | None,
    now: datetime,
) -> int | None:
    """An empty cart in the store of this product, or in the shop; None where there is no store."""
    made: int | None = await _sql.add_cart(
        db,
        token_hash=token_hash,
        product_id=product_id,
        currency=currency,
        country=country,
        now=now,
    )
    return made


async def behind(db: Connection, token_hash: bytes) -> int | None:
    """The id of the cart that whoever has this token fills."""
    found: int | None = await _sql.cart_behind(db, token_hash=token_hash)
    return found


async def renew_token(db: Connection, token_hash: bytes, fresh: bytes) -> None:
    """The browser's cart is behind another token from now on."""
    await _sql.renew_token_of_cart(db, token_hash=token_hash, fresh=fresh)


async def to_merge(db: Connection, token_hash: bytes, email: str) -> list[Any]:
    """The cart of a visit and the one that the same person has filled elsewhere, locked."""
    return await rows_of(_sql.carts_to_merge(db, token_hash=token_hash, email=email))


async def give(db: Connection, cart_id: int, customer_id: int) -> None:
    """The cart is this customer's."""
    await _sql.give_cart(db, cart_id=cart_id, customer_id=customer_id)


async def join(db: Connection, cart_id: int, left: int, now: datetime, **columns: Any) -> None:
    """The cart holds what both held; every browser that had the one `left` follows it."""
    await _sql.join_cart(db, cart_id=cart_id, now=now, **columns)
    await _sql.follow_cart(db, cart_id=cart_id, left=left)
    await _sql.bring_open_order(db, cart_id=cart_id, left=left)


async def follow_own(db: Connection, token_hash: bytes, email: str, now: datetime) -> bool:
    """True when a browser without a cart now follows the one that this address has elsewhere."""
    made = await _sql.follow_own_cart(db, token_hash=token_hash, email=email, now=now)
    return made is not None


async def empty(db: Connection, cart_id: int, now: datetime) -> None:
    """Nothing lies in the cart any more."""
    await _sql.empty_cart(db, cart_id=cart_id, now=now)


async def forget_old(db: Connection, before: datetime) -> None:
    """Carts that nobody has changed since then are gone."""
    await _sql.forget_old_carts(db, before=before)


async def embedding_origins(db: Connection) -> frozenset[str]:
    """The other sites on which some store's cart may be shown."""
    rows = await rows_of(_sql.origins_of_embeds(db))
    return frozenset(row["origin"] for row in rows)


async def embeds_of(db: Connection, store_id: int) -> Sequence[str]:
    """The sites on which this store's cart may be shown."""
    found: Sequence[str] = await _sql.embeds_of_store(db, store_id=store_id)
    return found


async def keep_embeds(db: Connection, store_id: int, origins: Sequence[str]) -> None:
    """From now on, these."""
    await _sql.keep_embeds(db, store_id=store_id, origins=origins)
