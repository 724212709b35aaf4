"""The trend of a meter: a straight line through its last days, and when that meets a target."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(days=7)
EARLIEST = timedelta(hours=1)  # less than this says nothing yet
LATEST = timedelta(days=3650)  # a target further away than this is never reached
Reading = tuple[datetime, int]  # an instant, and the meter's total from then on


@dataclass(frozen=True, slots=True)
class Pace:
    """A meter that `gained` so much, in its own unit, from `since` on for `span`.

    The gain may be negative: refunds lower a total (C5).
    """

    since: datetime
    span: timedelta
    gained: int

    @property
    def per_day(self) -> int:
        """The gain of one day, rounded half up to the meter's unit."""
        day, span = timedelta(days=1) // _TICK, self.span // _TICK
        return (2 * self.gained * day + span) // (2 * span)

    def reaches(self, target: int, total: int, now: datetime) -> datetime | None:
        """When a meter that reads `total` at `now` meets `target` if it goes on like this.

        `now` itself when it has; None when it does not rise, or not within ten years.
        """
        if total >= target:
            return now
        if self.gained <= 0:
            return None
        ticks = -((total - target) * (self.span // _TICK) // self.gained)
        return now + ticks * _TICK if ticks <= LATEST // _TICK else None


def pace(readings: Sequence[Reading], now: datetime) -> Pace | None:
    """The pace of a meter over the seven days before `now`, or since its first reading.

    `readings` are in order of time; begin them with the opening, `(opens_at, 0)`. The line goes
    from what the meter read when those days began (its last reading until then) to what it reads
    at `now`. Two ends and no fit in between: it can be said in one sentence, it is the same
    however many readings lie between, and nobody's single pledge bends it more than its size.
    For a campaign that has closed, ask for the instant of its close.
    None before the first reading, and in the first hour after it.
    """
    past = [reading for reading in readings if reading[0] <= now]
    if not past:
        return None
    since = max(past[0][0], now - WINDOW)
    if now - since < EARLIEST:
        return None
    before = [total for at, total in past if at <= since]
    return Pace(since, now - since, past[-1][1] - before[-1])


_TICK = timedelta(microseconds=1)
