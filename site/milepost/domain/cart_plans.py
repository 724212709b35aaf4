"""A milestone campaign of the cart as it is drawn up, and what keeps it from standing (K2, K5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from milepost.domain.carts import (
    WHOLE,
    AmountOff,
    CartMilestones,
    CartReward,
    CartTier,
    FreeGift,
    FreeShipping,
    PercentOff,
    Trigger,
)
from milepost.domain.errors import Invalid
from milepost.domain.messages import N_
from milepost.domain.money import Money

Kind = Literal["percent", "amount", "shipping", "gift"]
KINDS: tuple[Kind, ...] = ("percent", "amount", "shipping", "gift")
TRIGGERS: tuple[Trigger, ...] = ("value", "items")
MOST_TIERS = 10
ITEMS = "items"  # where a target that counts items is kept, beside the currencies
SECOND_SHIPPING = N_(
    "Shipping is free from an earlier tier on. A second one would give nothing, so there is one"
    " free-shipping tier in a campaign."
)


@dataclass(frozen=True, slots=True)
class TierPlan:
    """A tier: its targets (minor units by currency, or items), and what it gives.

    `key` names its fields in the form; `id` is None until it is kept.
    """

    key: str
    kind: Kind
    targets: Mapping[str, int]
    id: int | None = None
    percent: int | None = None  # hundredths
    amounts: Mapping[str, int] = field(default_factory=dict)
    product_id: int | None = None

    def reward(self, currency: str) -> CartReward:
        """What it gives to a cart in that currency."""
        match self.kind:
            case "percent":
                return PercentOff(self.percent or 0)
            case "amount":
                return AmountOff(self.amounts.get(currency, 0))
            case "gift":
                return FreeGift(self.product_id or 0)
        return FreeShipping()


@dataclass(frozen=True, slots=True)
class Rule:
    """What a campaign counts, from where on it gives what, and what stays out of it."""

    name: str
    trigger: Trigger = "value"
    tiers: tuple[TierPlan, ...] = ()
    adds_up: bool = True
    after_codes: bool = False
    excluded_products: tuple[int, ...] = ()
    excluded_collections: tuple[int, ...] = ()

    def milestones(self, currency: str) -> CartMilestones:
        """How carts in that currency are judged; a tier without a target in it is left out."""
        unit = ITEMS if self.trigger == "items" else currency
        return CartMilestones(
            self.trigger,
            tuple(
                CartTier(tier.id or -place, tier.targets[unit], tier.reward(currency))
                for place, tier in enumerate(self.tiers, 1)
                if unit in tier.targets
            ),
            self.adds_up,
            self.after_codes,
            frozenset(self.excluded_products),
            frozenset(self.excluded_collections),
        )


def check(rule: Rule, currencies: Sequence[str]) -> None:
    """The rule can stand where these currencies are sold in. Raises Invalid about a field."""
    if not rule.name:
        raise Invalid(N_("Give it a name. Only you see it."), about="name")
    if len(rule.tiers) > MOST_TIERS:
        raise Invalid(N_("A campaign has room for %(most)s tiers."), most=MOST_TIERS)
    units = (ITEMS,) if rule.trigger == "items" else tuple(currencies)
    has_shipping = False
    for tier in rule.tiers:
        if tier.kind == "shipping" and has_shipping:
            raise Invalid(SECOND_SHIPPING, about=f"{tier.key}-kind")
        has_shipping = has_shipping or tier.kind == "shipping"
        _check_reward(tier, currencies)
        for unit in units:
            if tier.targets.get(unit, 0) <= 0:
                raise Invalid(
                    N_("Say from where on this tier gives its reward."),
                    about=f"{tier.key}-target-{unit}",
                )
    _check_rising(rule.tiers, units)


def _check_rising(tiers: Sequence[TierPlan], units: Sequence[str]) -> None:
    for lower, tier in pairwise(tiers):
        for unit in units:
            before = lower.targets[unit]
            if tier.targets[unit] <= before:
                raise Invalid(
                    N_("This must be above the tier before it, which stands at %(before)s."),
                    about=f"{tier.key}-target-{unit}",
                    before=before if unit == ITEMS else Money(before, unit),
                )


def _check_reward(tier: TierPlan, currencies: Sequence[str]) -> None:
    if tier.kind == "percent" and not 1 <= (tier.percent or 0) <= WHOLE:
        raise Invalid(
            N_("Type a percentage above 0, and at most 100."), about=f"{tier.key}-percent"
        )
    if tier.kind == "gift" and not tier.product_id:
        raise Invalid(N_("Pick the gift."), about=f"{tier.key}-product")
    if tier.kind == "amount":
        for currency in currencies:
            if tier.amounts.get(currency, 0) <= 0:
                raise Invalid(
                    N_("Say how much this tier takes off."),
                    about=f"{tier.key}-amount-{currency}",
                )


def typed_percent(typed: str, about: str) -> int | None:
    """Hundredths of a percent from "10" or "7,5"; None where nothing was typed. Raises Invalid."""
    said = typed.strip().removesuffix("%").strip().replace(",", ".")
    if not said:
        return None
    whole, _, rest = said.partition(".")
    if not (whole.isascii() and whole.isdecimal() and len(whole) < 4):
        rest = "none"
    if rest and not (rest.isascii() and rest.isdecimal() and len(rest) < 3):
        raise Invalid(
            N_("“%(typed)s” is not a percentage. Type it like 10 or 7.5."),
            about=about,
            typed=typed[:20],
        )
    return int(whole) * 100 + int(rest.ljust(2, "0") or 0)


def shown_percent(hundredths: int) -> str:
    """Hundredths of a percent as one types them."""
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".")
