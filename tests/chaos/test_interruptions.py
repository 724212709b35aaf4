"""What happens while the database is away, and when it is back; and to what a dead worker held."""

import asyncio
import hmac
import time
from collections.abc import AsyncIterator
from hashlib import sha256

import httpx
import orjson
import pytest

from tests.acceptance.crowd import Crowd, crowd_at, live_campaign, world_of
from tests.acceptance.processes import SECRET, Milepost, eventually
from tests.chaos.postgres import Interruptible
from tests.world import World

pytestmark = pytest.mark.xdist_group("interrupted")


@pytest.fixture
async def crowd(interrupted_milepost: Milepost) -> AsyncIterator[Crowd]:
    async with crowd_at(interrupted_milepost) as crowd:
        yield crowd


@pytest.fixture
async def world(interrupted_milepost: Milepost) -> AsyncIterator[World]:
    async with world_of(interrupted_milepost) as world:
        yield world


def signed(event: dict[str, object]) -> tuple[bytes, dict[str, str]]:
    """An event's body, and the header with which Stripe signs it."""
    body = orjson.dumps(event)
    at = int(time.time())
    digest = hmac.new(SECRET.encode(), f"{at}.".encode() + body, sha256).hexdigest()
    return body, {"stripe-signature": f"t={at},v1={digest}"}


async def test_an_event_that_cannot_be_kept_is_not_answered_as_kept(
    interrupted_milepost: Milepost, postgres: Interruptible, crowd: Crowd, world: World
) -> None:
    event: dict[str, object] = {"id": "evt_away", "type": "ping", "created": int(time.time())}
    url = f"{interrupted_milepost.webs[1]}/webhooks/stripe"

    async def tell() -> int:
        body, headers = signed(event)
        try:
            return (await crowd.http.post(url, content=body, headers=headers)).status_code
        except httpx.TransportError:
            return 0

    with postgres.away():
        assert [status for status in [await tell(), await tell()] if 200 <= status < 500] == []

    async def is_taken() -> bool:
        return await tell() == 200

    await eventually(is_taken, "the event is taken once the database is back")
    kept = await world.rows("select from inbox where provider_id = 'evt_away'")
    assert len(kept) == 1


async def test_pledges_go_on_when_the_database_comes_back(
    interrupted_milepost: Milepost, postgres: Interruptible, crowd: Crowd, world: World
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

        await eventually(shows, f"web {web + 1} shows both pledges", within=15)

    async def both_have_it() -> bool:
        return set(await world.grants(milestone)) == {"dana", "eli"}

    await eventually(both_have_it, "both have the reward", within=15)
    interrupted_milepost.check()
