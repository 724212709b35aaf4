"""What a program would cost: what so many grants of a reward come to, as far as it can be said."""

from collections.abc import Mapping
from dataclasses import dataclass

from milepost.domain.accounts import POINTS
from milepost.domain.loyalty_rewards import UNITS, LoyaltyReward
from milepost.domain.messages import N_, NN_, Sentence, Several
from milepost.domain.money import Money

_POINTS = NN_("one point", "%(count)s points")
_PIECES = NN_("one piece", "%(count)s pieces")
_CODES = NN_("one code", "%(count)s codes")


@dataclass(frozen=True, slots=True)
class Bill:
    """What a usual order comes to, in minor units: its goods, and its shipping where it has any."""

    goods: int
    shipping: int


@dataclass(frozen=True, slots=True)
class Stock:
    """A gift: how many there are (None: it never runs out), and its prices by currency."""

    left: int | None
    prices: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Cost:
    """What some grants come to: `said` in a sentence, `money` in minor units at the most."""

    said: Sentence
    money: int | None = None
    currency: str | None = None
    points: int = 0


def worth_of_points(
    points: int, buys: Mapping[str, list[int]], currency: str | None
) -> Money | None:
    """What so many points make in credit; None where points make none."""
    found = currency if currency in buys else next(iter(buys), None)
    if found is None or not points:
        return None
    some, amount = buys[found]
    return Money(points * amount // some, found)


def cost_of(
    reward: LoyaltyReward,
    grants: int,
    currency: str | None,
    buys: Mapping[str, list[int]],
    bills: Mapping[str, Bill],
    gifts: Mapping[int, Stock],
) -> tuple[Cost, ...]:
    """What `grants` of this reward come to; one for each product of a gift."""
    if reward.unit == POINTS:
        return (_points(grants * (reward.worth or 0), buys, currency),)
    if (counted := UNITS.get(reward.unit or "")) is not None:
        said = Several(counted.one, counted.many, grants * (reward.worth or 0))
        return (Cost(Sentence("%(counted)s", {"counted": said})),)
    if reward.unit is not None:
        total = Money(grants * (reward.worth or 0), reward.unit)
        return (Cost(Sentence("%(money)s", {"money": total}), total.amount, total.currency),)
    if reward.products:
        return tuple(_gift(gifts.get(p), grants, currency) for p in reward.products)
    return (_codes(reward, grants, currency, bills),)


def _points(points: int, buys: Mapping[str, list[int]], currency: str | None) -> Cost:
    said = Several(*_POINTS, points)
    worth = worth_of_points(points, buys, currency)
    if worth is None:
        return Cost(Sentence("%(points)s", {"points": said}), points=points)
    return Cost(
        Sentence(
            N_("%(points)s, which make %(money)s of credit"), {"points": said, "money": worth}
        ),
        worth.amount,
        worth.currency,
        points,
    )


def _codes(
    reward: LoyaltyReward, grants: int, currency: str | None, bills: Mapping[str, Bill]
) -> Cost:
    codes = Several(*_CODES, grants)
    if reward.code_as == "amount" and reward.amounts:
        money, each = next(iter(reward.amounts.items()))
        total = Money(grants * each, money)
        return Cost(
            Sentence(N_("%(codes)s, %(money)s at most"), {"codes": codes, "money": total}),
            total.amount,
            money,
        )
    money = currency if currency and currency in bills else next(iter(bills), "")
    bill = bills.get(money, Bill(0, 0))
    usual = bill.shipping
    if reward.code_as == "percent":
        usual = bill.goods * (reward.percent or 0) // 10_000
    if not usual:
        return Cost(Sentence("%(codes)s", {"codes": codes}))
    total = Money(grants * usual, money)
    return Cost(
        Sentence(
            N_("%(codes)s, about %(money)s if all are used on usual orders"),
            {"codes": codes, "money": total},
        ),
        total.amount,
        money,
    )


def _gift(stock: Stock | None, grants: int, currency: str | None) -> Cost:
    pieces = Several(*_PIECES, grants)
    prices = stock.prices if stock is not None else {}
    money = currency if currency in prices else next(iter(prices), None)
    fields = {"pieces": pieces, "left": stock.left if stock is not None else 0}
    if stock is None or (stock.left is not None and stock.left < grants):
        said = N_("%(pieces)s, more than the %(left)s in stock")
    elif money is not None:
        said = N_("%(pieces)s, %(money)s at the shop’s price")
    else:
        said = "%(pieces)s"
    if money is None:
        return Cost(Sentence(said, fields))
    total = Money(grants * prices[money], money)
    return Cost(Sentence(said, fields | {"money": total}), total.amount, money)


def in_all(costs: list[Cost]) -> tuple[int, dict[str, int]]:
    """All points, and all money at the most by currency."""
    money: dict[str, int] = {}
    for cost in costs:
        if cost.money is not None and cost.currency is not None:
            money[cost.currency] = money.get(cost.currency, 0) + cost.money
    return sum(cost.points for cost in costs), money
