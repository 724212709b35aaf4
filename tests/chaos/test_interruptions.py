"""What happens while the database is away, and when it is back; and to what a dead worker held."""

import asyncio
import time
import uuid
from datetime import timedelta

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.queries import Queries as Jobs
from pgqueuer.domain.types import QueueEntrypoint, QueueManagerId
from pgqueuer.ports.repository import EntrypointExecutionParameter

from milepost.services.settling import settle_all
from milepost.storage.database import unit
from tests.acceptance.crowd import Crowd, live_campaign
from tests.acceptance.processes import Milepost, eventually
from tests.chaos.postgres import Interruptible
from tests.world import World


async def test_an_event_that_cannot_be_kept_is_not_answered_as_kept(
    milepost: Milepost, postgres: Interruptible, crowd: Crowd, world: World
) -> None:
    event: dict[str, object] = {"id": "evt_away", "type": "ping", "created": int(time.time())}
    with postgres.away():
        statuses = [await crowd.tell(event, web) for web in (0, 1, 0, 1)]
    assert [status for status in statuses if 200 <= status < 500] == []

    async def is_taken() -> bool:
        return await crowd.tell(event, 1) == 200

    await eventually(is_taken, "the event is taken once the database is back")
    kept = await world.rows("select from inbox where provider_id = 'evt_away'")
    assert len(kept) == 1


async def test_pledges_go_on_when_the_database_comes_back(
    milepost: Milepost, postgres: Interruptible, crowd: Crowd, world: World
) -> None:
    campaign = await live_campaign(world, "comes-back", goal=10)
    tier = await world.tier(campaign)
    milestone = await world.milestone(campaign, 2, title="Wind muff")
    await crowd.pledge("comes-back", "dana", tier=tier)
    with postgres.away():
        answers = await asyncio.gather(
            *(crowd.send("comes-back", web, tier=tier) for web in (0, 1))
        )
        assert [answer.status_code >= 500 for answer in answers] == [True, True]

    async def is_open_again() -> bool:
        answer = await crowd.send("comes-back", 0, tier=tier)
        return answer.status_code == 303

    await eventually(is_open_again, "pledges are taken again")
    await crowd.pledge("comes-back", "eli", tier=tier)
    for web in (0, 1):

        async def shows(web: int = web) -> bool:
            state = await crowd.state("comes-back", web)
            return state["units"] == 2 and state["milestones"][0]["state"] == "revealed"

        await eventually(shows, f"web {web + 1} shows both pledges")

    async def both_have_it() -> bool:
        return set(await world.grants(milestone)) == {"dana", "eli"}

    await eventually(both_have_it, "both have the reward")
    milepost.check()


async def test_what_a_dead_worker_had_begun_to_grant_is_granted_by_another(
    milepost: Milepost, crowd: Crowd, world: World
) -> None:
    campaign = await live_campaign(world, "dead-worker", goal=10)
    tier = await world.tier(campaign)
    milestone = await world.milestone(campaign, 2, codes=("A", "B", "C"))
    milepost.stop_workers()
    await crowd.pledge("dead-worker", "dana", tier=tier)
    await crowd.pledge("dead-worker", "eli", tier=tier)
    milepost.switch("wait", seconds=20)
    await settle_all(world.database, world.clock)
    async with unit(world.database) as db:
        jobs = await Jobs(AsyncpgDriver(db)).dequeue(
            batch_size=10,
            entrypoints={QueueEntrypoint("fan_out"): EntrypointExecutionParameter(0)},
            queue_manager_id=QueueManagerId(uuid.uuid4()),
            global_concurrency_limit=None,
            heartbeat_timeout=timedelta(seconds=30),
        )
    assert len(jobs) == 1
    milepost.workers = [milepost.start_worker(), milepost.start_worker()]

    async def both_have_it() -> bool:
        return set(await world.grants(milestone)) == {"dana", "eli"}

    await eventually(both_have_it, "both have the reward")
