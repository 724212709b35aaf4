"""Carts: one evaluator says what the bar promises and what the bill charges (K3–K7, N8).

All amounts are minor units of the cart's one currency (M1); targets too, or items.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from milepost.domain.money import split
from milepost.domain.tracks import reached

Trigger = Literal["value", "items"]
GiftState = Literal["given", "declined", "sold_out"]
WHOLE = 10_000  # hundredths of a percent


@dataclass(frozen=True, slots=True)
class PercentOff:
    """So many hundredths of a percent off, of the amounts before any discount."""

    hundredths: int


@dataclass(frozen=True, slots=True)
class AmountOff:
    """So much off, and never more than there is to pay for."""

    amount: int


@dataclass(frozen=True, slots=True)
class FreeShipping:
    """Nothing to pay for shipping."""


@dataclass(frozen=True, slots=True)
class FreeGift:
    """One piece of a product, free, while it is in stock and not declined (K7)."""

    product_id: int


Discount = PercentOff | AmountOff | FreeShipping
CartReward = Discount | FreeGift


@dataclass(frozen=True, slots=True)
class CartLine:
    """So many pieces of a product at the price of one."""

    product_id: int
    quantity: int
    price: int
    collections: frozenset[int] = frozenset()
    is_gift_card: bool = False

    @property
    def amount(self) -> int:
        """What the line costs before any discount."""
        return self.quantity * self.price


@dataclass(frozen=True, slots=True)
class CartTier:
    """A milestone of the cart: its target, and what it gives above it."""

    id: int
    target: int
    reward: CartReward


@dataclass(frozen=True, slots=True)
class CartMilestones:
    """An active milestone campaign, as it is for one currency.

    `adds_up`: each reached tier gives, else the highest alone (K5). `after_codes`: what a code
    takes off does not count (K3). What is excluded neither counts nor is made cheaper by a tier.
    """

    trigger: Trigger
    tiers: tuple[CartTier, ...]
    adds_up: bool = True
    after_codes: bool = False
    excluded_products: frozenset[int] = frozenset()
    excluded_collections: frozenset[int] = frozenset()

    def counts(self, line: CartLine) -> bool:
        """True for a line that moves the bar; gift cards never do (K3)."""
        return not (
            line.is_gift_card
            or line.product_id in self.excluded_products
            or line.collections & self.excluded_collections
        )


@dataclass(frozen=True, slots=True)
class OwedGift:
    """Products, one piece of each, that the customer has earned: they come with their next order.

    They are given together, or wait together while one of them is sold out.
    """

    key: str
    products: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OwedNow:
    """A gift that is owed to the customer, as this cart stands."""

    gift: OwedGift
    state: GiftState


@dataclass(frozen=True, slots=True)
class TierNow:
    """A tier as this cart stands: what is left to its target, and whether its reward applies."""

    tier: CartTier
    is_reached: bool
    applies: bool
    left: int
    gift: GiftState | None = None


@dataclass(frozen=True, slots=True)
class BilledLine:
    """A line, and what code and tiers take off it together."""

    line: CartLine
    off: int

    @property
    def amount(self) -> int:
        """What is charged for it; never negative."""
        return self.line.amount - self.off


@dataclass(frozen=True, slots=True)
class Bill:
    """What the checkout charges; `shipping` is None until it is known where to."""

    lines: tuple[BilledLine, ...]
    gifts: tuple[int, ...]  # products, one piece each
    owed: tuple[OwedGift, ...]  # what the customer has earned, and comes with it
    code_off: int
    tiers_off: int
    shipping: int | None
    shipping_off: int
    credit: int

    @property
    def goods(self) -> int:
        """The lines before discounts."""
        return sum(billed.line.amount for billed in self.lines)

    @property
    def total(self) -> int:
        """Goods and shipping, less discounts and credit; never negative."""
        off = self.code_off + self.tiers_off + self.shipping_off + self.credit
        return self.goods + (self.shipping or 0) - off


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The bar's reading and tiers, lowest first, and the bill: from one computation (K6)."""

    reading: int
    tiers: tuple[TierNow, ...]
    bill: Bill
    owed: tuple[OwedNow, ...] = ()

    @property
    def next(self) -> TierNow | None:
        """The lowest tier that is not reached."""
        return next((now for now in self.tiers if not now.is_reached), None)


@dataclass(slots=True)
class _Desk:
    """What is left to take off each line while the bill is being made."""

    lines: Sequence[CartLine]
    coin: int
    left: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.left = [line.amount for line in self.lines]

    def take(self, discount: CartReward | None, eligible: Sequence[bool]) -> int:
        """Take the discount off the eligible lines, to the cent (M2); how much it was."""
        if not isinstance(discount, PercentOff | AmountOff):
            return 0
        whole = sum(
            line.amount for line, is_one in zip(self.lines, eligible, strict=True) if is_one
        )
        weights = [
            left // self.coin if is_one else 0
            for left, is_one in zip(self.left, eligible, strict=True)
        ]
        off = min(_worth(discount, whole, self.coin), sum(weights) * self.coin)
        if off:
            parts = split(off // self.coin, weights)
            self.left = [
                left - part * self.coin for left, part in zip(self.left, parts, strict=True)
            ]
        return off


@dataclass(slots=True)
class _Shelf:
    """What is left of each product beside the cart's lines; None is a stock without an end."""

    lines: Sequence[CartLine]
    stock: Mapping[int, int | None]
    taken: Counter[int] = field(init=False)

    def __post_init__(self) -> None:
        self.taken = Counter()
        for line in self.lines:
            self.taken[line.product_id] += line.quantity

    def has(self, products: Iterable[int]) -> bool:
        """True when there is a piece of each."""
        for product_id, pieces in Counter(products).items():
            left = self.stock.get(product_id, 0)
            if left is not None and left < self.taken[product_id] + pieces:
                return False
        return True

    def take(self, products: Iterable[int]) -> None:
        """A piece of each goes with the cart."""
        self.taken.update(products)


def evaluate(
    lines: Sequence[CartLine],
    campaign: CartMilestones | None = None,
    *,
    code: Discount | None = None,
    shipping: int | None = None,
    stock: Mapping[int, int | None] | None = None,
    declined: Iterable[int] = (),
    owed: Sequence[OwedGift] = (),
    later: Iterable[str] = (),
    credit: int = 0,
    least: int = 0,
    coin: int = 1,
) -> Evaluation:
    """What this cart has reached, and what it costs.

    What is taken off is a whole number of `coin`s, the step in which its currency can be charged.
    `stock` has the pieces of each gift's product, None for as many as are wanted; `declined` are
    tiers whose gift is not wanted. `owed` are gifts of the customer, and `later` the keys of those
    that shall not come now. `credit` is what the customer could pay with; what is left to pay is
    then nothing, or the `least` that can be paid by card.
    """
    desk = _Desk(lines, coin)
    code_off = desk.take(code, [not line.is_gift_card for line in lines])
    counting = [campaign is not None and campaign.counts(line) for line in lines]
    reading = _reading(desk, campaign, counting)
    shelf = _Shelf(lines, stock or {})
    tiers = _tiers(campaign, reading, shelf, frozenset(declined))
    owed_now = _owed(owed, shelf, frozenset(later)) if lines else ()
    applied = [now.tier.reward for now in tiers if now.applies]
    tiers_off = sum(desk.take(reward, counting) for reward in applied)
    is_free = isinstance(code, FreeShipping) or any(isinstance(r, FreeShipping) for r in applied)
    shipping_off = (shipping or 0) if is_free else 0
    to_pay = sum(desk.left) + (shipping or 0) - shipping_off
    bill = Bill(
        lines=tuple(
            BilledLine(x, x.amount - left) for x, left in zip(lines, desk.left, strict=True)
        ),
        gifts=tuple(
            now.tier.reward.product_id
            for now in tiers
            if now.gift == "given" and isinstance(now.tier.reward, FreeGift)
        ),
        owed=tuple(now.gift for now in owed_now if now.state == "given"),
        code_off=code_off,
        tiers_off=tiers_off,
        shipping=shipping,
        shipping_off=shipping_off,
        credit=_usable(credit, to_pay, least, coin),
    )
    return Evaluation(reading, tiers, bill, owed_now)


def _usable(credit: int, to_pay: int, least: int, coin: int) -> int:
    """How much of the credit pays for what there is to pay, so that a card can pay the rest."""
    used = min(credit, to_pay) // coin * coin
    if 0 < to_pay - used < least:
        used = max(0, to_pay - least) // coin * coin
    return used


def standing(
    lines: Sequence[CartLine],
    campaign: CartMilestones | None,
    code: Discount | None = None,
    coin: int = 1,
) -> frozenset[int]:
    """The tiers that this cart has reached, by id: those of its evaluation, without the bill."""
    if campaign is None:
        return frozenset()
    desk = _Desk(lines, coin)
    if campaign.after_codes:
        desk.take(code, [not line.is_gift_card for line in lines])
    reading = _reading(desk, campaign, [campaign.counts(line) for line in lines])
    return frozenset(tier.id for tier in reached(campaign.tiers, reading))


def _worth(discount: CartReward | None, whole: int, coin: int) -> int:
    """What a discount takes off `whole`, half a coin up; nothing for any other reward."""
    match discount:
        case PercentOff(hundredths):
            return (whole * hundredths + WHOLE * coin // 2) // (WHOLE * coin) * coin
        case AmountOff(amount):
            return amount // coin * coin
        case _:
            return 0


def _reading(desk: _Desk, campaign: CartMilestones | None, counting: Sequence[bool]) -> int:
    """Where the cart stands on the bar (K2, K3)."""
    if campaign is None:
        return 0
    counted = [
        (x, left) for x, left, is_one in zip(desk.lines, desk.left, counting, strict=True) if is_one
    ]
    if campaign.trigger == "items":
        return sum(line.quantity for line, _ in counted)
    return sum(left if campaign.after_codes else line.amount for line, left in counted)


def _tiers(
    campaign: CartMilestones | None,
    reading: int,
    shelf: _Shelf,
    declined: frozenset[int],
) -> tuple[TierNow, ...]:
    """Each tier, lowest first; a reward is withdrawn as soon as its target is not reached (K4)."""
    if campaign is None:
        return ()
    there = reached(campaign.tiers, reading)
    giving = there if campaign.adds_up else there[-1:]
    found = []
    for tier in sorted(campaign.tiers, key=lambda tier: (tier.target, tier.id)):
        gift: GiftState | None = None
        if isinstance(tier.reward, FreeGift):
            product_id = tier.reward.product_id
            if not shelf.has((product_id,)):
                gift = "sold_out"
            elif tier in giving:
                gift = "declined" if tier.id in declined else "given"
                if gift == "given":
                    shelf.take((product_id,))
        applies = tier in giving and gift in (None, "given")
        left = max(0, tier.target - reading)
        found.append(TierNow(tier, tier in there, applies, left, gift))
    return tuple(found)


def _owed(owed: Sequence[OwedGift], shelf: _Shelf, later: frozenset[str]) -> tuple[OwedNow, ...]:
    """Each gift that the customer has earned; after the tiers' own, which the bar has promised."""
    found = []
    for gift in owed:
        state: GiftState = "declined" if gift.key in later else "given"
        if not shelf.has(gift.products):
            state = "sold_out"
        elif state == "given":
            shelf.take(gift.products)
        found.append(OwedNow(gift, state))
    return tuple(found)
