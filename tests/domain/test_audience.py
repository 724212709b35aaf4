"""Who gets a reward, and the one sentence that says why or why not (A1–A9, R5)."""

import re
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.domain.audience import Audience, Because, Verdict, judge, reason
from milepost.domain.pledges import Pledge, State

STATES = get_args(State)
audiences = st.builds(
    Audience,
    kind=st.sampled_from(["all_backers", "new_backers"]),
    include_crossing=st.booleans(),
    exclude_late=st.booleans(),
    per=st.sampled_from(["backer", "pledge", "unit"]),
    tiers=st.frozensets(st.integers(1, 3), max_size=2),
)
pledges = st.builds(
    Pledge,
    id=st.integers(1, 99),
    units=st.integers(0, 4),
    money=st.just(4500),
    state=st.sampled_from(STATES),
    tiers=st.frozensets(st.integers(1, 3), max_size=2),
    late=st.booleans(),
    held=st.booleans(),
)
seqs = st.one_of(st.none(), st.integers(1, 9))


def charged(**columns: object) -> Pledge:
    given: dict[str, object] = {"id": 1, "units": 2, "money": 4500, "state": "charged"}
    return Pledge(**given | columns)  # type: ignore[arg-type]


def because(audience: Audience, first_seq: int, *found: Pledge, reached_seq: int = 5) -> Verdict:
    return judge(audience, reached_seq, first_seq, found or [charged()])


@pytest.mark.parametrize("first_seq", [1, 5, 9])
def test_all_backers_have_it_before_at_and_after_the_reach(first_seq: int) -> None:
    assert because(Audience("all_backers"), first_seq).wanted == "owed"


def test_new_backers_have_it_only_after_the_reach_and_the_crossing_one_by_switch() -> None:
    said = {seq: because(Audience("new_backers"), seq).because for seq in (4, 5, 6)}
    assert said == {4: "backed_before", 5: "was_crossing", 6: "new_backer"}
    with_crossing = Audience("new_backers", include_crossing=True)
    said = {seq: because(with_crossing, seq).because for seq in (4, 5, 6)}
    assert said == {4: "backed_before", 5: "crossing", 6: "new_backer"}


def test_late_pledges_have_it_unless_they_are_excluded() -> None:
    late = charged(late=True)
    assert because(Audience("all_backers"), 9, late).wanted == "owed"
    excluded = because(Audience("all_backers", exclude_late=True), 9, late)
    assert (excluded.wanted, excluded.because) == (None, "late")
    both = because(Audience("all_backers", exclude_late=True), 9, late, charged(id=2))
    assert (both.wanted, both.pledge_id) == ("owed", 2)


def test_a_reward_for_some_tiers_is_for_pledges_with_one_of_them() -> None:
    audience = Audience("all_backers", tiers=frozenset({1, 2}))
    assert because(audience, 1, charged(tiers=frozenset({2, 3}))).wanted == "owed"
    assert because(audience, 1, charged(tiers=frozenset({3}))).because == "other_tier"
    assert because(audience, 1, charged()).because == "other_tier"


def test_a_reward_per_unit_comes_as_often_as_the_pledge_has_units() -> None:
    audience = Audience("all_backers", per="unit")
    assert because(audience, 1, charged(units=3)).quantity == 3
    assert because(audience, 1, charged(units=3, state="disputed")).quantity == 3
    assert because(audience, 1, charged(units=0)).wanted is None
    assert because(Audience("all_backers", per="pledge"), 1, charged(units=3)).quantity == 1


@pytest.mark.parametrize("state", STATES)
def test_each_state_of_a_pledge_earns_or_does_not(state: State) -> None:
    earns = {"confirmed": "owed", "charged": "owed", "past_due": "owed", "disputed": "held"}
    pledge = charged(state=state)
    assert because(Audience("all_backers"), 1, pledge).wanted == earns.get(state)
    assert because(Audience("all_backers"), 1, replace(pledge, held=True)).wanted is None


def test_an_all_or_nothing_grant_is_provisional_until_a_charge_succeeds() -> None:
    audience, saved = Audience("all_backers"), charged(state="confirmed")
    assert judge(audience, 5, 1, [saved], provisional=True).wanted == "provisional"
    assert judge(audience, 5, 1, [charged()], provisional=True).wanted == "owed"
    several = judge(audience, 5, 1, [saved, charged(id=2)], provisional=True)
    assert (several.wanted, several.pledge_id) == ("owed", 2)


def test_nothing_is_owed_before_the_reach_or_without_an_entry() -> None:
    assert judge(Audience("all_backers"), None, 1, [charged()]).because == "not_reached"
    assert judge(Audience("all_backers"), 5, None, [charged()]).because == "never_backed"


@given(audiences, seqs, seqs, st.lists(pledges, max_size=4), st.booleans())
def test_whatever_is_wanted_rests_on_one_pledge_that_qualifies(
    audience: Audience,
    reached_seq: int | None,
    first_seq: int | None,
    found: list[Pledge],
    provisional: bool,
) -> None:
    verdict = judge(audience, reached_seq, first_seq, found, provisional)
    if verdict.wanted is None:
        return
    assert reached_seq is not None and first_seq is not None
    assert audience.kind == "all_backers" or first_seq >= reached_seq
    resting = [p for p in found if p.id == verdict.pledge_id and audience.takes(p)]
    assert resting
    assert any(p.is_disputed if verdict.wanted == "held" else p.is_live for p in resting)
    assert verdict.quantity >= 1


@given(audiences, seqs, seqs, st.lists(pledges, max_size=4), st.booleans())
def test_the_order_of_a_backers_pledges_decides_nothing(
    audience: Audience,
    reached_seq: int | None,
    first_seq: int | None,
    found: list[Pledge],
    provisional: bool,
) -> None:
    forward = judge(audience, reached_seq, first_seq, found, provisional)
    backward = judge(audience, reached_seq, first_seq, found[::-1], provisional)
    assert (forward.wanted, forward.because) == (backward.wanted, backward.because)


@given(audiences, seqs, seqs, st.lists(pledges, max_size=4))
def test_every_verdict_has_its_sentence(
    audience: Audience, reached_seq: int | None, first_seq: int | None, found: list[Pledge]
) -> None:
    verdict = judge(audience, reached_seq, first_seq, found)
    said = str(reason(verdict.because, "Wind muff", first_seq, reached_seq))
    assert ("You have this" in said) is (verdict.wanted in ("owed", "provisional"))
    assert "None" not in said


@pytest.mark.parametrize("why", get_args(Because))
def test_each_reason_is_one_sentence_with_every_field_filled_in(why: Because) -> None:
    said = str(reason(why, "50 % off", 3, 7))
    assert "“50 % off”" in said
    assert said.endswith(".")
    assert len(re.findall(r"[.!?](?: |$)", said)) == 1
    assert "%(" not in said and "{" not in said
