"""The demo's past pledges: who pledged what, when, and where it is sent."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from milepost.cli.demo_people import a_person
from milepost.cli.demo_texts import DemoCampaign, DemoTier
from milepost.domain.lines import Line, Tier, choose, goods_of
from milepost.domain.money import Money
from milepost.domain.shipping import Country, Zone, asks_country, ship, zones_by_country

OPEN_SINCE = timedelta(days=18)
STOPS_AT = {"field-recorder": 399, "night-atlas": 19_981_00}  # one pledge before a milestone
COUNTRIES = ("DE", "DE", "DE", "AT", "CH", "NL", "FR", "GB", "GB", "SE", "US", "CA", "JP")


@dataclass(frozen=True, slots=True)
class PastPledge:
    """A pledge that the demo's crowd once made."""

    at: datetime
    lines: tuple[Line, ...]
    claims: dict[int, int]
    country: str | None
    name: str
    email: str
    locale: str


@dataclass(slots=True)
class Stall:
    """What there is to choose from, and how many of each were taken so far."""

    demo: DemoCampaign
    tiers: Sequence[Tier]
    addons: Sequence[Tier]
    zones: Sequence[Zone]
    taken: Counter[int] = field(default_factory=Counter)

    def pick(
        self, draw: random.Random, among: Sequence[Tier], weights: Sequence[DemoTier], at: datetime
    ) -> Tier | None:
        """One that was to be had then; a few of each limited one are left for now."""
        open_then = [
            (tier, demo.weight)
            for tier, demo in zip(among, weights, strict=True)
            if tier.state(at) == "open" and self._is_left(tier)
        ]
        if not open_then:
            return None
        (chosen,) = draw.choices(open_then, [weight for _, weight in open_then])
        self.taken[chosen[0].id] += 1
        return chosen[0]

    def _is_left(self, tier: Tier) -> bool:
        spare = 0 if tier is self.tiers[0] else 3
        return tier.slots is None or self.taken[tier.id] < tier.slots - spare

    def worth(self, lines: Sequence[Line]) -> int:
        """What the lines move the campaign's meter by."""
        if self.demo.basis == "money":
            return goods_of(lines)
        return sum(line.units for line in lines)


def crowd(stall: Stall, now: datetime) -> Iterator[PastPledge]:
    """Pledges up to one pledge before the next milestone; dense at first, as launches are."""
    draw = random.Random(stall.demo.slug)
    total, number, goal = 0, 0, STOPS_AT[stall.demo.slug]
    seconds = OPEN_SINCE.total_seconds() - 900
    while total < goal:
        at = now - OPEN_SINCE + timedelta(seconds=60 + seconds * draw.random() ** 1.4)
        cart, own, bonus = _cart(stall, draw, at)
        country = _country(stall, draw, cart)
        lines = _lines(stall, cart, own, bonus, country)
        if stall.worth(lines) > goal - total:
            for tier, count in cart:
                stall.taken[tier.id] -= count
            cart, own = _the_rest(stall, goal - total)
            country = _country(stall, draw, cart)
            lines = _lines(stall, cart, own, 0, country)
        total += stall.worth(lines)
        number += 1
        name, email = a_person(draw, number)
        yield PastPledge(
            at=at,
            lines=lines,
            claims={tier.id: count for tier, count in cart if tier.slots is not None},
            country=country,
            name=name,
            email=email,
            locale="de" if draw.random() < 0.2 else "en",
        )


Cart = list[tuple[Tier, int]]


def _cart(stall: Stall, draw: random.Random, at: datetime) -> tuple[Cart, int, int]:
    """What one of the crowd chose, their own amount, and their bonus."""
    if draw.random() < 0.06:
        return [], draw.choice((500, 1000, 1500, 2500, 5000)), 0
    chosen = [stall.pick(draw, stall.tiers, stall.demo.tiers, at)]
    if draw.random() < 0.16:
        chosen.append(stall.pick(draw, stall.addons, stall.demo.addons, at))
    bonus = draw.choice((300, 500, 700, 1000, 2000)) if draw.random() < 0.12 else 0
    return [(tier, 1) for tier in chosen if tier is not None], 0, bonus


def _the_rest(stall: Stall, rest: int) -> tuple[Cart, int]:
    """What is missing to the total at which the demo stands."""
    if stall.demo.basis == "money":
        return [], rest
    plain = next(tier for tier in stall.tiers if tier.slots is None)
    return [(plain, rest)], 0


def _country(stall: Stall, draw: random.Random, cart: Cart) -> str | None:
    """Where it is sent, among the countries that all of it is sent to; None where nobody asks."""
    sent = {tier.id for tier, _ in cart if tier.ships}
    if not sent or not asks_country(stall.zones, stall.demo.excluded):
        return None
    zones = zones_by_country(stall.zones, stall.demo.excluded)
    return draw.choice([c for c in COUNTRIES if c in zones and sent <= zones[c].fees.keys()])


def _lines(stall: Stall, cart: Cart, own: int, bonus: int, country: str | None) -> tuple[Line, ...]:
    currency = stall.demo.currency
    tier, count = cart[0] if cart else (None, 1)
    where = Country(country) if country else None
    shipping = ship(cart, where, stall.zones, stall.demo.excluded)
    return tuple(
        choose(tier, count, Money(own, currency), Money(bonus, currency), cart[1:], shipping)
    )
