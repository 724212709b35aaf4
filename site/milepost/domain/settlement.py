"""What follows from a batch of facts about one campaign: entries, reaches, grants (C2–C5, A1–A9).

Pure and in order: the same facts in the same order give the same books, however they are batched.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from milepost.domain.audience import Verdict, judge
from milepost.domain.campaigns import FundingModel
from milepost.domain.facts import Fact
from milepost.domain.pledges import EntryKind, Pledge, apply, count
from milepost.domain.rewards import GrantState, settled_grant
from milepost.domain.tracks import Basis, Milestone, ahead


@dataclass(slots=True)
class Standing:
    """A campaign's meter: `units` and `money` (minor units) after entry `seq`, and its backers."""

    basis: Basis
    funding_model: FundingModel = "keep_it_all"
    funded: bool = False
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


@dataclass(slots=True)
class Backer:
    """One customer in one campaign: the seq of the first entry, and all the pledges (A2, A3)."""

    customer_id: int
    first_seq: int | None = None
    pledges: list[Pledge] = field(default_factory=list)

    @property
    def is_live(self) -> bool:
        """True while one of the pledges stands."""
        return any(pledge.is_live for pledge in self.pledges)


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


@dataclass(slots=True)
class Outcome:
    """All that is to be written back, once, in one transaction."""

    entries: list[Entry] = field(default_factory=list)
    reached: list[Milestone] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)


GrantKey = tuple[int, int]  # milestone, beneficiary
Granted = tuple[GrantState, int]  # state, quantity


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
    touched: dict[int, Backer] = {}
    for fact in facts:
        pledge = pledges[fact.pledge_id]
        backer = backers.get(pledge.customer_id) if pledge.customer_id is not None else None
        was_live = backer is not None and backer.is_live
        moved = apply(pledge, fact, standing.review_limit)
        if isinstance(moved, str):
            outcome.refused[fact.inbox_id] = moved
            continue
        if backer is None:
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
        standing.backers += backer.is_live - was_live
        touched[backer.customer_id] = backer
    open_milestones = [m for m in milestones if m.reached_seq is not None]
    for backer in touched.values():
        outcome.grants.extend(regrant(standing, open_milestones, backer, granted))
    return outcome


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
        may_add = backer.first_seq is not None and backer.first_seq <= (
            milestone.granted_through or 0
        )
        for beneficiary, verdict in verdicts(standing, milestone, backer):
            present, quantity = granted.get((milestone.id, beneficiary), (None, 0))
            state = settled_grant(present, verdict.wanted)
            if state is None or (present is None and not may_add):
                continue
            if state == present and not _differs(state, quantity, verdict):
                continue
            yield Grant(
                milestone.id,
                beneficiary,
                backer.customer_id,
                verdict.pledge_id or 0,
                milestone.reward.id,
                verdict.quantity,
                state,
            )


def _differs(state: GrantState, quantity: int, verdict: Verdict) -> bool:
    """True when a grant that keeps its state still says something else than the rules.

    A fulfilled one that is no longer owed is written again to be flagged for the creator (A8).
    """
    if verdict.wanted is None:
        return state == "fulfilled"
    return state != "fulfilled" and quantity != verdict.quantity


def verdicts(
    standing: Standing, milestone: Milestone, backer: Backer
) -> Iterable[tuple[int, Verdict]]:
    """Each beneficiary of `milestone` that `backer` stands for, and what the rules want (A6).

    The beneficiary is the customer, or each pledge when the audience counts per pledge or unit.
    """
    audience, reached_seq = milestone.audience, milestone.reached_seq
    provisional = standing.is_provisional
    if audience.per == "backer":
        verdict = judge(audience, reached_seq, backer.first_seq, backer.pledges, provisional)
        yield backer.customer_id, verdict
        return
    for pledge in backer.pledges:
        yield pledge.id, judge(audience, reached_seq, backer.first_seq, [pledge], provisional)
