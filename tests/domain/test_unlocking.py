"""What a pledge would unlock is what the kernel then reaches (N7, C1, C4, C6)."""

from hypothesis import given
from hypothesis import strategies as st

from milepost.domain.lines import Line
from milepost.domain.tracks import Basis
from milepost.domain.unlocking import Ahead, unlocked

LINES = st.lists(
    st.builds(
        Line,
        st.sampled_from(["tier", "addon", "bonus", "own_amount", "shipping"]),
        st.just(""),
        st.integers(1, 5),
        st.integers(1, 5000),
        st.integers(0, 5),
    ),
    max_size=4,
)


@given(
    st.lists(st.integers(1, 60), max_size=6),
    st.integers(0, 50),
    st.sampled_from(["units", "money"]),
    LINES,
    st.none() | st.integers(1, 20_000),
)
def test_what_is_unlocked_is_what_lies_up_to_the_meter_after_the_pledge(
    steps: list[int], total: int, basis: Basis, lines: list[Line], limit: int | None
) -> None:
    step = 1 if basis == "units" else 100
    ahead = [Ahead(n, total * step + target * step) for n, target in enumerate(steps)]
    goods = sum(x.quantity * x.unit_price for x in lines if x.source != "shipping")
    gain = sum(x.units for x in lines) if basis == "units" else goods
    found = unlocked(ahead, total * step, basis, lines, limit)
    held = limit is not None and goods > limit
    assert [x.target for x in found] == sorted(
        x.target for x in ahead if x.target <= total * step + gain and not held
    )
