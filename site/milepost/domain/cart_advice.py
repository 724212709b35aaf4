"""Advice on a cart's milestones from the store's own orders (S26–S29, S31).

A first threshold just above the average order, even steps, the gift last, short messages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from milepost.domain.cart_plans import ITEMS, Kind, Rule
from milepost.domain.messages import N_
from milepost.domain.money import Money, exponent

ENOUGH = 20  # paid orders: fewer say more of chance than of shoppers
DAYS = 90
TOO_FAR = 3  # halves of the average: a first threshold past this is out of reach for most
UNEVEN = 2  # one step so many times another
LONG = 48  # characters of a message
PRESET: tuple[Kind, ...] = ("percent", "shipping", "gift")
PRESET_PERCENT = 500  # hundredths; 5–10 % is where the field begins


@dataclass(frozen=True, slots=True)
class Numbers:
    """Paid orders of the last ninety days: how many, and their average in minor units or items."""

    orders: int
    average: int
    unit: str  # a currency, or "items"

    @property
    def are_enough(self) -> bool:
        """True when they say something."""
        return self.orders >= ENOUGH and self.average > 0

    def said(self, value: int) -> Any:
        """A value in this unit, for a sentence."""
        return value if self.unit == ITEMS else Money(value, self.unit)


@dataclass(frozen=True, slots=True)
class Advice:
    """One sentence: what the numbers say, and where `is_good` is False, what would be better."""

    topic: str
    is_good: bool
    message: str
    fields: Mapping[str, Any] = field(default_factory=dict)


def thresholds(numbers: Numbers, count: int) -> list[int]:
    """So many round thresholds: the first just above the average, the others in even steps."""
    if numbers.unit == ITEMS:
        return [numbers.average + step for step in range(1, count + 1)]
    grain = _grain(numbers.average, numbers.unit)
    first = (numbers.average // grain + 1) * grain
    step = max(1, round(first / 2 / grain)) * grain
    return [first + place * step for place in range(count)]


def _grain(amount: int, currency: str) -> int:
    """What amounts of this size are rounded to, so that one can say them: 1, 5, 10, 50, …"""
    grain: int = 10 ** exponent(currency)
    while grain * 20 <= amount:
        grain *= 5 if str(grain).startswith("1") else 2
    return grain


def advise(numbers: Numbers, rule: Rule, messages: Sequence[str] = ()) -> list[Advice]:
    """All that the store's numbers have to say about this rule and what its bar says."""
    targets = [t.targets[numbers.unit] for t in rule.tiers if numbers.unit in t.targets]
    found = [_first(numbers, targets)]
    if len(targets) > 1:
        found.append(_spacing(numbers, targets))
    return [*found, *_gift(rule), *_length(messages)]


def _first(numbers: Numbers, targets: Sequence[int]) -> Advice:
    if not numbers.are_enough:
        told = {"orders": numbers.orders, "days": DAYS, "enough": ENOUGH}
        return Advice(
            "few",
            False,
            N_(
                "Not enough orders yet: %(orders)s in %(days)s days. From %(enough)s on, this is"
                " reckoned from what your shoppers really spend."
            ),
            told,
        )
    wanted = thresholds(numbers, 1)[0]
    told = {"average": numbers.said(numbers.average), "wanted": numbers.said(wanted)}
    if not targets:
        return Advice(
            "first",
            False,
            N_(
                "An order is %(average)s on average. Set the first threshold just above it, at"
                " %(wanted)s: one thing more is a small step."
            ),
            told,
        )
    told["first"] = numbers.said(targets[0])
    if targets[0] <= numbers.average:
        return Advice(
            "first",
            False,
            N_(
                "The first threshold, %(first)s, is not above the average order of %(average)s:"
                " it rewards what people buy anyway. Try %(wanted)s."
            ),
            told,
        )
    if 2 * targets[0] > TOO_FAR * max(numbers.average, wanted * 2 // TOO_FAR):
        return Advice(
            "first",
            False,
            N_(
                "The first threshold, %(first)s, is far above the average order of %(average)s."
                " Try %(wanted)s, so that most can reach it."
            ),
            told,
        )
    return Advice(
        "first",
        True,
        N_("The first threshold, %(first)s, is just above the average order of %(average)s."),
        told,
    )


def _spacing(numbers: Numbers, targets: Sequence[int]) -> Advice:
    steps = [after - before for before, after in pairwise(targets)]
    told = {"least": numbers.said(min(steps)), "most": numbers.said(max(steps))}
    if max(steps) >= UNEVEN * min(steps) and len(steps) > 1:
        return Advice(
            "spacing",
            False,
            N_(
                "The steps between tiers go from %(least)s to %(most)s. Even steps keep the next"
                " reward in sight."
            ),
            told,
        )
    if len(steps) == 1 and steps[0] > targets[0]:
        told |= {"first": numbers.said(targets[0])}
        return Advice(
            "spacing",
            False,
            N_(
                "From the first tier to the second it is %(most)s, more than to the first. Go less."
            ),
            told,
        )
    return Advice("spacing", True, N_("The steps between the tiers are even."))


def _gift(rule: Rule) -> list[Advice]:
    kinds = [tier.kind for tier in rule.tiers]
    if "gift" not in kinds or len(kinds) < 2:
        return []
    if kinds[-1] == "gift":
        return [Advice("gift", True, N_("The gift comes last: it is what people go on for."))]
    return [
        Advice(
            "gift",
            False,
            N_("Put the gift last. It is what people go on for once the rest is theirs."),
        )
    ]


def _length(messages: Sequence[str]) -> list[Advice]:
    longest = max(messages, key=len, default="")
    if len(longest) <= LONG:
        return []
    return [
        Advice(
            "length",
            False,
            N_(
                "“%(message)s” has %(length)s characters. A message of up to %(most)s is read at a"
                " glance; begin with the action: “Add …”."
            ),
            {"message": longest, "length": len(longest), "most": LONG},
        )
    ]
