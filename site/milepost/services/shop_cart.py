"""A cart as the shop sees it now: what lies in it, what it is judged by, and the judgement (K6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from milepost.domain.carts import (
    AmountOff,
    CartLine,
    CartMilestones,
    CartReward,
    CartTier,
    Discount,
    Evaluation,
    FreeGift,
    FreeShipping,
    OwedGift,
    PercentOff,
    evaluate,
    standing,
)
from milepost.domain.chargeable import SMALLEST
from milepost.domain.messages import N_, Sentence
from milepost.domain.money import coin

MOST_LINES, MOST_PIECES = 100, 999
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a cart's row holds, and a change writes: `lines` are (product, quantity).

    `later` are the keys of the customer's own gifts that shall not come now.
    """

    lines: tuple[tuple[int, int], ...]
    declined: frozenset[int]
    currency: str
    code_id: int | None = None
    country: str | None = None
    shipping_id: int | None = None
    uses_credit: bool = True
    later: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the shop had to change, and about which product."""

    message: str
    product: Row | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)

    def said(self, locale: str) -> Sentence:
        """The sentence, with the product's name in the reader's language."""
        named = {"title": title_of(self.product, locale)} if self.product is not None else {}
        return Sentence(self.message, named | dict(self.fields))


GONE = N_("“%(title)s” is no longer in the shop, so it is no longer in your cart.")
BY_SUBSCRIPTION = N_(
    "“%(title)s” is sold by subscription now, on its own page, so it is no longer in your cart."
)
VANISHED = N_("Something in your cart is no longer in the shop, so it is no longer in your cart.")
NOT_IN_CURRENCY = N_("“%(title)s” is not sold in %(currency)s, so it is no longer in your cart.")
SOLD_OUT = N_("“%(title)s” is sold out, so it is no longer in your cart.")
FEWER = N_("Only %(left)s of “%(title)s” are left, so your cart holds no more.")
ONE_LEFT = N_("Only one “%(title)s” is left, so your cart holds no more.")
OTHER_CURRENCY = N_(
    "This shop does not sell in %(currency)s any more, so your cart is in %(own)s now."
)
CODE_OWN = N_("The code %(code)s belongs to an account. Sign in to use it.")
CODE_OVER = N_("The code %(code)s is no longer valid, so nothing is taken off for it.")


@dataclass(frozen=True)
class ShopCart:
    """A cart, and everything that one statement read of it.

    `row` is that statement's; `kept` what the cart holds, cleared of what can't be bought; `lines`
    the same with today's prices; `stock` and `products` are by product's id, those of the gifts
    among them. `campaign` is as it is for the cart's currency: tiers without a target in it are
    left out. `notices` say what the shop had to change. `tiers` are the rows of the campaign's.
    """

    row: Any
    kept: Kept
    products: Mapping[int, Row]
    lines: tuple[CartLine, ...]
    campaign: CartMilestones | None
    tiers: Mapping[int, Row]
    code_row: Row | None
    code: Discount | None
    shipping_options: tuple[Row, ...]  # those that go to the cart's country, in its currency
    notices: tuple[Notice, ...] = ()

    @property
    def id(self) -> int:
        """The cart's id."""
        return int(self.row["id"])

    @property
    def currency(self) -> str:
        """The one currency of all its amounts (M1)."""
        return self.kept.currency

    @property
    def count(self) -> int:
        """How many pieces lie in it."""
        return sum(quantity for _, quantity in self.kept.lines)

    @cached_property
    def stock(self) -> dict[int, int | None]:
        """The pieces of each product, None for as many as are wanted."""
        return {id_: product["stock"] for id_, product in self.products.items()}

    @property
    def ships(self) -> bool:
        """True when something of it, a gift included, has to travel."""
        if any(self.products[product_id]["ships"] for product_id, _ in self.kept.lines):
            return True
        bill = self._unshipped.bill
        gifts = (*bill.gifts, *(id_ for gift in bill.owed for id_ in gift.products))
        return any(self.products[gift]["ships"] for gift in gifts)

    @property
    def credit(self) -> int:
        """What its customer, if signed in, has to spend in its currency."""
        return int((self.row["credits"] or {}).get(self.currency, 0))

    @cached_property
    def owed(self) -> tuple[Row, ...]:
        """The gifts that its customer, if signed in, has earned, the oldest first."""
        return tuple(
            gift
            for gift in self.row["owed"] or ()
            if all(product_id in self.products for product_id in gift["products"])
        )

    @property
    def spends(self) -> bool:
        """True when something of its customer's own goes with it: credit, a code, a gift."""
        bill = self.evaluation.bill
        return bool(bill.credit or bill.owed or (self.code_row and self.code_row["is_own"]))

    @property
    def shipping_option(self) -> Row | None:
        """How it travels: as was chosen, else the first way there."""
        chosen = (o for o in self.shipping_options if o["id"] == self.kept.shipping_id)
        return next(chosen, next(iter(self.shipping_options), None))

    @property
    def shipping(self) -> int | None:
        """What its way costs, before free shipping; None until it is known where to."""
        if not self.ships:
            return 0
        option = self.shipping_option
        return None if option is None else int(option["prices"][self.currency])

    @cached_property
    def reached(self) -> frozenset[int]:
        """The tiers that it has reached, by id."""
        return standing(self.lines, self.campaign, self.code, coin(self.currency))

    @cached_property
    def evaluation(self) -> Evaluation:
        """The bar and the bill (K6)."""
        shipping = self.shipping
        return self._judge(shipping) if shipping is not None else self._unshipped

    @cached_property
    def _unshipped(self) -> Evaluation:
        return self._judge(None)

    def _judge(self, shipping: int | None) -> Evaluation:
        return evaluate(
            self.lines,
            self.campaign,
            code=self.code,
            shipping=shipping,
            stock=self.stock,
            declined=self.kept.declined,
            owed=[OwedGift(gift["key"], tuple(gift["products"])) for gift in self.owed],
            later=self.kept.later,
            credit=self.credit if self.kept.uses_credit else 0,
            least=SMALLEST.get(self.currency, 1),
            coin=coin(self.currency),
        )


def judged(row: Any, kept: Kept | None = None) -> ShopCart:
    """The cart of a row that `carts.as_judged` gave; as it would be with `kept` instead."""
    kept = kept or kept_in(row)
    found, notices = [], []
    if kept.currency not in row["currencies"]:
        own = row["currencies"][0]
        notices.append(Notice(OTHER_CURRENCY, fields={"currency": kept.currency, "own": own}))
        kept = replace(kept, currency=own)
    products = {product["id"]: product for product in row["products"] or ()}
    for product_id, quantity in kept.lines:
        product = products.get(product_id)
        left, notice = _buyable(product, quantity, kept.currency)
        if notice is not None:
            notices.append(notice)
        if left:
            found.append((product_id, left))
    code_row = next((c for c in row["codes"] or () if c["id"] == kept.code_id), None)
    code = discount_of(code_row, kept.currency) if code_row and code_row["works"] else None
    if code_row is not None and code is None:
        is_elsewhere = code_row["is_own"] and row["who"] is None
        said = CODE_OWN if is_elsewhere else CODE_OVER
        notices.append(Notice(said, fields={"code": code_row["code"]}))
    code_id = kept.code_id if code is not None else None
    kept = replace(kept, lines=tuple(found), code_id=code_id)
    return ShopCart(
        row=row,
        kept=kept,
        products=products,
        lines=tuple(_line(products[id_], n, kept.currency) for id_, n in found),
        campaign=_campaign(row, kept.currency),
        tiers={tier["id"]: tier for tier in row["tiers"] or ()},
        code_row=code_row if code is not None else None,
        code=code,
        shipping_options=options_to(row["shipping_options"] or (), kept.country, kept.currency),
        notices=tuple(notices),
    )


def kept_in(row: Any) -> Kept:
    """What the cart's row holds."""
    return Kept(
        tuple((line["product"], line["quantity"]) for line in row["lines"]),
        frozenset(row["declined"]),
        row["currency"],
        row["code_id"],
        row["country"],
        row["shipping_id"],
        row["uses_credit"],
        frozenset(row["later"]),
    )


def is_sold(product: Row | None, currency: str) -> bool:
    """True for a product on a published page of the shop with a price in the currency (M1)."""
    return bool(
        product
        and product["published"]
        and currency in product["prices"]
        and not product.get("every")
    )


def _buyable(product: Row | None, quantity: int, currency: str) -> tuple[int, Notice | None]:
    """How many can be bought, and what there is to say where that is fewer."""
    if product is None:
        return 0, Notice(VANISHED)
    if not product["published"]:
        return 0, Notice(GONE, product)
    if product.get("every"):
        return 0, Notice(BY_SUBSCRIPTION, product)
    if currency not in product["prices"]:
        return 0, Notice(NOT_IN_CURRENCY, product, {"currency": currency})
    stock = product["stock"]
    if stock is None or stock >= quantity:
        return min(quantity, MOST_PIECES), None
    if stock == 0:
        return 0, Notice(SOLD_OUT, product)
    return stock, Notice(ONE_LEFT if stock == 1 else FEWER, product, {"left": stock})


def _line(product: Row, quantity: int, currency: str) -> CartLine:
    collections = frozenset(product["collections"] or ())
    price = product["prices"][currency]
    return CartLine(product["id"], quantity, price, collections, bool(product["is_gift_card"]))


def _campaign(row: Any, currency: str) -> CartMilestones | None:
    if row["campaign_id"] is None:
        return None
    trigger = row["trigger"]
    unit = "items" if trigger == "items" else currency
    tiers = []
    for tier in row["tiers"] or ():
        reward = reward_of(tier, currency)
        if unit in tier["targets"] and reward is not None:
            tiers.append(CartTier(tier["id"], tier["targets"][unit], reward))
    return CartMilestones(
        trigger,
        tuple(tiers),
        row["adds_up"],
        row["after_codes"],
        frozenset(row["excluded_products"]),
        frozenset(row["excluded_collections"]),
    )


def reward_of(tier: Row, currency: str) -> CartReward | None:
    """What the tier gives; None where it gives nothing in this currency."""
    if tier["kind"] == "gift":
        return FreeGift(tier["product"])
    return discount_of(tier, currency)


def discount_of(row: Row, currency: str) -> Discount | None:
    """The discount of a code or a tier; None where it gives nothing in this currency."""
    match row["kind"]:
        case "percent":
            return PercentOff(row["percent"])
        case "shipping":
            return FreeShipping()
        case _:
            amount = row["amounts"].get(currency)
            return AmountOff(amount) if amount else None


def options_to(options: Sequence[Row], country: str | None, currency: str) -> tuple[Row, ...]:
    """The ways there: those that name the country, else those that go to all others."""
    if country is None:
        return ()
    priced = [option for option in options if currency in option["prices"]]
    named = tuple(option for option in priced if country in option["countries"])
    return named or tuple(option for option in priced if not option["countries"])


def title_of(product: Row, locale: str) -> str:
    """What the product is called in the reader's language: its page's title, and which variant."""
    own = product["translations"].get(locale, {})
    if product["listing"] is None:
        return str(own.get("title") or product["title"])
    listing = product["listing_translations"].get(locale, {})
    title, label = listing.get("title") or product["listing"], label_of(product, locale)
    return f"{title}, {label}" if label else str(title)


def label_of(product: Row, locale: str) -> str:
    """What tells the variant from its page's others."""
    return str(product["translations"].get(locale, {}).get("label") or product["label"])
