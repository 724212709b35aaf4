"""Subscribing: an offer is reckoned, its payment page opened, and what was begun is ended (B21)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from milepost.domain.chargeable import check_sum
from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.messages import N_
from milepost.domain.money import Money
from milepost.gateways.stripe import Declined, PaymentUnavailable, StripeGateway
from milepost.gateways.subscription_pages import card_params, subscription_params
from milepost.services.addressing import Address
from milepost.services.clock import Clock
from milepost.services.noting import note
from milepost.services.pledging import HOLD
from milepost.services.shop_cart import options_to, title_of
from milepost.storage import subscriptions
from milepost.storage.database import Database, reading, unit

LATER = timedelta(minutes=10)  # until one whose events are on their way is looked at again
NOT_SOLD = N_("This is not sold by subscription any more.")


@dataclass(frozen=True, slots=True)
class Subscribable:
    """What a product costs by subscription, sending it to a country included (M3).

    `shipping` is None until it is known where to, or where nothing is sent to; `sent` is how.
    """

    row: Any
    currency: str
    country: str | None
    goods: int
    shipping: int | None
    sent: Mapping[str, Any] | None

    @property
    def total(self) -> int:
        """What each cycle costs."""
        return self.goods + (self.shipping or 0)

    @property
    def is_sold_out(self) -> bool:
        """True when there is no piece for its first cycle."""
        return bool(self.row["stock"] == 0)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for: the sum and currency that the page showed (P9), and where to."""

    slug: str
    product_id: int
    currency: str
    country: str | None
    shown_total: str
    locale: str


@dataclass(frozen=True, slots=True)
class Words:
    """What the payment page calls what has no title of its own, in the reader's language."""

    shipping: str


def reckoned(row: Any, currency: str, country: str | None) -> Subscribable:
    """The offer of a product's row. Raises Conflict where it has no price in the currency.

    It is sent the first way that goes to the country, and sending it is paid with each cycle.
    """
    goods = row["prices"].get(currency)
    if not goods:
        raise Conflict(N_("This is not sold in %(currency)s."), currency=currency)
    if not row["ships"]:
        return Subscribable(row, currency, None, goods, 0, None)
    ways = options_to(row["shipping_options"] or (), country, currency) if country else ()
    way = next(iter(ways), None)
    cost = None if way is None else int(way["prices"][currency])
    return Subscribable(row, currency, country, goods, cost, way)


async def subscribe(
    database: Database,
    gateway: StripeGateway,
    base_url: str,
    clock: Clock,
    store_id: int,
    wish: Wish,
    words: Words,
) -> str:
    """Open the payment page of a subscription; its address.

    Its row is committed before Stripe is called (P4). Raises a Refusal, or PaymentUnavailable.
    """
    now, key = clock(), secrets.token_urlsafe(18)
    async with unit(database) as db:
        row = await subscriptions.product(db, store_id, wish.slug, wish.product_id)
        if row is None:
            raise NotFound(NOT_SOLD)
        offer = _checked(reckoned(row, wish.currency, wish.country), wish)
        id_ = await subscriptions.add(
            db,
            store_id=store_id,
            key=key,
            product_id=row["id"],
            locale=wish.locale,
            currency=offer.currency,
            line=_line(row, offer, wish.locale),
            every_count=row["every_count"],
            every_unit=row["every_unit"],
            goods=offer.goods,
            shipping=offer.shipping,
            shipping_title=_sent(offer, wish.locale),
            ships=row["ships"],
            country=offer.country,
            now=now,
            expires_at=now + HOLD,
        )
    items = [(title_of(row, wish.locale), offer.goods)]
    if offer.shipping:
        items.append((words.shipping, offer.shipping))
    params = subscription_params(
        key=key,
        currency=offer.currency,
        items=items,
        every=(row["every_count"], row["every_unit"]),
        country=offer.country,
        expires_at=now + HOLD,
        success_url=f"{base_url}/s/{key}",
        cancel_url=f"{base_url}/shop/{wish.slug}",
        locale=wish.locale,
    )
    try:
        checkout = await gateway.open_order_page(params, key)
    except PaymentUnavailable:
        async with unit(database) as db:
            await subscriptions.give_up(db, id_)
        raise
    async with unit(database) as db:
        await subscriptions.note_page(db, id_, checkout.session)
    return checkout.url


def _checked(offer: Subscribable, wish: Wish) -> Subscribable:
    """The offer, if it is the one that was shown and can be sent. Raises a Refusal (P9)."""
    if offer.is_sold_out:
        raise Conflict(N_("This is sold out. Nothing was charged."))
    if offer.shipping is None:
        if offer.country is None:
            raise Invalid(N_("Choose the country that it is sent to."), about="country")
        raise Invalid(N_("Nothing is sent to this country from here."), about="country")
    if wish.shown_total != str(offer.total):
        raise Conflict(
            N_("The sum has changed since you opened the page. It is %(total)s now."),
            total=Money(offer.total, offer.currency),
        )
    check_sum(offer.total, offer.currency)
    return offer


def _line(row: Any, offer: Subscribable, locale: str) -> dict[str, Any]:
    return {
        "product": row["id"],
        "listing": row["listing_id"],
        "title": title_of(row, locale),
        "slug": row["slug"],
        "image": row["image"],
        "ships": row["ships"],
        "quantity": 1,
        "price": offer.goods,
        "off": 0,
    }


def _sent(offer: Subscribable, locale: str) -> str:
    if offer.sent is None:
        return ""
    return str(offer.sent["translations"].get(locale, {}).get("title") or offer.sent["title"])


async def end_overdue_subscriptions(
    database: Database, gateway: StripeGateway, clock: Clock, most: int = 100
) -> int:
    """Close payment pages past their time; one that was completed is left to its events."""
    async with reading(database) as db:
        overdue = await subscriptions.overdue(db, clock(), most)
    for row in overdue:
        session = row["session_id"]
        completed = (
            session is not None
            and not await gateway.end_checkout(session)
            and await gateway.checkout_is_complete(session)
        )
        async with unit(database) as db:
            if completed:
                await subscriptions.look_later(db, row["id"], clock() + LATER)
            else:
                await subscriptions.give_up(db, row["id"])
    return len(overdue)


async def own_subscription(database: Database, email: str, key: str) -> Any:
    """The subscription of whoever reads this address. Raises NotFound, for another's too."""
    async with reading(database) as db:
        rows = await subscriptions.own(db, email, key, 1)
    if not rows:
        raise NotFound(N_("There is no such subscription."))
    return rows[0]


async def end_with_period(
    database: Database, gateway: StripeGateway, email: str, key: str, cancels: bool
) -> None:
    """Its owner lets it end with the period that is paid, or go on after all.

    Stripe is told first: its event says so too, in whatever order. Raises NotFound or Conflict.
    """
    row = await own_subscription(database, email, key)
    if row["state"] == "ended":
        raise Conflict(N_("This subscription is over already."))
    if row["cancels"] == cancels:
        return
    await gateway.end_subscription_with_period(row["provider_id"], cancels)
    async with unit(database) as db:
        await subscriptions.end_with_period(db, row["id"], cancels)


async def send_to(database: Database, email: str, key: str, address: Address) -> None:
    """Its owner has it sent there from the next payment on, in the country that is paid for.

    Raises NotFound or Conflict.
    """
    row = await own_subscription(database, email, key)
    async with unit(database) as db:
        if not await subscriptions.send_to(db, row["id"], address.model_dump()):
            raise Conflict(N_("This subscription is over already."))


async def other_card(
    database: Database, gateway: StripeGateway, base_url: str, email: str, key: str, locale: str
) -> str:
    """The page on which its owner puts another card in the place of the one before."""
    row = await own_subscription(database, email, key)
    if row["state"] == "ended":
        raise Conflict(N_("This subscription is over already."))
    here = f"{base_url}/me/subscriptions/{key}"
    params = card_params(
        key=key,
        payer=row["payer"],
        currency=row["currency"],
        success_url=f"{here}?done=card",
        cancel_url=here,
        locale=locale,
    )
    return (await gateway.open_order_page(params, secrets.token_urlsafe(18))).url


async def use_card(
    database: Database, gateway: StripeGateway, subscription_id: int, method: str
) -> None:
    """Its invoices are paid with this card from now on, one that is due at once.

    A card that is declined once more is told by Stripe's own event.
    """
    async with unit(database) as db:
        row = await subscriptions.hold(db, subscription_id)
    if row is None or row["state"] == "ended":
        return
    try:
        await gateway.use_card(row["provider_id"], method)
    except Declined:
        return


async def cancel_for(
    database: Database,
    gateway: StripeGateway,
    store_id: int,
    creator_id: int,
    subscription_id: int,
    clock: Clock,
) -> None:
    """The creator ends it at once: nothing is charged any more. Raises NotFound or Conflict.

    What was paid stays paid: its orders are sent or given back like any other.
    """
    async with reading(database) as db:
        row = await subscriptions.one_of_store(db, store_id, subscription_id)
    if row is None:
        raise NotFound(N_("There is no such subscription."))
    if row["state"] == "ended":
        raise Conflict(N_("This subscription is over already."))
    await gateway.end_subscription(row["provider_id"])
    async with unit(database) as db:
        about = f"{row['line']['title']} · {row['name'] or row['email']}"
        now: datetime = clock()
        await note(db, store_id, creator_id, "subscription_ended", now, about)
