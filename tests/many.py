"""A campaign with as many pledges as a test wants, made set-wise: they are all paid and settled."""

from typing import Any

from milepost.storage.database import unit
from tests.world import World

CUSTOMERS = """
insert into customers (store_id, email, name, created_at)
select $1, 'backer-' || n || '@example.org', 'Backer ' || n, $2
from generate_series($4::int + 1, $4::int + $3::int) n
"""
PLEDGES = """
insert into pledges (key, campaign_id, customer_id, state, units, money, tiers, entered,
                     counted_units, counted_money, paid, country, started_at, expires_at,
                     confirmed_at)
select 'a-key-as-long-as-real-' || c.id, $1::bigint, c.id, 'charged', 1, 4500, array[$2::bigint],
       true, 1, 4500, jsonb_build_object('pi_' || c.id, 4500),
       case when c.id % 2 = 0 then 'CH' else 'DE' end, $3, $3, $3
from customers c where c.store_id = $4 and c.id > $5 order by c.id
"""
LINES = """
insert into pledge_lines (pledge_id, position, source, tier_id, title, quantity, unit_price, units)
select id, 1, 'tier', $2::bigint, 'One recorder', 1, 4500, 1
from pledges where campaign_id = $1 and id > $3
"""
ADDRESSES = """
insert into addresses (pledge_id, name, line1, city, postal_code, country, changed_at)
select p.id, 'Backer ' || p.id, p.id || ' Larch Lane', 'Bern', '3000', p.country, p.started_at
from pledges p where p.campaign_id = $1 and p.id > $2
"""
ENTRIES = """
insert into entries (campaign_id, seq, kind, pledge_id, customer_id, units, money, inbox_id,
                     made_at)
select campaign_id, row_number() over (order by id), 'confirmed', id, customer_id, 1, 4500, 0,
       started_at
from pledges where campaign_id = $1
"""
BACKERS = """
insert into backers (campaign_id, customer_id, first_seq, live, pledge_id)
select campaign_id, customer_id, seq, true, pledge_id from entries where campaign_id = $1
"""
GRANTS = """
insert into grants (milestone_id, beneficiary, customer_id, pledge_id, reward_id, granted_seq,
                    quantity, state)
select m.id, p.customer_id, p.customer_id, p.id, m.reward_id, 1, 1, 'owed'
from pledges p join milestones m on m.id = $2 where p.campaign_id = $1
"""


async def many(world: World, count: int, slug: str = "recorder") -> dict[str, Any]:
    """The campaign, its tier that is sent by post, and a reached milestone's product for all."""
    campaign = await world.campaign(slug=slug)
    tier = await world.tier(campaign, ships=True)
    milestone = await world.milestone(campaign, 1, product_id=await world.product())
    async with unit(world.database) as db:
        await db.execute(CUSTOMERS, world.store_id, world.now, count, 0)
        await db.execute(PLEDGES, campaign, tier, world.now, world.store_id, 0)
        await db.execute(LINES, campaign, tier, 0)
        await db.execute(ADDRESSES, campaign, 0)
        await db.execute(ENTRIES, campaign)
        await db.execute(BACKERS, campaign)
        await db.execute(
            "update milestones set reached_seq = 1, reached_at = $2, revealed_at = $2,"
            " granted_through = 9223372036854775807 where id = $1",
            milestone,
            world.now,
        )
        await db.execute(GRANTS, campaign, milestone)
        await db.execute(
            "update campaigns set seq = $2::bigint, units = $2, money = 4500 * $2, backers = $2,"
            " version = $2 + 1 where id = $1",
            campaign,
            count,
        )
    async with world.database.connection() as connection:
        await connection.raw_connection.execute("analyze")
    return {"campaign": campaign, "tier": tier, "milestone": milestone}


async def more(world: World, road: dict[str, Any], count: int) -> None:
    """So many pledges more, of people who are new."""
    campaign, tier = road["campaign"], road["tier"]
    async with unit(world.database) as db:
        person = await db.fetchval("select max(id) from customers")
        pledge = await db.fetchval("select max(id) from pledges")
        await db.execute(CUSTOMERS, world.store_id, world.now, count, person)
        await db.execute(PLEDGES, campaign, tier, world.now, world.store_id, person)
        await db.execute(LINES, campaign, tier, pledge)
        await db.execute(ADDRESSES, campaign, pledge)
        await db.execute(f"{GRANTS} on conflict do nothing", campaign, road["milestone"])
