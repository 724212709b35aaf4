"""What a what-if makes of a few sums: what is certain, what is an estimate, what was seen (N4)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.domain.audience import Audience
from milepost.domain.trend import Pace
from milepost.domain.whatif import Entitled, Meter, Seen, Supply, foresee, total_at_close

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
ALL, NEW = Audience("all_backers"), Audience("new_backers")


def meter(total: int, gained: int | None = None, **more: Any) -> Meter:
    pace = None if gained is None else Pace(NOON - WEEK, WEEK, gained)
    common: dict[str, Any] = {"basis": "units", "seq": total, "money": total * 100}
    return Meter(**common | more, total=total, now=NOON, closes_at=NOON + 2 * WEEK, pace=pace)


def test_ahead_nothing_is_granted_now_and_the_target_is_an_estimate() -> None:
    said = foresee(meter(40, 20), 60, ALL, Entitled(10, 10, 10, 10), Supply(12), 30)
    assert not said.reached and said.now.grants == 0
    assert said.later is not None and said.until == "target"
    assert (said.later.grants, said.later.cost, said.later.money) == (15, 450, 6000)
    assert (said.later.needed, said.later.missing) == (15, 3)
    assert said.reached_at == NOON + WEEK and said.in_time


def test_new_backers_are_those_to_come_by_the_deadline() -> None:
    said = foresee(meter(40, 20), 60, NEW, Entitled(0, 0, 10, 10))
    assert total_at_close(meter(40, 20)) == 80
    assert said.later is not None and said.until == "close"
    assert (said.later.grants, said.later.money) == (5, 8000)


def test_an_estimate_needs_something_to_reckon_with() -> None:
    assert foresee(meter(0), 60, ALL, Entitled()).later is None
    assert foresee(meter(40), 60, NEW, Entitled(0, 0, 10, 10)).later is None
    assert foresee(meter(40, 20, is_open=False), 60, NEW, Entitled(0, 0, 9, 9)).later is None


def test_a_failed_campaign_grants_nothing() -> None:
    """A9."""
    said = foresee(meter(40, fails=True), 20, ALL, Entitled(10, 10, 10, 10))
    assert said.reached and said.now.grants == 0 and said.later is None


def test_a_cap_bounds_the_estimate_too() -> None:
    """A14."""
    capped = Audience("all_backers", cap=4)
    said = foresee(meter(40), 80, capped, Entitled(4, 8, 10, 20), cost=1)
    assert said.later is not None and (said.later.grants, said.later.pieces) == (4, 8)


def test_codes_are_counted_by_grants_and_stock_by_pieces() -> None:
    entitled = Entitled(3, 9, 3, 9)
    assert foresee(meter(5), 5, ALL, entitled, Supply(4)).now.missing == 5
    assert foresee(meter(5), 5, ALL, entitled, Supply(2, True)).now.missing == 1
    assert foresee(meter(5), 5, ALL, entitled, Supply()).now.missing is None


def test_nothing_is_reached_before_the_first_entry() -> None:
    """A10: a meter at zero reaches nothing by being looked at."""
    assert not foresee(meter(0, seq=0), 1, ALL, Entitled()).reached


@pytest.mark.parametrize(
    ("then", "now", "holds"),
    [
        ((True, 100, 100, 0), (True, 101, 101, 0), True),
        ((True, 100, 100, 0), (True, 102, 102, 0), False),
        ((True, 2, 2, 0), (True, 3, 3, 0), False),
        ((False, 0, 0, 0), (True, 0, 0, 0), False),
        ((True, 100, 100, 0), (True, 100, 100, 1), False),
        ((True, 100, 100, 7), (True, 100, 100, 6), True),
        ((True, 0, 0, 0), (True, 1, 1, 0), False),
    ],
)
def test_an_answer_holds_until_it_has_moved_materially(
    then: tuple[bool, int, int, int], now: tuple[bool, int, int, int], holds: bool
) -> None:
    assert Seen(*then).holds(Seen(*now)) is holds


@given(st.booleans(), *[st.integers(0, 10**15)] * 3)
def test_what_was_seen_can_be_written_down(reached: bool, a: int, b: int, c: int) -> None:
    seen = Seen(reached, a, b, c)
    if len(str(max(a, b, c))) < 16:
        assert Seen.read(str(seen)) == seen


@pytest.mark.parametrize("written", ["", "1.2.3", "1.2.3.x", "-1.2.3.4", "1.2.3.4.5", "١.2.3.4"])
def test_nothing_else_is_read_as_seen(written: str) -> None:
    assert Seen.read(written) is None
