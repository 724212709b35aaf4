"""Charts are places in hundredths, made from figures alone."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from milepost.web.studio.charts import APART, columns, course, round_step, share

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
CLOSE = NOON + timedelta(days=30)


def drawn(readings: list[tuple[datetime, int]], **more: Any) -> Any:
    known: dict[str, Any] = {
        "until": NOON + timedelta(days=10),
        "opens": NOON,
        "closes": CLOSE,
        "targets": [(1000, "Goal: 1,000", "goal")],
        "projected": None,
        "zone": "Europe/Berlin",
    }
    return course(readings, **known | more, amount=str, day=lambda when: f"{when:%d.%m.}")


def test_the_line_begins_at_the_opening_and_ends_at_the_present_total() -> None:
    c = drawn([(NOON, 0), (NOON + timedelta(days=5), 500)])
    assert c.line.startswith("M0 100L")
    assert c.here[0] == round(100 / 3, 3)
    assert c.line.endswith(f"L{c.here[0]:g} {c.here[1]:g}")
    (goal,) = c.marks
    assert goal.at < c.here[1] < 100, "half way up to the goal"


def test_the_trend_leads_from_here_to_the_close_and_stays_within_the_drawing() -> None:
    steep = drawn([(NOON, 0), (NOON + timedelta(days=5), 500)], projected=100_000)
    assert steep.trend[:2] == steep.here
    assert steep.trend[3] == 0 and steep.trend[2] < 100
    falling = drawn([(NOON, 0), (NOON + timedelta(days=5), 500)], projected=0)
    assert falling.trend[2:] == (100, 100)


amounts = st.integers(0, 10**10)


@given(
    st.lists(st.tuples(st.integers(0, 10 * 24), amounts), max_size=30),
    st.lists(amounts.map(lambda n: n + 1), min_size=1, max_size=20),
    st.one_of(st.none(), amounts),
    st.sampled_from([1, 100, 1000]),
)
def test_whatever_the_figures_all_places_lie_within_the_drawing_and_no_words_overlap(
    moves: list[tuple[int, int]], targets: list[int], projected: int | None, whole: int
) -> None:
    readings = [(NOON, 0)] + [(NOON + timedelta(hours=h), n) for h, n in sorted(moves)]
    goal, *others = targets
    named = [(goal, "Goal", "goal"), *((t, "M", "milestone") for t in others)]
    c = drawn(readings, targets=named, projected=projected, whole=whole)
    places = [m.at for m in (*c.up, *c.along, *c.marks)] + list(c.here) + list(c.trend or ())
    assert all(0 <= place <= 100 for place in places)
    assert len(c.up) <= 5 and len(c.along) <= 5
    assert all(tick.value % whole == 0 for tick in c.up)
    labels = [m.label for m in c.marks if m.label is not None]
    assert all(b - a >= APART - 0.01 for a, b in pairwise(labels))
    assert len(c.marks) + c.above == len(targets)


@given(st.lists(st.integers(-(10**9), 10**9), max_size=40))
def test_columns_stand_on_zero_and_losses_hang_below_it(values: list[int]) -> None:
    found = columns(values)
    assert len(found) == len(values)
    for column, value in zip(found, values, strict=True):
        assert column.sunk is (value < 0)
        assert column.y >= -0.01 and column.y + column.height <= 100.01


@given(st.floats(1, 1e12), st.integers(2, 8), st.sampled_from([1, 100, 1000]))
def test_steps_are_round_and_no_more_than_asked(span: float, most: int, whole: int) -> None:
    step = round_step(span, most, whole)
    assert span / step <= most or step == whole
    assert int(str(step // whole)[0]) in (1, 2, 5) and set(str(step // whole)[1:]) <= {"0"}


def test_a_bar_is_its_share_of_the_longest() -> None:
    assert (share(5, 10), share(0, 0), share(-3, 10)) == (50, 0, 0)
