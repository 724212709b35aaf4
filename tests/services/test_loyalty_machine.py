"""Whatever customers do, in whatever order it is told, programs give what L1–L10 say.

A random life of a store is lived by the real database through the services' doors and by
`tests.model_loyalty`, which says the rules plainly; after each step both must stand the same.
MILEPOST_THOROUGH=1 lives ten times as many, at random.
"""

import os
import sys

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

from milepost.services import judging
from tests.services.both_loyalties import BothLoyalties
from tests.services.both_programs import Wish
from tests.services.ground import Ground
from tests.services.loyalty_twice import CUSTOMERS

THOROUGH = os.environ.get("MILEPOST_THOROUGH") == "1"
RUNS, STEPS = (500 if THOROUGH else 30), (50 if THOROUGH else 30)
ANY = st.integers(0, 2**16)

who = st.sampled_from(CUSTOMERS)
wishes = st.builds(
    Wish,
    kind=st.sampled_from(
        ["orders", "spend", "points", "reviews", "inactivity", "cycles", "mixed", "mixed"]
    ),
    steps=st.lists(st.tuples(ANY, st.integers(0, 5), ANY), min_size=1, max_size=4),
    every=st.sampled_from([None, None, 0, 3]),
    starts=st.sampled_from([-20, 0, 0, 5]),
    ends=st.sampled_from([None, None, 30, 90]),
)
NEW = ["order", "order", "order", "review", "referral", "cycle", "cycle", "points", "break"]
doings = st.lists(st.tuples(who, st.sampled_from(NEW), ANY, ANY), min_size=1, max_size=5)
changes = st.lists(st.tuples(ANY, ANY), min_size=1, max_size=3)


class Life(RuleBasedStateMachine):
    """One store, its customers, its creator, and time."""

    ground: Ground

    @initialize(
        wished=st.lists(wishes, min_size=1, max_size=3),
        rate=st.sampled_from([0, 1, 2]),
        pending=st.sampled_from([0, 0, 7]),
    )
    def opens(self, wished: list[Wish], rate: int, pending: int) -> None:
        self.both = BothLoyalties(self.ground)
        self.both.settings(rate, pending)
        for wish in wished:
            program = self.both.draw(wish)
            self.both.turn_on(program, 0)
        self.both.compare()

    # Customers

    @rule(done=doings)
    def do_things(self, done: list[tuple[str, str, int, int]]) -> None:
        self.both.do(done)
        self.both.compare()

    @precondition(lambda self: self.both.plain.facts)
    @rule(changed=changes, done=doings)
    def things_change(
        self, changed: list[tuple[int, int]], done: list[tuple[str, str, int, int]]
    ) -> None:
        """Refunds, partly and wholly and undone; withdrawals; repetitions."""
        self.both.change(changed)
        if changed[0][0] % 3 == 0:
            self.both.tell(done)
        self.both.judge()
        self.both.compare()

    @rule(who=who, unit=st.sampled_from(["points", "points", "USD"]), amount=ANY)
    def spends(self, who: str, unit: str, amount: int) -> None:
        self.both.spend(who, unit, amount % 700 + 1)
        self.both.compare()

    @rule(index=ANY, at_once=st.booleans())
    def takes_a_code_or_a_gift_along(self, index: int, at_once: bool) -> None:
        self.both.take_along(index)
        if at_once:
            self.both.pay(index)
        self.both.compare()

    @rule(index=ANY)
    def all_falls_while_an_order_holds_it(self, index: int) -> None:
        """L9: it stands until nothing comes of that order, and for good once it is paid."""
        who = self.both.take_along(index)
        if who is not None:
            self.both.undo(who)
            self.both.compare()

    @rule(index=ANY, is_paid=st.booleans())
    def an_order_ends(self, index: int, is_paid: bool) -> None:
        self.both.pay(index) if is_paid else self.both.let_go(index)
        self.both.compare()

    # Time

    @rule(days=st.sampled_from([0, 1, 3, 8, 28, 31]))
    def time_passes(self, days: int) -> None:
        self.both.pass_days(days)
        self.both.compare()

    # The creator

    @rule(wish=wishes, backfill=st.sampled_from([0, 0, 10, 400]))
    def draws_another(self, wish: Wish, backfill: int) -> None:
        if len(self.both.programs) < 6:
            program = self.both.draw(wish)
            if wish.steps[0][2] % 4:
                self.both.turn_on(program, backfill)
        self.both.compare()

    @rule(index=ANY, backfill=st.sampled_from([0, 0, 0, 10, 400]))
    def turns_one(self, index: int, backfill: int) -> None:
        program = self.both.program(index)
        if program.is_on:
            self.both.turn_off(program)
        else:
            self.both.turn_on(program, backfill)
        self.both.compare()

    @rule(index=ANY, what=st.sampled_from(["add", "out", "target", "reward", "ends"]), ask=ANY)
    def edits_one(self, index: int, what: str, ask: int) -> None:
        self.both.edit(self.both.program(index), what, ask)
        self.both.compare()

    @rule(rate=st.sampled_from([0, 1, 2]), pending=st.sampled_from([0, 7]))
    def settles_how_it_counts(self, rate: int, pending: int) -> None:
        self.both.settings(rate, pending)

    def teardown(self) -> None:
        if sys.exc_info()[0] is None and hasattr(self, "both"):
            self.both.pass_days(1)
            self.both.judge_again()
            self.both.compare()


@pytest.mark.timeout(3600 if THOROUGH else 300)
def test_programs_give_what_the_rules_say_whatever_happens(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "CHUNK", 2)
    monkeypatch.setattr(judging, "BATCH", 2)  # so that of two judges each has somebody
    ground = Ground(database_url)
    try:
        run_state_machine_as_test(
            type("Life", (Life,), {"ground": ground}),
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
