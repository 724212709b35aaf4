"""A deadline and a goal move only as far as nobody is let down, and never after the close."""

from datetime import UTC, datetime, timedelta

import pytest

from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.services.moving import move_deadline, move_goal
from tests.world import World


async def stands(world: World) -> tuple[int, datetime]:
    return tuple(await world.row("select goal, closes_at from campaigns"))  # type: ignore[return-value]


async def test_before_anybody_pledged_both_move_either_way(world: World) -> None:
    campaign = await world.campaign(zone="Europe/Berlin")
    for goal, day in ((150, 20), (50, 30), (80, 25)):
        await move_goal(world.database, campaign, goal, "alice", world.now)
        await move_deadline(world.database, campaign, datetime(2026, 6, day, 20), "a", world.now)
        assert await stands(world) == (goal, datetime(2026, 6, day, 18, tzinfo=UTC))


async def test_once_somebody_pledged_only_later_and_lower(world: World) -> None:
    campaign = await world.campaign()
    await world.started(campaign)
    with pytest.raises(Conflict, match="can't come earlier"):
        await move_deadline(world.database, campaign, datetime(2026, 6, 30), "alice", world.now)
    with pytest.raises(Conflict, match="can't rise"):
        await move_goal(world.database, campaign, 101, "alice", world.now)
    await move_deadline(world.database, campaign, datetime(2026, 7, 9), "alice", world.now)
    await move_goal(world.database, campaign, 99, "alice", world.now)
    assert await stands(world) == (99, datetime(2026, 7, 9, tzinfo=UTC))


async def test_a_checkout_that_came_to_nothing_binds_nobody(world: World) -> None:
    campaign = await world.campaign()
    pledge = await world.started(campaign)
    await world.rows("update pledges set state = 'expired' where id = $1 returning id", pledge)
    await move_goal(world.database, campaign, 101, "alice", world.now)
    assert (await stands(world))[0] == 101


async def test_after_the_close_what_was_promised_stands(world: World) -> None:
    campaign = await world.campaign()
    world.now = datetime(2026, 7, 1, tzinfo=UTC)
    with pytest.raises(Conflict, match="has closed"):
        await move_deadline(world.database, campaign, datetime(2026, 8, 1), "alice", world.now)
    with pytest.raises(Conflict, match="has closed"):
        await move_goal(world.database, campaign, 1, "alice", world.now)


@pytest.mark.parametrize("at", [datetime(2026, 6, 1, 12), datetime(2026, 4, 1)])
async def test_a_deadline_lies_ahead(world: World, at: datetime) -> None:
    campaign = await world.campaign()
    with pytest.raises(Invalid):
        await move_deadline(world.database, campaign, at, "alice", world.now)


@pytest.mark.parametrize("goal", [0, -5, 2**53])
async def test_a_goal_is_a_whole_number_above_zero(world: World, goal: int) -> None:
    campaign = await world.campaign()
    with pytest.raises(Invalid):
        await move_goal(world.database, campaign, goal, "alice", world.now)


async def test_a_move_to_where_it_stands_changes_nothing_and_any_other_is_a_version(
    world: World,
) -> None:
    campaign = await world.campaign()
    before = await world.row("select version from campaigns")
    await move_goal(world.database, campaign, 100, "alice", world.now)
    await move_deadline(world.database, campaign, datetime(2026, 7, 1), "alice", world.now)
    assert await world.row("select version from campaigns") == before
    await move_goal(world.database, campaign, 99, "alice", world.now)
    late = datetime(2026, 7, 1) + timedelta(days=1)
    await move_deadline(world.database, campaign, late, "alice", world.now)
    after = await world.row("select version, (select count(*) from promises) from campaigns")
    assert tuple(after) == (before[0] + 2, 3)


async def test_a_campaign_that_is_not_there_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        await move_goal(world.database, 999, 5, "alice", world.now)
