"""Ordering: a cart is judged again and claimed, an order written, and its payment page opened."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from milepost.domain.carts import Bill
from milepost.domain.chargeable import check_sum
from milepost.domain.errors import Conflict, Invalid, NotFound, Refusal
from milepost.domain.messages import N_
from milepost.domain.money import Money, coin
from milepost.domain.orders import payment_items
from milepost.gateways.order_pages import order_params
from milepost.gateways.stripe import PaymentUnavailable, StripeGateway
from milepost.services.addressing import Address
from milepost.services.carting import keep_cleared, read_cart, token_hash
from milepost.services.clock import Clock
from milepost.services.pledging import HOLD
from milepost.services.returning import give_back, hold_givers
from milepost.services.settling_orders import finish_free
from milepost.services.shop_cart import Notice, ShopCart, title_of
from milepost.services.spending import claim_own, give_back_own, hold_own
from milepost.storage import orders, referrals
from milepost.storage.database import DEADLOCK, Connection, Database, reading, unit

OPENING = timedelta(minutes=1)  # how long a payment page may take to open
LOOKS, LOOK_AGAIN = 50, 0.2  # how often, and after how many seconds, it is looked for meanwhile
OPENED_ELSEWHERE = N_("This cart was checked out in another window. Go on there.")
LATER = timedelta(minutes=10)  # until one whose events are on their way is looked at again
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


class _OpenMeanwhile(Exception):
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
            begun = await _begin_again(database, token, wish, clock)
            break
        except _OpenMeanwhile:
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
    elif await _was_completed(gateway, row["session_id"]):
        return str(row["key"])
    await give_up(database, row["id"], "cancelled", now)
    return None


async def _open_of_cart(database: Database, token: str) -> Any | None:
    async with reading(database) as db:
        return await orders.open_of_cart(db, token_hash(token))


async def _was_completed(gateway: StripeGateway, session: str) -> bool:
    """Close the payment page; True when somebody had completed it before."""
    if await gateway.end_checkout(session):
        return False
    return await gateway.checkout_is_complete(session)


async def give_up(database: Database, order_id: int, state: str, now: datetime) -> None:
    """Nothing will come of an open order: all that it claimed is free again (P3)."""
    async with unit(database) as db:
        row = await orders.lock_open(db, order_id)
        if row is not None:
            if row["claiming"]:
                codes = {row["code_id"]: 1} if row["code_id"] else {}
                await hold_givers(db, sorted(pieces_of(row)))
                await hold_own(db, [row])
                await give_back(db, pieces_of(row), codes)
                await give_back_own(db, [row], now)
            await orders.give_up(db, order_id, state)


def pieces_of(row: Mapping[str, Any]) -> dict[int, int]:
    """How many of each product an order is about, its gifts among them."""
    pieces = Counter[int]()
    for line in (*row["lines"], *row["gifts"]):
        pieces[line["product"]] += line["quantity"]
    return dict(pieces)


async def _begin_again(database: Database, token: str, wish: Checkout, clock: Clock) -> Begun:
    """Begin; once more where somebody who wanted the same pieces was in the way."""
    for _ in range(TRIES - 1):
        try:
            async with unit(database) as db:
                return await _begin(db, token, wish, clock())
        except DEADLOCK:
            continue
    async with unit(database) as db:
        return await _begin(db, token, wish, clock())


async def _begin(db: Connection, token: str, wish: Checkout, now: datetime) -> Begun:
    cart_id = await orders.lock_cart(db, token_hash(token))
    if await orders.open_of_cart(db, token_hash(token)) is not None:
        raise _OpenMeanwhile
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


async def end_overdue_orders(
    database: Database, gateway: StripeGateway, clock: Clock, most: int = 100
) -> int:
    """Close payment pages of orders past their time, and free what they claimed (P3).

    One that was completed after all is left to its events; how many were looked at.
    """
    async with reading(database) as db:
        overdue = await orders.overdue(db, clock(), most)
    for row in overdue:
        session = row["session_id"]
        if session is not None and await _was_completed(gateway, session):
            async with unit(database) as db:
                await orders.look_later(db, row["id"], clock() + LATER)
            continue
        await give_up(database, row["id"], "expired", clock())
    return len(overdue)
