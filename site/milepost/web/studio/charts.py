"""Charts as geometry: pure functions from figures to places in hundredths; templates draw them.

Places are percents of the drawing, so that letters keep their size on a phone and at a desk.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

Words = Callable[[int], str]
MOST_LABELS = 8
APART = 7.0  # hundredths between two labels at least


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on an axis, with its words; `label` is where they stand, None when they don't fit."""

    at: float
    words: str
    label: float | None = None
    kind: str = ""
    value: int = 0


@dataclass(frozen=True, slots=True)
class Course:
    """The line of a meter over time: `line` and `area` are SVG paths in a box of 100 × 100."""

    line: str
    area: str
    trend: tuple[float, float, float, float] | None  # x1, y1, x2, y2
    here: tuple[float, float]
    up: tuple[Mark, ...]  # ticks of the meter
    along: tuple[Mark, ...]  # ticks of time
    marks: tuple[Mark, ...]  # goal and milestones
    above: int  # how many of those are further up than the drawing
    left: bool  # the words of the marks stand on the left: where the line has not been so high
    close: float | None


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight scale from values to hundredths."""

    low: float
    high: float

    def at(self, value: float) -> float:
        """Where a value stands, 0–100."""
        span = self.high - self.low
        return round(100 * (value - self.low) / span, 3) if span else 0.0


def round_step(span: float, most: int, whole: int = 1) -> int:
    """A round step (1, 2 or 5 times a power of ten, in steps of `whole`) for `most` ticks."""
    step = whole
    while span / step > most:
        for factor in (2, 5, 10):
            if span / (step * factor) <= most:
                return step * factor
        step *= 10
    return step


def course(
    readings: Sequence[tuple[datetime, int]],
    until: datetime,
    opens: datetime,
    closes: datetime,
    targets: Sequence[tuple[int, str, str]],
    projected: int | None,
    zone: str,
    *,
    amount: Words,
    day: Callable[[datetime], str],
    whole: int = 1,
) -> Course:
    """The chart of a campaign's meter.

    `targets` are (value, words, kind): the goal and the milestones. `projected` is what the meter
    reads at the close if it goes on like this. `whole` is one of the meter's large units (a
    dollar's 100 cents), so that ticks are round.
    """
    total = readings[-1][1] if readings else 0
    highest = max((value for _, value in readings), default=0)
    ahead = sorted(value for value, _, _ in targets if value > total)
    top = max([highest * 1.12, whole * 4, *ahead[:1]])
    goals = [value for value, _, kind in targets if "goal" in kind]
    if goals and goals[0] <= top * 8:
        top = max(top, goals[0])
    if projected is not None:
        top = max(top, min(projected, top * 1.6))
    top *= 1.08
    begin = min(opens, readings[0][0]) if readings else opens
    end = max(closes, until)
    y, x = Scale(0, top), Scale(begin.timestamp(), end.timestamp())
    points = [(x.at(at.timestamp()), 100 - y.at(value)) for at, value in readings]
    now_x = x.at(until.timestamp())
    here = now_x, 100 - y.at(total)
    trend = None
    if projected is not None and until < closes:
        trend = _clipped(here, (x.at(closes.timestamp()), 100 - y.at(projected)))
    shown = [t for t in targets if t[0] <= top]
    marks = _labelled([Mark(100 - y.at(v), words, None, kind, v) for v, words, kind in shown])
    step = round_step(top, 4, whole)
    ticks = [Mark(100 - y.at(v), amount(v), value=v) for v in range(step, int(top) + 1, step)]
    return Course(
        line=_steps(points, here, fill=False),
        area=_steps(points, here, fill=True),
        trend=trend,
        here=here,
        up=tuple(
            t for t in ticks if t.at > 4 and all(abs(t.at - m.at) > APART * 0.8 for m in marks)
        ),
        along=_days_along(begin, end, x, zone, day),
        marks=marks,
        above=len(targets) - len(shown),
        left=here[0] > 45,
        close=x.at(closes.timestamp()) if begin < closes < end else None,
    )


def _steps(points: Sequence[tuple[float, float]], here: tuple[float, float], *, fill: bool) -> str:
    """A line through the points and on to `here`; with `fill`, the ground below it."""
    if not points:
        return ""
    places = [p for p in points if p[0] <= here[0]] + [here]
    path = "M" + "L".join(f"{px:g} {py:g}" for px, py in places)
    return f"{path}L{here[0]:g} 100L{places[0][0]:g} 100Z" if fill else path


def _clipped(
    start: tuple[float, float], end: tuple[float, float]
) -> tuple[float, float, float, float]:
    """The straight line between two places, as far as it stays within the drawing."""
    (x1, y1), (x2, y2) = start, end
    if y2 < 0:
        x2, y2 = x1 + (x2 - x1) * y1 / (y1 - y2), 0.0
    elif y2 > 100:
        x2, y2 = x1 + (x2 - x1) * (100 - y1) / (y2 - y1), 100.0
    return x1, y1, round(x2, 3), round(y2, 3)


def _labelled(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Each mark with a place for its words that touches no other's; from the top down."""
    ordered, free, placed = sorted(marks, key=lambda m: (m.at, m.value)), 3.0, []
    for number, mark in enumerate(ordered):
        label = max(mark.at, free)
        fits = number < MOST_LABELS and label <= 99 and label - mark.at < 2 * APART
        placed.append(Mark(mark.at, mark.words, round(label, 3) if fits else None, mark.kind,
                           mark.value))  # fmt: skip
        free = label + APART if fits else free
    return tuple(placed)


def _days_along(
    begin: datetime, end: datetime, x: Scale, zone: str, day: Callable[[datetime], str]
) -> tuple[Mark, ...]:
    """Three or four days below the drawing, each at its beginning on the campaign's clock."""
    local = ZoneInfo(zone)
    days = max(1, round((end - begin) / timedelta(days=1)))
    step = next((s for s in (1, 2, 3, 5, 7, 10, 14, 21, 30, 60, 91, 182) if days / s <= 4), 365)
    first = begin.astimezone(local).replace(hour=0, minute=0, second=0, microsecond=0)
    marks = []
    for number in range(0, days + 1, step):
        at = (first.replace(tzinfo=None) + timedelta(days=number)).replace(tzinfo=local)
        place = x.at(max(at, begin).timestamp())
        if place <= 92:
            marks.append(Mark(place, day(at)))
    return tuple(marks)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a chart of days, in hundredths; `sunk` is the part below zero."""

    x: float
    width: float
    y: float
    height: float
    sunk: bool


def columns(values: Sequence[int]) -> tuple[Column, ...]:
    """Columns side by side over a common zero; what is below it hangs down."""
    if not values:
        return ()
    high, low = max(0, *values), min(0, *values)
    span = (high - low) or 1
    zero, wide = 100 * high / span, 100 / len(values)
    found = []
    for number, value in enumerate(values):
        tall = 100 * abs(value) / span
        found.append(
            Column(
                round(number * wide + wide * 0.12, 3),
                round(wide * 0.76, 3),
                round(zero - tall if value > 0 else zero, 3),
                round(tall, 3),
                value < 0,
            )
        )
    return tuple(found)


def share(value: int, most: int) -> float:
    """A bar's length in hundredths of the longest."""
    return round(100 * max(0, value) / most, 2) if most > 0 else 0.0
