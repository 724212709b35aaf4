"""The live stream of both web processes, as an open page hears it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from tests.acceptance.crowd import Crowd, live_campaign
from tests.world import World

SOON = 10.0  # seconds, on a busy machine


@dataclass(frozen=True)
class Heard:
    """One event of the stream, and when it came."""

    kind: str
    version: int
    state: dict[str, Any]
    at: float


class Listener:
    """An open stream; each event waits until it is asked for."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.heard: asyncio.Queue[Heard] = asyncio.Queue()

    async def listen(self) -> None:
        fields: dict[str, str] = {}
        async for line in self.answer.aiter_lines():
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
                continue
            if "data" in fields:
                now = asyncio.get_running_loop().time()
                state = orjson.loads(fields["data"])
                self.heard.put_nowait(Heard(fields["event"], int(fields["id"]), state, now))
            fields = {}

    async def next(self) -> Heard:
        return await asyncio.wait_for(self.heard.get(), SOON)

    async def until(self, backers: int) -> list[Heard]:
        """Everything up to the state that has so many backers."""
        heard = [await self.next()]
        while heard[-1].state["backers"] < backers:
            heard.append(await self.next())
        return heard


@asynccontextmanager
async def listening(
    crowd: Crowd, slug: str, web: int = 0, **headers: str
) -> AsyncIterator[Listener]:
    url = f"{crowd.milepost.webs[web]}/c/{slug}/live"
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with crowd.http.stream("GET", url, headers=sent) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        listener = Listener(answer)
        task = asyncio.create_task(listener.listen())
        try:
            yield listener
        finally:
            task.cancel()


async def test_a_pledge_paid_at_one_process_shows_on_open_pages_of_both(
    crowd: Crowd, world: World
) -> None:
    campaign = await live_campaign(world, "both-doors")
    tier = await world.tier(campaign)
    await world.milestone(campaign, 1, title="Wind muff", text_after="Yours")
    async with listening(crowd, "both-doors", 0) as one, listening(crowd, "both-doors", 1) as two:
        first = [await one.next(), await two.next()]
        assert [(h.kind, h.state["backers"]) for h in first] == [("state", 0)] * 2
        assert first[0].state == first[1].state == await crowd.state("both-doors")
        await crowd.pledge("both-doors", "dana", 1, tier=tier)
        for listener, web in ((one, 0), (two, 1)):
            last = (await listener.until(1))[-1]
            assert last.state == await crowd.state("both-doors", web)
            assert last.version == last.state["version"] > first[0].version
            (milestone,) = last.state["milestones"]
            assert (milestone["state"], milestone["text"]) == ("revealed", "Yours")


async def test_who_comes_back_with_the_present_version_gets_only_what_is_new(
    crowd: Crowd, world: World
) -> None:
    campaign = await live_campaign(world, "comes-again")
    tier = await world.tier(campaign)
    present = (await crowd.state("comes-again"))["version"]
    async with (
        listening(crowd, "comes-again", last_event_id=str(present)) as knows,
        listening(crowd, "comes-again", last_event_id=str(present - 1)) as knew,
        listening(crowd, "comes-again", last_event_id="nonsense") as never_knew,
    ):
        assert (await knew.next()).version == (await never_knew.next()).version == present
        assert knows.heard.empty()
        await crowd.pledge("comes-again", "eli", tier=tier)
        assert (await knows.next()).version > present


async def test_fifty_pledges_are_at_most_four_states_a_second_and_the_last_is_true(
    crowd: Crowd, world: World
) -> None:
    campaign = await live_campaign(world, "busy-hour")
    tier = await world.tier(campaign)
    async with listening(crowd, "busy-hour", 0) as one, listening(crowd, "busy-hour", 1) as two:
        began = asyncio.get_running_loop().time()
        await asyncio.gather(
            *(crowd.pledge("busy-hour", f"backer-{n}", n % 2, tier=tier) for n in range(50))
        )
        for listener in (one, two):
            heard = await listener.until(50)
            versions = [h.version for h in heard]
            assert versions == sorted(set(versions))
            assert heard[-1].state["units"] == 50
            # The first came at once; from then on a quarter of a second lies between two, as they
            # leave. A busy machine may bring some of them late, and together.
            changes = heard[1:]
            assert len(changes) <= 1 + 4 * (changes[-1].at - began + 1)
