"""A store with programs for tests: facts are told and judged through the services' doors."""

import itertools
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from milepost.domain.loyalty_rewards import REWARDS, LoyaltyReward
from milepost.domain.program_plans import ProgramPlan, Step
from milepost.services.author import Author
from milepost.services.editing import part_held
from milepost.services.judging import judge_waiting, run_program
from milepost.services.programs import create_program, part, save_program, turn_off, turn_on
from milepost.storage import accounts, creators, loyalty
from milepost.storage.database import reading, unit
from milepost.storage.loyalty import LoyalFact
from tests.shop import customer
from tests.world import World


def reward(kind: str = "points", asked: Any = 500, currency: str = "USD") -> LoyaltyReward:
    """What a creator gets who chooses this kind and fills in its one field."""
    return REWARDS[kind].make(asked, currency)


@dataclass
class Programs:
    """The programs of Alice's store."""

    world: World
    author: Author
    _serial: Any = field(default_factory=itertools.count)

    async def draw(self, kind: str, *steps: Step, **columns: Any) -> int:
        """A program that is saved and off; its id."""
        plan = ProgramPlan(
            kind,
            columns.pop("name", kind.title()),
            steps,
            columns.pop("starts_at", self.world.now),
            **{"currency": "USD"} | columns,
        )
        return await create_program(self.world.database, self.author, plan, self.world.now)

    async def on(self, kind: str, *steps: Step, **columns: Any) -> int:
        """A program that is on, and whose first run is over; its id."""
        counts_from = columns.pop("counts_from", None)
        program_id = await self.draw(kind, *steps, **columns)
        await self.turn_on(program_id, counts_from)
        return program_id

    async def turn_on(self, program_id: int, counts_from: datetime | None = None) -> int:
        """Turn it on and let everybody be judged; how many grants that made."""
        await turn_on(self.world.database, self.author, program_id, self.world.now, counts_from)
        return await run_program(self.world.database, program_id, self.world.clock)

    async def run(self, program_id: int) -> int:
        """Everybody is judged for it who was not yet; how many grants that made."""
        return await run_program(self.world.database, program_id, self.world.clock)

    async def turn_off(self, program_id: int) -> None:
        """It gives nothing more."""
        await turn_off(self.world.database, self.author, program_id, self.world.now)

    async def save(self, program_id: int, plan: ProgramPlan) -> None:
        """Save the rule over the present one, and let everybody be judged."""
        now, here = self.world.now, part(program_id)
        base = (await part_held(self.world.database, self.author, here, now)).revision
        await save_program(self.world.database, self.author, program_id, base, plan, now)
        await run_program(self.world.database, program_id, self.world.clock)

    async def tell(self, who: str, kind: str, source: str = "", **columns: Any) -> str:
        """`who` did something, and is judged; its source, to tell it again as it is then."""
        source = source or f"{kind}:{next(self._serial)}"
        at = columns.pop("at", self.world.now)
        customer_id = await customer(self.world, who, self.author.store_id)
        fact = LoyalFact(customer_id, kind, source, at, **columns)
        async with unit(self.world.database) as db:
            await loyalty.tell(db, self.author.store_id, [fact])
        await judge_waiting(self.world.database, self.world.clock)
        return source

    async def order(self, who: str, amount: int = 2000, source: str = "", **columns: Any) -> str:
        """`who` paid for goods; told again with the same source, it is worth `amount` now."""
        return await self.tell(
            who, "order", source, amount=amount, currency="USD", stands=amount > 0, **columns
        )

    async def grants(self, who: str) -> list[tuple[int, str]]:
        """What `who` has, by milestone's target, with its state; lowest target first."""
        customer_id = await customer(self.world, who, self.author.store_id)
        async with reading(self.world.database) as db:
            rows = await db.fetch(
                "select m.target, g.state from grants g join milestones m on m.id = g.milestone_id"
                " where g.customer_id = $1 order by m.target, g.beneficiary",
                customer_id,
            )
        return [(row["target"], row["state"]) for row in rows]

    async def balance(self, who: str, unit_: str = "points") -> tuple[int, int]:
        """What `who` can spend, and what is pending."""
        customer_id = await customer(self.world, who, self.author.store_id)
        async with reading(self.world.database) as db:
            found = {row["unit"]: row for row in await accounts.balances(db, customer_id)}
        row = found.get(unit_)
        return (row["ready"], row["pending"]) if row else (0, 0)

    async def spend(self, who: str, amount: int, unit_: str = "points") -> bool:
        """`who` spends so much, if it is there."""
        customer_id = await customer(self.world, who, self.author.store_id)
        async with unit(self.world.database) as db:
            return await accounts.spend(db, customer_id, unit_, amount, "test", self.world.now)

    async def settings(self, **columns: Any) -> None:
        """How the store counts; it keeps facts from now on."""
        async with unit(self.world.database) as db:
            await db.execute(
                "insert into loyalty (store_id, since) values ($1, $2) on conflict do nothing",
                self.author.store_id,
                self.world.now,
            )
            for name, value in columns.items():
                await db.execute(
                    f"update loyalty set {name} = $2 where store_id = $1",
                    self.author.store_id,
                    value,
                )


async def open_programs(world: World) -> Programs:
    """The programs of a store that keeps facts from now on; Alice draws them up."""
    async with unit(world.database) as db:
        alice = await creators.add(db, "alice@example.org", "Alice", "en", world.now)
    programs = Programs(world, Author(alice, "alice@example.org", world.store_id, 0))
    await programs.settings()
    return programs
