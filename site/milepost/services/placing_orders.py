"""Placing orders: a cart is judged once more, claimed, and written down as it is (M3, P3, P9)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from milepost.domain.carts import Bill
from milepost.domain.chargeable import check_sum
from milepost.domain.errors import Conflict, Invalid, NotFound, Refusal
from milepost.domain.messages import N_
from milepost.domain.money import Money
from milepost.domain.orders import pieces_of
from milepost.services.addressing import Address
from milepost.services.carting import read_cart, token_hash
from milepost.services.clock import Clock
from milepost.services.pledging import HOLD
from milepost.services.settling_orders import finish_free
from milepost.services.shop_cart import Notice, ShopCart, title_of
from milepost.services.spending import claim_own, hold_own
from milepost.storage import orders, referrals
from milepost.storage.database import DEADLOCK, Connection, Database, unit

TRIES = 5  # how often a checkout begins again that a deadlock has ended
LOST = {
    "credit": N_("Your store credit has just been spent elsewhere. Nothing was charged."),
    "gift": N_("A gift of yours has just gone with another order. Nothing was charged."),
}


@dataclass(frozen=True, slots=True)
class Payer:
    """Who orders where there is nothing to pay, so that no payment page asks."""

    email: str
    name: str
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class Checkout:
    """What a shopper asks for: the sum and currency that the cart showed (P9), a language.

    `payer` is said only where there is nothing to pay; `visit` is whoever is signed in, by their
    token.
    """

    shown_total: str = ""
    shown_currency: str = ""
    locale: str = "en"
    payer: Payer | None = None
    visit: str | None = None
    referral: str = ""  # the code of the link by which they came


class CartChanged(Conflict):
    """The cart is not what the shopper saw; `notices` say what the shop had to change."""

    def __init__(self, message: str, /, cart: ShopCart, **fields: Any) -> None:
        super().__init__(message, **fields)
        self.cart = cart

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What had to be changed in it, each with its product."""
        return self.cart.notices


class OpenMeanwhile(Exception):
    """Another press of the button has begun an order of the same cart."""


class NothingToPay(Refusal):
    """The order costs nothing, so its shopper must say here who they are."""

    def __init__(self, cart: ShopCart) -> None:
        super().__init__(N_("There is nothing to pay. Say where it should go."))
        self.cart = cart


@dataclass(frozen=True, slots=True)
class Begun:
    """An order that stands and whose payment page is to be opened."""

    id: int
    key: str
    cart: ShopCart
    expires_at: datetime


async def place_order(database: Database, token: str, wish: Checkout, clock: Clock) -> Begun:
    """Begin; once more where somebody who wanted the same pieces was in the way."""
    for _ in range(TRIES - 1):
        try:
            async with unit(database) as db:
                return await _place(db, token, wish, clock())
        except DEADLOCK:
            continue
    async with unit(database) as db:
        return await _place(db, token, wish, clock())


async def _place(db: Connection, token: str, wish: Checkout, now: datetime) -> Begun:
    cart_id = await orders.lock_cart(db, token_hash(token))
    if await orders.open_of_cart(db, token_hash(token)) is not None:
        raise OpenMeanwhile
    cart = await read_cart(db, token, now, wish.visit) if cart_id is not None else None
    if cart is None or not (cart.lines or cart.notices):
        raise NotFound(N_("There is nothing in this cart to check out."))
    bill = _checked(cart, wish)
    is_free = bill.total == 0
    payer = _payer(cart, wish.payer) if is_free else None
    if is_free and payer is None:
        raise NothingToPay(cart)
    key, columns = secrets.token_urlsafe(18), _columns(cart, bill, wish.locale)
    await hold_own(db, [columns])
    await _claim(db, cart, columns, now)
    order_id = await orders.add(
        db,
        key=key,
        store_id=cart.row["store_id"],
        cart_id=cart.id,
        state="paid" if is_free else "open",
        paid_at=now if is_free else None,
        email=payer.email if payer else cart.row["who_email"] or "",
        name=payer.name if payer else "",
        address=payer.address.model_dump() if payer and payer.address else None,
        now=now,
        expires_at=now + HOLD,
        **columns,
    )
    if lost := await claim_own(db, columns | {"id": order_id}, now):
        raise CartChanged(LOST[lost], cart)
    if wish.referral:
        await referrals.order_came_by(db, order_id, wish.referral)
    if payer is not None:
        await finish_free(db, order_id, cart, payer.email, payer.name, wish.locale, now)
    return Begun(order_id, key, cart, now + HOLD)


def _checked(cart: ShopCart, wish: Checkout) -> Bill:
    """The bill, if it is the one that the shopper saw and can be sent. Raises a Refusal (P9)."""
    if cart.notices:
        raise CartChanged(N_("Your cart has changed. Nothing was charged."), cart)
    if cart.shipping is None:
        if cart.kept.country is None:
            raise Invalid(N_("Choose the country that it is sent to."), about="country")
        raise Conflict(N_("Nothing is sent to this country from here."), about="country")
    bill = cart.evaluation.bill
    shown = wish.shown_total or str(bill.total), wish.shown_currency or cart.currency
    if shown != (str(bill.total), cart.currency):
        raise CartChanged(
            N_("The sum has changed since you opened the page. It is %(total)s now."),
            cart,
            total=Money(bill.total, cart.currency),
        )
    _check_payer(cart, wish.payer)
    check_sum(bill.total, cart.currency)
    return bill


def _payer(cart: ShopCart, said: Payer | None) -> Payer | None:
    """Who orders for nothing: whoever is signed in by the address that we know; else as was said.

    None where nobody has said it yet.
    """
    if said is None:
        return None
    email = cart.row["who_email"] or said.email
    return replace(said, email=email) if email else None


def _check_payer(cart: ShopCart, payer: Payer | None) -> None:
    """What is sent goes to the country that the way there was chosen for (P9). Raises Invalid."""
    if payer is None or not cart.ships:
        return
    if payer.address is None:
        raise Invalid(N_("Say where it is sent."), about="line1")
    if payer.address.country != cart.kept.country:
        raise Invalid(
            N_("It is sent to the country that your cart names. Choose another one there."),
            about="country",
        )


def _columns(cart: ShopCart, bill: Bill, locale: str) -> dict[str, Any]:
    """The order's row: what it holds and costs, as it is from now on (M3)."""
    option = cart.shipping_option if cart.ships else None
    title = ""
    if option is not None:
        title = option["translations"].get(locale, {}).get("title") or option["title"]
    return {
        "locale": locale,
        "currency": cart.currency,
        "lines": [
            _line(cart, billed.line.product_id, locale)
            | {
                "quantity": billed.line.quantity,
                "price": billed.line.price,
                "off": billed.off,
            }
            for billed in bill.lines
        ],
        "gifts": [_line(cart, gift, locale) | {"quantity": 1} for gift in bill.gifts]
        + [
            _line(cart, id_, locale) | {"quantity": 1, "grant": gift.key}
            for gift in bill.owed
            for id_ in gift.products
        ],
        "customer_id": cart.row["who"],
        "campaign_id": cart.row["campaign_id"],
        "code_id": cart.kept.code_id,
        "shipping_title": title,
        "goods": bill.goods,
        "code_off": bill.code_off,
        "tiers_off": bill.tiers_off,
        "shipping": bill.shipping or 0,
        "shipping_off": bill.shipping_off,
        "credit": bill.credit,
        "total": bill.total,
        "country": cart.kept.country if cart.ships else None,
        "ships": cart.ships,
    }


def _line(cart: ShopCart, product_id: int, locale: str) -> dict[str, Any]:
    product = cart.products[product_id]
    return {
        "product": product_id,
        "listing": product["listing_id"],
        "title": title_of(product, locale),
        "slug": product["slug"] if product["published"] else None,
        "image": product["image"],
        "ships": product["ships"],
    } | ({"gift_card": True} if product["is_gift_card"] else {})


async def _claim(db: Connection, cart: ShopCart, columns: Mapping[str, Any], now: datetime) -> None:
    """Claim what the order is about, or raise CartChanged, and then the transaction must end."""
    for product_id in await orders.claim(db, pieces_of(columns)):
        raise CartChanged(
            N_("“%(title)s” has just been bought by somebody else. Nothing was charged."),
            cart,
            title=title_of(cart.products[product_id], columns["locale"]),
        )
    code_id = columns["code_id"]
    if code_id is not None and not await orders.use_code(db, code_id, now):
        raise CartChanged(
            N_("The code has just been used for the last time. Nothing was charged."), cart
        )
