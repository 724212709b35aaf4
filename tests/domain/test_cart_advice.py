"""Advice on a cart's milestones, from the store's own orders (S26–S29, S31)."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.domain.cart_advice import DAYS, ENOUGH, Advice, Numbers, advise, thresholds
from milepost.domain.cart_plans import Rule, TierPlan, check, shown_percent, typed_percent
from milepost.domain.errors import Invalid
from milepost.domain.messages import Sentence
from milepost.wording.saying import say

ORDERS = Numbers(ENOUGH, 3800, "USD")
CURRENCIES = st.sampled_from(["USD", "JPY", "KWD"])


def rule(*targets: int, kinds: str = "psgaaaaaaa", unit: str = "USD") -> Rule:
    named: dict[str, Any] = {"p": "percent", "s": "shipping", "g": "gift", "a": "amount"}
    return Rule(
        "Spring",
        "items" if unit == "items" else "value",
        tuple(
            TierPlan(f"t{n}", named[kind], {unit: target}, n, 500, {unit: 100}, 7)
            for n, (target, kind) in enumerate(zip(targets, kinds, strict=False))
        ),
    )


def about(topic: str, found: list[Advice]) -> tuple[bool, str]:
    (piece,) = [piece for piece in found if piece.topic == topic]
    return piece.is_good, say(Sentence(piece.message, piece.fields), "en")


@given(st.integers(1, 10**9), CURRENCIES, st.integers(1, 10))
def test_the_first_threshold_is_just_above_the_average_and_the_others_in_even_steps(
    average: int, currency: str, count: int
) -> None:
    numbers = Numbers(ENOUGH, average, currency)
    found = thresholds(numbers, count)
    steps = {after - before for before, after in pairwise(found)}
    assert found[0] > average and len(found) == count
    assert found[0] - average <= max(average // 3, 2000)
    assert len(steps) <= 1 and all(step > 0 for step in steps)
    preset = rule(*found, kinds="psg", unit=currency)
    if count <= 3:
        check(preset, [currency])
        assert all(piece.is_good for piece in advise(numbers, preset) if average > 5000)


def test_amounts_that_one_can_say_are_advised() -> None:
    assert thresholds(ORDERS, 3) == [4000, 6000, 8000]
    assert thresholds(Numbers(ENOUGH, 12_345, "USD"), 3) == [13_000, 19_000, 25_000]
    assert thresholds(Numbers(ENOUGH, 4_210, "JPY"), 2) == [4_500, 6_500]
    assert thresholds(Numbers(ENOUGH, 2, "items"), 3) == [3, 4, 5]


def test_few_orders_give_no_thresholds_but_a_word_about_it() -> None:
    is_good, said = about("few", advise(Numbers(3, 3800, "USD"), rule(4000)))
    assert not is_good and f"3 in {DAYS} days. From {ENOUGH} on" in said


@pytest.mark.parametrize(
    "target, is_good, said",
    [
        (4000, True, "$40, is just above the average order of $38"),
        (3800, False, "rewards what people buy anyway. Try $40"),
        (9000, False, "far above the average order of $38. Try $40"),
    ],
)
def test_the_first_threshold_is_weighed_against_the_average_order(
    target: int, is_good: bool, said: str
) -> None:
    found = about("first", advise(ORDERS, rule(target)))
    assert found[0] is is_good and said in found[1]


def test_uneven_steps_an_early_gift_and_long_messages_are_told() -> None:
    found = advise(ORDERS, rule(4000, 4500, 9000, kinds="pgs"), ["Buy! " * 20])
    assert about("spacing", found) == (
        False,
        "The steps between tiers go from $5 to $45. Even steps keep the next reward in sight.",
    )
    assert about("gift", found)[0] is False
    assert "has 100 characters" in about("length", found)[1]
    even = advise(ORDERS, rule(4000, 6000, 8000), ["Add {{amount_left}}"])
    assert about("gift", even)[0] and about("spacing", even)[0]
    assert [piece for piece in even if piece.topic == "length"] == []


@given(st.integers(0, 10_000))
def test_a_percentage_is_read_as_it_is_shown(hundredths: int) -> None:
    shown = shown_percent(hundredths)
    assert typed_percent(shown, "p") == hundredths
    assert typed_percent(f" {shown.replace('.', ',')} % ", "p") == hundredths


@given(st.text(max_size=8))
def test_what_is_no_percentage_is_refused(typed: str) -> None:
    try:
        found = typed_percent(typed, "p")
    except Invalid as refusal:
        assert refusal.about == "p"
        return
    assert found is None or 0 <= found < 100_000


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=10), st.data())
def test_a_rule_stands_when_its_thresholds_rise_and_shipping_is_free_once(
    targets: list[int], data: st.DataObject
) -> None:
    kinds = data.draw(st.text("psga", min_size=len(targets), max_size=len(targets)))
    rises = all(a < b for a, b in pairwise(targets))
    try:
        check(rule(*targets, kinds=kinds), ["USD"])
    except Invalid as refusal:
        assert not rises or kinds.count("s") > 1
        assert refusal.about.startswith("t")
    else:
        assert rises and kinds.count("s") <= 1
