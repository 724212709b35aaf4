"""What a creator does with programs, done to the real store and to the plain one."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from milepost.domain.errors import Conflict, Invalid
from milepost.domain.loyalty_rewards import LoyaltyReward
from milepost.domain.program_plans import ProgramPlan, Step
from milepost.domain.programs import KINDS, MEASURES
from milepost.services.editing import part_held
from milepost.services.judging import run_program
from milepost.services.programs import (
    create_program,
    hold_program,
    part,
    save_program,
    turn_off,
    turn_on,
)
from milepost.storage.database import unit
from tests.loyalty import reward
from tests.model_loyalty import PlainProgram, PlainStep, Reward
from tests.services.loyalty_twice import LoyaltyTwice

TARGETS = {"amount": (2500, 1000), "points": (30, 20), "days": (5, 20), "months": (1, 1)}
REWARDS: tuple[tuple[str, Any, Reward], ...] = (
    ("points", 100, ("points", 100)),
    ("points", 45, ("points", 45)),
    ("credit", 500, ("USD", 500)),
    ("percent", 1000, "code"),
    ("gift", (), "gift"),  # of the one product that the store has
)


@dataclass(frozen=True, slots=True)
class Wish:
    """A program that a creator might want; its steps are a measure, how far on, and a reward."""

    kind: str
    steps: list[tuple[int, int, int]]
    every: int | None
    starts: int
    ends: int | None


class BothPrograms(LoyaltyTwice):
    """The creator's side: settings, and programs that are drawn, turned and edited."""

    def settings(self, rate: int, pending: int) -> None:
        """Points for a dollar, and how many days they wait."""

        async def settle() -> None:
            earns = {"USD": [rate, 100]} if rate else {}
            async with unit(self.database) as db:
                await db.execute(
                    "update loyalty set earns = $2, pending_days = $3 where store_id = $1",
                    self.store_id, earns, pending,
                )  # fmt: skip

        self.run(settle())
        self.plain.rate, self.plain.pending_days = rate, pending

    def program(self, index: int) -> PlainProgram:
        """One of them."""
        return self.programs[index % len(self.programs)][1]

    def _id(self, program: PlainProgram) -> int:
        return next(number for number, known in self.programs if known is program)

    def _wanted(self, kind: str, asked: tuple[int, int, int]) -> tuple[Step, Reward]:
        measure, far, index = asked
        measures = KINDS[kind].measures
        chosen = measures[measure % len(measures)]
        base, more = TARGETS.get(chosen.sums, (1, 1))
        gives, plain = self._reward(index)
        return Step(chosen.key, base + far * more, gives), plain

    def _reward(self, gives: int) -> tuple[LoyaltyReward, Reward]:
        name, worth, plain = REWARDS[gives % len(REWARDS)]
        return reward(name, (self.product_id,) if plain == "gift" else worth), plain

    def draw(self, wish: Wish) -> PlainProgram:
        """A program as wished, saved and off."""
        kind = KINDS[wish.kind]
        wanted = [self._wanted(wish.kind, asked) for asked in wish.steps]
        if not kind.in_steps:
            wanted = list({(s.measure, s.target): (s, r) for s, r in wanted}.values())
        every = None
        if wish.every is not None and kind.may_repeat:
            base = TARGETS.get(kind.measures[0].sums, (1, 1))[1]
            every = max(s.target for s, _ in wanted) + wish.every * base
        starts_at = self.now + timedelta(days=wish.starts)
        plan = ProgramPlan(
            wish.kind, "A program", tuple(s for s, _ in wanted), starts_at,
            starts_at + timedelta(days=wish.ends) if wish.ends else None, "USD", every,
        )  # fmt: skip
        made = self.run(create_program(self.database, self.author, plan, self.now))
        program = PlainProgram(kind.in_steps, starts_at, [], plan.ends_at, every)
        self.programs.append((made, program))
        self.plain.programs.append(program)
        self._learn(program, [r for _, r in wanted])
        return program

    def _kept(self, program: PlainProgram) -> Any:
        async def kept() -> Any:
            async with unit(self.database) as db:
                return await hold_program(db, self.store_id, self._id(program))

        return self.run(kept())

    def _learn(self, program: PlainProgram, rewards: list[Reward]) -> None:
        """Its milestones as the creator has just saved them; known ones stay themselves."""
        known = {step.id: step for step in program.steps}
        steps = []
        for step, gives in zip(self._kept(program).plan.steps, rewards, strict=True):
            assert step.id is not None
            measure = MEASURES[step.measure]
            plain = known.get(step.id) or PlainStep(step.id, "", "", 0, None)
            plain.kind, plain.sums = measure.fact, measure.sums
            plain.target, plain.reward = step.target, gives
            steps.append(plain)
        program.steps = steps

    def turn_on(self, program: PlainProgram, backfill: int) -> None:
        """It is on from now on; a backfill counts so many days before."""
        since = self.now - timedelta(days=backfill) if backfill else None
        turning = turn_on(self.database, self.author, self._id(program), self.now, since)
        if not program.is_on and (
            not program.steps or (program.ends_at is not None and program.ends_at <= self.now)
        ):
            with pytest.raises(Conflict):
                self.run(turning)
            return
        begins = program.counts_from or max(program.starts_at, self.now)
        if not program.is_on and since and program.counts_from and since > begins:
            with pytest.raises(Invalid):  # what it gave since then stays (L8)
                self.run(turning)
            return
        self.run(turning)
        if not program.is_on:
            program.is_on, program.counts_from = True, min(since or begins, begins)
            self.run(run_program(self.database, self._id(program), self.clock))
            self.plain.run(program)

    def turn_off(self, program: PlainProgram) -> None:
        """It gives nothing more."""
        self.run(turn_off(self.database, self.author, self._id(program), self.now))
        program.is_on = False

    def edit(self, program: PlainProgram, what: str, ask: int) -> None:
        """The creator changes the rule, where A11 and A13 let them."""
        kept = self._kept(program)
        steps, rewards = list(kept.plan.steps), [step.reward for step in program.steps]
        plan, refused = kept.plan, False
        place = ask % len(steps) if steps else 0
        if what == "add":
            step, gives = self._wanted(plan.kind, (ask, ask % 7, ask // 7))
            same = {(s.measure, s.target) for s in steps}
            if len(steps) > 6 or ((step.measure, step.target) in same and not program.in_steps):
                return
            steps, rewards = [*steps, step], [*rewards, gives]
        elif not steps:
            return
        elif what == "out":
            del steps[place], rewards[place]
        elif what == "reward":
            gives, rewards[place] = self._reward(ask // 5)
            steps[place] = replace(steps[place], reward=gives)
        elif what == "target":
            _, more = TARGETS.get(MEASURES[steps[place].measure].sums, (1, 1))
            target = steps[place].target + (more if ask % 2 else -more)
            same = {(s.measure, s.target) for s in steps}
            if target < 1 or ((steps[place].measure, target) in same and not program.in_steps):
                return
            steps[place] = replace(steps[place], target=target)
            refused = program.has_given(program.steps[place])
        else:
            ends_at = self.now + timedelta(days=ask % 60 - 20) if ask % 3 else None
            if ends_at is not None and ends_at <= plan.starts_at:
                return
            plan = replace(plan, ends_at=ends_at)
            refused = bool(program.grants) and ends_at is not None and ends_at < self.now
        if plan.every is not None and any(step.target > plan.every for step in steps):
            return
        plan = replace(plan, steps=tuple(steps))
        here = part(self._id(program))
        base = self.run(part_held(self.database, self.author, here, self.now)).revision
        saving = save_program(self.database, self.author, self._id(program), base, plan, self.now)
        if refused:
            with pytest.raises((Conflict, Invalid)):
                self.run(saving)
            return
        self.run(saving)
        program.ends_at = plan.ends_at
        self._learn(program, rewards)
        self.run(run_program(self.database, self._id(program), self.clock))
        self.plain.run(program)
