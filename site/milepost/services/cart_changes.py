"""What a shopper may do with a cart, and what the cart holds then; pure (K4, K7)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from milepost.domain.errors import Conflict, Invalid, SoldOut
from milepost.domain.messages import N_
from milepost.domain.shipping import COUNTRIES
from milepost.services.shop_cart import (
    CODE_OWN,
    MOST_LINES,
    MOST_PIECES,
    Kept,
    ShopCart,
    discount_of,
    is_sold,
    title_of,
)


@dataclass(frozen=True, slots=True)
class Add:
    """So many more pieces of a product, whose price was shown in this currency, if in any."""

    product_id: int
    quantity: int = 1
    currency: str = ""


@dataclass(frozen=True, slots=True)
class SetQuantity:
    """So many pieces of it; none takes it out."""

    product_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Decline:
    """The tier's gift is not wanted, or wanted after all (K7)."""

    tier_id: int
    wanted: bool = False


@dataclass(frozen=True, slots=True)
class UseCode:
    """A code as it was typed; nothing takes the present one off."""

    code: str


@dataclass(frozen=True, slots=True)
class ShipTo:
    """The country that it is sent to, nothing for none yet; and how, by option's id."""

    country: str | None
    option_id: int | None = None


@dataclass(frozen=True, slots=True)
class PayIn:
    """One of the store's currencies."""

    currency: str


@dataclass(frozen=True, slots=True)
class UseCredit:
    """Whether the customer's store credit pays for it."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class PutOff:
    """The customer's own gift, by its key, shall not come now, or shall after all."""

    key: str
    wanted: bool = False


Change = Add | SetQuantity | Decline | UseCode | ShipTo | PayIn | UseCredit | PutOff


def normal_code(typed: str) -> str:
    """A code as it is kept: without blanks, in capitals."""
    return "".join(typed.split()).upper()[:40]


def changed(cart: ShopCart, change: Change, locale: str) -> Kept:
    """What the cart holds after the change; a quantity may still be more than there is.

    Raises Invalid, SoldOut or Conflict.
    """
    kept = cart.kept
    match change:
        case Add(product_id, quantity, currency):
            return _added(cart, product_id, quantity, _currency(cart, product_id, currency), locale)
        case SetQuantity(product_id, quantity):
            return _with(kept, product_id, quantity)
        case Decline(tier_id, wanted):
            if tier_id not in cart.tiers:
                return kept
            one = frozenset({tier_id})
            declined = kept.declined - one if wanted else kept.declined | one
            return replace(kept, declined=declined & cart.tiers.keys())
        case UseCredit(wanted):
            return replace(kept, uses_credit=wanted)
        case PutOff(key, wanted):
            known = {gift["key"] for gift in cart.owed}
            later = kept.later - {key} if wanted else kept.later | {key}
            return replace(kept, later=frozenset(later & known))
        case UseCode(typed):
            return replace(kept, code_id=_code(cart, normal_code(typed)))
        case ShipTo(country, option_id):
            if country is not None and country not in COUNTRIES:
                raise Invalid(
                    N_("“%(typed)s” is not a country that we know. Choose one from the list."),
                    about="country",
                    typed=country[:40],
                )
            return replace(kept, country=country, shipping_id=_option(cart, option_id))
        case PayIn(currency):
            if currency not in cart.row["currencies"]:
                raise Invalid(
                    N_("This shop does not sell in %(currency)s."),
                    about="currency",
                    currency=currency[:10],
                )
            return replace(kept, currency=currency)


def _currency(cart: ShopCart, product_id: int, wanted: str) -> str:
    """The wanted one, if all that would lie in the cart is sold in it; else the cart's own."""
    ids = [*(id_ for id_, _ in cart.kept.lines), product_id]
    is_good = wanted in cart.row["currencies"] and all(
        is_sold(cart.products.get(id_), wanted) for id_ in ids
    )
    return wanted if is_good else cart.currency


def _added(cart: ShopCart, product_id: int, quantity: int, currency: str, locale: str) -> Kept:
    product = cart.products.get(product_id)
    if product is None or not is_sold(product, currency):
        raise Conflict(N_("This is not for sale at the moment."), about="product")
    if product["stock"] == 0:
        raise SoldOut(
            N_("“%(title)s” is sold out."), about="product", title=title_of(product, locale)
        )
    has = dict(cart.kept.lines).get(product_id, 0)
    if not has and len(cart.kept.lines) >= MOST_LINES:
        raise Conflict(
            N_("A cart holds %(most)s different things at most. Check out with these first."),
            about="product",
            most=MOST_LINES,
        )
    kept = replace(cart.kept, currency=currency)
    return _with(kept, product_id, has + max(1, quantity), may_add=True)


def _with(kept: Kept, product_id: int, quantity: int, *, may_add: bool = False) -> Kept:
    """The lines with so many of the product, each where it was; a new one is the last."""
    quantity = max(0, min(quantity, MOST_PIECES))
    lines = dict(kept.lines)
    if product_id in lines or may_add:
        lines[product_id] = quantity
    return replace(kept, lines=tuple((id_, n) for id_, n in lines.items() if n))


def _code(cart: ShopCart, code: str) -> int | None:
    if not code:
        return None
    found = next((c for c in cart.row["codes"] or () if c["code"] == code), None)
    if found is None:
        raise Invalid(
            N_("This shop has no code “%(code)s”. Check how it is spelled."),
            about="code",
            code=code,
        )
    if not found["works"]:
        raise Invalid(_why_not(cart, found), about="code", code=code)
    if discount_of(found, cart.currency) is None:
        raise Invalid(
            N_("The code %(code)s is not valid in %(currency)s."),
            about="code",
            code=code,
            currency=cart.currency,
        )
    return int(found["id"])


def _why_not(cart: ShopCart, code: Mapping[str, Any]) -> str:
    """Why the code does not work, of a code of somebody's own as exactly as they may know."""
    if not code["is_own"]:
        return N_("The code %(code)s is not valid now.")
    if cart.row["who"] is None:
        return CODE_OWN
    if not code["is_mine"]:
        return N_("The code %(code)s belongs to another account.")
    if code["is_withdrawn"]:
        return N_("The code %(code)s was taken back, as an order that earned it was given back.")
    if code["is_used"]:
        return N_("The code %(code)s was used. It is good for one order.")
    return N_("The code %(code)s is no longer valid: its time is over.")


def _option(cart: ShopCart, option_id: int | None) -> int | None:
    known = {option["id"] for option in cart.row["shipping_options"] or ()}
    return option_id if option_id in known else None


def moved(before: ShopCart, after: ShopCart) -> tuple[list[int], list[int]]:
    """The tiers that the change has reached, and those that it has taken back, by id."""
    return sorted(after.reached - before.reached), sorted(before.reached - after.reached)
