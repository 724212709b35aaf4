"""A campaign's road drawn true to scale, with handles: where each milestone stands, and can go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from milepost.domain.money import exponent
from milepost.domain.whatif import Meter, total_at_close

# How far apart two stones must stand, in hundredths of the road, to be on one level: on a phone
# and at a desk. Nearer ones stand on taller poles.
APART, APART_WIDE = 19.0, 8.0
LEVELS = 4


@dataclass(frozen=True, slots=True)
class Handle:
    """A milestone on the road; `level` is the height of its pole on a phone, `wide` at a desk."""

    milestone: Mapping[str, Any]
    share: float
    level: int
    wide: int


@dataclass(frozen=True, slots=True)
class Line:
    """The road from zero to `end`, in the meter's unit; `step` is what one key moves a stone."""

    handles: tuple[Handle, ...]
    goal: int
    total: int
    end: int
    step: int
    expected: int | None  # the total at the deadline, by the trend

    @property
    def tall(self) -> tuple[int, int]:
        """How many levels are in use, on a phone and at a desk."""
        levels = [(h.level, h.wide) for h in self.handles] or [(0, 0)]
        return max(low for low, _ in levels), max(wide for _, wide in levels)

    def share(self, value: int) -> float:
        """Where a value lies, in hundredths of the road."""
        return round(100 * min(1.0, max(0.0, value / self.end)), 2)


def line(milestones: Sequence[Mapping[str, Any]], goal: int, currency: str, meter: Meter) -> Line:
    """The road of a campaign with room to move a stone a little further than all there is."""
    furthest = max([goal, meter.total, *(m["target"] for m in milestones)])
    smallest = 10 ** exponent(currency) if meter.basis == "money" else 1
    step = _round_step(furthest / 100, smallest)
    end = -(-furthest * 23 // (20 * step)) * step
    bare = Line((), goal, meter.total, end, step, None)
    levels, wides = [-100.0] * LEVELS, [-100.0] * LEVELS
    handles = []
    for m in sorted(milestones, key=lambda m: m["target"]):
        share = bare.share(m["target"])
        handles.append(
            Handle(m, share, _level(levels, share, APART), _level(wides, share, APART_WIDE))
        )
    expected = total_at_close(meter)
    return Line(tuple(handles), goal, meter.total, end, step, expected)


def _level(last: list[float], share: float, apart: float) -> int:
    """The lowest level with room at that place, else the one whose last stone is furthest."""
    free = [i for i, place in enumerate(last) if share - place >= apart]
    level = free[0] if free else last.index(min(last))
    last[level] = share
    return level


def _round_step(wanted: float, smallest: int) -> int:
    """1, 2 or 5 times a power of ten, in whole major units, at least `wanted`."""
    step = smallest
    while True:
        for factor in (1, 2, 5):
            if step * factor >= wanted:
                return step * factor
        step *= 10
