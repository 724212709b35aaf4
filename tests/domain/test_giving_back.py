"""Whatever goes back of a pledge, in whatever parts, goods and fees add up to the cent (C1, M2)."""

from hypothesis import given
from hypothesis import strategies as st

from milepost.domain.facts import Fact
from milepost.domain.moves import apply, count
from milepost.domain.pledges import Pledge

SUMS = st.integers(1, 10**9)  # minor units of any currency: with 0, 2 or 3 decimals alike
FEES = st.one_of(st.just(0), st.integers(0, 10**7))
SHARES = st.lists(
    st.tuples(st.integers(1, 100), st.sampled_from(["by line", "by sum", "fails"])), max_size=8
)


def hear(pledge: Pledge, fact: Fact) -> list[tuple[str, int, int]]:
    """The entries that follow."""
    moved = apply(pledge, fact)
    assert isinstance(moved, list), moved
    return list(count(pledge, moved))


def paid_pledge(money: int, shipping: int, tax: int) -> tuple[Pledge, list[int]]:
    """A pledge that was just paid, and the money that its entries have moved so far."""
    pledge = Pledge(1, 3, money, shipping=shipping, customer_id=1, tiers=frozenset({7}))
    paid = Fact("paid", 1, amount=money + shipping + tax, payment="pi_1", detail={"tax": tax})
    return pledge, [entry[2] for entry in hear(pledge, paid)]


@given(money=SUMS, shipping=FEES, tax=FEES, shares=SHARES)
def test_goods_and_fees_kept_are_what_was_paid_less_what_went_back(
    money: int, shipping: int, tax: int, shares: list[tuple[int, str]]
) -> None:
    pledge, moved = paid_pledge(money, shipping, tax)
    assert moved == [money]  # shipping and tax never enter the meter
    for number, (share, how) in enumerate(shares):
        ref = f"re_{number}"
        left = pledge.due - pledge.taken_back
        goods = pledge.money - pledge.goods_back
        amount = max(1, left * share // 100)
        if left <= 0 or amount > left:
            break
        detail = {}
        if how == "by line":
            amount = max(1, goods * share // 100)
            if amount > min(goods, left):
                continue
            detail = {"goods": amount, "units": 0, "tiers": []}
        fact = Fact("refund", 1, amount=amount, ref=ref, payment="pi_1", detail=detail)
        moved += [entry[2] for entry in hear(pledge, fact)]
        if how == "fails":
            moved += [
                entry[2]
                for entry in hear(pledge, Fact("refund", 1, amount=0, ref=ref, payment="pi_1"))
            ]
        fees_back = pledge.taken_back - pledge.goods_back
        assert 0 <= pledge.goods_back <= money
        assert 0 <= fees_back <= shipping + tax
        if how == "by line":
            assert pledge.parts[ref]["goods"] <= pledge.goods_back
    assert sum(moved) == pledge.worth[1] == pledge.counted_money
    rest = pledge.due - pledge.taken_back
    if rest:
        hear(pledge, Fact("refund", 1, amount=rest, ref="re_last", payment="pi_1"))
    assert (pledge.state, pledge.worth, pledge.counted_money) == ("refunded", (0, 0), 0)
    assert pledge.taken_back == pledge.due


@given(money=SUMS, shipping=FEES, tax=FEES, new=SUMS, new_shipping=FEES)
def test_what_a_change_leaves_over_goes_back_without_a_trace_on_the_meter(
    money: int, shipping: int, tax: int, new: int, new_shipping: int
) -> None:
    pledge, moved = paid_pledge(money, shipping, tax)
    detail = {"units": 1, "money": new, "shipping": new_shipping, "tiers": [7]}
    changed = apply(pledge, Fact("changed", 1, detail=detail))
    if isinstance(changed, str):
        assert "cost more" in changed
        assert (pledge.money, pledge.shipping, pledge.tax) == (money, shipping, tax)
        return
    moved += [entry[2] for entry in count(pledge, changed)]
    assert sum(moved) == new == pledge.worth[1]
    assert pledge.overpaid == money + shipping + tax - pledge.due >= 0
    if pledge.overpaid:
        hear(pledge, Fact("refund", 1, amount=pledge.overpaid, ref="re_1", payment="pi_1"))
    assert (pledge.worth[1], pledge.overpaid, pledge.taken_back) == (new, 0, 0)


@given(money=SUMS, more=SUMS, shipping=FEES)
def test_a_difference_that_is_paid_counts_its_goods_alone(
    money: int, more: int, shipping: int
) -> None:
    pledge, moved = paid_pledge(money, shipping, 0)
    detail = {"units": 4, "money": money + more, "shipping": shipping, "tiers": [7]}
    fact = Fact("topped_up", 1, amount=more, payment="pi_2", detail=detail)
    moved += [entry[2] for entry in hear(pledge, fact)]
    assert sum(moved) == money + more == pledge.counted_money
    assert hear(pledge, fact) == []
    assert pledge.overpaid == 0
