"""A campaign's deadline is an instant in its own zone, and its end is exclusive (P7, P8)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.domain.campaigns import Calendar, instant
from milepost.domain.errors import Closed, Invalid

OPENS = datetime(2026, 5, 1, tzinfo=UTC)
CLOSES = datetime(2026, 6, 1, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Pacific/Niue",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Etc/UTC",
)
calendars = st.builds(
    Calendar,
    published=st.booleans(),
    opens_at=st.just(OPENS),
    closes_at=st.just(CLOSES),
    late_pledges=st.booleans(),
    funded=st.booleans(),
)
instants = st.datetimes(datetime(2026, 4, 1), datetime(2026, 7, 1), timezones=st.just(UTC))


def test_a_campaign_opens_at_its_time_and_closes_just_before_its_end() -> None:
    calendar = Calendar(True, OPENS, CLOSES)
    phases = [calendar.phase(at) for at in (OPENS - MOMENT, OPENS, CLOSES - MOMENT, CLOSES)]
    assert phases == ["upcoming", "live", "live", "closed"]
    assert Calendar(False, OPENS, CLOSES).phase(OPENS) == "draft"


@given(calendars, instants)
def test_pledges_are_taken_while_live_and_late_ones_after_a_funded_close(
    calendar: Calendar, now: datetime
) -> None:
    live = calendar.published and OPENS <= now < CLOSES
    late = calendar.published and now >= CLOSES and calendar.late_pledges and calendar.funded
    if live or late:
        assert calendar.admit(now, "Field Recorder") is late
        return
    with pytest.raises(Closed) as refused:
        calendar.admit(now, "Field Recorder")
    assert "Nothing was charged" in str(refused.value)


@given(calendars, instants)
def test_nothing_changes_by_itself_before_the_next_change(
    calendar: Calendar, now: datetime
) -> None:
    change = calendar.next_change(now)
    phase = calendar.phase(now)
    assert (
        calendar.phase(CLOSES + timedelta(days=999) if change is None else change - MOMENT) == phase
    )
    if change is not None:
        assert change > now
        assert calendar.phase(change) != phase or phase == "draft"


@pytest.mark.parametrize(
    ("local", "zone", "utc"),
    [
        # an ordinary day, in winter and in summer
        ("2026-01-15 23:59", "Europe/Berlin", "2026-01-15 22:59"),
        ("2026-07-15 23:59", "Europe/Berlin", "2026-07-15 21:59"),
        # a time that the clocks skip moves forward by the gap
        ("2026-03-29 02:30", "Europe/Berlin", "2026-03-29 01:30"),
        ("2026-03-08 02:30", "America/New_York", "2026-03-08 07:30"),
        ("2026-10-04 02:15", "Australia/Lord_Howe", "2026-10-03 15:45"),
        # a time that comes twice is the later one
        ("2026-10-25 02:30", "Europe/Berlin", "2026-10-25 01:30"),
        ("2026-11-01 01:30", "America/New_York", "2026-11-01 06:30"),
        # one wall clock on both sides of the date line is a day apart, and more
        ("2026-06-01 12:00", "Pacific/Kiritimati", "2026-05-31 22:00"),
        ("2026-06-01 12:00", "Pacific/Niue", "2026-06-01 23:00"),
        # Samoa had no 30 December 2011
        ("2011-12-30 12:00", "Pacific/Apia", "2011-12-30 22:00"),
    ],
)
def test_a_deadline_is_a_local_time_of_the_campaigns_zone(local: str, zone: str, utc: str) -> None:
    expected = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert instant(datetime.fromisoformat(local), zone) == expected


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)), st.sampled_from(ZONES))
def test_a_deadline_never_comes_before_its_backers_expect_it(local: datetime, zone: str) -> None:
    found = instant(local, zone)
    assert found.tzinfo is UTC
    shown = found.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert timedelta(0) <= shown - local <= timedelta(hours=1)
    later = (found + timedelta(hours=2)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert later > local  # it does not come a second time


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "Europe", "", "../etc/passwd", "CET+1", "\0", "x" * 999]
)
def test_an_unknown_zone_is_refused_at_its_field(zone: str) -> None:
    with pytest.raises(Invalid) as refused:
        instant(datetime(2026, 6, 1), zone)
    assert refused.value.about == "zone"
