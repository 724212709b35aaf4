"""The rules L1–L10, said plainly: one customer, one program, one milestone at a time.

It knows no sets and no chunks, and reckons everything anew from the facts whenever it is asked.
What the law leaves open is decided in docs/decisions/0018-loyalty.md.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from tests.model_accounts import POINTS, PlainAccounts

Reward = tuple[str, int] | Literal["code", "gift"]  # a unit and how much of it, or a thing


@dataclass
class PlainFact:
    """Something that a customer did; `place` is when it first came to count."""

    number: int
    who: str
    kind: str
    at: datetime
    stands: bool = True
    amount: int = 0
    points: int = 0
    run: str = ""
    rate: int = 0
    place: int | None = None
    waits: bool = True

    @property
    def worth(self) -> int:
        """The points that it earns."""
        return self.points if self.stands else 0


@dataclass
class PlainStep:
    """A milestone: `sums` of facts of a `kind`, or days or months without one."""

    id: int
    kind: str
    sums: str
    target: int
    reward: Reward


@dataclass
class PlainProgram:
    """A program and what it has given: grants by step, customer and lap or spell."""

    in_steps: bool
    starts_at: datetime
    steps: list[PlainStep]
    ends_at: datetime | None = None
    every: int | None = None
    counts_from: datetime | None = None  # once it was turned on
    is_on: bool = False
    is_due: bool = False  # everybody is to be judged once it has begun
    grants: dict[tuple[int, str, int], "PlainGrant"] = field(default_factory=dict)

    def has_given(self, step: PlainStep) -> bool:
        """Whether somebody has reached it."""
        return any(key[0] == step.id for key in self.grants)


@dataclass
class PlainGrant:
    """What somebody was given; of a journey, at whose place its step was completed.

    A code or a gift is used while an order holds it, and for good once that is paid.
    """

    step: PlainStep
    who: str
    lap: int
    reward: Reward
    place: int
    state: str = "owed"
    used: bool = False


class PlainLoyalty(PlainAccounts):
    """A store's customers, their facts, programs and accounts."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now)
        self.rate = 0  # points for a dollar
        self.facts: dict[str, PlainFact] = {}
        self.programs: list[PlainProgram] = []
        self._places = 0

    # What is told

    def tell(self, source: str, fact: PlainFact) -> None:
        """A source tells what it is worth now; the first place, time and rate stay."""
        known = self.facts.get(source)
        if known is None:
            fact.number, fact.rate = len(self.facts), self.rate
            known = self.facts[source] = fact
        before = (known.stands, known.amount, known.points)
        known.stands, known.points = fact.stands, fact.points
        known.amount = fact.amount if fact.stands or fact.kind != "order" else 0
        if known.kind == "order":
            known.points = known.amount * known.rate // 100 if known.stands else 0
        known.waits = known.waits or before != (known.stands, known.amount, known.points)

    def let_go(self, grant: PlainGrant) -> None:
        """Nothing came of the order that held it: whether it is still theirs is judged again."""
        grant.used = False
        next(fact for fact in self.facts.values() if fact.who == grant.who).waits = True

    def judge(self) -> None:
        """Everybody of whom something was told gets what they have a right to, and no more."""
        told = sorted((f for f in self.facts.items() if f[1].waits), key=lambda f: f[1].number)
        for _, fact in told:
            fact.waits = False
            if fact.place is None and fact.stands:
                self._places += 1
                fact.place = self._places
        earned = [(fact.worth, fact, source) for source, fact in told]
        for outward in (False, True):
            for worth, fact, source in earned:
                key = (fact.who, POINTS, source)
                if (worth < self.source(key).worth) is outward:
                    self.set_worth(key, worth)
        for who in sorted({fact.who for _, fact in told}):
            for program in self.programs:
                if program.counts_from is None:
                    continue
                if program.is_on and program.starts_at <= self.now:
                    self._give(program, who)
                self._set_right(program, who)

    def night(self) -> None:
        """Time has passed: whoever has not ordered for so long is missed (L6)."""
        for program in self.programs:
            if program.is_due or any(step.sums in ("days", "months") for step in program.steps):
                self.run(program)

    def run(self, program: PlainProgram) -> None:
        """Everybody is judged for one program, once it is on and has begun."""
        program.is_due = not program.is_on or self.now < program.starts_at
        if not program.is_due:
            for who in sorted({fact.who for fact in self.facts.values()}):
                self._give(program, who)

    # What is given

    def _give(self, program: PlainProgram, who: str) -> None:
        for step, lap, place in [*self._due(program, who)]:
            if (step.id, who, lap) not in program.grants:
                grant = PlainGrant(step, who, lap, step.reward, place)
                program.grants[step.id, who, lap] = grant
                self._pay(grant)

    def _due(self, program: PlainProgram, who: str) -> Iterator[tuple[PlainStep, int, int]]:
        if program.in_steps:
            yield from self._journey(program, who)
            return
        for step in program.steps:
            if step.sums in ("days", "months"):
                last = self._last_order(who)
                if last is not None and self._is_missed(program, step, last):
                    yield step, last.number, 0
                continue
            reading = self._reading(program, step, who)
            lap = 0
            while reading >= step.target + lap * (program.every or 0):
                yield step, lap, 0
                lap += 1
                if program.every is None:
                    break

    def _inside(self, program: PlainProgram, step: PlainStep, who: str) -> list[PlainFact]:
        """L2: what counts for it, in the order in which it came to count."""
        assert program.counts_from is not None
        found = [
            fact
            for fact in self.facts.values()
            if fact.who == who
            and fact.stands
            and fact.place is not None
            and (fact.kind == step.kind or not step.kind)
            and program.counts_from <= fact.at
            and (program.ends_at is None or fact.at < program.ends_at)
        ]
        return sorted(found, key=lambda fact: fact.place or 0)

    def _unbroken(self, fact: PlainFact) -> bool:
        return self._breaks(fact) == 0

    def _breaks(self, fact: PlainFact) -> int:
        """L7: how often its subscription was cancelled since."""
        return sum(
            b.kind == "break" and b.stands and b.who == fact.who and b.run == fact.run
            and b.at >= fact.at
            for b in self.facts.values()
        )  # fmt: skip

    @staticmethod
    def _adds(step: PlainStep, fact: PlainFact) -> int:
        return {"amount": fact.amount, "points": fact.points}.get(step.sums, 1)

    def _reading(self, program: PlainProgram, step: PlainStep, who: str) -> int:
        facts = self._inside(program, step, who)
        if step.sums != "streak":
            return sum(self._adds(step, fact) for fact in facts)
        runs: dict[str, int] = defaultdict(int)
        for fact in facts:
            runs[fact.run] += self._unbroken(fact)
        return max(runs.values(), default=0)

    def _highest(self, step: PlainStep, facts: list[PlainFact]) -> int:
        """What they come to, had nothing been cancelled after it was reached."""
        if step.sums != "streak":
            return sum(self._adds(step, fact) for fact in facts)
        runs: dict[tuple[str, int], int] = defaultdict(int)
        for fact in facts:
            runs[fact.run, self._breaks(fact)] += 1
        return max(runs.values(), default=0)

    def _journey(self, program: PlainProgram, who: str) -> Iterator[tuple[PlainStep, int, int]]:
        """L8: one step after the other, each from what came after the one before it."""
        mine = [g for g in program.grants.values() if g.who == who]
        came = max((g.place for g in mine), default=0)
        done = {g.step.id for g in mine}
        for step in program.steps:
            if step.id in done:
                continue
            totals: dict[str, int] = defaultdict(int)
            for fact in self._inside(program, step, who):
                assert fact.place is not None
                if fact.place <= came or (step.sums == "streak" and not self._unbroken(fact)):
                    continue
                run = fact.run if step.sums == "streak" else ""
                totals[run] += self._adds(step, fact)
                if totals[run] >= step.target:
                    came = fact.place
                    break
            else:
                return
            yield step, 0, came

    def _last_order(self, who: str) -> PlainFact | None:
        orders = [
            fact
            for fact in self.facts.values()
            if fact.who == who and fact.kind == "order" and fact.stands
        ]
        return max(orders, key=lambda fact: (fact.at, fact.number), default=None)

    def _is_missed(self, program: PlainProgram, step: PlainStep, last: PlainFact) -> bool:
        assert program.counts_from is not None
        since = max(last.at, program.counts_from)
        if step.sums == "days":
            missed = since + timedelta(days=step.target)
        else:
            month = since.month - 1 + step.target
            year, month = since.year + month // 12, month % 12 + 1
            day = min(since.day, monthrange(year, month)[1])
            missed = since.replace(year=year, month=month, day=day)
        return missed <= self.now and (program.ends_at is None or missed < program.ends_at)

    # What is taken back (L9)

    def _set_right(self, program: PlainProgram, who: str) -> None:
        mine = sorted(
            (g for g in program.grants.values() if g.who == who), key=lambda g: (g.step.id, g.lap)
        )
        odd = [g for g in mine if not g.used and (g.state == "void") != self._is_short(program, g)]
        for grant in sorted(odd, key=lambda g: g.state == "owed"):
            grant.state = "owed" if grant.state == "void" else "void"
            self._pay(grant)

    def _is_short(self, program: PlainProgram, grant: PlainGrant) -> bool:
        step = grant.step
        if step.sums in ("days", "months"):
            return False
        facts = self._inside(program, step, grant.who)
        if program.in_steps:
            before = max(
                (
                    g.place
                    for g in program.grants.values()
                    if g.who == grant.who and g.place < grant.place
                ),
                default=0,
            )
            facts = [f for f in facts if f.place and before < f.place <= grant.place]
        return self._highest(step, facts) < step.target + grant.lap * (program.every or 0)

    # Accounts (L10)

    def _pay(self, grant: PlainGrant) -> None:
        if isinstance(grant.reward, tuple):
            unit, worth = grant.reward
            key = (grant.who, unit, grant.step.id, grant.lap)
            self.set_worth(key, worth if grant.state == "owed" else 0)
