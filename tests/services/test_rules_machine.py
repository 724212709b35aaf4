"""Whatever backers, Stripe and the creator do, in whatever order it is heard, the rules hold.

A random road is driven through the public doors of the real thing and through `tests.model`, which
says the rules plainly; after each settlement both must stand the same. MILEPOST_THOROUGH=1 drives
ten times as many, at random.
"""

import os
import random
import sys
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from milepost.domain.audience import Audience
from milepost.domain.errors import Conflict
from milepost.domain.facts import Fact, FactKind
from milepost.services import granting, milestones, settling
from tests.model import FOR_EVER, PlainMilestone
from tests.model_pledge import PlainPledge
from tests.services.both_campaigns import CHUNK, BothCampaigns, Ground
from tests.world import NOON

THOROUGH = os.environ.get("MILEPOST_THOROUGH") == "1"
RUNS, STEPS = (500 if THOROUGH else 50), 50  # each of four campaigns
WHO = ("Dana", "Eli", "Fay", "Gus", "Hal", "Ida", "Jo")
ANY = st.integers(0, 59)
STRAY: tuple[FactKind, ...] = (
    "saved",
    "paid",
    "waiting",
    "failed",
    "expired",
    "declined",
    "paying",
)

audiences = st.builds(
    Audience,
    kind=st.sampled_from(["all_backers", "new_backers"]),
    include_crossing=st.booleans(),
    exclude_late=st.booleans(),
    per=st.sampled_from(["backer", "backer", "pledge", "unit"]),
    cap=st.sampled_from([None, None, None, 1, 3]),
)
rewards = st.sampled_from(["reveal", "plenty", "scarce", "scarce", "rare", "codes", "codes"])
# who, tier, quantity, bonus, late, and what becomes of the checkout: each taken modulo its choices
choices = st.tuples(ANY, ANY, ANY, ANY, ANY, ANY)
promises = st.tuples(audiences, ANY, ANY, rewards)  # audience, target, tiers, reward
Choice = tuple[int, int, int, int, int, int]
Promise = tuple[Audience, int, int, str]


class Road(RuleBasedStateMachine):
    """One campaign; `ground`, `basis` and `funding_model` are given by the test."""

    ground: ClassVar[Ground]
    basis: ClassVar[str]
    funding_model: ClassVar[str]

    @initialize(
        limit=st.sampled_from([None, None, 8000]),
        shelf=st.tuples(st.integers(0, 8), st.integers(0, 3)),
        crowd=st.lists(choices, min_size=3, max_size=8),
        promised=st.lists(promises, min_size=1, max_size=5),
    )
    def opens(
        self,
        limit: int | None,
        shelf: tuple[int, int],
        crowd: list[Choice],
        promised: list[Promise],
    ) -> None:
        self.both = BothCampaigns(self.ground, self.basis, self.funding_model, limit)
        self.products: dict[str, int | None] = {
            "plenty": self.both.product(None),
            "scarce": self.both.product(shelf[0]),
            "rare": self.both.product(shelf[1]),
        }
        self.pledges: list[PlainPledge] = []
        self.outbox: list[tuple[str, Fact, bool]] = []  # what Stripe has not told us yet
        self.told: list[tuple[str, Fact, bool]] = []
        self.refunds: list[tuple[int, str]] = []
        self.disputes: list[tuple[int, str]] = []
        self.gets_milestones(promised)
        self.is_backed(crowd)

    # Backers and Stripe

    def _pledge(self, index: int) -> PlainPledge:
        return self.pledges[index % len(self.pledges)]

    def _event(self, fact: Fact, only_payment: bool = False) -> None:
        fact.payment = fact.payment or (f"pi_{fact.pledge_id}" if only_payment else "")
        self.outbox.append((f"evt_{next(self.ground.serial)}", fact, only_payment))

    def _fact(self, kind: FactKind, pledge: PlainPledge) -> Fact:
        detail = {}
        if kind in ("saved", "paid", "waiting"):
            detail = {"email": f"{pledge.who.lower()}@example.org", "name": pledge.who}
        payment = f"pi_{pledge.id}" if kind in ("paid", "paying") else ""
        return Fact(kind, pledge.id, amount=pledge.money, payment=payment, detail=detail)

    @rule(crowd=st.lists(choices, min_size=1, max_size=3))
    def is_backed(self, crowd: list[Choice]) -> None:
        for choice in crowd:
            self._pledges(*choice)

    def _pledges(
        self, who: int, tier: int, quantity: int, bonus: int, late: int, then: int
    ) -> None:
        if len(self.pledges) >= 16:
            return
        lines = self.both.lines(tier % 4, quantity % 3 + 1, bonus % 2 * 700)
        pledge = self.both.start(WHO[who % len(WHO)], lines, late=late % 5 == 0)
        if pledge is None:
            return
        self.pledges.append(pledge)
        kind: FactKind = "paid" if self.funding_model == "keep_it_all" else "saved"
        if then % 10 < 7:
            self._event(self._fact(kind, pledge))
        elif then % 10 == 7:
            self._event(self._fact("waiting", pledge))
        elif then % 10 == 8:
            self._event(self._fact("expired", pledge))

    @precondition(lambda self: self.pledges)
    @rule(index=ANY)
    def pays(self, index: int) -> None:
        self._event(self._fact("paid", self._pledge(index)))

    @precondition(lambda self: self.pledges)
    @rule(index=ANY, kind=st.sampled_from(STRAY))
    def hears_something_stray(self, index: int, kind: FactKind) -> None:
        self._event(self._fact(kind, self._pledge(index)))

    @precondition(lambda self: self.pledges)
    @rule(index=ANY, part=st.sampled_from([1, 1, 3, 50]), told=ANY)
    def is_refunded(self, index: int, part: int, told: int) -> None:
        pledge = self._pledge(index)
        before = sum(pledge.id == known for known, _ in self.refunds)
        amount = max(1, pledge.money // part)
        ref = f"re_{next(self.ground.serial)}"
        self.refunds.append((pledge.id, ref))
        if told % 4:
            self._event(Fact("refund", pledge.id, amount=amount, ref=ref), told % 2 == 0)
        if told % 4 != 1 and not before:
            self._event(Fact("refunded_total", pledge.id, amount=amount), told % 3 == 0)

    @precondition(lambda self: self.refunds)
    @rule(index=ANY)
    def has_a_refund_that_fails(self, index: int) -> None:
        pledge_id, ref = self.refunds[index % len(self.refunds)]
        self._event(Fact("refund", pledge_id, amount=0, ref=ref))

    @precondition(lambda self: self.pledges)
    @rule(index=ANY, only_payment=st.booleans())
    def disputes_the_payment(self, index: int, only_payment: bool) -> None:
        pledge, ref = self._pledge(index), f"dp_{next(self.ground.serial)}"
        self.disputes.append((pledge.id, ref))
        self._event(Fact("disputed", pledge.id, ref=ref), only_payment)

    @precondition(lambda self: self.disputes)
    @rule(index=ANY, lost=ANY)
    def has_a_dispute_closed(self, index: int, lost: int) -> None:
        pledge_id, ref = self.disputes.pop(index % len(self.disputes))
        self._event(Fact("dispute_lost" if lost % 3 == 0 else "dispute_won", pledge_id, ref=ref))

    @precondition(lambda self: self.pledges)
    @rule(index=ANY)
    def is_given_up(self, index: int) -> None:
        self._event(Fact("dropped", self._pledge(index).id))

    # Decisions

    @precondition(lambda self: self.pledges)
    @rule(index=ANY)
    def cancels(self, index: int) -> None:
        pledge = self._pledge(index)
        lawful = pledge.step in ("confirmed", "past_due")
        assert self.both.decide("cancelled", pledge.id) is lawful

    @precondition(lambda self: any(p.held for p in self.pledges))
    @rule(index=ANY)
    def is_released(self, index: int) -> None:
        held = [p for p in self.pledges if p.held]
        assert self.both.decide("released", held[index % len(held)].id)

    @precondition(lambda self: any(p.step == "confirmed" for p in self.pledges))
    @rule(index=ANY, tier=ANY, quantity=ANY, bonus=ANY)
    def changes(self, index: int, tier: int, quantity: int, bonus: int) -> None:
        able = [p for p in self.pledges if p.step == "confirmed"]
        lines = self.both.lines(tier % 4, quantity % 3 + 1, bonus % 2 * 700)
        self.both.decide("changed", able[index % len(able)].id, lines)

    # The creator

    def _milestone(self, index: int) -> PlainMilestone:
        return self.both.plain.milestones[index % len(self.both.plain.milestones)]

    def _target(self, typed: int) -> int:
        return typed % 8 + 1 if self.basis == "units" else (typed % 8 + 1) * 3500

    @rule(promised=st.lists(promises, min_size=1, max_size=2))
    def gets_milestones(self, promised: list[Promise]) -> None:
        for promise in promised:
            self._promises(*promise)

    def _promises(self, audience: Audience, aim: int, tiers: int, reward: str) -> None:
        if len(self.both.plain.milestones) >= 8:
            return
        chosen = frozenset({self.both.tiers[tiers % 3][0]} if tiers % 5 == 0 else ())
        narrowed = Audience(
            audience.kind,
            audience.include_crossing,
            audience.exclude_late,
            audience.per,
            chosen,
            audience.cap,
        )
        codes = ("A1", "B2", "C3")[: aim % 4] if reward == "codes" else ()
        self.both.add_milestone(self._target(aim), narrowed, self.products.get(reward), codes)

    @precondition(lambda self: self.both.plain.milestones)
    @rule(index=ANY, aim=ANY)
    def moves_a_target(self, index: int, aim: int) -> None:
        milestone = self._milestone(index)
        moved = milestones.move_target(
            self.both.database, milestone.id, self._target(aim), "alice", NOON
        )
        if milestone.reached is not None:
            with pytest.raises(Conflict):
                self.ground.run(moved)
            return
        self.ground.run(moved)
        milestone.target = self._target(aim)
        self.both.plain.reach_at_once(milestone)

    @precondition(lambda self: self.both.plain.milestones)
    @rule(index=ANY, reward=rewards, also_granted=st.booleans())
    def edits_a_reward(self, index: int, reward: str, also_granted: bool) -> None:
        product = self.products.get(reward)
        self.both.change_reward(self._milestone(index), product, reward == "codes", also_granted)

    @precondition(lambda self: self.both.plain.milestones)
    @rule(index=ANY, sure=ANY)
    def archives_a_milestone(self, index: int, sure: int) -> None:
        milestone = self._milestone(index)
        if sure % 3:
            return
        archiving = milestones.archive_milestone(self.both.database, milestone.id, "alice", NOON)
        if milestone.reached is not None and milestone.judged != FOR_EVER:
            with pytest.raises(Conflict):
                self.ground.run(archiving)
            return
        self.ground.run(archiving)
        milestone.archived = True

    @precondition(lambda self: self.both.plain.milestones)
    @rule(index=ANY)
    def finds_more_codes(self, index: int) -> None:
        milestone = self._milestone(index)
        code = f"X{next(self.ground.serial)}"
        self.ground.run(milestones.add_codes(self.both.database, milestone.id, [code]))
        milestone.pool.append(code)
        self.both.plain.hand_out()

    @precondition(lambda self: any(m.grants for m in self.both.plain.milestones))
    @rule(index=ANY)
    def ships(self, index: int) -> None:
        self.both.ship(index)

    # The road

    def _hears(self, count: int, seed: int) -> None:
        shuffle = random.Random(seed)
        again = [event for event in self.told if shuffle.random() < 0.1]
        shuffle.shuffle(self.outbox)
        now, self.outbox = self.outbox[:count] + again, self.outbox[count:]
        self.told += now
        if now:
            self.both.hear(now, {event_id for event_id, _, _ in again})

    @precondition(lambda self: self.outbox)
    @rule(count=st.sampled_from([1, 3, 60, 60]), seed=ANY)
    def hears_from_stripe(self, count: int, seed: int) -> None:
        self._hears(count, seed)

    @rule(
        seed=ANY,
        batch=st.sampled_from([1, 2, 5, 1000, 1000]),
        batches=st.sampled_from([None, None, None, 1, 2]),
    )
    def settles(self, seed: int, batch: int, batches: int | None) -> None:
        self._hears(60, seed)
        self.both.settle(batch, batches)
        self._compares()

    @precondition(lambda self: any(m.reached for m in self.both.plain.milestones))
    @rule(index=ANY, chunks=st.integers(1, 3), crash=st.booleans())
    def grants_at_the_reach(self, index: int, chunks: int, crash: bool) -> None:
        due = [m for m in self.both.plain.milestones if m.reached and m.judged != FOR_EVER]
        if due:
            self.both.fan_out(due[index % len(due)], chunks, crash)
            self._compares()

    def _compares(self) -> None:
        expected = self.both.expected()
        real = self.both.real()
        for name in expected:
            assert real[name] == expected[name], name

    def teardown(self) -> None:
        if sys.exc_info()[0] is not None or not hasattr(self, "both"):
            return
        self._hears(1000, 7)
        self.both.settle(1000, None)
        for milestone in self.both.plain.milestones:
            self.both.fan_out(milestone, 12, crash=False)
        self._compares()
        assert self.both.audited() == []


@pytest.mark.timeout(3600 if THOROUGH else 300)
@pytest.mark.parametrize("basis", ["units", "money"])
@pytest.mark.parametrize("funding_model", ["keep_it_all", "all_or_nothing"])
def test_the_books_and_promises_stand_as_the_rules_say_whatever_happens(
    database_url: str, monkeypatch: pytest.MonkeyPatch, basis: str, funding_model: str
) -> None:
    monkeypatch.setattr(granting, "CHUNK", CHUNK)
    monkeypatch.setattr(settling, "BATCH", settling.BATCH)  # the machine moves it
    ground = Ground(database_url)
    names: dict[str, Any] = {"ground": ground, "basis": basis, "funding_model": funding_model}
    try:
        run_state_machine_as_test(
            type("Road", (Road,), names),
            settings=settings(
                max_examples=RUNS,
                stateful_step_count=STEPS,
                derandomize=not THOROUGH,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                print_blob=False,
            ),
        )
    finally:
        ground.close()
