"""Advice on a campaign's milestones, each piece with the number of the campaign that made it.

Early targets within reach, even spacing, one at the goal, rewards that pay for themselves, stock
that lasts, short texts (S53–S54). Amounts come out as `Amount`; who renders them knows the basis.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from milepost.domain.messages import N_
from milepost.domain.money import Money
from milepost.domain.whatif import Meter

Topic = Literal["early", "spacing", "goal", "cost", "stock", "text"]
EARLY = 4  # the first one within a quarter of the goal
SOON = 10  # days
UNEVEN = 3  # one stretch so many times another
DEAR = 15  # percent of the money raised by then
LONG_TITLE, LONG_TEXT = 48, 160  # characters


@dataclass(frozen=True, slots=True)
class Stone:
    """A milestone as the advice looks at it: `for_all`, and one `per_unit` or per backer (A6)."""

    title: str
    target: int
    is_reached: bool = False
    cost: int | None = None
    stock: int | None = None
    is_product: bool = False
    per_unit: bool = False
    for_all: bool = True
    text: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """One sentence: what the numbers say, and where `is_good` is False, what would be better."""

    topic: Topic
    is_good: bool
    message: str
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Amount:
    """A value of the campaign's meter, for a sentence."""

    value: int


def advise(
    meter: Meter, goal: int, backers: int, currency: str, stones: Sequence[Stone]
) -> list[Advice]:
    """All that the numbers of this campaign have to say about its milestones."""
    if not stones:
        return [_first(meter, goal)]
    ordered = sorted(stones, key=lambda stone: stone.target)
    found = [_early(meter, goal, ordered), *_spacing(ordered), _goal(goal, ordered)]
    found += _costs(meter, backers, currency, ordered)
    found += _stocks(meter, backers, ordered)
    found += _texts(ordered)
    return found


def _first(meter: Meter, goal: int) -> Advice:
    return Advice(
        "early",
        False,
        N_("There is no milestone yet. One at %(near)s, a quarter of the goal, is soon met."),
        {"near": Amount(max(1, goal // EARLY))},
    )


def _early(meter: Meter, goal: int, stones: Sequence[Stone]) -> Advice:
    """Something is within reach: soon by the trend, or within a quarter of the goal before one."""
    following = next((s for s in stones if not s.is_reached and s.target > meter.total), None)
    if following is None:
        return Advice(
            "early",
            False,
            N_("Every milestone is behind the crowd at %(total)s. Another one would pull it on."),
            {"total": Amount(meter.total)},
        )
    told: dict[str, Any] = {"target": Amount(following.target)}
    if meter.pace is not None and meter.pace.gained > 0:
        when = meter.pace.reaches(following.target, meter.total, meter.now)
        days = None if when is None else -((meter.now - when) // timedelta(days=1))
        told |= {"pace": Amount(meter.pace.per_day), "days": days}
        if days is not None and days <= SOON:
            message = N_("The next one, at %(target)s, is %(days)s days away at %(pace)s a day.")
            if days == 1:
                message = N_("The next one, at %(target)s, is met within a day at %(pace)s a day.")
            return Advice("early", True, message, told)
        near = meter.total + max(1, meter.pace.per_day * 7)
        if near >= following.target:
            near = meter.total + max(1, (following.target - meter.total) // 2)
        return Advice(
            "early",
            False,
            N_(
                "The next one, at %(target)s, is far off at %(pace)s a day."
                " One near %(near)s would be met within a week."
            ),
            told | {"near": Amount(near)},
        )
    quarter = max(1, goal // EARLY)
    first = stones[0]
    told = {"target": Amount(first.target), "near": Amount(quarter)}
    if first.target <= quarter:
        message = N_("The first one, at %(target)s, is within a quarter of the goal: soon met.")
        return Advice("early", True, message, told)
    message = N_(
        "The first one stands at %(target)s. One at or below %(near)s, a quarter of the goal,"
        " is met early and draws others."
    )
    return Advice("early", False, message, told)


def _spacing(stones: Sequence[Stone]) -> Iterator[Advice]:
    targets = sorted({stone.target for stone in stones})
    if len(targets) < 2:
        return
    legs = list(zip([0, *targets], targets, strict=False))
    longest = max(legs, key=lambda leg: leg[1] - leg[0])
    shortest = min(legs, key=lambda leg: leg[1] - leg[0])
    told = {
        "start": Amount(longest[0]),
        "end": Amount(longest[1]),
        "long": Amount(longest[1] - longest[0]),
        "short": Amount(shortest[1] - shortest[0]),
        "middle": Amount((longest[0] + longest[1]) // 2),
    }
    if longest[1] - longest[0] <= UNEVEN * (shortest[1] - shortest[0]):
        message = N_("The steps are even: from %(short)s to %(long)s each.")
        yield Advice("spacing", True, message, told)
    else:
        message = N_(
            "From %(start)s to %(end)s it is %(long)s, elsewhere only %(short)s."
            " One near %(middle)s would even it out."
        )
        yield Advice("spacing", False, message, told)


def _goal(goal: int, stones: Sequence[Stone]) -> Advice:
    nearest = min(stones, key=lambda stone: abs(stone.target - goal))
    told = {"goal": Amount(goal), "target": Amount(nearest.target)}
    if nearest.target == goal:
        return Advice("goal", True, N_("One stands at the goal of %(goal)s itself."), told)
    message = N_(
        "None stands at the goal of %(goal)s; the nearest is at %(target)s."
        " The goal is a moment worth a reward."
    )
    return Advice("goal", False, message, told)


def _by_then(meter: Meter, backers: int, stone: Stone) -> int | None:
    """Pieces for all who are there at its target, if the crowd grows as it is (A1, A6)."""
    if stone.per_unit and meter.basis == "units":
        return stone.target
    if meter.total <= 0:
        return None
    return -(-backers * stone.target // meter.total)


def _costs(meter: Meter, backers: int, currency: str, stones: Sequence[Stone]) -> Iterator[Advice]:
    silent = [stone for stone in stones if stone.cost is None and stone.is_product]
    if silent:
        message = N_(
            "“%(title)s” does not say what a piece costs you, so this page can’t weigh it."
        )
        yield Advice("cost", False, message, {"title": silent[0].title})
    for stone in stones:
        pieces = _by_then(meter, backers, stone) if stone.for_all else None
        if not stone.cost or pieces is None:
            continue
        money = (
            stone.target if meter.basis == "money" else stone.target * meter.money // meter.total
        )
        if not money:
            continue
        percent = -(-100 * stone.cost * pieces // money)
        told = {
            "title": stone.title,
            "pieces": pieces,
            "cost": Money(stone.cost * pieces, currency),
            "money": Money(money, currency),
            "percent": percent,
        }
        if percent <= DEAR:
            message = N_(
                "“%(title)s”: about %(pieces)s of them cost %(cost)s,"
                " %(percent)s of the %(money)s raised by then."
            )
        else:
            message = N_(
                "“%(title)s”: about %(pieces)s of them cost %(cost)s,"
                " %(percent)s of the %(money)s raised by then. That is a lot."
            )
        yield Advice("cost", percent <= DEAR, message, told)


def _stocks(meter: Meter, backers: int, stones: Sequence[Stone]) -> Iterator[Advice]:
    for stone in stones:
        if stone.stock is None or stone.is_reached or not stone.for_all:
            continue
        pieces = _by_then(meter, backers, stone)
        if pieces is None:
            continue
        told = {"title": stone.title, "stock": stone.stock, "pieces": pieces}
        if stone.stock >= pieces:
            message = N_(
                "“%(title)s”: %(stock)s in stock is enough for the about %(pieces)s at its target."
            )
            yield Advice("stock", True, message, told)
        else:
            message = N_(
                "“%(title)s”: %(stock)s in stock, and about %(pieces)s wanted at its target."
                " Order more in time, or set a cap."
            )
            yield Advice("stock", False, message, told)


def _texts(stones: Sequence[Stone]) -> Iterator[Advice]:
    for stone in stones:
        if len(stone.title) > LONG_TITLE:
            message = N_(
                "“%(title)s” has %(count)s characters. Up to %(most)s are read at a glance."
            )
            yield Advice(
                "text",
                False,
                message,
                {"title": stone.title, "count": len(stone.title), "most": LONG_TITLE},
            )
        elif len(stone.text) > LONG_TEXT:
            message = N_(
                "The text before “%(title)s” has %(count)s characters."
                " Up to %(most)s are read at a glance."
            )
            yield Advice(
                "text",
                False,
                message,
                {"title": stone.title, "count": len(stone.text), "most": LONG_TEXT},
            )
