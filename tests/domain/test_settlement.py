"""The same facts give the same books, in one batch or in many (C2–C5, A1–A9, A14)."""

import copy
import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.domain.audience import Audience
from milepost.domain.facts import Fact, FactKind
from milepost.domain.pledges import Pledge
from milepost.domain.rewards import Reward
from milepost.domain.settlement import (
    Backer,
    Entry,
    Grant,
    Granted,
    Outcome,
    Standing,
    settle,
)
from milepost.domain.tracks import Milestone

FULL = 3000
CHANGES = [{"units": units, "money": 1500 * units, "tiers": [units]} for units in (1, 2, 3)]


@dataclass
class Books:
    """A campaign in memory: five pledges of three backers, and what has been settled."""

    standing: Standing
    milestones: list[Milestone]
    pledges: dict[int, Pledge] = field(default_factory=dict)
    backers: dict[int, Backer] = field(default_factory=dict)
    granted: dict[tuple[int, int], Grant] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    earned: list[tuple[int, int]] = field(default_factory=list)  # in the order of their making

    def __post_init__(self) -> None:
        for number, customer in enumerate((1, 1, 2, 2, 3), start=1):
            pledge = Pledge(number, 2, FULL, customer_id=customer, late=number == 4)
            self.pledges[number] = pledge
            self.backers.setdefault(customer, Backer(customer)).pledges.append(pledge)

    def settle(self, *facts: Fact) -> Outcome:
        present = {
            key: Granted(g.state, g.quantity, g.pledge_id, g.flagged)
            for key, g in self.granted.items()
        }
        outcome = settle(self.standing, self.milestones, self.backers, self.pledges, facts, present)
        self.entries += outcome.entries
        for grant in outcome.grants:
            key = grant.milestone_id, grant.beneficiary
            if key not in self.granted:
                self.earned.append(key)
            elif not grant.pledge_id:
                grant.pledge_id = self.granted[key].pledge_id  # as a void one's row keeps it
            self.granted[key] = grant
        return outcome

    def told(self) -> dict[str, object]:
        """All that must not depend on how the facts were batched."""
        return {
            "entries": self.entries,
            "standing": self.standing,
            "reaches": [(m.id, m.reached_seq) for m in self.milestones],
            "first": {key: backer.first_seq for key, backer in self.backers.items()},
            "grants": {
                key: (g.state, g.quantity, g.pledge_id, g.flagged)
                for key, g in self.granted.items()
            },
            "earned": self.earned,
        }


milestones = st.builds(
    Milestone,
    id=st.just(0),
    target=st.integers(1, 8),
    audience=st.builds(
        Audience,
        kind=st.sampled_from(["all_backers", "new_backers"]),
        include_crossing=st.booleans(),
        exclude_late=st.booleans(),
        per=st.sampled_from(["backer", "pledge", "unit"]),
        tiers=st.sampled_from([frozenset(), frozenset({1}), frozenset({2, 3})]),
    ),
    reward=st.just(Reward(1, "reveal")),
)
KINDS: list[FactKind] = ["paid", "paid", "paid", "saved", "refund", "refund", "refunded_total"]
KINDS += ["disputed", "dispute_won", "dispute_lost", "changed", "changed", "cancelled", "declined"]
KINDS += ["released", "dropped"]
AMOUNTS: dict[str, list[int]] = {"paid": [FULL, 4500], "refund": [FULL, FULL, 700, 0]}
facts = st.sampled_from(KINDS).flatmap(
    lambda kind: st.builds(
        Fact,
        kind=st.just(kind),
        pledge_id=st.integers(1, 5),
        amount=st.sampled_from(AMOUNTS.get(kind, [FULL, 700])),
        ref=st.sampled_from(["x_1", "x_2"]),
        detail=st.sampled_from(CHANGES),
    )
)


@given(
    st.sampled_from(["units", "money"]),
    st.sampled_from(["keep_it_all", "all_or_nothing"]),
    st.sampled_from([None, FULL - 1]),
    st.lists(milestones, max_size=5),
    st.lists(facts, min_size=8, max_size=30),
    st.data(),
)
def test_it_does_not_matter_in_which_batches_facts_are_settled(
    basis: str,
    model: str,
    limit: int | None,
    track: list[Milestone],
    heard: list[Fact],
    data: st.DataObject,
) -> None:
    for number, milestone in enumerate(track, start=1):
        milestone.id = number
        milestone.target *= 1 if basis == "units" else 1500
    standing = Standing(basis, model, review_limit=limit)  # type: ignore[arg-type]
    for number, fact in enumerate(heard, start=1):
        fact.inbox_id = number
    one_by_one = Books(standing, track)
    at_once, in_some = copy.deepcopy(one_by_one), copy.deepcopy(one_by_one)
    for fact in heard:
        one_by_one.settle(fact)
    at_once.settle(*heard)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(heard)), max_size=6)) | {0, len(heard)})
    for start, end in itertools.pairwise(cuts):
        in_some.settle(*heard[start:end])
    assert at_once.told() == one_by_one.told()
    assert in_some.told() == one_by_one.told()


@given(st.lists(milestones, max_size=5), st.lists(facts, min_size=8, max_size=30))
def test_totals_are_the_sum_of_the_entries_and_reaches_the_first_crossing(
    track: list[Milestone], heard: list[Fact]
) -> None:
    books = Books(Standing("units"), track)
    for number, milestone in enumerate(track, start=1):
        milestone.id = number
    books.settle(*heard)
    assert [entry.seq for entry in books.entries] == list(range(1, books.standing.seq + 1))
    running, crossings = 0, {}
    for entry in books.entries:
        running += entry.units
        for milestone in track:
            if running >= milestone.target:
                crossings.setdefault(milestone.id, entry.seq)
    assert running == books.standing.units
    assert sum(entry.money for entry in books.entries) == books.standing.money
    assert {m.id: m.reached_seq for m in track if m.is_reached} == crossings
    assert books.standing.backers == sum(backer.is_live for backer in books.backers.values())


def paid(pledge_id: int) -> Fact:
    return Fact("paid", pledge_id, amount=FULL)


def refunded(pledge_id: int) -> Fact:
    return Fact("refund", pledge_id, amount=FULL, ref="re_1")


def books_with(*track: Milestone, limit: int | None = None) -> Books:
    return Books(Standing("units", review_limit=limit), list(track))


def milestone(target: int, kind: str = "new_backers", **switches: object) -> Milestone:
    audience = Audience(kind, **switches)  # type: ignore[arg-type]
    return Milestone(target, target, audience, Reward(1, "reveal"))


def test_one_entry_reaches_all_that_it_passes_lowest_first() -> None:
    books = books_with(milestone(4), milestone(2), milestone(1), milestone(5))
    reached = books.settle(paid(1), paid(3)).reached
    assert [(m.target, m.reached_seq) for m in reached] == [(1, 1), (2, 1), (4, 2)]


def test_a_reach_stays_when_the_total_falls_and_comes_only_once() -> None:
    books = books_with(milestone(2))
    assert len(books.settle(paid(1), refunded(1), paid(3)).reached) == 1
    assert books.milestones[0].reached_seq == 1
    assert books.standing.units == 2


def test_who_backed_before_the_reach_cancels_and_returns_is_not_new() -> None:
    books = books_with(milestone(3))
    books.settle(paid(1), refunded(1), paid(3), paid(5), paid(2))
    assert books.milestones[0].reached_seq == 4
    assert books.granted == {}


def test_the_first_entry_of_a_held_pledge_is_made_when_it_is_released() -> None:
    books = books_with(milestone(1), limit=FULL - 1)
    books.settle(paid(5), paid(1))
    assert (books.standing.seq, books.milestones[0].reached_seq) == (0, None)
    books.settle(Fact("released", 1), Fact("released", 5))
    assert books.backers[3].first_seq == 2
    assert list(books.granted) == [(1, 3)]


@pytest.mark.parametrize("batched", [True, False])
def test_what_is_earned_and_lost_keeps_its_place_in_the_order(batched: bool) -> None:
    books = books_with(milestone(1))
    books.settle(paid(1))
    heard = [paid(5), refunded(5), paid(3)]
    for part in [heard] if batched else [[fact] for fact in heard]:
        books.settle(*part)
    assert [(key, books.granted[key].state) for key in books.earned] == [
        ((1, 3), "void"),
        ((1, 2), "owed"),
    ]


def test_an_unlawful_fact_is_refused_with_its_reason_and_moves_nothing() -> None:
    books = books_with(milestone(1))
    outcome = books.settle(Fact("expired", 1), Fact("paid", 1, inbox_id=7, amount=FULL))
    assert "refund it or restore it" in outcome.refused[7]
    assert (books.standing.seq, outcome.reached, outcome.grants) == (0, [], [])


def test_an_archived_milestone_gives_nothing_new_and_keeps_its_promises_honest() -> None:
    books = books_with(milestone(1))
    books.settle(paid(1), paid(3))
    books.milestones[0].is_archived = True
    books.settle(paid(5))
    assert {key: grant.state for key, grant in books.granted.items()} == {(1, 2): "owed"}
    books.settle(refunded(3))
    assert books.granted[1, 2].state == "void"
