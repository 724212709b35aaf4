"""Each grant of a program says why it is there, and each milestone ahead why it is not (R5)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from milepost.domain.account_words import Booked, said
from milepost.domain.messages import Several
from milepost.domain.program_reasons import Ahead, Given, why, why_not
from milepost.domain.programs import MEASURES
from milepost.wording.saying import say

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
JUNE = datetime(2026, 6, 4, tzinfo=UTC)


def told(measure: str, target: int, **rule: Any) -> str:
    """The reason of a grant of “Regulars”, in English."""
    given = Given("Regulars", MEASURES[measure], target, "USD", MARCH, **rule)
    return say(why(given), "en")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (("orders", 3), "For 3 orders since 1 March 2026 (Regulars)."),
        (("orders", 1), "For one order since 1 March 2026 (Regulars)."),
        (("spend", 50_000), "For $500 spent since 1 March 2026 (Regulars)."),
        (("points", 1000), "For 1,000 points earned since 1 March 2026 (Regulars)."),
        (("cycles", 6), "For 6 paid billing cycles since 1 March 2026 (Regulars)."),
    ],
)
def test_a_grant_names_its_rule(given: tuple[str, int], sentence: str) -> None:
    assert told(*given) == sentence


def test_one_for_a_spell_without_orders_names_the_order_before_it() -> None:
    """S7: where that was before the program began, the spell is counted from there (L6)."""
    assert told("months", 3, idle_since=JUNE) == (
        "For 3 months without an order after 4 June 2026 (Regulars)."
    )
    before = datetime(2025, 1, 1, tzinfo=UTC)
    assert "after 1 March 2026" in told("days", 30, idle_since=before)


def test_one_of_a_journey_names_its_step() -> None:
    """S9."""
    assert told("reviews", 1, step=2) == "For step 2, one review (Regulars)."
    assert told("spend", 900, step=3) == "For step 3, $9 spent (Regulars)."


def test_a_repeated_one_names_the_reading_that_it_was_given_at() -> None:
    """L5."""
    assert told("orders", 2, lap=2, every=3) == (
        "For 8 orders since 1 March 2026; it gives again after each 3 orders (Regulars)."
    )
    assert told("orders", 2, lap=0, every=3) == "For 2 orders since 1 March 2026 (Regulars)."


@pytest.mark.parametrize(
    ("measure", "cause"),
    [
        ("orders", "an order was refunded"),
        ("reviews", "a review is not shown any more"),
        ("referrals", "a friend’s order was refunded"),
        ("cycles", "a billing cycle was refunded"),
        ("points", "what earned points was taken back"),
    ],
)
def test_one_that_was_taken_back_names_what_fell(measure: str, cause: str) -> None:
    """L9: a step, a lap and a milestone alike."""
    for rule in ({}, {"step": 2}, {"lap": 1, "every": 5}):
        sentence = told(measure, 3, is_void=True, **rule)
        assert sentence.startswith(f"Taken back: {cause}, so it is not ")
    assert "not 8 orders any more" in told("orders", 3, is_void=True, lap=1, every=5)


def test_what_is_ahead_says_how_far_it_is() -> None:
    orders = Ahead(MEASURES["orders"], 3, 2, None)
    assert say(why_not(orders), "en") == "2 of 3 orders, 1 more."
    spend = Ahead(MEASURES["spend"], 50_000, 38_050, "USD", step=2, steps=3)
    assert say(why_not(spend), "en") == "Step 2 of 3: $380.50 of $500, $119.50 more."


@pytest.mark.parametrize(
    ("moved", "sentence"),
    [
        (("points", "earned", 5, 0, 0, "order:1"), "5 points for an order"),
        (("points", "earned", 0, 5, 0, "pledge:1"), "5 points for a pledge"),
        (("points", "taken_back", -3, -1, 0, "order:1"),
         "4 points taken back: an order was refunded"),
        (("points", "taken_back", -3, 0, 2, "order:1"),
         "3 points taken back: an order was refunded. Spent already and"
         " forgiven: 2 points"),
        (("points", "matured", 7, -7, 0), "7 points can be spent now"),
        (("USD", "spent", -500, 0, 0, "order:1"), "$5 spent on an order"),
        (("USD", "returned", 500, 0, 0, "order:1"), "$5 back from an order"),
        (("points", "exchanged", -500, 0, 0), "500 points exchanged for credit"),
        (("USD", "exchanged", 500, 0, 0), "$5 for points"),
        (("USD", "redeemed", 500, 0, 0, "gift_card:1"), "$5 from a gift card"),
        (("points", "adjusted", 1, 0, 0), "one point set right by the store"),
    ],
)  # fmt: skip
def test_each_entry_is_a_sentence(moved: tuple[Any, ...], sentence: str) -> None:
    assert say(said(Booked(*moved)), "en") == sentence


def test_what_a_milestone_entered_names_its_target_and_what_was_forgiven() -> None:
    target = Several("one order", "%(count)s orders", 3)
    granted = Booked("points", "granted", 500, 0, 0, target=target)
    assert say(said(granted), "en") == "500 points for 3 orders"
    again = Booked("points", "granted", 200, 0, -300, target=target)
    assert say(said(again), "en") == (
        "200 points given again for 3 orders; 300 points of it you had spent already"
    )
    gone = Booked("points", "reversed", -200, 0, 300, target=target)
    assert say(said(gone), "en") == (
        "200 points taken back: it is not 3 orders any more. Spent already and forgiven: 300 points"
    )
