"""The proof of loyalty finds whatever was moved by hand, and mends balances alone (C7, L10)."""

from datetime import timedelta

import pytest

from milepost.domain.program_plans import Step
from milepost.services.auditing_loyalty import audit_loyalty_of
from milepost.services.judging import judge_waiting, run_due_programs
from milepost.storage.database import unit
from tests.loyalty import Programs, open_programs, reward
from tests.world import World


@pytest.fixture
async def loyal(world: World) -> Programs:
    """Dana has earned points, credit and codes; some of it waits, some fell again."""
    loyal = await open_programs(world)
    await loyal.settings(earns={"USD": [1, 100]}, pending_days=7)
    await loyal.on(
        "orders",
        Step("orders", 1, reward()),
        Step("orders", 2, reward("credit", 700)),
        Step("orders", 3, reward("percent", 1000)),
        Step("orders", 4, reward("percent", 2000)),
    )
    await loyal.on("mixed", Step("orders", 1, reward()), Step("spend", 2000, reward(asked=30)))
    await loyal.on("inactivity", Step("days", 30, reward()))
    for _ in range(3):
        await loyal.order("Dana")
    fourth = await loyal.order("Dana")
    await loyal.order("Dana", 0, source=fourth)
    world.now += timedelta(days=31)
    await run_due_programs(world.database, world.clock)
    return loyal


async def told(loyal: Programs, repair: bool = False) -> list[str]:
    audited = await audit_loyalty_of(loyal.world.database, loyal.world.now, repair=repair)
    assert audited.entries
    return audited.differences


OF_ENTRY = "insert into account_entries (customer_id, unit, kind, made_at, ready, milestone_id)"


async def test_what_nobody_touched_is_clean(loyal: Programs) -> None:
    assert await told(loyal) == []


@pytest.mark.parametrize(
    ("deed", "found", "mends"),
    [
        ("update balances set ready = ready + 1 where unit = 'USD'", "701 USD and 0 waiting", True),
        ("delete from balances where unit = 'points'", "has 0 points and 0 waiting", True),
        ("update pendings set amount = amount + 5 where milestone_id <> 0", "waiting; its", False),
        (f"{OF_ENTRY} select 1, 'USD', 'granted', now(), 0, 77", "worth 0 and no grant", False),
        ("update grants set state = 'void' where milestone_id = 2", "brings|otherwise", False),
        ("delete from shop_codes where withdrawn_at is null", "has no code", False),
        ("update shop_codes set withdrawn_at = now()", "its code was withdrawn", False),
        ("delete from grants where milestone_id = 1", "was given nothing", False),
        ("delete from grants where milestone_id = 6", "was given nothing", False),
        ("delete from grants where milestone_id = 7", "was given nothing", False),
        ("update loyalty_facts set stands = false", "their facts say otherwise", False),
    ],
)
async def test_what_somebody_moved_is_told(
    loyal: Programs, deed: str, found: str, mends: bool
) -> None:
    async with unit(loyal.world.database) as db:
        await db.execute(deed)
    differences = await told(loyal)
    assert any(part in line for part in found.split("|") for line in differences), differences
    assert await told(loyal, repair=True) == differences
    assert (await told(loyal) == []) is mends


async def test_a_code_that_comes_back_from_an_order_is_judged_again(loyal: Programs) -> None:
    """L9: while it was in an unpaid order, its grant fell."""
    async with unit(loyal.world.database) as db:
        await db.execute("update shop_codes set used = 1 where withdrawn_at is null")
        await db.execute("update loyalty_facts set stands = false, waiting = true")
    await judge_waiting(loyal.world.database, loyal.world.clock)
    assert (3, "owed") in await loyal.grants("Dana")
    async with unit(loyal.world.database) as db:
        await db.execute("update shop_codes set used = 0")
    await judge_waiting(loyal.world.database, loyal.world.clock)
    assert (3, "void") in await loyal.grants("Dana")
    assert await told(loyal) == []
