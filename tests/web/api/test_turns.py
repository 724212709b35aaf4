"""Calls that wait for each other keep nobody else waiting."""

import asyncio

from milepost.storage.database import raw_connection
from tests.waiting import until
from tests.web.api.program import Program
from tests.web.client import Reader
from tests.world import World

EDIT = "/campaigns/recorder"


async def test_pages_are_answered_while_more_calls_wait_for_a_campaign_than_the_pool_has(
    program: Program, reader: Reader, world: World
) -> None:
    campaign = await world.campaign(slug="recorder")
    etag = (await program.get(EDIT)).headers["etag"]
    somebody = await raw_connection(world.database)

    async def all_have_asked() -> bool:
        return bool(await somebody.fetchval("select asked = 13 from api_tokens"))

    async with somebody.transaction():
        await somebody.execute("select from campaigns where id = $1 for update", campaign)
        calls = [
            asyncio.create_task(program.send("PATCH", EDIT, {"blurb": "It hears."}, if_match=etag))
            for _ in range(12)
        ]
        await until(all_have_asked, 20)
        async with asyncio.timeout(20):
            assert (await reader.get("/c/recorder")).status_code == 200
    answers = sorted(answer.status_code for answer in await asyncio.gather(*calls))
    assert answers == [200] + [412] * 11
    await somebody.close()


async def test_the_same_call_twelve_times_at_once_is_done_once(
    program: Program, world: World
) -> None:
    await world.campaign(slug="recorder")
    sent = {"title": "Recorder with a wind muff", "price": 12_900}
    calls = (program.send("POST", f"{EDIT}/tiers", sent, key="one") for _ in range(12))
    answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len([a for a in answers if "idempotency-replayed" not in a.headers]) == 1
