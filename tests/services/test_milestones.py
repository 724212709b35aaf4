"""Milestones as a creator manages them: reached at once, moved, edited, archived (A10–A14)."""

import asyncio

import pytest

from milepost.domain.errors import Conflict
from milepost.domain.facts import Fact
from milepost.services import granting, settling
from milepost.services.granting import fan_out
from milepost.services.milestones import (
    NewReward,
    archive_milestone,
    change_reward,
    move_target,
)
from milepost.services.settling import settle_all
from milepost.services.showing import show_pledge
from milepost.storage.database import reading
from tests.world import World, paid, recorders


async def stock_of(world: World, product: int) -> int:
    return int((await world.row("select stock from products where id = $1", product))[0])


async def test_a_milestone_added_below_the_total_is_reached_at_once_for_those_there(
    world: World,
) -> None:
    campaign = await world.campaign()
    await world.pledged(campaign, "Dana", recorders(3))
    for_all = await world.milestone(campaign, 3)
    for_new = await world.milestone(campaign, 2, "new_backers")
    await world.settle()
    await world.pledged(campaign, "Eli")
    assert await world.grants(for_all) == {"dana": "owed", "eli": "owed"}
    assert await world.grants(for_new) == {"eli": "owed"}


async def test_a_target_moves_until_it_is_reached_and_never_after(world: World) -> None:
    campaign = await world.campaign()
    milestone = await world.milestone(campaign, 9)
    await world.pledged(campaign, "Dana", recorders(2))
    await move_target(world.database, milestone, 2, "alice", world.now)
    await world.settle()
    assert await world.grants(milestone) == {"dana": "owed"}
    with pytest.raises(Conflict):
        await move_target(world.database, milestone, 50, "alice", world.now)


async def test_the_grants_of_an_archived_milestone_stand_and_follow_their_pledges(
    world: World,
) -> None:
    campaign = await world.campaign()
    milestone = await world.milestone(campaign, 2)
    pledge = await world.pledged(campaign, "Dana")
    await world.pledged(campaign, "Eli")
    await archive_milestone(world.database, milestone, "alice", world.now)
    await world.pledged(campaign, "Fay")
    await world.hear(campaign, Fact("refund", pledge, amount=4500, ref="re_1"))
    await world.settle()
    assert await world.grants(milestone) == {"dana": "void", "eli": "owed"}


async def test_a_milestone_is_not_archived_while_it_is_being_granted(world: World) -> None:
    campaign = await world.campaign()
    milestone = await world.milestone(campaign, 1)
    pledge = await world.started(campaign)
    await world.hear(campaign, paid(pledge, "Dana"))
    await settle_all(world.database, world.clock)
    with pytest.raises(Conflict):
        await archive_milestone(world.database, milestone, "alice", world.now)
    await fan_out(world.database, milestone)
    await archive_milestone(world.database, milestone, "alice", world.now)
    assert await world.grants(milestone) == {"dana": "owed"}


async def test_an_edited_reward_takes_its_own_stock_and_returns_the_other(world: World) -> None:
    campaign = await world.campaign()
    muff, strap = await world.product(stock=5), await world.product(title="Strap", stock=1)
    milestone = await world.milestone(campaign, 2, product_id=muff)
    for who in ("Dana", "Eli"):
        await world.pledged(campaign, who)
    reward = NewReward("Strap", product_id=strap)
    await change_reward(world.database, milestone, reward, "alice", world.now)
    await world.pledged(campaign, "Fay")
    assert [await stock_of(world, muff), await stock_of(world, strap)] == [3, 0]
    await change_reward(world.database, milestone, reward, "alice", world.now, also_granted=True)
    assert [await stock_of(world, muff), await stock_of(world, strap)] == [5, 0]
    waiting = await world.row("select count(*) from grants where backordered")
    assert waiting[0] == 2


async def test_who_waits_for_the_first_version_is_served_with_the_first_version(
    world: World,
) -> None:
    campaign = await world.campaign()
    muff, strap = await world.product(stock=1), await world.product(title="Strap", stock=9)
    milestone = await world.milestone(campaign, 2, product_id=muff)
    pledge = await world.pledged(campaign, "Dana")
    await world.pledged(campaign, "Eli")
    await change_reward(
        world.database, milestone, NewReward("Strap", product_id=strap), "alice", world.now
    )
    await world.hear(campaign, Fact("refund", pledge, amount=4500, ref="re_1"))
    await world.settle()
    assert [await stock_of(world, muff), await stock_of(world, strap)] == [0, 9]
    assert (await world.row("select count(*) from grants where backordered"))[0] == 0


async def test_a_reward_per_unit_takes_stock_for_every_unit_and_gives_all_of_it_back(
    world: World,
) -> None:
    campaign = await world.campaign()
    muff = await world.product(stock=5)
    await world.milestone(campaign, 1, product_id=muff, switches={"per": "unit"})
    pledge = await world.pledged(campaign, "Dana", recorders(3))
    assert await stock_of(world, muff) == 2
    for kind in ("disputed", "dispute_won", "disputed", "dispute_lost"):
        await world.hear(campaign, Fact(kind, pledge, ref=f"dp_{kind == 'dispute_lost'}"))
        await world.settle()
    assert await stock_of(world, muff) == 5


@pytest.mark.parametrize("at_once", [True, False])
async def test_the_first_so_many_are_the_first_by_their_entry_however_they_are_settled(
    world: World, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    monkeypatch.setattr(settling, "BATCH", 1000 if at_once else 1)
    campaign = await world.campaign()
    milestone = await world.milestone(campaign, 1, "new_backers", switches={"cap": 2})
    await world.pledged(campaign, "Dana")
    eli, fay, gus, hal = [await world.started(campaign) for _ in range(4)]
    await world.hear(campaign, Fact("waiting", hal, detail=paid(hal, "Hal").detail))
    await world.hear(campaign, paid(eli, "Eli"), Fact("refund", eli, amount=4500, ref="re_1"))
    await world.hear(campaign, paid(fay, "Fay"), paid(gus, "Gus"), paid(hal, "Hal"))
    await world.settle()
    assert await world.grants(milestone) == {"eli": "void", "fay": "owed"}


async def test_many_workers_give_a_capped_reward_to_the_first_and_to_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(granting, "JUDGED", 3)
    monkeypatch.setattr(settling, "BATCH", 7)
    campaign = await world.campaign(goal=1000)
    milestone = await world.milestone(campaign, 20, switches={"cap": 25})
    pledges = [await world.started(campaign) for _ in range(60)]
    await world.hear(campaign, *(paid(p, f"backer{i}") for i, p in enumerate(pledges)))

    async def grant() -> None:
        for _ in range(6):
            await fan_out(world.database, milestone)

    settlers = (settle_all(world.database, world.clock) for _ in range(3))
    await asyncio.gather(*settlers, *(grant() for _ in range(3)))
    await world.settle()
    assert set(await world.grants(milestone)) == {f"backer{i}" for i in range(25)}


async def test_an_archived_reward_stays_in_sight_of_whoever_has_it(world: World) -> None:
    """A13."""
    campaign = await world.campaign()
    milestone = await world.milestone(campaign, 1, title="A wind muff")
    pledge = await world.pledged(campaign, "Dana")
    await archive_milestone(world.database, milestone, "alice", world.now)
    key = (await world.row("select key from pledges where id = $1", pledge))["key"]
    async with reading(world.database) as db:
        shown = await show_pledge(db, key, lambda _: "en", world.now)
    assert shown is not None
    assert [(r.title, r.state) for r in shown.rewards] == [("A wind muff", "owed")]
