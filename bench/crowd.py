"""Campaigns with any number of backers, made set-wise: the same rows that settling would write."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bench.stage import now
from milepost.domain.audience import Audience
from milepost.services.milestones import NewMilestone, NewReward, add_milestone
from milepost.services.preparing import (
    NewCampaign,
    NewStore,
    NewTier,
    create_campaign,
    create_store,
    create_tier,
)
from milepost.storage.database import Database, unit

STORY = "\n\n".join(
    f"## Part {n}\n\n" + "A road is walked by walking it. " * 60 for n in range(1, 7)
)
BACKERS = """
with people as (
    insert into customers (store_id, email, created_at)
    select $2, 'b' || $1::bigint || '-' || n || '@example.org', now()
    from generate_series(1, $3::int) n
    returning id
), made as (
    insert into pledges (key, campaign_id, customer_id, state, units, money, tiers, entered,
                         counted_units, counted_money, started_at, expires_at, confirmed_at)
    select 'bench-' || $1::bigint || '-' || id, $1, id, 'charged', 1, 4500, array[$4::bigint],
           true, 1, 4500, now(), now(), now()
    from people returning id, customer_id
), numbered as (
    select id, customer_id, row_number() over (order by id) as seq from made
), written as (
    insert into entries (campaign_id, seq, kind, pledge_id, customer_id, units, money,
                         inbox_id, made_at)
    select $1, seq, 'confirmed', id, customer_id, 1, 4500, 0, now() from numbered
)
insert into backers (campaign_id, customer_id, first_seq, live, pledge_id)
select $1, customer_id, seq, true, id from numbered
"""


async def campaign(
    database: Database,
    slug: str,
    backers: int = 0,
    targets: Sequence[int] = (1000, 2000, 3000, 4000, 5000),
) -> int:
    """A live unit campaign with `backers` and milestones at `targets` above them; its id.

    Every second milestone is for new backers only.
    """
    async with unit(database) as db:
        store_id = await db.fetchval("select id from stores")
        store_id = store_id or await create_store(db, NewStore("bench", "Bench"), now())
        opened = datetime.now() - timedelta(days=5)
        new = NewCampaign(
            slug,
            "The long road",
            "units",
            "USD",
            max(1000, backers * 2),
            opened,
            opened + timedelta(days=30),
            story=STORY,
            blurb="A campaign to be measured.",
        )
        campaign_id, _ = await create_campaign(db, store_id, new)
        tier_ids = [
            await create_tier(db, campaign_id, NewTier(f"Tier {n}", 4500, "One of it.", 1))
            for n in range(5)
        ]
    if backers:
        await _fill(database, campaign_id, store_id, backers, tier_ids[0])
    for n, target in enumerate(targets):
        reward = NewReward(f"Reward {n}", text_before="Before.", text_after="After.")
        kind: Any = "all_backers" if n % 2 == 0 else "new_backers"
        new_one = NewMilestone(backers + target, reward, Audience(kind))
        await add_milestone(database, campaign_id, new_one, "bench", now())
    return campaign_id


async def _fill(
    database: Database, campaign_id: int, store_id: int, backers: int, tier_id: int
) -> None:
    async with unit(database) as db:
        await db.execute(BACKERS, campaign_id, store_id, backers, tier_id, timeout=600)
        await db.execute(
            "update campaigns set seq = $2, units = $2, money = $2 * 4500::bigint, backers = $2,"
            " version = $2 + 1::bigint where id = $1",
            campaign_id,
            backers,
        )
    async with database.connection() as connection:
        await connection.raw_connection.execute("analyze", timeout=600)


async def started(database: Database, campaign_id: int, count: int) -> list[int]:
    """Pledges whose checkout is open; their ids."""
    async with unit(database) as db:
        rows = await db.fetch(
            "insert into pledges (key, campaign_id, units, money, tiers, started_at, expires_at)"
            " select 'open-' || gen_random_uuid(), $1, 1, 4500, '{1}', now(), now() + interval '1h'"
            " from generate_series(1, $2::int) returning id",
            campaign_id,
            count,
            timeout=600,
        )
    return [row["id"] for row in rows]
