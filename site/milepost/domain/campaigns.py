"""The life of a campaign: upcoming, live, closed; its deadline (P7), its late pledges (P8)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from milepost.domain.errors import Closed, Invalid
from milepost.domain.messages import N_

FundingModel = Literal["keep_it_all", "all_or_nothing"]
Phase = Literal["draft", "upcoming", "live", "closed"]
LAST_DAY = timedelta(hours=24)  # P6: a cancel in it may not sink a funded campaign
GRACE = timedelta(minutes=15)  # P7: a checkout begun before the deadline may finish within it


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a campaign takes pledges; both instants are aware, the end is exclusive (P7)."""

    published: bool
    opens_at: datetime
    closes_at: datetime
    late_pledges: bool = False
    funded: bool = False

    def phase(self, now: datetime) -> Phase:
        """Where the campaign stands at the instant `now`."""
        if not self.published:
            return "draft"
        if now < self.opens_at:
            return "upcoming"
        return "live" if now < self.closes_at else "closed"

    def next_change(self, now: datetime) -> datetime | None:
        """The next instant at which the phase changes by itself."""
        return next((at for at in (self.opens_at, self.closes_at) if at > now), None)

    def admit(self, now: datetime, title: str) -> bool:
        """True for a late pledge, False for one in time (P8). Raises Closed when neither."""
        phase = self.phase(now)
        if phase == "live":
            return False
        if phase == "closed" and self.late_pledges and self.funded:
            return True
        if phase == "closed":
            raise Closed(N_("“%(title)s” has closed. Nothing was charged."), title=title)
        raise Closed(N_("“%(title)s” has not opened yet. Nothing was charged."), title=title)


def instant(local: datetime, zone: str) -> datetime:
    """The instant of a wall-clock time in an IANA zone, in UTC (P7); an instant stays what it is.

    A time that a clock change skips moves forward by the gap; one that happens twice means the
    later, so that a deadline never comes before its backers expect it.
    Raises Invalid for an unknown zone.
    """
    try:
        tz = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder
        raise Invalid(
            N_("“%(zone)s” is not a time zone. Use one like Europe/Berlin."),
            about="zone",
            zone=zone,
        ) from None
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    first = local.replace(tzinfo=tz, fold=0)
    second = local.replace(tzinfo=tz, fold=1)
    skipped = first.astimezone(UTC).astimezone(tz).replace(tzinfo=None) != local
    return (first if skipped else second).astimezone(UTC)
