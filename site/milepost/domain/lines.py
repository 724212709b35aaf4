"""The lines of a pledge: what was chosen, at the price that it had then (M3, C1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from milepost.domain.errors import Closed, Invalid, SoldOut
from milepost.domain.messages import N_
from milepost.domain.money import LARGEST, Money, exponent

Source = Literal["tier", "addon", "bonus", "own_amount", "shipping"]
TierKind = Literal["tier", "addon"]
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


def goods_of(lines: Iterable[Line]) -> int:
    """Minor units of all that moves a money meter: everything but shipping (C1)."""
    return sum(line.amount for line in lines if line.source != "shipping")


def shipping_of(lines: Iterable[Line]) -> int:
    """Minor units of the shipping among the lines."""
    return sum(line.amount for line in lines if line.source == "shipping")


@dataclass(frozen=True, slots=True)
class Tier:
    """What can be chosen: a reward, or an add-on beside one (B1, B2, P3).

    `price` is in minor units; `most` is how many of it one pledge may hold, None for the usual;
    what `ships` needs an address.
    """

    id: int
    title: str
    price: int
    units: int
    slots: int | None = None
    claimed: int = 0
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    kind: TierKind = "tier"
    most: int | None = None
    ships: bool = False

    @property
    def left(self) -> int | None:
        """Slots not claimed; None when there is no limit."""
        return None if self.slots is None else self.slots - self.claimed

    @property
    def most_at_once(self) -> int:
        """How many of it one pledge may hold, whatever is left."""
        return min(self.most or MOST_AT_ONCE, MOST_AT_ONCE)

    @property
    def field(self) -> str:
        """The form's field for how many of it are wanted."""
        return "quantity" if self.kind == "tier" else addon_field(self.id)

    def state(self, now: datetime) -> TierState:
        """Whether it can be chosen at `now`, and if not, why."""
        if self.closes_at is not None and now >= self.closes_at:
            return "ended"
        if self.opens_at is not None and now < self.opens_at:
            return "soon"
        return "sold_out" if self.left == 0 else "open"

    def admit(self, quantity: int, now: datetime, holding: int = 0) -> None:
        """Raises Closed, SoldOut or Invalid unless `quantity` of it can be chosen at `now`.

        Whoever is `holding` some of it may keep so many, whatever the time and the crowd.
        """
        if not 1 <= quantity <= self.most_at_once:
            raise Invalid(
                N_("Choose between 1 and %(most)s of “%(title)s”.")
                if self.kind == "tier"
                else N_("You may add up to %(most)s of “%(title)s”."),
                about=self.field,
                most=self.most_at_once,
                title=self.title,
            )
        if quantity <= holding:
            return
        state = self.state(now)
        if state in ("soon", "ended"):
            raise Closed(
                N_("“%(title)s” can't be chosen at this time. Choose another reward.")
                if self.kind == "tier"
                else N_("“%(title)s” can't be added at this time. Pledge without it."),
                about=self.kind,
                title=self.title,
            )
        if self.left is None:
            return
        free = self.left + holding
        if free <= 0:
            raise sold_out(self.title, self.kind, self.id)
        if quantity > free:
            raise SoldOut(
                N_("Only %(left)s of “%(title)s” are left. Choose fewer."),
                about=self.field,
                left=free,
                title=self.title,
            )


def addon_field(tier_id: int) -> str:
    """The form's field for how many of this add-on are wanted."""
    return f"addon-{tier_id}"


def sold_out(title: str, kind: TierKind = "tier", tier_id: int = 0) -> SoldOut:
    """The refusal for whoever came a moment too late."""
    if kind == "addon":
        return SoldOut(
            N_("The last “%(title)s” has just been claimed. Pledge without it."),
            about=addon_field(tier_id),
            title=title,
        )
    return SoldOut(
        N_(
            "The last “%(title)s” has just been claimed. Choose another reward, or pledge without"
            " one."
        ),
        about="tier",
        title=title,
    )


def choose(
    tier: Tier | None,
    quantity: int,
    amount: Money,
    bonus: Money,
    addons: Sequence[tuple[Tier, int]] = (),
    shipping: Line | None = None,
) -> list[Line]:
    """The lines of a pledge for a tier, or of an own `amount` without one, and all beside it (B2).

    In this order: the tier or the amount, each add-on with its quantity, the bonus, the shipping.
    Raises Invalid when the goods come to nothing, or all of it to more than one pledge can be.
    """
    lines = []
    if tier is not None:
        lines.append(_line(tier, quantity))
    elif amount.amount:
        lines.append(Line("own_amount", "", 1, amount.amount))
    lines += [_line(addon, count) for addon, count in addons]
    if bonus.amount:
        lines.append(Line("bonus", "", 1, bonus.amount))
    goods, about = goods_of(lines), "bonus" if tier is not None else "amount"
    if goods < 10 ** exponent(amount.currency) // 2 or not goods:
        raise Invalid(N_("Type how much you want to pledge."), about=about)
    if goods + (shipping.amount if shipping else 0) > LARGEST:
        raise Invalid(N_("This is more than one pledge can be."), about=about)
    return [*lines, shipping] if shipping else lines


def _line(tier: Tier, quantity: int) -> Line:
    return Line(tier.kind, tier.title, quantity, tier.price, tier.units * quantity, tier.id)
