"""Tiers have limits and times, and a pledge has lines at the price of the moment (B1, B2, M3)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.domain.errors import Closed, Invalid, SoldOut
from milepost.domain.lines import MOST_AT_ONCE, Line, Tier, choose
from milepost.domain.money import LARGEST, Money

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
NOTHING = Money(0, "USD")


def usd(amount: int) -> Money:
    return Money(amount, "USD")


def tier(**columns: object) -> Tier:
    given: dict[str, object] = {"id": 7, "title": "One recorder", "price": 4500, "units": 2}
    return Tier(**given | columns)  # type: ignore[arg-type]


def test_a_tier_opens_at_its_time_and_ends_just_before_its_end() -> None:
    early_bird = tier(opens_at=NOON, closes_at=NOON + timedelta(days=1))
    assert early_bird.state(NOON - MOMENT) == "soon"
    assert early_bird.state(NOON) == "open"
    assert early_bird.state(NOON + timedelta(days=1) - MOMENT) == "open"
    assert early_bird.state(NOON + timedelta(days=1)) == "ended"


@given(st.integers(0, 5), st.integers(0, 5))
def test_a_limited_tier_is_sold_out_when_every_slot_is_claimed(slots: int, claimed: int) -> None:
    limited = tier(slots=slots, claimed=min(slots, claimed))
    assert (limited.state(NOON) == "sold_out") is (claimed >= slots)
    assert tier(claimed=claimed).state(NOON) == "open"


@given(st.integers(-2, 120), st.one_of(st.none(), st.integers(0, 12)), st.integers(0, 12))
def test_a_tier_admits_what_is_left_and_no_more(
    quantity: int, slots: int | None, claimed: int
) -> None:
    limited = tier(slots=slots, claimed=0 if slots is None else min(slots, claimed))
    left = MOST_AT_ONCE if limited.left is None else limited.left
    if 1 <= quantity <= min(left, MOST_AT_ONCE):
        limited.admit(quantity, NOON)
        return
    with pytest.raises((SoldOut, Invalid)) as refused:
        limited.admit(quantity, NOON)
    assert "One recorder" in str(refused.value)
    assert refused.value.about in ("quantity", "tier")


@pytest.mark.parametrize("times", [{"opens_at": NOON + MOMENT}, {"closes_at": NOON}])
def test_a_tier_outside_its_times_admits_nothing(times: dict[str, datetime]) -> None:
    with pytest.raises(Closed):
        tier(**times).admit(1, NOON)


@given(st.integers(1, 100), st.integers(50, 10**7), st.integers(0, 50), st.integers(0, 10**7))
def test_a_chosen_tier_is_worth_quantity_times_its_price_and_units(
    quantity: int, price: int, units: int, bonus: int
) -> None:
    chosen, *rest = choose(tier(price=price, units=units), quantity, usd(999), usd(bonus))
    assert chosen == Line("tier", "One recorder", quantity, price, units * quantity, 7)
    assert chosen.amount == quantity * price
    assert rest == ([Line("bonus", "", 1, bonus)] if bonus else [])


def test_a_backer_may_pledge_an_own_amount_and_a_bonus_without_any_tier() -> None:
    assert choose(None, 1, usd(2000), NOTHING) == [Line("own_amount", "", 1, 2000)]
    assert choose(None, 1, usd(2000), usd(300)) == [
        Line("own_amount", "", 1, 2000),
        Line("bonus", "", 1, 300),
    ]
    assert choose(None, 1, NOTHING, usd(300)) == [Line("bonus", "", 1, 300)]


@pytest.mark.parametrize(
    ("amount", "currency"), [(0, "USD"), (49, "USD"), (0, "JPY"), (499, "KWD")]
)
def test_a_pledge_of_nothing_or_next_to_nothing_is_refused(amount: int, currency: str) -> None:
    with pytest.raises(Invalid):
        choose(None, 1, Money(amount, currency), Money(0, currency))


@pytest.mark.parametrize(("amount", "currency"), [(50, "USD"), (1, "JPY"), (500, "KWD")])
def test_the_smallest_pledge_is_half_a_major_unit(amount: int, currency: str) -> None:
    assert choose(None, 1, Money(amount, currency), Money(0, currency))[0].amount == amount


def test_a_pledge_larger_than_any_can_be_is_refused() -> None:
    with pytest.raises(Invalid):
        choose(tier(price=LARGEST), 2, NOTHING, NOTHING)
    assert choose(tier(price=LARGEST), 1, NOTHING, NOTHING)


def addon(**columns: object) -> Tier:
    return tier(
        **{"id": 9, "title": "A strap", "price": 1500, "units": 0, "kind": "addon"} | columns
    )


def test_an_add_on_is_chosen_beside_a_tier_or_beside_none() -> None:
    strap = Line("addon", "A strap", 2, 1500, 0, 9)
    assert choose(tier(), 1, NOTHING, usd(300), [(addon(), 2)]) == [
        Line("tier", "One recorder", 1, 4500, 2, 7),
        strap,
        Line("bonus", "", 1, 300),
    ]
    assert choose(None, 1, NOTHING, NOTHING, [(addon(), 2)]) == [strap]
    assert choose(None, 1, usd(100), NOTHING, [(addon(), 2)]) == [
        Line("own_amount", "", 1, 100),
        strap,
    ]


def test_one_backer_gets_no_more_of_an_add_on_than_its_cap() -> None:
    addon(most=2).admit(2, NOON)
    with pytest.raises(Invalid) as refused:
        addon(most=2).admit(3, NOON)
    assert refused.value.about == "addon-9" and "up to 2" in str(refused.value)
    with pytest.raises(Invalid):
        addon(most=500).admit(MOST_AT_ONCE + 1, NOON)


def test_whoever_came_too_late_for_an_add_on_is_told_so_beside_it() -> None:
    with pytest.raises(SoldOut) as refused:
        addon(slots=3, claimed=3).admit(1, NOON)
    assert refused.value.about == "addon-9" and "“A strap”" in str(refused.value)
    with pytest.raises(Closed):
        addon(closes_at=NOON).admit(1, NOON)


@given(st.integers(1, 12), st.integers(0, 12), st.integers(0, 12), st.integers(0, 12))
def test_slots_that_a_backer_holds_count_as_free_for_them(
    quantity: int, slots: int, taken: int, holding: int
) -> None:
    holding = min(holding, slots)
    limited = tier(slots=slots, claimed=max(holding, min(slots, taken)))
    assert limited.left is not None
    if quantity <= limited.left + holding:
        limited.admit(quantity, NOON, holding)
        return
    with pytest.raises(SoldOut):
        limited.admit(quantity, NOON, holding)


def test_what_a_backer_holds_may_be_kept_after_its_time_and_no_more_of_it() -> None:
    early_bird = tier(closes_at=NOON)
    early_bird.admit(2, NOON, holding=2)
    with pytest.raises(Closed):
        early_bird.admit(3, NOON, holding=2)
