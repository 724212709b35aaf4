"""The same store's loyalty twice: a real one behind its services' doors, and a plain one."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from milepost.domain.errors import Conflict, Invalid
from milepost.domain.program_plans import ProgramPlan, Step
from milepost.domain.programs import KINDS, MEASURES
from milepost.services.author import Author
from milepost.services.editing import part_held
from milepost.services.judging import judge_waiting, ripen, run_due_programs, run_program
from milepost.services.preparing import NewStore, create_store
from milepost.services.programs import (
    create_program,
    hold_program,
    part,
    save_program,
    turn_off,
    turn_on,
)
from milepost.storage import accounts, creators, loyalty
from milepost.storage.database import reading, unit
from milepost.storage.loyalty import LoyalFact
from tests.loyalty import reward
from tests.model_loyalty import PlainFact, PlainLoyalty, PlainProgram, PlainStep, Reward
from tests.services.ground import Ground
from tests.world import NOON

CUSTOMERS = ("Dana", "Eli", "Fay")
TARGETS = {"amount": (2500, 1000), "points": (30, 20), "days": (5, 20), "months": (1, 1)}
REWARDS: tuple[tuple[str, Any, Reward], ...] = (
    ("points", 100, ("points", 100)),
    ("points", 45, ("points", 45)),
    ("credit", 500, ("USD", 500)),
    ("percent", 1000, None),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """A program that a creator might want; its steps are a measure, how far on, and a reward."""

    kind: str
    steps: list[tuple[int, int, int]]
    every: int | None
    starts: int
    ends: int | None


class BothLoyalties:
    """A fresh store on `ground`; each act is done to the real one and to the plain one."""

    def __init__(self, ground: Ground) -> None:
        self.ground, self.run, self.database = ground, ground.run, ground.world.database
        self.now = NOON
        self.plain = PlainLoyalty(NOON)
        self.programs: list[tuple[int, PlainProgram]] = []
        self.ids: dict[str, int] = {}
        self._serial = 0
        self.run(self._open())

    async def _open(self) -> None:
        number = next(self.ground.serial)
        async with unit(self.database) as db:
            # another life may have broken off and left facts, programs that are on, or points
            for left in (
                "update loyalty_facts set waiting = false where waiting",
                "update programs set is_on = false where is_on",
                "delete from pendings",
            ):
                await db.execute(left)  # fmt: skip
            self.store_id = await create_store(db, NewStore(f"loyal-{number}", "S"), NOON)
            email = f"alice-{number}@example.org"
            alice = await creators.add(db, email, "Alice", "en", NOON)
            keeps = "insert into loyalty (store_id, since) values ($1, $2)"
            await db.execute(keeps, self.store_id, NOON)
            for who in CUSTOMERS:
                self.ids[who] = await db.fetchval(
                    "insert into customers (store_id, email, created_at) values ($1, $2, $3)"
                    " returning id", self.store_id, f"{who.lower()}@example.org", NOON,
                )  # fmt: skip
        self.author = Author(alice, email, self.store_id, 0)

    def clock(self) -> datetime:
        """Both stand at this instant."""
        return self.now

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

    # What customers do

    def do(self, done: list[tuple[str, str, int, int]]) -> None:
        """They do it, and it is judged."""
        self.tell(done)
        self.judge()

    def tell(self, done: list[tuple[str, str, int, int]]) -> None:
        """Each is told by a source of its own; one in five not when it happened, but later."""
        for who, kind, size, late in done:
            self._serial += 1
            at = self.now - timedelta(days=late % 25 if late % 5 == 0 else 0)
            fact = PlainFact(0, who, kind, at, run="")
            if kind == "order":
                fact.amount = size % 40 * 100 + 100
                fact.stands = late % 11 != 0  # its refund came first
            elif kind == "points":
                fact.points = size % 50 + 1
            elif kind in ("cycle", "break"):
                fact.run = f"sub-{size % 2}"
            self._tell(f"{kind}:{self._serial}", fact)

    def change(self, changed: list[tuple[int, int]]) -> None:
        """What was told is told again: as it was, as less, as nothing, as all."""
        sources = list(self.plain.facts)
        for index, how in changed:
            source = sources[index % len(sources)]
            known = self.plain.facts[source]
            told = replace(known, stands=how % 3 != 0 if how % 5 else known.stands)
            if how % 5 and known.kind == "order":
                told.amount = how % 41 * 100
                told.stands = told.amount > 0
            elif how % 5 and known.kind == "points":
                told.points = how % 51
            self._tell(source, told)

    def _tell(self, source: str, fact: PlainFact) -> None:
        async def tell() -> None:
            told = LoyalFact(
                self.ids[fact.who], fact.kind, source, fact.at, fact.stands, fact.amount,
                "USD" if fact.kind == "order" else None,
                fact.points if fact.kind == "points" else 0, fact.run,
            )  # fmt: skip
            async with unit(self.database) as db:
                await loyalty.tell(db, self.store_id, [told])

        self.run(tell())
        self.plain.tell(source, fact)

    def judge(self) -> None:
        """What waits is judged."""
        self.run(judge_waiting(self.database, self.clock))
        self.plain.judge()

    def judge_again(self) -> None:
        """Everything is told again as it stands, and everybody judged for everything again."""
        for source, fact in list(self.plain.facts.items()):
            self._tell(source, replace(fact))
        self.judge()
        for program_id, program in self.programs:
            self.run(run_program(self.database, program_id, self.clock))
            if program.is_on:
                self.plain.run(program)

    def spend(self, who: str, unit_: str, amount: int) -> None:
        """They spend so much, if it is there."""

        async def spend() -> bool:
            async with unit(self.database) as db:
                return await accounts.spend(db, self.ids[who], unit_, amount, "test", self.now)

        assert self.run(spend()) == self.plain.spend(who, unit_, amount)

    def use_code(self, index: int, sent: bool) -> None:
        """One of the codes that work is used in an order; once that is paid, it is spent."""
        grants = [
            (program_id, grant)
            for program_id, program in self.programs
            for grant in program.grants.values()
            if grant.reward is None and grant.state == "owed" and not grant.used
        ]
        if not grants:
            return
        _, grant = grants[index % len(grants)]
        grant.used = True
        grant.state = "fulfilled" if sent else "owed"

        async def use() -> None:
            beneficiary = await self._beneficiary(grant.step, grant.who, grant.lap)
            async with unit(self.database) as db:
                await db.execute(
                    "update shop_codes set used = 1 where milestone_id = $1 and beneficiary = $2",
                    grant.step.id, beneficiary,
                )  # fmt: skip
                await db.execute(
                    "update grants set state = $3 where milestone_id = $1 and beneficiary = $2",
                    grant.step.id, beneficiary, grant.state,
                )  # fmt: skip

        self.run(use())

    async def _beneficiary(self, step: PlainStep, who: str, lap: int) -> int:
        if step.sums not in ("days", "months"):
            return self.ids[who] + lap * 2**40
        source = next(s for s, f in self.plain.facts.items() if f.number == lap)
        async with reading(self.database) as db:
            known = "select id from loyalty_facts where store_id = $1 and source = $2"
            return int(await db.fetchval(known, self.store_id, source))

    # Time

    def pass_days(self, days: int) -> None:
        """So many days pass; points ripen, and at the end it is night."""
        self.now = self.plain.now = self.now + timedelta(days=days)
        self.run(ripen(self.database, self.clock))
        self.run(run_due_programs(self.database, self.clock))
        self.plain.ripen()
        self.plain.night()

    # The creator

    def program(self, index: int) -> PlainProgram:
        """One of them."""
        return self.programs[index % len(self.programs)][1]

    def _id(self, program: PlainProgram) -> int:
        return next(number for number, known in self.programs if known is program)

    def _wanted(self, kind: str, asked: tuple[int, int, int]) -> tuple[Step, Reward]:
        measure, far, gives = asked
        measures = KINDS[kind].measures
        chosen = measures[measure % len(measures)]
        base, more = TARGETS.get(chosen.sums, (1, 1))
        name, worth, plain = REWARDS[gives % len(REWARDS)]
        return Step(chosen.key, base + far * more, reward(name, worth)), plain

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
            name, worth, rewards[place] = REWARDS[ask // 5 % len(REWARDS)]
            steps[place] = replace(steps[place], reward=reward(name, worth))
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

    # Both, side by side

    def compare(self) -> None:
        """Grants, balances, the entries that they are sums of, and codes."""
        real, codes, balances, sums, pendings = self.run(self._read())
        plain = {
            (key[0], key[1], key[2]): (grant.state, grant.used)
            for _, program in self.programs
            for key, grant in program.grants.items()
        }
        void = {
            (key[0], key[1], key[2]): grant.state == "void"
            for _, program in self.programs
            for key, grant in program.grants.items()
            if grant.reward is None
        }
        expected = self.plain.balances()
        _same("grants", real, plain)
        _same("withdrawn codes", codes, void)
        _same("balances", balances, expected)
        _same("sums of entries", {key: both for key, both in sums.items() if any(both)}, expected)
        _same("what waits", pendings, {key: of for key, (_, of) in expected.items() if of})

    async def _read(self) -> Any:
        names = {number: who for who, number in self.ids.items()}
        async with reading(self.database) as db:
            rows = await db.fetch(
                "select g.milestone_id, g.customer_id, g.beneficiary, g.state, m.sums, f.source,"
                " coalesce(k.used, 0) > 0 as used, k.id is not null as has_code,"
                " k.withdrawn_at is not null as withdrawn"
                " from programs p join milestones m on m.track_id = p.track_id"
                " join grants g on g.milestone_id = m.id"
                " left join loyalty_facts f on m.sums in ('days', 'months')"
                " and f.id = g.beneficiary"
                " left join shop_codes k on k.milestone_id = g.milestone_id"
                " and k.beneficiary = g.beneficiary where p.store_id = $1", self.store_id,
            )  # fmt: skip
            balances, sums, pendings = [
                await db.fetch(
                    f"select customer_id, unit, {what} from {table}"
                    " where customer_id = any($1) group by customer_id, unit",
                    list(names),
                )
                for table, what in (
                    ("balances", "sum(ready)::int as ready, sum(pending)::int as pending"),
                    ("account_entries", "sum(ready)::int as ready, sum(pending)::int as pending"),
                    ("pendings", "sum(amount)::int as amount"),
                )
            ]
        grants, codes = {}, {}
        for row in rows:
            lap = (row["beneficiary"] - row["customer_id"]) // 2**40
            if row["sums"] in ("days", "months"):
                lap = self.plain.facts[row["source"]].number
            key = (row["milestone_id"], names[row["customer_id"]], lap)
            grants[key] = (row["state"], row["used"])
            if row["has_code"]:
                codes[key] = row["withdrawn"]
        return (
            grants,
            codes,
            {
                (names[r["customer_id"]], r["unit"]): (r["ready"], r["pending"])
                for r in balances
                if r["ready"] or r["pending"]
            },
            {(names[r["customer_id"]], r["unit"]): (r["ready"], r["pending"]) for r in sums},
            {(names[r["customer_id"]], r["unit"]): r["amount"] for r in pendings},
        )


def _same(what: str, real: dict[Any, Any], plain: dict[Any, Any]) -> None:
    odd = {
        key: f"is {real.get(key)}, rules say {plain.get(key)}"
        for key in {*real, *plain}
        if real.get(key) != plain.get(key)
    }
    assert not odd, f"{what}: {odd}"
