"""The trend is the straight line from a week ago, or from the opening, to now."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from milepost.domain.trend import LATEST, Pace, pace

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)


def test_the_pace_is_what_the_last_seven_days_brought() -> None:
    readings = [(NOON, 0), (NOON + DAY, 1000), (NOON + 5 * DAY, 1700), (NOON + 9 * DAY, 2400)]
    found = pace(readings, NOON + 10 * DAY)
    assert found == Pace(NOON + 3 * DAY, 7 * DAY, 1400)
    assert found.per_day == 200


def test_a_young_campaign_is_measured_since_its_opening() -> None:
    found = pace([(NOON, 0), (NOON + HOUR, 30)], NOON + 12 * HOUR)
    assert found == Pace(NOON, 12 * HOUR, 30)
    assert found.per_day == 60


def test_the_first_hour_has_no_trend() -> None:
    readings = [(NOON, 0), (NOON + timedelta(minutes=5), 900)]
    assert pace(readings, NOON + timedelta(minutes=59)) is None
    assert pace(readings, NOON + HOUR) is not None
    assert pace([], NOON) is None
    assert pace(readings, NOON - DAY) is None


def test_a_week_without_a_reading_has_stood_still() -> None:
    found = pace([(NOON, 0), (NOON + DAY, 500)], NOON + 30 * DAY)
    assert found is not None
    assert (found.gained, found.per_day) == (0, 0)
    assert found.reaches(501, 500, NOON + 30 * DAY) is None


def test_a_falling_meter_reaches_nothing_more() -> None:
    found = pace([(NOON, 0), (NOON + DAY, 500), (NOON + 9 * DAY, 420)], NOON + 10 * DAY)
    assert found is not None
    assert found.gained == -80
    assert found.reaches(500, 420, NOON + 10 * DAY) is None


def test_a_target_is_met_where_the_line_meets_it() -> None:
    weekly = Pace(NOON - 7 * DAY, 7 * DAY, 700)
    assert weekly.reaches(1500, 1000, NOON) == NOON + 5 * DAY
    assert weekly.reaches(1000, 1000, NOON) == NOON
    assert weekly.reaches(100 * 3650 + 1001, 1000, NOON) is None


readings_of_a_meter = st.lists(
    st.tuples(st.integers(0, 40 * 24), st.integers(0, 10**12)), min_size=1, max_size=20
).map(lambda found: [(NOON + hours * HOUR, total) for hours, total in sorted(found)])


@given(readings_of_a_meter, st.integers(0, 60 * 24), st.integers(1, 10**12))
def test_the_line_is_at_the_target_when_it_says_so_and_not_a_moment_before(
    readings: list[tuple[datetime, int]], hours: int, target: int
) -> None:
    now = NOON + hours * HOUR
    found = pace(readings, now)
    if found is None:
        return
    total = [t for at, t in readings if at <= now][-1]
    when = found.reaches(target, total, now)
    span = found.span // TICK
    if when is None:
        too_slow = (target - total) * span > LATEST // TICK * found.gained
        assert found.gained <= 0 or too_slow
        return
    ticks = (when - now) // TICK
    assert ticks >= 0
    assert total + Fraction(ticks * found.gained, span) >= target
    if ticks:
        assert total + Fraction((ticks - 1) * found.gained, span) < target


@given(readings_of_a_meter, st.integers(0, 60 * 24))
def test_readings_that_say_nothing_new_change_nothing(
    readings: list[tuple[datetime, int]], hours: int
) -> None:
    now = NOON + hours * HOUR
    twice = [reading for at, total in readings for reading in ((at, total), (at, total))]
    assert pace(twice, now) == pace(readings, now)
