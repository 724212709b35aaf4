"""What the templates of the cart see: lines, gifts, bar, bill; in the reader's language."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from milepost.domain.carts import BilledLine, FreeGift, OwedNow, TierNow
from milepost.domain.chargeable import check_sum
from milepost.domain.errors import Conflict
from milepost.domain.messages import N_, Sentence
from milepost.domain.programs import measure_of
from milepost.domain.shipping import COUNTRIES, Country
from milepost.services.carting import Changed
from milepost.services.own_rewards import program_in
from milepost.services.shop_cart import MOST_PIECES, ShopCart, label_of, title_of
from milepost.web.public.destinations import options, select
from milepost.web.public.view import store_view
from milepost.web.shop.bar import bar_of
from milepost.wording.format import written_in
from milepost.wording.saying import say

View = dict[str, Any]
UNLOCKED = N_("You have unlocked %(reward)s.")
TAKEN_BACK = N_("%(reward)s is taken back: the cart is below %(goal)s.")
COUNTED = N_("Your cart comes to %(total)s.")
EMPTIED = N_("Your cart is empty.")
EARNED = N_("Your gift for %(reached)s: %(program)s")


def cart_view(
    cart: ShopCart | None,
    locale: str,
    place: str,
    *,
    errors: Mapping[str, str] | None = None,
    typed_code: str = "",
    base: str = "",
) -> View:
    """The cart for `place`: `drawer`, `page` or `embed`, whose addresses begin with `base`."""
    common = {"place": place, "errors": dict(errors or {}), "typed_code": typed_code, "base": base}
    if cart is None:
        nothing: View = {"count": 0, "lines": [], "gifts": [], "notices": []}
        return common | nothing | {"bar": None, "whole_bar": None}
    bar = bar_of(cart, locale)
    bill = cart.evaluation.bill
    return common | {
        "count": cart.count,
        "currency": cart.currency,
        "currencies": list(cart.row["currencies"]),
        "lines": [_line(cart, billed, locale) for billed in bill.lines],
        "gifts": _gifts(cart, locale),
        "bar": bar if bar is not None and place in bar["places"] else None,
        "whole_bar": bar,
        "notices": [say(notice.said(locale), locale) for notice in cart.notices],
        "code": cart.code_row["code"] if cart.code_row is not None else "",
        "ships": cart.ships,
        "country": cart.kept.country or "",
        "countries": _countries(cart, locale),
        "options": [_option(cart, option, locale) for option in cart.shipping_options],
        "goods": bill.goods,
        "code_off": bill.code_off,
        "tiers_off": bill.tiers_off,
        "credit": bill.credit,
        "own_credit": _own_credit(cart),
        "owed": [_owed(cart, now, locale) for now in cart.evaluation.owed],
        "may_sign_in": cart.row["customer_id"] is not None and cart.row["who"] is None,
        "shipping": bill.shipping,
        "shipping_off": bill.shipping_off,
        "total": bill.total,
        "unpayable": _unpayable(cart, locale),
    }


def _unpayable(cart: ShopCart, locale: str) -> str:
    """Why no payment page could take the sum, once it is known; else nothing."""
    bill = cart.evaluation.bill
    try:
        if bill.shipping is not None and bill.lines:
            check_sum(bill.total, cart.currency)
    except Conflict as refusal:
        return say(refusal.sentence, locale)
    return ""


def store_of(cart: ShopCart, locale: str) -> View:
    """The cart's store for the frame of its page."""
    return store_view(cart.row, locale)


def what_changed(change: Changed, bar: View | None, locale: str) -> str:
    """What a change did to cart and `bar`, in a few words for whoever can't see it move."""
    cart = change.after
    reached, lost = change.moved
    tiers = {tier["id"]: tier for tier in bar["tiers"]} if bar is not None else {}
    said = [say(notice.said(locale), locale) for notice in cart.notices]
    said += [_of_tier(UNLOCKED, tiers[id_], locale) for id_ in reached if id_ in tiers]
    said += [_of_tier(TAKEN_BACK, tiers[id_], locale) for id_ in lost if id_ in tiers]
    if not cart.lines:
        return " ".join([*said, say(Sentence(EMPTIED), locale)])
    total = written_in(locale).money(cart.evaluation.bill.total, cart.currency)
    said.append(say(Sentence(COUNTED, {"total": total}), locale))
    if bar is not None and not reached:
        said.append(bar["message"])
    return " ".join(said)


def _of_tier(message: str, tier: View, locale: str) -> str:
    """The sentence about the tier; it begins with a capital."""
    said = say(Sentence(message, {"reward": tier["reward"], "goal": tier["goal"]}), locale)
    return said[:1].upper() + said[1:]


def _line(cart: ShopCart, billed: BilledLine, locale: str) -> View:
    line = billed.line
    product = cart.products[line.product_id]
    stock = product["stock"]
    listing = product["listing_translations"].get(locale, {})
    return {
        "product": line.product_id,
        "title": listing.get("title") or product["listing"],
        "label": label_of(product, locale),
        "name": title_of(product, locale),
        "url": f"/shop/{product['slug']}",
        "image": product["image"],
        "quantity": line.quantity,
        "most": MOST_PIECES if stock is None else min(stock, MOST_PIECES),
        "price": line.price,
        "amount": line.amount,
        "charged": billed.amount,
    }


def _gifts(cart: ShopCart, locale: str) -> list[View]:
    """The gifts of the tiers that are reached, whatever became of them (K7)."""
    found = []
    for now in cart.evaluation.tiers:
        if now.is_reached and now.gift is not None and (now.applies or now.gift != "given"):
            found.append(_gift(cart, now, locale))
    return found


def _gift(cart: ShopCart, now: TierNow, locale: str) -> View:
    assert isinstance(now.tier.reward, FreeGift)
    product = cart.products.get(now.tier.reward.product_id)
    return {
        "tier": now.tier.id,
        "product": now.tier.reward.product_id,
        "title": title_of(product, locale) if product is not None else "",
        "image": product["image"] if product is not None else "",
        "state": now.gift,
    }


def _own_credit(cart: ShopCart) -> View | None:
    """What the customer could pay of it with store credit, and has; None where that is nothing."""
    with_it = replace(cart, kept=replace(cart.kept, uses_credit=True))
    worth = with_it.evaluation.bill.credit
    if not worth:
        return None
    return {"worth": worth, "has": cart.credit, "is_used": cart.kept.uses_credit}


def _owed(cart: ShopCart, now: OwedNow, locale: str) -> View:
    """A gift that the customer has earned: what, for what, and whether it comes with this."""
    row = next(gift for gift in cart.owed if gift["key"] == now.gift.key)
    products = [cart.products[product_id] for product_id in now.gift.products]
    measure = measure_of(row["fact"], row["sums"])
    reached = measure.said(row["target"] + row["lap"], row["currency"])
    called = program_in(row, locale)
    return {
        "key": now.gift.key,
        "title": " + ".join(title_of(product, locale) for product in products),
        "image": products[0]["image"],
        "state": now.state,
        "why": say(Sentence(EARNED, {"reached": reached, "program": called}), locale),
    }


def _countries(cart: ShopCart, locale: str) -> Markup:
    """Where something can be sent, as options; all countries where one way goes everywhere."""
    ways = [o for o in cart.row["shipping_options"] or () if cart.currency in o["prices"]]
    if any(not way["countries"] for way in ways):
        codes = COUNTRIES
    else:
        codes = frozenset(code for way in ways for code in way["countries"]) & COUNTRIES
    return select(options(locale, codes), cart.kept.country or "")


def _option(cart: ShopCart, option: Mapping[str, Any], locale: str) -> View:
    chosen = cart.shipping_option
    return {
        "id": option["id"],
        "title": option["translations"].get(locale, {}).get("title") or option["title"],
        "price": option["prices"][cart.currency],
        "chosen": chosen is not None and chosen["id"] == option["id"],
    }


def country_name(code: str, locale: str) -> str:
    """The country's name in the language."""
    return written_in(locale).field(Country(code))
