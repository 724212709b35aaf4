"""Orders, without a database: any order of facts gives the same, and every split is to the cent."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.domain.carts import (
    AmountOff,
    CartLine,
    CartMilestones,
    CartTier,
    PercentOff,
    evaluate,
)
from milepost.domain.facts import Fact
from milepost.domain.orders import MOST_ITEMS, Order, Part, hear, payment_items, worth_of

prices = st.integers(0, 500_000)
parts = st.lists(
    st.tuples(st.just("Muff"), st.integers(1, 9), prices), min_size=1, max_size=MOST_ITEMS + 20
)


@given(parts, st.integers(0, 10**6))
def test_a_payment_page_lists_what_is_charged_to_the_cent(
    parts: list[tuple[str, int, int]], credit: int
) -> None:
    whole = sum(amount for *_, amount in parts)
    credit = min(credit, whole)
    items = payment_items(parts, credit)
    assert sum(item.unit_price * item.quantity for item in items) == whole - credit
    assert len(items) <= MOST_ITEMS and all(item.unit_price >= 0 for item in items)


@given(parts, st.integers(0, 10**5))
def test_what_credit_pays_leaves_rows_of_whole_coins(
    parts: list[tuple[str, int, int]], coins: int
) -> None:
    """Dinars are charged in tens: no row of the page may end between two of them."""
    dinars = [(title, count, amount * 10) for title, count, amount in parts]
    whole = sum(amount for *_, amount in dinars)
    items = payment_items(dinars, min(coins * 10, whole), coin=10)
    assert sum(item.unit_price * item.quantity for item in items) == whole - min(coins * 10, whole)
    assert all(item.unit_price >= 0 and item.unit_price % 10 == 0 for item in items)


@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 9999)), min_size=1, max_size=5),
    st.integers(0, 10_000),
    st.integers(0, 99_999),
)
def test_where_a_currency_is_charged_in_tens_every_sum_of_a_cart_is_a_whole_ten(
    lines: list[tuple[int, int]], percent: int, amount: int
) -> None:
    made = [CartLine(n, quantity, price * 10) for n, (quantity, price) in enumerate(lines)]
    campaign = CartMilestones("value", (CartTier(1, 10, PercentOff(percent)),))
    found = evaluate(made, campaign, code=AmountOff(amount), shipping=770, credit=133, coin=10)
    amounts = [found.bill.total, found.bill.code_off, *(x.amount for x in found.bill.lines)]
    assert all(one % 10 == 0 and one >= 0 for one in amounts)


@given(st.integers(1, 9), st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_a_line_that_comes_back_piece_by_piece_is_worth_what_was_paid_for_it(
    quantity: int, amount: int, chance: random.Random
) -> None:
    line, back, given_back = [Part(quantity, amount)], 0, 0
    while back < quantity:
        count = chance.randint(1, quantity - back)
        given_back += worth_of(line, {0: count}, {0: back})
        back += count
    assert given_back == amount
    with pytest.raises(ValueError):
        worth_of(line, {0: 1}, {0: back})


FACTS: list[tuple[Any, ...]] = [
    ("paying", 0, "", "pi_1"),
    ("paid", 1000, "cs_1", "pi_1"),
    ("refund", 300, "re_1", "pi_1"),
    ("refunded_total", 300, "", "pi_1"),
    ("disputed", 700, "dp_1", "pi_1"),
    ("dispute_lost", 700, "dp_1", "pi_1"),
]


@given(st.integers(1, 40), st.integers(0, 10**6))
def test_pieces_go_back_in_steps_that_their_currency_can_be_charged_in(
    quantity: int, coins: int
) -> None:
    line = [Part(quantity, coins * 10)]
    pieces = [worth_of(line, {0: 1}, {0: back}, 10) for back in range(quantity)]
    assert sum(pieces) == coins * 10 and all(piece % 10 == 0 for piece in pieces)
    assert max(pieces) - min(pieces) <= 10


@given(st.lists(st.sampled_from(FACTS), max_size=12), st.randoms(use_true_random=False))
def test_facts_in_any_order_and_any_number_of_times_leave_the_same_order(
    again: list[tuple[Any, ...]], chance: random.Random
) -> None:
    told = [*FACTS, *again]
    chance.shuffle(told)
    order = Order(1, "the-key-of-an-order", "open", 1000, True)
    for kind, amount, ref, payment in told:
        assert hear(order, Fact(kind, 0, amount=amount, ref=ref, payment=payment)) == ""
    assert (order.state, order.paid, order.refunded) == ("refunded", 1000, 1000)
    assert not order.disputed and order.payment == "pi_1"


def test_a_refund_that_fails_is_money_that_stays() -> None:
    order = Order(1, "the-key-of-an-order", "open", 1000, True)
    for fact in (
        Fact("paid", 0, amount=1000, payment="pi_1"),
        Fact("refund", 0, amount=1000, ref="re_1", payment="pi_1"),
        Fact("refunded_total", 0, amount=1000, payment="pi_1"),
    ):
        hear(order, fact)
    assert (order.state, order.refunded) == ("refunded", 1000)
    hear(order, Fact("refund", 0, amount=0, ref="re_1", payment="pi_1"))
    assert (order.state, order.refunded) == ("paid", 0)


def test_a_second_payment_is_refused_and_an_end_undoes_no_payment() -> None:
    order = Order(1, "the-key-of-an-order", "open", 1000, True)
    hear(order, Fact("paid", 0, amount=1000, payment="pi_1"))
    assert hear(order, Fact("paid", 0, amount=1000, payment="pi_2"))
    hear(order, Fact("expired", 0))
    hear(order, Fact("failed", 0))
    assert (order.state, order.payment, order.claiming) == ("paid", "pi_1", True)


def test_a_slow_bank_keeps_what_is_claimed_until_it_answers() -> None:
    order = Order(1, "the-key-of-an-order", "open", 1000, True)
    hear(order, Fact("waiting", 0, payment="pi_1"))
    hear(order, Fact("expired", 0))
    assert order.state == "open" and order.processing
    hear(order, Fact("failed", 0, payment="pi_1"))
    assert order.state == "cancelled" and not order.processing
