"""What is owed is sent once, and its owner told once (R1, A8)."""

import pytest

from milepost.domain.errors import Conflict, NotFound
from milepost.domain.facts import Fact
from milepost.services.fulfilling import ship
from tests.world import World


async def test_what_is_owed_is_sent_once_and_what_waits_for_stock_is_not(world: World) -> None:
    campaign = await world.campaign()
    muff = await world.product(stock=1)
    milestone = await world.milestone(campaign, 1, product_id=muff)
    first = await world.pledged(campaign, "Dana")
    await world.pledged(campaign, "Eli")
    assert await ship(world.database, milestone, world.now, carrier="DHL", tracking="0034") == 1
    assert await world.grants(milestone) == {"dana": "fulfilled", "eli": "owed"}
    with pytest.raises(Conflict):
        await ship(world.database, milestone, world.now)
    (letter,) = await world.rows("select * from mails where kind = 'shipped'")
    assert (letter["pledge_id"], letter["detail"]["tracking"]) == (first, "0034")


async def test_one_pledge_is_served_alone(world: World) -> None:
    campaign = await world.campaign()
    milestone = await world.milestone(campaign, 1)
    await world.pledged(campaign, "Dana")
    second = await world.pledged(campaign, "Eli")
    assert await ship(world.database, milestone, world.now, pledges=[second]) == 1
    assert await world.grants(milestone) == {"dana": "owed", "eli": "fulfilled"}
    with pytest.raises(NotFound):
        await ship(world.database, 4711, world.now)


async def test_what_was_sent_is_flagged_by_a_refund_and_no_more_once_that_has_failed(
    world: World,
) -> None:
    """A8."""
    campaign = await world.campaign()
    milestone = await world.milestone(campaign, 1)
    pledge = await world.pledged(campaign, "Dana")
    await ship(world.database, milestone, world.now)
    for amount, flagged in ((4500, True), (0, False)):
        fact = Fact("refund", pledge, amount=amount, ref="re_1", payment=f"pi_{pledge}")
        await world.hear(campaign, fact)
        await world.settle()
        row = await world.row("select state, flagged from grants")
        assert tuple(row) == ("fulfilled", flagged)
