"""Settling: facts become entries, totals, reaches and grants, whatever their order or number."""

import asyncio

from milepost.domain.facts import Fact
from milepost.services.settling import settle_all
from milepost.storage.database import unit
from tests.world import World, paid, recorders


async def test_a_paid_pledge_moves_the_meter_once_even_if_told_thrice(world: World) -> None:
    campaign = await world.campaign()
    pledge = await world.pledged(campaign, "Dana", recorders(2))
    await world.hear(campaign, paid(pledge, "Dana", 9000), paid(pledge, "Dana", 9000))
    await world.settle()
    row = await world.row("select seq, units, money, backers from campaigns")
    assert tuple(row) == (1, 2, 9000, 1)


async def test_one_entry_may_reach_several_milestones_lowest_first_with_the_same_seq(
    world: World,
) -> None:
    campaign = await world.campaign()
    for target in (5, 3, 10):
        await world.milestone(campaign, target)
    await world.pledged(campaign, "Dana", recorders(1))
    await world.pledged(campaign, "Eli", recorders(6))
    rows = await world.rows("select target, reached_seq from milestones order by target")
    assert [tuple(row) for row in rows] == [(3, 2), (5, 2), (10, None)]


async def test_all_backers_get_it_before_and_after_and_new_backers_only_after(world: World) -> None:
    campaign = await world.campaign()
    everyone = await world.milestone(campaign, 2)
    new_ones = await world.milestone(campaign, 2, "new_backers")
    for who in ("Dana", "Eli", "Fay"):
        await world.pledged(campaign, who)
    assert await world.grants(everyone) == {"dana": "owed", "eli": "owed", "fay": "owed"}
    assert await world.grants(new_ones) == {"fay": "owed"}


async def test_who_backed_before_and_comes_back_is_not_new(world: World) -> None:
    campaign = await world.campaign()
    new_ones = await world.milestone(campaign, 2, "new_backers")
    first = await world.pledged(campaign, "Dana")
    await world.hear(campaign, Fact("refund", first, amount=4500, ref="re_1"))
    await world.pledged(campaign, "Eli", recorders(3))
    await world.pledged(campaign, "Dana")
    assert await world.grants(new_ones) == {}


async def test_a_refund_voids_the_grant_lowers_the_total_and_leaves_the_reach(world: World) -> None:
    campaign = await world.campaign()
    milestone = await world.milestone(campaign, 2)
    await world.pledged(campaign, "Dana")
    pledge = await world.pledged(campaign, "Eli")
    await world.hear(campaign, Fact("refund", pledge, amount=4500, ref="re_1"))
    await world.hear(campaign, Fact("refunded_total", pledge, amount=4500))
    await world.settle()
    assert await world.grants(milestone) == {"dana": "owed", "eli": "void"}
    row = await world.row("select units, money, backers, seq from campaigns")
    assert tuple(row) == (1, 4500, 1, 3)
    assert (await world.row("select reached_seq from milestones"))[0] == 2


async def test_a_refund_that_outruns_its_payment_takes_effect_after_it(world: World) -> None:
    campaign = await world.campaign()
    pledge = await world.started(campaign, recorders(2))
    await world.hear(campaign, Fact("refund", pledge, amount=1000, ref="re_1"))
    await world.hear(campaign, paid(pledge, "Dana", 9000))
    await world.settle()
    rows = await world.rows("select kind, units, money from entries order by seq")
    assert [tuple(row) for row in rows] == [("confirmed", 2, 9000), ("refunded", 0, -1000)]


async def test_a_dispute_holds_the_grant_and_a_won_one_releases_it(world: World) -> None:
    campaign = await world.campaign()
    milestone = await world.milestone(campaign, 1)
    pledge = await world.pledged(campaign, "Dana")
    await world.hear(campaign, Fact("disputed", pledge, ref="dp_1"))
    await world.settle()
    assert await world.grants(milestone) == {"dana": "held"}
    await world.hear(campaign, Fact("dispute_won", pledge, ref="dp_1"))
    await world.settle()
    assert await world.grants(milestone) == {"dana": "owed"}
    rows = await world.rows("select kind from entries order by seq")
    assert [row["kind"] for row in rows] == ["confirmed", "disputed", "reinstated"]


async def test_stock_goes_to_the_first_and_the_rest_wait(world: World) -> None:
    campaign = await world.campaign()
    product = await world.product(stock=2)
    milestone = await world.milestone(campaign, 3, product_id=product)
    pledges = [await world.pledged(campaign, who) for who in ("Dana", "Eli", "Fay", "Gus")]
    rows = await world.rows(
        "select split_part(email, '@', 1) as who, backordered from grants g"
        " join customers c on c.id = g.customer_id order by g.customer_id"
    )
    assert [tuple(row) for row in rows] == [
        ("dana", False),
        ("eli", False),
        ("fay", True),
        ("gus", True),
    ]
    assert (await world.row("select stock from products"))[0] == 0
    await world.hear(campaign, Fact("refund", pledges[0], amount=4500, ref="re_1"))
    await world.settle()
    served = await world.row(
        "select count(*) from grants where backordered = false and state = 'owed'"
    )
    assert served[0] == 2
    assert (await world.grants(milestone))["dana"] == "void"


async def test_each_backer_gets_one_code_of_the_pool_and_keeps_it(world: World) -> None:
    campaign = await world.campaign()
    await world.milestone(campaign, 2, codes=("A1", "B2", "C3"))
    for who in ("Dana", "Eli", "Fay", "Gus"):
        await world.pledged(campaign, who)
    rows = await world.rows(
        "select code, split_part(email, '@', 1) from reward_codes rc"
        " left join customers c on c.id = rc.beneficiary order by position"
    )
    assert [tuple(row) for row in rows] == [("A1", "dana"), ("B2", "eli"), ("C3", "fay")]
    waiting = await world.row("select count(*) from grants where backordered")
    assert waiting[0] == 1


async def test_four_workers_settle_one_campaign_to_the_same_books(world: World) -> None:
    campaign = await world.campaign(goal=1000)
    milestone = await world.milestone(campaign, 50)
    pledges = [await world.started(campaign) for _ in range(120)]
    facts = [paid(p, f"backer{i}") for i, p in enumerate(pledges)]
    await world.hear(campaign, *facts, *facts)
    await asyncio.gather(*(settle_all(world.database, world.clock) for _ in range(4)))
    await world.settle()
    row = await world.row("select seq, units, money, backers from campaigns")
    assert tuple(row) == (120, 120, 540_000, 120)
    assert len(await world.grants(milestone)) == 120


async def test_a_fact_that_is_unlawful_is_kept_with_its_reason_and_changes_nothing(
    world: World,
) -> None:
    campaign = await world.campaign()
    pledge = await world.started(campaign)
    await world.hear(campaign, Fact("expired", pledge))
    await world.hear(campaign, paid(pledge, "Dana"))
    await world.settle()
    fact = await world.row("select state, reason from facts order by inbox_id desc limit 1")
    assert fact["state"] == "refused"
    assert "refund it or restore it" in fact["reason"]
    assert (await world.row("select seq from campaigns"))[0] == 0


async def test_a_fact_that_breaks_the_batch_is_kept_with_its_reason_and_the_rest_go_on(
    world: World,
) -> None:
    campaign = await world.campaign()
    first, second, third = [await world.started(campaign) for _ in range(3)]
    senseless = paid(second, "Eli")
    senseless.detail["tax"] = "much"
    await world.hear(campaign, paid(first, "Dana"), senseless, paid(third, "Fay"))
    await world.settle()
    assert (await world.row("select units, backers from campaigns"))["backers"] == 2
    (kept,) = await world.rows("select state, reason, pledge_id from facts")
    assert (kept["state"], kept["pledge_id"]) == ("refused", second)
    assert "TypeError" in kept["reason"]


async def test_one_payment_never_pays_two_pledges(world: World) -> None:
    campaign = await world.campaign()
    first, second = [await world.started(campaign) for _ in range(2)]
    twice = paid(second, "Eli")
    twice.payment = f"pi_{first}"
    await world.hear(campaign, paid(first, "Dana"), twice)
    await world.settle()
    assert (await world.row("select units from campaigns"))["units"] == 1
    (kept,) = await world.rows("select state, reason, pledge_id from facts")
    assert (kept["state"], kept["pledge_id"]) == ("refused", second)
    assert kept["reason"] == f"payment pi_{first} belongs to pledge {first}"


async def test_a_fan_out_begun_anew_passes_over_who_has_the_reward(world: World) -> None:
    campaign = await world.campaign()
    milestone = await world.milestone(campaign, 2)
    for who in ("Dana", "Eli", "Fay"):
        await world.pledged(campaign, who)
    async with unit(world.database) as db:
        await db.execute("update milestones set granted_through = 0")
        await db.execute("delete from grants where beneficiary = 1")
    await world.settle()
    assert await world.grants(milestone) == {"dana": "owed", "eli": "owed", "fay": "owed"}
