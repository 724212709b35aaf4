"""Whatever backers, Stripe and the creator do, in whatever order it is heard, the rules hold.

A random road is driven through the public doors of the real thing and through `tests.model`, which
says the rules plainly; after each settlement both must stand the same. MILEPOST_THOROUGH=1 drives
ten times as many, at random.
"""

import os
import random
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from milepost.domain.audience import Audience
from milepost.domain.errors import Conflict
from milepost.services import granting, milestones, settling
from tests.model import FOR_EVER, PlainMilestone
from tests.services.both_campaigns import CHUNK, JUDGED, BothCampaigns
from tests.services.crowd import ANY, Choice, Crowd, choices
from tests.services.ground import Ground
from tests.world import NOON

THOROUGH = os.environ.get("MILEPOST_THOROUGH") == "1"
RUNS, STEPS = (500 if THOROUGH else 50), 50  # each of four campaigns

audiences = st.builds(
    Audience,
    kind=st.sampled_from(["all_backers", "new_backers"]),
    include_crossing=st.booleans(),
    exclude_late=st.booleans(),
    per=st.sampled_from(["backer", "backer", "pledge", "unit"]),
    cap=st.sampled_from([None, None, None, 1, 3]),
)
rewards = st.sampled_from(["reveal", "plenty", "scarce", "scarce", "rare", "codes", "codes"])
promises = st.tuples(audiences, ANY, ANY, rewards)  # audience, target, tiers, reward
Promise = tuple[Audience, int, int, str]
BEFALLS = st.sampled_from(
    ["refund", "refund", "failed refund", "dispute", "closed", "change", "cancel"]
)


class Road(Crowd):
    """One campaign, its backers, its creator, and the settlements in between."""

    @initialize(
        limit=st.sampled_from([None, None, 8000]),
        shelf=st.tuples(st.integers(0, 8), st.integers(0, 3)),
        crowd=st.lists(choices, min_size=3, max_size=8),
        promised=st.lists(promises, min_size=1, max_size=5),
        later=st.lists(st.tuples(BEFALLS, ANY), max_size=6),
    )
    def opens(
        self,
        limit: int | None,
        shelf: tuple[int, int],
        crowd: list[Choice],
        promised: list[Promise],
        later: list[tuple[str, int]],
    ) -> None:
        self.both = BothCampaigns(self.ground, self.basis, self.funding_model, limit)
        self.products: dict[str, int | None] = {
            "plenty": self.both.product(None),
            "scarce": self.both.product(shelf[0]),
            "rare": self.both.product(shelf[1]),
        }
        self.gets_milestones(promised)
        self.is_backed(crowd)
        if later:
            self.settles(len(later), 1000, None)
            self.grants_at_the_reach(0, 12, False)
        for what, index in later:
            self._befalls(what, index)
        self.settles(0, 1000, None)

    def _befalls(self, what: str, index: int) -> None:
        if what == "failed refund" and self.refunds:
            self.has_a_refund_that_fails(index)
        elif what == "closed" and self.disputes:
            self.has_a_dispute_closed(index, index)
        elif what == "change" and any(p.step == "confirmed" for p in self.pledges):
            self.changes(index, index // 3, index // 5, index // 7)
        elif what == "cancel" and self.pledges:
            self.cancels(index)
        elif what == "dispute" and self.pledges:
            self.disputes_the_payment(index, index % 2 == 0)
        elif self.pledges:
            self.is_refunded(index, 1 if index % 4 else 3, index)

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
        self.ground.run(
            milestones.add_codes(self.both.database, milestone.id, [code], "alice", NOON)
        )
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
    monkeypatch.setattr(granting, "JUDGED", JUDGED)
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
