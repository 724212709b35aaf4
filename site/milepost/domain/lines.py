"""The lines of a pledge: what was chosen, at the price that it had then (M3, C1)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from milepost.domain.errors import Closed, Invalid, SoldOut
from milepost.domain.messages import N_
from milepost.domain.money import LARGEST, Money, exponent

Source = Literal["tier", "addon", "bonus", "own_amount"]
TierState = Literal["open", "soon", "sold_out", "ended"]
MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Line:
    """`quantity` of something at `unit_price` minor units, worth `units` on the meter in all."""

    source: Source
    title: str
    quantity: int
    unit_price: int
    units: int = 0
    tier_id: int | None = None

    @property
    def amount(self) -> int:
        """Minor units of the whole line."""
        return self.quantity * self.unit_price


@dataclass(frozen=True, slots=True)
class Tier:
    """A reward that can be chosen: its price in minor units, its units, its slots (B1, P3)."""

    id: int
    title: str
    price: int
    units: int
    slots: int | None = None
    claimed: int = 0
    opens_at: datetime | None = None
    closes_at: datetime | None = None

    @property
    def left(self) -> int | None:
        """Slots not claimed; None when there is no limit."""
        return None if self.slots is None else self.slots - self.claimed

    def state(self, now: datetime) -> TierState:
        """Whether it can be chosen at `now`, and if not, why."""
        if self.closes_at is not None and now >= self.closes_at:
            return "ended"
        if self.opens_at is not None and now < self.opens_at:
            return "soon"
        return "sold_out" if self.left == 0 else "open"

    def admit(self, quantity: int, now: datetime) -> None:
        """Raises Closed, SoldOut or Invalid unless `quantity` of it can be chosen at `now`."""
        if not 1 <= quantity <= MOST_AT_ONCE:
            raise Invalid(
                N_("Choose between 1 and %(most)s of “%(title)s”."),
                about="quantity",
                most=MOST_AT_ONCE,
                title=self.title,
            )
        state = self.state(now)
        if state == "sold_out":
            raise sold_out(self.title)
        if state != "open":
            raise Closed(
                N_("“%(title)s” can't be chosen at this time. Choose another reward."),
                about="tier",
                title=self.title,
            )
        if self.left is not None and quantity > self.left:
            raise SoldOut(
                N_("Only %(left)s of “%(title)s” are left. Choose fewer."),
                about="quantity",
                left=self.left,
                title=self.title,
            )


def sold_out(title: str) -> SoldOut:
    """The refusal for whoever came a moment too late."""
    return SoldOut(
        N_(
            "The last “%(title)s” has just been claimed. Choose another reward, or pledge without"
            " one."
        ),
        about="tier",
        title=title,
    )


def choose(tier: Tier | None, quantity: int, amount: Money, bonus: Money) -> list[Line]:
    """The lines of a pledge for a tier, or of an own `amount` without one, and a bonus (B2).

    Raises Invalid when they come to nothing, or to more than one pledge can be.
    """
    lines = []
    if tier is not None:
        units = tier.units * quantity
        lines.append(Line("tier", tier.title, quantity, tier.price, units, tier.id))
    elif amount.amount:
        lines.append(Line("own_amount", "", 1, amount.amount))
    if bonus.amount:
        lines.append(Line("bonus", "", 1, bonus.amount))
    total, about = sum(line.amount for line in lines), "bonus" if tier is not None else "amount"
    if total < 10 ** exponent(amount.currency) // 2 or not total:
        raise Invalid(N_("Type how much you want to pledge."), about=about)
    if total > LARGEST:
        raise Invalid(N_("This is more than one pledge can be."), about=about)
    return lines
