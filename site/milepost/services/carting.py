"""Carts: begun, read, changed, merged at a sign-in, forgotten.

A change costs one statement that reads and one that writes, whatever lies in the cart (V9). Only
the hash of a cart's token is kept: whoever has the token has the cart, and nobody else.
"""

import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any

from milepost.domain.errors import Conflict, NotFound, Refusal
from milepost.domain.messages import N_
from milepost.services.cart_changes import (
    Add,
    Change,
    UseCode,
    changed,
    moved,
    normal_code,
)
from milepost.services.clock import Clock
from milepost.services.shop_cart import MOST_LINES, Kept, ShopCart, judged
from milepost.storage import carts
from milepost.storage.database import DEADLOCK, SENSELESS, Connection, Database, reading, unit

FORGOTTEN_AFTER = timedelta(days=60)
TRIES = 20  # how often a change begins again because another one was faster
LONGEST_TOKEN = 100
NO_CART: dict[str, Any] = {
    "id": 0, "customer_id": None, "who": None, "lines": [], "declined": [], "later": [],
    "code_id": None, "codes": [], "country": None, "shipping_id": None, "shipping_options": [],
    "uses_credit": True, "owed": [], "credits": {},
}  # fmt: skip
IN_THE_WAY = (DEADLOCK, *SENSELESS)  # how two who change the same carts at once are told so


@dataclass(frozen=True)
class Changed:
    """A cart before and after a change."""

    before: ShopCart
    after: ShopCart

    @cached_property
    def moved(self) -> tuple[list[int], list[int]]:
        """The tiers that it has reached, and those that it has taken back, by id."""
        return moved(self.before, self.after)


async def read_cart(
    db: Connection, token: str, now: datetime, visit: str | None = None
) -> ShopCart | None:
    """The cart behind the token; None when there is none. One statement.

    What its customer has earned is in it for the token of their own `visit` alone.
    """
    row = await carts.as_judged(db, token_hash(token), None, None, now, _hash_of(visit))
    return None if row is None else judged(row)


async def read_no_cart(db: Connection) -> ShopCart | None:
    """The empty cart of whoever has none yet, which nothing keeps; None without milestones."""
    row = await carts.none_as_judged(db)
    return None if row is None else judged(NO_CART | dict(row) | {"currency": row["currencies"][0]})


async def begin_cart(
    database: Database,
    now: datetime,
    product_id: int | None = None,
    currency: str | None = None,
    country: str | None = None,
) -> str:
    """The token of a new, empty cart in the store of this product. Raises NotFound."""
    token = secrets.token_urlsafe(32)
    async with reading(database) as db:
        made = await carts.add(db, token_hash(token), product_id, currency, country, now)
    if made is None:
        raise NotFound(N_("There is no shop here."))
    return token


async def change_cart(
    database: Database,
    token: str,
    change: Change,
    now: datetime,
    locale: str = "en",
    visit: str | None = None,
) -> Changed:
    """The cart before and after the change; `after.notices` say what the shop had to alter.

    Raises NotFound when there is no cart behind the token, Invalid, SoldOut or Conflict when the
    change can't be made. Nobody's change is lost to another one made at the same moment.
    """
    adding = change.product_id if isinstance(change, Add) else None
    code = (normal_code(change.code) or None) if isinstance(change, UseCode) else None
    async with reading(database) as db:
        for _ in range(TRIES):
            row = await carts.as_judged(db, token_hash(token), adding, code, now, _hash_of(visit))
            if row is None:
                raise NotFound(N_("This cart is no longer kept. Begin a new one."))
            before = judged(row)
            after = _after(before, changed(before, change, locale))
            if await carts.keep(db, row["id"], row["version"], now, **_columns(after.kept)):
                return Changed(before, after)
    raise Conflict(N_("This cart is being changed elsewhere. Try again."))


async def keep_cleared(database: Database, cart: ShopCart, now: datetime) -> None:
    """What fell out of the cart is out of its row too, so that its shopper is told of it once."""
    if cart.notices:
        async with reading(database) as db:
            await carts.keep(db, cart.id, cart.row["version"], now, **_columns(cart.kept))


def _after(before: ShopCart, kept: Kept) -> ShopCart:
    """The cart as it is then; what had to fall out before is said along with it."""
    after = judged(before.row, kept)
    return replace(after, notices=(*before.notices, *after.notices))


def _columns(kept: Kept) -> dict[str, Any]:
    return {
        "lines": [{"product": product, "quantity": quantity} for product, quantity in kept.lines],
        "declined": sorted(kept.declined),
        "code_id": kept.code_id,
        "country": kept.country,
        "shipping_id": kept.shipping_id,
        "currency": kept.currency,
        "uses_credit": kept.uses_credit,
        "later": sorted(kept.later),
    }


async def merge_at_sign_in(
    database: Database, token: str | None, email: str, now: datetime
) -> str | None:
    """Whoever signs in finds in this browser what they put into the cart in any of theirs.

    The visit's cart joins the one that the customer has, the larger quantity of each product
    counts, and every browser that has signed in follows the same cart from then on. Returns the
    token that the browser should keep; None when it should keep none.
    """
    for _ in range(TRIES - 1):
        with suppress(*IN_THE_WAY):
            return await _at_sign_in(database, token, email, now)
    return await _at_sign_in(database, token, email, now)


async def _at_sign_in(
    database: Database, token: str | None, email: str, now: datetime
) -> str | None:
    """The same, once: it fails where another browser of the same person signs in just now."""
    async with unit(database) as db:
        if token is not None and await carts.behind(db, token_hash(token)) is not None:
            return await _merge(db, token, email, now)
        own = secrets.token_urlsafe(32)
        return own if await carts.follow_own(db, token_hash(own), email, now) else None


async def _merge(db: Connection, token: str, email: str, now: datetime) -> str | None:
    """The token from now on; None for a cart that is somebody else's.

    Whoever knew the visit's token before, by a link that they made, does not look into the cart of
    a customer with it. Source: OWASP, "Session Management Cheat Sheet", renewal at a sign-in.
    """
    mine_id = await carts.behind(db, token_hash(token))
    found = {row["id"]: row for row in await carts.to_merge(db, token_hash(token), email)}
    mine = found.pop(mine_id, None)
    if mine is None:
        return token  # nobody with this address has a name in the store yet
    if mine["customer_id"] not in (None, mine["customer"]):
        return None
    if not found and mine["customer_id"] is not None:
        return token
    fresh = secrets.token_urlsafe(32)
    await carts.renew_token(db, token_hash(token), token_hash(fresh))
    if not found:
        await carts.give(db, mine["id"], mine["customer"])
        return fresh
    (own,) = found.values()
    await carts.join(
        db,
        own["id"],
        mine["id"],
        now,
        lines=_joined(own["lines"], mine["lines"]),
        declined=sorted({*own["declined"], *mine["declined"]}),
        code_id=mine["code_id"] or own["code_id"],
        country=mine["country"] or own["country"],
    )
    return fresh


def _joined(*carts_lines: Iterable[Any]) -> list[dict[str, int]]:
    """The larger quantity of each product, those of the first cart first."""
    most: dict[int, int] = {}
    for lines in carts_lines:
        for line in lines:
            most[line["product"]] = max(most.get(line["product"], 0), line["quantity"])
    return [{"product": id_, "quantity": n} for id_, n in list(most.items())[:MOST_LINES]]


async def take_cart(database: Database, own: str | None, given: str, now: datetime) -> str | None:
    """Whoever comes from another site brings its cart; the token that the browser should keep.

    Where it has filled one already, what lay in the other moves into it: a link can't make somebody
    fill a cart that others look into. None when nothing changes.
    """
    async with reading(database) as db:
        taken = await read_cart(db, given, now)
        mine = await read_cart(db, own, now) if own is not None else None
    if taken is None or (mine is not None and mine.id == taken.id):
        return None
    if mine is None or own is None or not mine.kept.lines:
        return given
    for product_id, quantity in taken.kept.lines:
        if product_id not in dict(mine.kept.lines):
            with suppress(Refusal):  # what this store does not sell stays behind
                await change_cart(database, own, Add(product_id, quantity), now)
    async with reading(database) as db:
        await carts.empty(db, taken.id, now)
    return None


async def forget_old_carts(database: Database, clock: Clock) -> None:
    """Carts that nobody has changed for 60 days are gone."""
    async with unit(database) as db:
        await carts.forget_old(db, clock() - FORGOTTEN_AFTER)


def _hash_of(visit: str | None) -> bytes | None:
    return None if visit is None else token_hash(visit)


def token_hash(token: str) -> bytes:
    """What is kept of a token."""
    return sha256(token[:LONGEST_TOKEN].encode()).digest()
