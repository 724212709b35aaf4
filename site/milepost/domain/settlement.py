"""What follows from a batch of facts about one campaign: entries, reaches, grants (C2–C5, A1–A9).

Pure and in order: the same facts in the same order give the same books, however they are batched.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from milepost.domain.audience import Verdict, judge
from milepost.domain.campaigns import FundingModel
from milepost.domain.facts import Fact
from milepost.domain.moves import apply, count
from milepost.domain.pledges import EntryKind, Pledge
from milepost.domain.rewards import GrantState, settled_grant
from milepost.domain.tracks import Basis, Milestone, ahead


@dataclass(slots=True)
class Standing:
    """A campaign's meter: `units` and `money` (minor units) after entry `seq`, and its backers.

    `failed` once an all-or-nothing campaign has closed below its goal (A9).
    """

    basis: Basis
    funding_model: FundingModel = "keep_it_all"
    failed: bool = False
    review_limit: int | None = None
    seq: int = 0
    units: int = 0
    money: int = 0
    backers: int = 0

    @property
    def total(self) -> int:
        """The reading in the campaign's basis (C1)."""
        return self.units if self.basis == "units" else self.money

    @property
    def is_provisional(self) -> bool:
        """True while grants wait for the campaign to be funded (A9)."""
        return self.funding_model == "all_or_nothing"


_is_live = attrgetter("is_live")


@dataclass(slots=True)
class Backer:
    """One customer in one campaign: the seq of the first entry, and all the pledges (A2, A3)."""

    customer_id: int
    first_seq: int | None = None
    pledges: list[Pledge] = field(default_factory=list)

    @property
    def is_live(self) -> bool:
        """True while one of the pledges stands."""
        return any(map(_is_live, self.pledges))


def gather(first_seqs: Mapping[int, int | None], pledges: Iterable[Pledge]) -> dict[int, Backer]:
    """The backers of these first entries, by customer, each with their pledges in order."""
    backers = {key: Backer(key, first_seq) for key, first_seq in first_seqs.items()}
    for pledge in sorted(pledges, key=lambda p: p.id):
        if pledge.customer_id is not None:
            backers[pledge.customer_id].pledges.append(pledge)
    return backers


@dataclass(slots=True)
class Entry:
    """A fact that moved the totals, by `units` and `money` (C2, C3)."""

    seq: int
    kind: EntryKind
    pledge_id: int
    customer_id: int
    units: int
    money: int
    inbox_id: int


@dataclass(slots=True)
class Grant:
    """The state that a reward owed to one beneficiary takes; beneficiary: see `beneficiary_of`."""

    milestone_id: int
    beneficiary: int
    customer_id: int
    pledge_id: int
    reward_id: int
    quantity: int
    state: GrantState
    seq: int  # the campaign's seq when it was earned, or last judged
    is_new: bool  # True when the beneficiary had none of this milestone, not even a void one
    flagged: bool = False  # sent, and no longer owed (A8)


@dataclass(slots=True)
class Outcome:
    """All that is to be written back, once, in one transaction."""

    entries: list[Entry] = field(default_factory=list)
    reached: list[Milestone] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)
    changed: set[int] = field(default_factory=set)  # facts that gave a pledge other lines


GrantKey = tuple[int, int]  # milestone, beneficiary


class Granted(NamedTuple):
    """A grant as it stands; `pledge_id` is the pledge that it travels with."""

    state: GrantState
    quantity: int
    pledge_id: int
    flagged: bool = False


def settle(
    standing: Standing,
    milestones: Sequence[Milestone],
    backers: Mapping[int, Backer],
    pledges: Mapping[int, Pledge],
    facts: Iterable[Fact],
    granted: Mapping[GrantKey, Granted],
) -> Outcome:
    """Judge `facts` in order, moving `standing`, `milestones`, `backers` and `pledges` along.

    `pledges` holds every pledge of every backer that the facts touch, `granted` their grants.
    """
    outcome = Outcome()
    waiting = ahead(milestones)
    promises = _Promises(standing, milestones, granted)
    for fact in facts:
        pledge = pledges[fact.pledge_id]
        backer = backers.get(pledge.customer_id) if pledge.customer_id is not None else None
        was_live = backer is not None and backer.is_live
        if backer is not None:
            promises.judge_again(backer)
        before = pledge.state, pledge.held
        moved = apply(pledge, fact, standing.review_limit)
        if isinstance(moved, str):
            outcome.refused[fact.inbox_id] = moved
            continue
        if moved and fact.kind in ("changed", "topped_up"):
            outcome.changed.add(fact.inbox_id)
        if backer is None or (not moved and (pledge.state, pledge.held) == before):
            continue
        for kind, units, money in count(pledge, moved):
            standing.seq += 1
            standing.units += units
            standing.money += money
            if backer.first_seq is None:
                backer.first_seq = standing.seq
            outcome.entries.append(
                Entry(
                    standing.seq, kind, pledge.id, backer.customer_id, units, money, fact.inbox_id
                )
            )
            while waiting and standing.total >= waiting[0].target:
                milestone = waiting.pop(0)
                milestone.reach(standing.seq)
                outcome.reached.append(milestone)
                promises.reached.append(milestone)
        standing.backers += backer.is_live - was_live
        promises.touch(backer)
    outcome.grants = promises.in_order()
    return outcome


class _Promises:
    """What a batch does to grants, as if each of its facts had been settled by itself (A14, A15).

    A backer is judged at the end, and before a further fact about the same backer: what the first
    earned is earned, and takes its place under a cap, even if the second takes it back.
    """

    def __init__(
        self,
        standing: Standing,
        milestones: Sequence[Milestone],
        granted: Mapping[GrantKey, Granted],
    ) -> None:
        self._standing = standing
        self.reached = [m for m in milestones if m.is_reached]
        self._granted = dict(granted)
        self._touched: dict[int, tuple[Backer, int, int]] = {}  # with place and seq
        self._places: dict[GrantKey, int] = {}
        self._grants: dict[GrantKey, Grant] = {}
        self._next_place = 0

    def touch(self, backer: Backer) -> None:
        """A fact has moved something of the backer's."""
        self._touched[backer.customer_id] = (backer, self._next_place, self._standing.seq)
        self._next_place += 1

    def judge_again(self, backer: Backer) -> None:
        """Judge the backer as things stand, if a fact has touched them already."""
        if touched := self._touched.pop(backer.customer_id, None):
            self._judge(*touched)

    def in_order(self) -> list[Grant]:
        """Each grant once, in its last state, in the order in which they were earned."""
        for touched in self._touched.values():
            self._judge(*touched)
        return sorted(self._grants.values(), key=self._place)

    def _place(self, grant: Grant) -> int:
        return self._places[grant.milestone_id, grant.beneficiary]

    def _judge(self, backer: Backer, place: int, seq: int) -> None:
        for grant in regrant(self._standing, self.reached, backer, self._granted):
            key = grant.milestone_id, grant.beneficiary
            earlier = self._grants.get(key)
            grant.seq = earlier.seq if earlier else seq
            if earlier is not None:
                grant.is_new |= earlier.is_new
                grant.pledge_id = grant.pledge_id or earlier.pledge_id
            self._places.setdefault(key, place)
            self._grants[key] = grant
            self._granted[key] = Granted(
                grant.state, grant.quantity, grant.pledge_id, grant.flagged
            )


def regrant(
    standing: Standing,
    milestones: Iterable[Milestone],
    backer: Backer,
    granted: Mapping[GrantKey, Granted],
) -> Iterable[Grant]:
    """The grants of one backer whose state must change for the rules to hold (A1–A9).

    New grants before the fan-out's cursor only: past it the fan-out makes them, in order (A14).
    """
    for milestone in milestones:
        may_add = (
            not milestone.is_archived
            and backer.first_seq is not None
            and backer.first_seq <= (milestone.granted_through or 0)
        )
        for beneficiary, verdict in verdicts(standing, milestone, backer):
            present = granted.get((milestone.id, beneficiary))
            state = settled_grant(present.state if present else None, verdict.wanted)
            if state is None or (present is None and not may_add):
                continue
            if present and state == present.state and not _differs(present, verdict):
                continue
            lost = present.quantity if present else 0
            yield Grant(
                milestone.id,
                beneficiary,
                backer.customer_id,
                verdict.pledge_id or 0,
                milestone.reward.id,
                verdict.quantity if verdict.wanted else lost,  # a void one says what was lost
                state,
                standing.seq,
                present is None,
                state == "fulfilled" and verdict.wanted is None,
            )


def _differs(present: Granted, verdict: Verdict) -> bool:
    """True when a grant that keeps its state still says something else than the rules.

    One that is not sent yet travels with the pledge that earns it now. A fulfilled one is flagged
    for the creator while it is not owed, and no longer once it is again (A8).
    """
    if present.state == "fulfilled":
        return present.flagged != (verdict.wanted is None)
    said = present.quantity, present.pledge_id
    return verdict.wanted is not None and said != (verdict.quantity, verdict.pledge_id)


def verdicts(
    standing: Standing, milestone: Milestone, backer: Backer
) -> Sequence[tuple[int, Verdict]]:
    """Each beneficiary of `milestone` that `backer` stands for, and what the rules want (A6).

    The beneficiary is the customer, or each pledge when the audience counts per pledge or unit.
    """
    audience, reached_seq = milestone.audience, milestone.reached_seq
    provisional = standing.is_provisional
    first_seq = backer.first_seq
    if standing.failed and reached_seq is not None:
        void = Verdict(None, "campaign_failed")
        if audience.per == "backer":
            return [(backer.customer_id, void)]
        return [(pledge.id, void) for pledge in backer.pledges]
    if audience.per == "backer":
        verdict = judge(audience, reached_seq, first_seq, backer.pledges, provisional)
        return [(backer.customer_id, verdict)]
    return [
        (pledge.id, judge(audience, reached_seq, first_seq, [pledge], provisional))
        for pledge in backer.pledges
    ]
