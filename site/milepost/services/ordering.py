"""Ordering: a cart becomes an order, and the way to its payment page is opened."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from milepost.domain.errors import Conflict
from milepost.domain.messages import N_
from milepost.domain.money import coin
from milepost.domain.orders import payment_items
from milepost.gateways.order_pages import order_params
from milepost.gateways.stripe import PaymentUnavailable, StripeGateway
from milepost.services.carting import keep_cleared, read_cart, token_hash
from milepost.services.clock import Clock
from milepost.services.giving_up_orders import give_up, was_completed
from milepost.services.placing_orders import (
    TRIES,
    Begun,
    CartChanged,
    Checkout,
    OpenMeanwhile,
    place_order,
)
from milepost.services.shop_cart import title_of
from milepost.storage import orders
from milepost.storage.database import Database, reading, unit

OPENING = timedelta(minutes=1)  # how long a payment page may take to open
LOOKS, LOOK_AGAIN = 50, 0.2  # how often, and after how many seconds, it is looked for meanwhile
OPENED_ELSEWHERE = N_("This cart was checked out in another window. Go on there.")


@dataclass(frozen=True, slots=True)
class Words:
    """What the payment page calls what has no title of its own, in the shopper's language."""

    gift: str  # with %(title)s
    shipping: str
    rest: str


@dataclass(frozen=True, slots=True)
class Pages:
    """Where the payment page sends the shopper."""

    base_url: str

    def of(self, key: str) -> str:
        """The order's own page."""
        return f"{self.base_url}/o/{key}"

    @property
    def cart(self) -> str:
        """The cart, as it was."""
        return f"{self.base_url}/cart"


async def check_out(
    database: Database,
    gateway: StripeGateway,
    pages: Pages,
    clock: Clock,
    token: str,
    wish: Checkout,
    words: Words,
) -> str:
    """Order what lies in the cart; returns the address to go to: the payment page, or the order's.

    Pieces, gifts and the code's use are claimed and committed before Stripe is called (P3, P4).
    Raises CartChanged, NothingToPay, another Refusal, or PaymentUnavailable; then nothing is left
    claimed.
    """
    for _ in range(TRIES):
        if paid := await _give_back_earlier(database, gateway, token, clock()):
            return pages.of(paid)
        try:
            begun = await place_order(database, token, wish, clock)
            break
        except OpenMeanwhile:
            continue
        except CartChanged as changed:
            async with reading(database) as db:
                now = clock()
                changed.cart = await read_cart(db, token, now, wish.visit) or changed.cart
            await keep_cleared(database, changed.cart, clock())
            raise
    else:
        raise Conflict(OPENED_ELSEWHERE)
    if begun.cart.evaluation.bill.total == 0:
        return pages.of(begun.key)
    return await _open(database, gateway, pages, begun, wish.locale, words, clock())


async def _give_back_earlier(
    database: Database, gateway: StripeGateway, token: str, now: datetime
) -> str | None:
    """End the payment page that is open for the cart; the order's key if it was paid after all."""
    row = await _open_of_cart(database, token)
    for _ in range(LOOKS):  # a button that was pressed twice waits for its own first press
        if row is None or row["session_id"] is not None or now - row["made_at"] >= OPENING:
            break
        await asyncio.sleep(LOOK_AGAIN)
        row = await _open_of_cart(database, token)
    if row is None:
        return None
    if row["session_id"] is None:
        if now - row["made_at"] < OPENING:
            raise Conflict(
                N_("The payment page of this cart is just being opened. Try again in a minute.")
            )
    elif await was_completed(gateway, row["session_id"]):
        return str(row["key"])
    await give_up(database, row["id"], "cancelled", now)
    return None


async def _open_of_cart(database: Database, token: str) -> Any | None:
    async with reading(database) as db:
        return await orders.open_of_cart(db, token_hash(token))


async def _open(
    database: Database,
    gateway: StripeGateway,
    pages: Pages,
    begun: Begun,
    locale: str,
    words: Words,
    now: datetime,
) -> str:
    cart, bill = begun.cart, begun.cart.evaluation.bill
    parts = [
        (title_of(cart.products[x.line.product_id], locale), x.line.quantity, x.amount)
        for x in bill.lines
    ]
    if bill.shipping:
        parts.append((words.shipping, 1, bill.shipping - bill.shipping_off))
    gifts = (*bill.gifts, *(id_ for gift in bill.owed for id_ in gift.products))
    parts += [
        (words.gift % {"title": title_of(cart.products[gift], locale)}, 1, 0) for gift in gifts
    ]
    params = order_params(
        key=begun.key,
        currency=cart.currency,
        items=payment_items(parts, bill.credit, words.rest, coin(cart.currency)),
        country=cart.kept.country if cart.ships else None,
        expires_at=begun.expires_at,
        success_url=pages.of(begun.key),
        cancel_url=pages.cart,
        locale=locale,
        email=cart.row["who_email"] or "",
    )
    try:
        checkout = await gateway.open_order_page(params, begun.key)
    except PaymentUnavailable:
        await give_up(database, begun.id, "cancelled", now)
        raise
    async with unit(database) as db:
        is_open = await orders.open_page(db, begun.id, checkout.session, checkout.url)
    if not is_open:  # it took so long that another window has begun anew
        await gateway.end_checkout(checkout.session)
        raise Conflict(OPENED_ELSEWHERE)
    return checkout.url
