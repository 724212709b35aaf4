"""What customers have earned, for tests: store credit, gifts and codes of their own."""

from typing import Any

from milepost.domain.loyalty_rewards import REWARDS
from milepost.domain.program_plans import Step
from milepost.services.auditing_orders import audit_orders_of
from milepost.services.judging import judge_waiting
from milepost.storage import accounts
from milepost.storage.accounts import Entry
from milepost.storage.database import reading, unit
from tests.loyalty import Programs
from tests.shop import customer
from tests.world import World


async def credit(world: World, who: str, amount: int, currency: str = "USD") -> int:
    """`who` has so much more in their account; their id."""
    customer_id = await customer(world, who)
    async with unit(world.database) as db:
        await db.execute(
            "insert into accounts (customer_id, store_id) values ($1, $2) on conflict do nothing",
            customer_id,
            world.store_id,
        )
        entry = Entry(customer_id, currency, "adjusted", ready=amount, source="test")
        await accounts.enter(db, [entry], world.now)
    return customer_id


async def balance(world: World, who: str, currency: str = "USD") -> int:
    """What `who` can spend; it is what their entries add up to."""
    customer_id = await customer(world, who)
    async with reading(world.database) as db:
        row = await db.fetchrow(
            "select coalesce((select ready from balances where customer_id = $1 and unit = $2), 0)"
            " as ready, (select coalesce(sum(ready), 0) from account_entries"
            " where customer_id = $1 and unit = $2) as entered",
            customer_id,
            currency,
        )
    assert row["ready"] == row["entered"]
    return int(row["ready"])


async def clean(world: World) -> None:
    """The proof of the orders finds nothing."""
    assert (await audit_orders_of(world.database)).differences == []


async def earns(programs: Programs, who: str, kind: str, asked: Any, days: int = 30) -> str:
    """A program of one order gives `who` this reward; the source of the order that earned it."""
    made = REWARDS[kind].make(asked, "USD")
    await programs.on("orders", Step("orders", 1, made), name="First order")
    return await programs.order(who)


async def falls(programs: Programs, who: str, source: str) -> None:
    """The order that earned it was given back, and `who` is judged."""
    await programs.order(who, 0, source)
    await judge_waiting(programs.world.database, programs.world.clock)
