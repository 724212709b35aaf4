"""A store in which each operation finds something, the same each time."""

from milepost.domain.lines import Line
from milepost.domain.program_plans import Step
from milepost.services.batching import make_batch
from milepost.services.judging import judge_waiting
from milepost.storage.parcels import GOODS, Wanted
from tests.loyalty import open_programs, reward
from tests.shop import bought, listing
from tests.web.parcels import lives
from tests.world import World

SLUG, DRAFT = "field-recorder", "pocket-recorder"
TAPE = Line("tier", "One recorder", 1, 12_000, 1, 1)


async def a_full_store(world: World) -> None:
    """Three backers of a campaign, a shop with an order, and a program that gives points.

    Of the campaign's milestones the first is revealed and its product owed, the second is reached
    and waits for its reveal, the third is ahead. All that is owed is in a batch.
    A second campaign is a draft with a tier.
    """
    campaign = await world.campaign(slug=SLUG, title="Field recorder", goal=500)
    tier = await world.tier(campaign, title="One recorder", price=12_000, ships=True)
    assert tier == 1
    muff = await world.product(title="Wind muff", stock=50)
    await world.milestone(campaign, 1, product_id=muff, title="A wind muff")
    await world.milestone(campaign, 2, reveal="manual", codes=("TAPE-1", "TAPE-2", "TAPE-3"))
    await world.milestone(campaign, 400, "new_backers", title="A leather case")
    for who in ("Dana", "Eli", "Frances"):
        await lives(world, await world.pledged(campaign, who, TAPE), who)
    wanted = Wanted([GOODS, 1])
    await make_batch(world.database, world.store_id, campaign, "Europe", wanted, None, world.now)
    programs = await open_programs(world)
    await programs.on("orders", Step("orders", 1, reward()), name="Thanks")
    strap = await listing(world, title="Strap", slug="strap", price=2400, stock=40, ships=True)
    await bought(world, "Dana", strap, quantity=2)
    await programs.order("Dana", 4800, "order:1")
    await judge_waiting(world.database, world.clock)
    draft = await world.campaign(slug=DRAFT, title="Pocket recorder", published=False)
    await world.tier(draft, title="One pocket recorder", price=6_000)
