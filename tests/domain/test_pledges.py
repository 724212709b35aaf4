"""A pledge makes lawful moves only, whatever is heard twice, late or in any order (P1, C1, C6)."""

import copy
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.domain.facts import Fact, FactKind
from milepost.domain.moves import apply, count
from milepost.domain.pledges import Pledge, State

STATES: tuple[State, ...] = get_args(State)
OF_SUBSCRIPTIONS = {"begun", "cycle", "cycle_failed", "stands", "ended"}
KINDS: tuple[FactKind, ...] = tuple(k for k in get_args(FactKind) if k not in OF_SUBSCRIPTIONS)
MONEY, UNITS = 4500, 2
CHANGE = {"units": 1, "money": 3000, "tiers": [1]}

# For each fact, the state that each present state goes to; whatever is not here is unlawful.
STAY: dict[State, State] = {state: state for state in STATES}
MOVES: dict[FactKind, dict[State, State]] = {
    "paying": STAY,
    "card": STAY,
    "turned_back": STAY,
    "saved": STAY | {"started": "confirmed"},
    "waiting": STAY,
    "paid": {
        "started": "charged",
        "confirmed": "charged",
        "past_due": "charged",
        "charged": "charged",
        "refunded": "refunded",
        "disputed": "disputed",
    },
    "failed": {"started": "expired", "expired": "expired"},
    "declined": STAY | {"confirmed": "past_due"},
    "expired": {"started": "expired", "expired": "expired"},
    "refund": STAY | {"charged": "refunded", "disputed": "refunded"},
    "refunded_total": STAY | {"charged": "refunded", "disputed": "refunded"},
    "disputed": STAY | {"charged": "disputed"},
    "dispute_won": STAY | {"disputed": "charged"},
    "dispute_lost": STAY | {"charged": "refunded", "disputed": "refunded"},
    "changed": {state: state for state in ("confirmed", "past_due", "charged")},
    "topped_up": {"charged": "charged"},
    "cancelled": {"confirmed": "cancelled", "past_due": "cancelled", "cancelled": "cancelled"},
    "released": STAY,
    "dropped": {"confirmed": "dropped", "past_due": "dropped", "dropped": "dropped"},
}
del MOVES["saved"]["expired"]


def pledge_that_is(state: State) -> Pledge:
    """A pledge as it comes to be in `state`, with what it counted for."""
    pledge = Pledge(1, UNITS, MONEY)
    road: dict[State, list[Fact]] = {
        "started": [],
        "expired": [fact("expired")],
        "confirmed": [fact("saved")],
        "past_due": [fact("saved"), fact("declined")],
        "cancelled": [fact("saved"), fact("cancelled")],
        "dropped": [fact("saved"), fact("dropped")],
        "charged": [fact("paid")],
        "disputed": [fact("paid"), fact("disputed", "dp_1")],
        "refunded": [fact("paid"), fact("refund", "re_1")],
    }
    for heard in road[state]:
        hear(pledge, heard)
    assert pledge.state == state
    return pledge


def fact(kind: FactKind, ref: str = "") -> Fact:
    """A fact about all of the pledge; a dispute that closes is the one that was opened."""
    refs = {"refund": "re_1", "disputed": "dp_1", "dispute_won": "dp_1", "dispute_lost": "dp_1"}
    detail = CHANGE if kind in ("changed", "topped_up") else {}
    payment = "pi_2" if kind == "topped_up" else "pi_1"
    ref = ref or refs.get(kind, "")
    return Fact(kind, 1, amount=MONEY, ref=ref, payment=payment, detail=dict(detail))


def hear(pledge: Pledge, heard: Fact, limit: int | None = None) -> list[tuple[str, int, int]]:
    """The entries that follow; none when the fact is unlawful."""
    moved = apply(pledge, heard, limit)
    return [] if isinstance(moved, str) else list(count(pledge, moved))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", STATES)
def test_each_fact_makes_its_lawful_move_or_says_why_not(state: State, kind: FactKind) -> None:
    pledge = pledge_that_is(state)
    before = copy.deepcopy(pledge)
    moved = apply(pledge, fact(kind))
    if state not in MOVES[kind]:
        assert isinstance(moved, str) and moved
        assert pledge == before
        return
    assert isinstance(moved, list)
    count(pledge, moved)
    assert pledge.state == MOVES[kind][state]
    assert (pledge.counted_units, pledge.counted_money) == pledge.worth


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", STATES)
def test_a_fact_that_is_heard_again_counts_for_nothing_more(state: State, kind: FactKind) -> None:
    pledge = pledge_that_is(state)
    hear(pledge, fact(kind))
    before = copy.deepcopy(pledge)
    assert hear(pledge, fact(kind)) == []
    assert (pledge.state, pledge.worth) == (before.state, before.worth)


def test_less_than_the_pledge_is_not_its_payment() -> None:
    pledge = Pledge(1, UNITS, MONEY)
    assert "4499" in str(apply(pledge, Fact("paid", 1, amount=MONEY - 1)))
    assert pledge.state == "started"


def test_a_checkout_whose_money_is_on_its_way_does_not_expire() -> None:
    pledge = Pledge(1, UNITS, MONEY)
    hear(pledge, fact("waiting"))
    assert isinstance(apply(pledge, fact("expired")), str)
    assert hear(pledge, fact("paid")) == [("confirmed", UNITS, MONEY)]


parts = st.lists(st.integers(1, 2000), max_size=4)


@st.composite
def a_charge_and_all_that_befell_it(draw: st.DrawFn) -> list[Fact]:
    """The payment, its refunds one by one and in all, some of which fail, and closed disputes."""
    facts = [fact("paid")]
    total = 0
    for number, amount in enumerate(draw(parts)):
        ref = f"re_{number}"
        facts.append(Fact("refund", 1, amount=amount, ref=ref))
        total += amount
        if draw(st.booleans()):
            facts.append(Fact("refunded_total", 1, amount=total))
        if draw(st.booleans()):
            facts.append(Fact("refund", 1, amount=0, ref=ref))
    for number in range(draw(st.integers(0, 2))):
        facts.append(Fact("disputed", 1, ref=f"dp_{number}"))
        closes: FactKind | None = draw(st.sampled_from(["dispute_won", "dispute_lost", None]))
        if closes is not None:
            facts.append(Fact(closes, 1, ref=f"dp_{number}"))
    return facts


def heard_all(facts: list[Fact], first: Fact | None, limit: int | None) -> Pledge:
    pledge = Pledge(1, UNITS, MONEY)
    entries = hear(pledge, first, limit) if first is not None else []
    for heard in facts:
        entries += hear(pledge, heard, limit)
        assert (sum(e[1] for e in entries), sum(e[2] for e in entries)) == pledge.worth
        assert pledge.worth[0] >= 0 and pledge.worth[1] >= 0
    assert all(units or money for _, units, money in entries)
    assert [kind for kind, *_ in entries].count("confirmed") == (1 if entries else 0)
    if entries:
        assert entries[0] == ("confirmed", UNITS, MONEY)  # whole, and before all that lessens it
    return pledge


@given(a_charge_and_all_that_befell_it(), st.data())
def test_the_order_in_which_it_is_heard_does_not_matter_in_the_end(
    facts: list[Fact], data: st.DataObject
) -> None:
    first = data.draw(st.sampled_from([None, fact("saved")]))
    limit = data.draw(st.sampled_from([None, MONEY - 1, MONEY]))
    in_order = heard_all(facts, first, limit)
    again = data.draw(st.permutations(facts + facts[:2]))
    shuffled = heard_all(again, first, limit)
    assert (shuffled.state, shuffled.worth) == (in_order.state, in_order.worth)
    assert shuffled.refunded == in_order.refunded


@given(a_charge_and_all_that_befell_it())
def test_a_held_pledge_counts_for_nothing_until_it_is_released(facts: list[Fact]) -> None:
    pledge = Pledge(1, UNITS, MONEY)
    for heard in facts:
        assert hear(pledge, heard, limit=MONEY - 1) == []
        assert pledge.worth == (0, 0) and not pledge.is_live and not pledge.is_disputed
    assert pledge.held
    free = Pledge(1, UNITS, MONEY)
    for heard in facts:
        hear(free, heard)
    entries = hear(pledge, fact("released"))
    assert pledge.worth == free.worth == (pledge.counted_units, pledge.counted_money)
    assert [kind for kind, *_ in entries][:1] == (["confirmed"] if pledge.is_live else [])


def test_a_pledge_at_the_limit_is_not_above_it() -> None:
    pledge = Pledge(1, UNITS, MONEY)
    assert hear(pledge, fact("paid"), limit=MONEY) == [("confirmed", UNITS, MONEY)]


def test_a_change_counts_the_difference_and_says_which_way() -> None:
    pledge = pledge_that_is("confirmed")
    more = Fact("changed", 1, detail={"units": 3, "money": 6000, "tiers": [1]})
    assert hear(pledge, more) == [("increased", 1, 1500)]
    back = Fact("changed", 1, detail={"units": 1, "money": 3000, "tiers": [2]})
    assert hear(pledge, back) == [("decreased", -2, -3000)]
    assert pledge.tiers == frozenset({2})


def test_a_refund_of_all_takes_the_units_and_one_of_a_part_only_the_money() -> None:
    pledge = pledge_that_is("charged")
    assert hear(pledge, Fact("refund", 1, amount=1000, ref="re_1")) == [("refunded", 0, -1000)]
    assert hear(pledge, Fact("refunded_total", 1, amount=MONEY)) == [("refunded", -UNITS, -3500)]


def test_a_refund_that_fails_gives_the_money_back_to_the_meter() -> None:
    pledge = pledge_that_is("refunded")
    assert hear(pledge, Fact("refund", 1, amount=0, ref="re_1")) == [("reinstated", UNITS, MONEY)]
    assert hear(pledge, Fact("refund", 1, amount=MONEY, ref="re_1")) == []


@pytest.mark.parametrize("earlier", ["disputed", "refund"])
def test_what_is_heard_before_an_all_or_nothing_charge_takes_effect_with_it(
    earlier: FactKind,
) -> None:
    pledge = pledge_that_is("confirmed")
    hear(pledge, fact(earlier))
    hear(pledge, fact("paid"))
    assert pledge.worth == (0, 0)
    assert pledge.state == ("disputed" if earlier == "disputed" else "refunded")
