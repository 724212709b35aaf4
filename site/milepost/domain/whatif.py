"""What a milestone would do: whom it rewards, what that costs, what is missing, and when (N4).

Pure: a few sums that the books know at once go in, one answer comes out. What is certain comes
from the rules themselves (A1–A14); what lies ahead is a share of what is there, and says so.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from milepost.domain.audience import Audience
from milepost.domain.tracks import Basis
from milepost.domain.trend import Pace

Until = Literal["target", "close"]
MATERIAL = 50  # a fiftieth: an answer that moved by less than two in a hundred is the same answer


@dataclass(frozen=True, slots=True)
class Meter:
    """Where a campaign stands at `now`; `total` in its basis, `money` in minor units.

    `is_open` is False before its opening and from its close on; `fails` once nothing is owed (A9).
    """

    basis: Basis
    total: int
    seq: int
    money: int
    now: datetime
    closes_at: datetime
    is_open: bool = True
    fails: bool = False
    pace: Pace | None = None


@dataclass(frozen=True, slots=True)
class Entitled:
    """How many grants, of how many pieces, the rules would make if it were reached at this entry.

    `everybody` and `all_pieces` are the same without the question who came when (A2), and without
    the cap: what the crowd as it is would come to if the reward were for all of it.
    """

    grants: int = 0
    pieces: int = 0
    everybody: int = 0
    all_pieces: int = 0


@dataclass(frozen=True, slots=True)
class Supply:
    """What there is to give: `there` pieces of a product or codes of a pool, None for no end."""

    there: int | None = None
    is_codes: bool = False


@dataclass(frozen=True, slots=True)
class Bill:
    """So many grants and pieces, what they cost, and the money that the campaign has by then.

    `needed` is what they take of the supply, `missing` what that lacks; both None without an end.
    """

    grants: int
    pieces: int
    money: int
    cost: int | None
    needed: int | None
    missing: int | None

    @property
    def share(self) -> float | None:
        """The cost as a share of the money; None where either is unknown or zero."""
        return None if self.cost is None or not self.money else self.cost / self.money


@dataclass(frozen=True, slots=True)
class Foresight:
    """The whole answer.

    `reached`: it would be reached as soon as it is saved (A10), and `now` is what that grants.
    `later` is an estimate: at the `target`, for a reward that all get there; by the `close`, where
    it goes on after the reach. None where nothing is known to reckon with.
    `reached_at` is when the trend comes to the target; None without a trend that does.
    """

    target: int
    reached: bool
    now: Bill
    later: Bill | None
    until: Until
    pace: Pace | None
    reached_at: datetime | None
    closes_at: datetime

    @property
    def in_time(self) -> bool:
        """True when the trend comes to the target before the deadline."""
        return self.reached_at is not None and self.reached_at < self.closes_at

    @property
    def seen(self) -> "Seen":
        """What of it somebody must have seen before it comes true."""
        return Seen(self.reached, self.now.grants, self.now.pieces, self.now.missing or 0)


@dataclass(frozen=True, slots=True)
class Seen:
    """The part of an answer that a confirmation is about."""

    reached: bool
    grants: int
    pieces: int
    missing: int

    def __str__(self) -> str:
        return f"{int(self.reached)}.{self.grants}.{self.pieces}.{self.missing}"

    @classmethod
    def read(cls, written: str) -> "Seen | None":
        """What `str` wrote; None for anything else."""
        parts = written.split(".")
        if len(parts) != 4 or not all(p.isascii() and p.isdecimal() and len(p) < 16 for p in parts):
            return None
        reached, grants, pieces, missing = map(int, parts)
        return cls(bool(reached), grants, pieces, missing)

    def holds(self, present: "Seen") -> bool:
        """True while the `present` answer is materially the one that was seen.

        Not when it would be reached and was not to be, or the other way; nor when more is missing
        than was; nor when its grants or pieces moved by a fiftieth or more.
        """
        return (
            self.reached == present.reached
            and (present.missing == 0 or present.missing <= self.missing)
            and _is_near(self.grants, present.grants)
            and _is_near(self.pieces, present.pieces)
        )


def _is_near(was: int, now: int) -> bool:
    return was == now or abs(now - was) * MATERIAL < was


def foresee(
    meter: Meter,
    target: int,
    audience: Audience,
    entitled: Entitled,
    supply: Supply = Supply(),
    cost: int | None = None,
) -> Foresight:
    """What a milestone at `target` would do; `cost` is that of one piece, in minor units."""
    reached = meter.seq > 0 and meter.total >= target
    granted = reached and not meter.fails
    now = _bill(
        entitled.grants if granted else 0,
        entitled.pieces if granted else 0,
        meter.money,
        supply,
        cost,
    )
    until: Until = "close" if reached or audience.kind == "new_backers" else "target"
    when = meter.pace.reaches(target, meter.total, meter.now) if meter.pace else None
    return Foresight(
        target=target,
        reached=reached,
        now=now,
        later=_later(meter, target, audience, entitled, now, until, supply, cost),
        until=until,
        pace=meter.pace,
        reached_at=meter.now if reached else when,
        closes_at=meter.closes_at,
    )


def _later(
    meter: Meter,
    target: int,
    audience: Audience,
    entitled: Entitled,
    now: Bill,
    until: Until,
    supply: Supply,
    cost: int | None,
) -> Bill | None:
    """The estimate: as many for each step of the meter as there are for those behind it."""
    if meter.total <= 0 or meter.fails:
        return None
    if until == "target":
        start, end = 0, target
    else:
        expected = total_at_close(meter)
        if expected is None:
            return None
        start = max(target, meter.total)
        end = max(start, expected)
    walked = end - start
    grants = now.grants + _in_proportion(entitled.everybody, walked, meter.total)
    pieces = now.pieces + _in_proportion(entitled.all_pieces, walked, meter.total)
    if audience.cap is not None and grants > audience.cap:
        pieces = _in_proportion(pieces, audience.cap, grants)
        grants = audience.cap
    by_then = max(end, meter.total)
    money = by_then if meter.basis == "money" else by_then * meter.money // meter.total
    return _bill(grants, pieces, money, supply, cost)


def total_at_close(meter: Meter) -> int | None:
    """Where the straight line of the trend stands at the deadline; None without a rising one."""
    if meter.pace is None or not meter.is_open or meter.pace.gained <= 0:
        return None
    left, tick = max(timedelta(), meter.closes_at - meter.now), timedelta(microseconds=1)
    return meter.total + meter.pace.gained * (left // tick) // (meter.pace.span // tick)


def _in_proportion(count: int, part: int, whole: int) -> int:
    """`count` × `part` ÷ `whole`, rounded up: a part of a reward is a whole one."""
    return -(-count * part // whole)


def _bill(grants: int, pieces: int, money: int, supply: Supply, cost: int | None) -> Bill:
    needed = None if supply.there is None else grants if supply.is_codes else pieces
    return Bill(
        grants=grants,
        pieces=pieces,
        money=money,
        cost=None if cost is None else cost * pieces,
        needed=needed,
        missing=None if needed is None else max(0, needed - (supply.there or 0)),
    )


@dataclass(frozen=True, slots=True)
class Reissue:
    """What another version of a reward does to those who have the present one (A12).

    `kept` grants were handed over, and keep what they are. The rest get the new version.
    """

    bill: Bill
    kept: int

    @property
    def seen(self) -> Seen:
        """What of it somebody must have seen before it comes true."""
        return Seen(True, self.bill.grants, self.bill.pieces, self.bill.missing or 0)


def reissue(
    meter: Meter, grants: int, pieces: int, kept: int, supply: Supply, cost: int | None
) -> Reissue:
    """The answer for a reward that `grants` live grants of so many `pieces` would take over."""
    return Reissue(_bill(grants, pieces, meter.money, supply, cost), kept)
