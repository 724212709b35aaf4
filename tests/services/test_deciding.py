"""Decisions of ours about a pledge: what they claim, what they change, and when they lose."""

import pytest

from milepost.domain.errors import Conflict, SoldOut
from milepost.domain.facts import Fact
from milepost.domain.lines import Line
from milepost.services.deciding import cancel_pledge, change_pledge, release_pledge
from milepost.services.settling import settle_all
from tests.world import World, paid, recorders


async def saved(world: World, campaign: int, who: str, *lines: Line) -> int:
    """A pledge of an all-or-nothing campaign whose card is saved; its id."""
    pledge = await world.started(campaign, *lines)
    fact = paid(pledge, who)
    await world.hear(campaign, Fact("saved", pledge, detail=fact.detail))
    await world.settle()
    return pledge


async def claimed(world: World, tier: int) -> int:
    return int((await world.row("select claimed from tiers where id = $1", tier))[0])


async def test_a_change_claims_its_slots_and_frees_those_that_it_leaves(world: World) -> None:
    campaign = await world.campaign(funding_model="all_or_nothing")
    signed = await world.tier(campaign, title="Signed print", slots=3)
    one, two = Line("tier", "Signed print", 1, 4500, 1, signed), recorders(1)
    pledge = await saved(world, campaign, "Dana")
    for lines, expected in (([one, one], 2), ([one], 1), ([two], 0), ([one], 1)):
        await change_pledge(world.database, pledge, lines, "alice", world.now)
        await world.settle()
        assert await claimed(world, signed) == expected
    await cancel_pledge(world.database, pledge, "alice", world.now)
    await world.settle()
    assert await claimed(world, signed) == 0


async def test_a_change_to_a_reward_that_is_gone_is_refused_and_changes_nothing(
    world: World,
) -> None:
    campaign = await world.campaign(funding_model="all_or_nothing")
    signed = await world.tier(campaign, title="Signed print", slots=1)
    pledge = await saved(world, campaign, "Dana")
    lines = [Line("tier", "Signed print", 2, 4500, 2, signed)]
    with pytest.raises(SoldOut, match="Signed print"):
        await change_pledge(world.database, pledge, lines, "alice", world.now)
    await world.settle()
    assert await claimed(world, signed) == 0
    assert (await world.row("select units from campaigns"))[0] == 1


async def test_a_change_that_the_charge_outruns_leaves_the_lines_that_were_paid(
    world: World,
) -> None:
    campaign = await world.campaign(funding_model="all_or_nothing")
    signed = await world.tier(campaign, title="Signed print", slots=3)
    pledge = await saved(world, campaign, "Dana")
    await world.hear(campaign, paid(pledge, "Dana"))
    lines = [Line("tier", "Signed print", 3, 9000, 3, signed)]
    await change_pledge(world.database, pledge, lines, "alice", world.now)
    await world.settle()
    line = await world.row("select title, quantity, unit_price from pledge_lines")
    assert tuple(line) == ("One recorder", 1, 4500)
    assert await claimed(world, signed) == 0
    reason = await world.row("select reason from facts where state = 'refused'")
    assert "cost more than the 4500 that was paid" in reason[0]


async def test_a_charged_pledge_is_neither_cancelled_nor_released(world: World) -> None:
    campaign = await world.campaign()
    pledge = await world.pledged(campaign, "Dana")
    with pytest.raises(Conflict):
        await cancel_pledge(world.database, pledge, "alice", world.now)
    with pytest.raises(Conflict):
        await release_pledge(world.database, pledge, "alice", world.now)


async def test_a_held_pledge_counts_when_it_is_released_and_its_backer_is_new_then(
    world: World,
) -> None:
    campaign = await world.campaign(review_limit=5000)
    milestone = await world.milestone(campaign, 1, "new_backers")
    pledge = await world.pledged(campaign, "Dana", recorders(2))
    assert (await world.row("select seq from campaigns"))[0] == 0
    await world.pledged(campaign, "Eli")
    await release_pledge(world.database, pledge, "alice", world.now)
    await settle_all(world.database, world.clock)
    assert await world.grants(milestone) == {"dana": "owed"}


@pytest.mark.parametrize("earlier", ["disputed", "refund"])
async def test_what_is_heard_before_the_charge_does_not_stop_the_settlement(
    world: World, earlier: str
) -> None:
    campaign = await world.campaign(funding_model="all_or_nothing")
    pledge = await saved(world, campaign, "Dana")
    await world.hear(campaign, Fact(earlier, pledge, amount=4500, ref="x_1"))  # type: ignore[arg-type]
    await world.hear(campaign, paid(pledge, "Dana"))
    await world.settle()
    assert tuple(await world.row("select units, money, backers from campaigns")) == (0, 0, 0)
