"""What customers do, and what time does, done to the real store and to the plain one."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from milepost.services.judging import judge_waiting, ripen, run_due_programs, run_program
from milepost.storage import accounts, loyalty, spendings
from milepost.storage.database import unit
from milepost.storage.loyalty import LoyalFact
from tests.model_loyalty import PlainFact, PlainGrant
from tests.services.both_programs import BothPrograms


class BothLoyalties(BothPrograms):
    """The customers' side, and the clock."""

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

    def undo(self, who: str) -> None:
        """All that they ever did is withdrawn."""
        for source, fact in list(self.plain.facts.items()):
            if fact.who == who:
                self._tell(source, replace(fact, stands=False, amount=0))
        self.judge()

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
        """What waits is judged, by two workers side by side."""

        async def both() -> None:
            judges = (judge_waiting(self.database, self.clock) for _ in range(2))
            await asyncio.gather(*judges)

        self.run(both())
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

    def take_along(self, index: int) -> str | None:
        """A code that works, or a gift, is claimed by an order that is not paid yet; whose."""
        grant = self._one_that(index, is_used=False)
        if grant is None:
            return None
        grant.used = True
        self._serial += 1
        self.run(self._claim(grant, 10**9 + self._serial))
        return grant.who

    def pay(self, index: int) -> None:
        """One of those orders is paid: what it claimed is spent."""
        if grant := self._one_that(index, is_used=True):
            grant.state = "fulfilled"
            self.run(self._let("update grants set state = 'fulfilled'", grant))

    def let_go(self, index: int) -> None:
        """Nothing comes of one of them: what fell meanwhile falls now (L9)."""
        if grant := self._one_that(index, is_used=True):
            self.plain.let_go(grant)
            self.run(self._free(grant))
            self.judge()

    def _one_that(self, index: int, *, is_used: bool) -> PlainGrant | None:
        grants = [
            grant
            for _, program in self.programs
            for grant in program.grants.values()
            if not isinstance(grant.reward, tuple)
            and (grant.state, grant.used) == ("owed", is_used)
        ]
        return grants[index % len(grants)] if grants else None

    async def _claim(self, grant: PlainGrant, order_id: int) -> None:
        if grant.reward == "code":
            await self._let("update shop_codes set used = 1", grant)
            return
        beneficiary = await self.beneficiary(grant)
        async with unit(self.database) as db:
            await spendings.hold_accounts(db, [self.ids[grant.who]])
            one = [(grant.step.id, beneficiary)]
            assert await spendings.claim_gifts(db, self.ids[grant.who], order_id, one)
            assert not await spendings.claim_gifts(db, self.ids[grant.who], order_id + 1, one)

    async def _free(self, grant: PlainGrant) -> None:
        if grant.reward == "code":
            await self._let("update shop_codes set used = 0", grant)
            return
        beneficiary = await self.beneficiary(grant)
        async with unit(self.database) as db:
            order_id = await db.fetchval(
                "select order_id from grants where milestone_id = $1 and beneficiary = $2",
                grant.step.id, beneficiary,
            )  # fmt: skip
            await spendings.free_gifts(db, [order_id])
            await spendings.judge_again(db, [self.ids[grant.who]])

    async def _let(self, change: str, grant: PlainGrant) -> None:
        beneficiary = await self.beneficiary(grant)
        async with unit(self.database) as db:
            await db.execute(
                f"{change} where milestone_id = $1 and beneficiary = $2",
                grant.step.id, beneficiary,
            )  # fmt: skip

    # Time

    def pass_days(self, days: int) -> None:
        """So many days pass; points ripen, and at the end it is night."""
        self.now = self.plain.now = self.now + timedelta(days=days)
        self.run(ripen(self.database, self.clock))
        self.run(run_due_programs(self.database, self.clock))
        self.plain.ripen()
        self.plain.night()
