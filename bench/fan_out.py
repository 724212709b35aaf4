"""A reward granted to everybody who backed before (V8)."""

import time

from bench.crowd import campaign
from bench.rows import Row
from bench.stage import Stage, now
from milepost.domain.audience import Audience
from milepost.services.granting import fan_out
from milepost.services.milestones import NewMilestone, NewReward, add_milestone
from milepost.storage.database import Database, open_database, reading

BACKERS = 100_000
BARE = """
insert into floor_grants
select -1, customer_id, customer_id, pledge_id, 1, 1, 1, 'owed', false, false
from backers where campaign_id = $1 order by first_seq
"""


async def measure(stage: Stage, rounds: int) -> list[Row]:
    """V8, at 100,000 backers."""
    grant = Row(
        "V8 100,000 grants / bare INSERT … SELECT", "s", "≤ 1.3 ×", better="less", reach=1.3
    )
    again = Row(
        "V8 a re-run with nothing to do / the first", "s", "≤ 0.2 ×", better="less", reach=0.2
    )
    for _ in range(rounds):
        async with open_database(await stage.database()) as database:
            campaign_id = await campaign(database, "road", BACKERS, targets=())
            async with reading(database) as db:
                await db.execute("create table floor_grants (like grants including all)")
            bare = await _timed(database, campaign_id)
            new = NewMilestone(10, NewReward("For everybody"), Audience("all_backers"))
            milestone_id = await add_milestone(database, campaign_id, new, "bench", now())
            begun = time.perf_counter()
            await fan_out(database, milestone_id)
            ours = time.perf_counter() - begun
            async with reading(database) as db:
                made = await db.fetchval("select count(*) from grants")
            if made != BACKERS:
                raise RuntimeError(f"{made} of {BACKERS} grants were made")
            begun = time.perf_counter()
            await fan_out(database, milestone_id)
            again.ours.append(time.perf_counter() - begun)
            again.floor.append(ours)
            grant.ours.append(ours)
            grant.floor.append(bare)
    return [grant, again]


async def _timed(database: Database, campaign_id: int) -> float:
    async with reading(database) as db:
        begun = time.perf_counter()
        await db.execute(BARE, campaign_id, timeout=300)
        return time.perf_counter() - begun
