"""A store in which each operation finds something."""

from milepost.domain.lines import Line
from tests.loyalty import open_programs
from tests.world import World

SLUG = "field-recorder"


async def a_full_store(world: World) -> None:
    """A campaign with a tier, a pledge, a reached milestone and its grant."""
    campaign = await world.campaign(slug=SLUG)
    tier = await world.tier(campaign, price=12_000)
    await world.milestone(campaign, 1, audience="all_backers", product_id=await world.product())
    await world.pledged(campaign, "Dana", Line("tier", "One recorder", 1, 12_000, 1, tier))
    await world.settle()
    await open_programs(world)
