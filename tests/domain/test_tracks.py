"""A milestone is reached at its target or past it, once, by the first entry that does (C4, C5)."""

from hypothesis import given
from hypothesis import strategies as st

from milepost.domain.audience import Audience
from milepost.domain.rewards import Reward
from milepost.domain.tracks import EVERYBODY, Milestone, ahead, reached

targets = st.lists(st.integers(1, 50), max_size=8)


def milestones_at(found: list[int]) -> list[Milestone]:
    return [
        Milestone(number, target, Audience(), Reward(number, "reveal"))
        for number, target in enumerate(found, start=1)
    ]


@given(targets, st.integers(0, 60))
def test_a_reading_reaches_every_target_at_or_below_it_lowest_first(
    found: list[int], reading: int
) -> None:
    lowest_first = [m.target for m in reached(milestones_at(found), reading)]
    assert lowest_first == sorted(target for target in found if reading >= target)


@given(targets)
def test_those_ahead_are_the_lowest_first_and_equal_ones_by_age(found: list[int]) -> None:
    waiting = ahead(milestones_at(found))
    assert [(m.target, m.id) for m in waiting] == sorted((m.target, m.id) for m in waiting)


def test_a_reached_and_an_archived_milestone_are_not_ahead() -> None:
    first, second, third = milestones_at([10, 20, 30])
    first.reach(4)
    second.is_archived = True
    assert ahead([first, second, third]) == [third]
    assert first.is_reached
    assert not second.is_reached


def test_only_a_reward_for_all_is_given_to_those_who_backed_before() -> None:
    for_all = Milestone(1, 10, Audience("all_backers"), Reward(1, "reveal"))
    for_new = Milestone(2, 10, Audience("new_backers"), Reward(2, "reveal"))
    for milestone in (for_all, for_new):
        milestone.reach(7)
        assert milestone.reached_seq == 7
    assert for_all.granted_through == 0
    assert for_new.granted_through == EVERYBODY
