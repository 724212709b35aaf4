"""The trail as a drawing: where its stops stand, how far each leg is walked, where the crowd is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# The heights of the two control points of every leg's curve, in hundredths of the leg.
# `static/js/live.js` draws the same curves; keep the numbers equal.
_HEIGHTS = (30.0, 70.0)
NEAR = 0.8  # of the leg to a milestone


@dataclass(frozen=True, slots=True)
class Leg:
    """The piece of road from one stop down to the next.

    `walked` is 0–1. `here` is true for the one leg that the crowd is on. The two curves run in a
    box of 100 × 100: `narrow` bends beside a column of text, `wide` crosses from side to side.
    """

    start: int
    end: int
    walked: float
    here: bool
    narrow: tuple[float, float, float, float]
    wide: tuple[float, float, float, float]

    @property
    def narrow_path(self) -> str:
        """The narrow curve as an SVG path."""
        return _path(self.narrow)

    @property
    def wide_path(self) -> str:
        """The wide curve as an SVG path."""
        return _path(self.wide)

    @property
    def narrow_x(self) -> float:
        """How far from the left the crowd stands on the narrow curve, in hundredths."""
        return _x_at(self.narrow, self.walked)

    @property
    def wide_x(self) -> float:
        """How far from the left the crowd stands on the wide curve, in hundredths."""
        return _x_at(self.wide, self.walked)


@dataclass(frozen=True, slots=True)
class Stop:
    """A milestone, the goal, or both at one place, and the leg that leads on from it."""

    target: int
    milestone: Mapping[str, Any] | None
    is_goal: bool
    is_next: bool
    passed: bool
    leg: Leg | None
    number: int


@dataclass(frozen=True, slots=True)
class Trail:
    """The whole road of a campaign: the leg from its start, then its stops in order of target."""

    first: Leg | None
    stops: tuple[Stop, ...]
    end: int

    @property
    def next(self) -> Stop | None:
        """The nearest milestone ahead."""
        return next((s for s in self.stops if s.milestone and not s.passed), None)

    @property
    def prompt(self) -> tuple[str, Stop] | None:
        """What to bring others along for (S58): a milestone `near`, else the last `reached`."""
        ahead, before = self.next, [s for s in self.stops if s.passed]
        leads = before[-1].leg if before else self.first
        if (
            ahead is not None
            and leads is not None
            and leads.end == ahead.target
            and leads.walked >= NEAR
        ):
            return "near", ahead
        reached = [s for s in before if s.milestone]
        return ("reached", reached[-1]) if reached else None

    def share(self, value: int) -> float:
        """Where `value` lies between the start and the end, in hundredths from 0 to 100."""
        return round(100 * min(1.0, max(0.0, value / self.end)), 2) if self.end else 0.0


def trail(c: Mapping[str, Any]) -> Trail:
    """The trail of a campaign from its public state."""
    total = max(0, int(c["total"]))
    places: list[tuple[int, Mapping[str, Any] | None]] = [
        (int(m["target"]), m) for m in c["milestones"]
    ]
    goal = int(c["goal"] or 0)
    if goal and goal not in [target for target, _ in places]:
        places = sorted([*places, (goal, None)], key=lambda place: place[0])
    targets = [target for target, _ in places]
    following = next((i for i, (t, m) in enumerate(places) if not _passed(t, m, total)), None)
    stops = [
        Stop(
            target=target,
            milestone=milestone,
            is_goal=target == goal,
            is_next=index == following,
            passed=_passed(target, milestone, total),
            leg=leg(targets, index + 1, total),
            number=index + 1,
        )
        for index, (target, milestone) in enumerate(places)
    ]
    return Trail(
        first=leg(targets, 0, total),
        stops=tuple(stops),
        end=max([goal, *targets, 1]),
    )


def _passed(target: int, milestone: Mapping[str, Any] | None, total: int) -> bool:
    """A reached milestone stays passed when refunds lower the total (C5)."""
    return total >= target if milestone is None else milestone["state"] != "ahead"


def leg(targets: Sequence[int], index: int, total: int) -> Leg | None:
    """The leg that ends at that one of the targets, rising; None where there is none."""
    if index >= len(targets):
        return None
    start, end = (targets[index - 1] if index else 0), targets[index]
    walked = (total - start) / (end - start) if end > start else float(total >= end)
    bend = 96.0 if index % 2 else 4.0
    left, right = (20.0, 80.0) if index % 2 else (80.0, 20.0)
    if index == 0:
        left = 50.0
    return Leg(
        start=start,
        end=end,
        walked=round(min(1.0, max(0.0, walked)), 4),
        here=start <= total < end,
        narrow=(50.0, bend, bend, 50.0),
        wide=(left, left, right, right),
    )


def _path(xs: tuple[float, float, float, float]) -> str:
    a, b, c, d = (f"{x:g}" for x in xs)
    return f"M{a} 0C{b} {_HEIGHTS[0]:g} {c} {_HEIGHTS[1]:g} {d} 100"


def _bezier(t: float, a: float, b: float, c: float, d: float) -> float:
    s = 1 - t
    return s * s * s * a + 3 * s * s * t * b + 3 * s * t * t * c + t * t * t * d


def _x_at(xs: tuple[float, float, float, float], walked: float) -> float:
    """The x of the curve where its height is `walked`; heights only grow, so halving finds it."""
    if walked in (0.0, 1.0):
        return xs[3] if walked else xs[0]
    low, high = 0.0, 1.0
    for _ in range(24):
        middle = (low + high) / 2
        if _bezier(middle, 0, *_HEIGHTS, 100) < walked * 100:
            low = middle
        else:
            high = middle
    return round(_bezier(low, *xs), 2)
