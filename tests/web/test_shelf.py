"""The shelf: a page moves when its campaign does, and when its time comes, by itself."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from milepost.web.shelf import BREATH
from tests.sandbox.process import Sandbox
from tests.web.client import Reader, state_in
from tests.web.serving import serve
from tests.world import NOON, World

SOON = 5.0  # seconds: a reader's patience in these tests


async def next_state(frames: AsyncIterator[str]) -> dict[str, object]:
    """The state in the next frame that carries one."""
    async with asyncio.timeout(SOON):
        async for frame in frames:
            if not frame.startswith(":"):
                return state_in(frame)
    raise AssertionError("the stream ended")


async def test_an_open_page_moves_with_each_pledge_and_so_does_the_next_reader_s(
    reader: Reader, world: World
) -> None:
    campaign_id = await world.campaign(slug="recorder")
    async with reader.watching("/c/recorder/live") as frames:
        assert (await next_state(frames))["total"] == 0
        for total in (1, 2, 3):
            await world.pledged(campaign_id, f"backer-{total}")
            assert (await next_state(frames))["total"] == total
            state = (await reader.get("/c/recorder.json")).json()
            assert state["total"] == total


async def test_a_hundred_changes_are_a_few_versions_and_the_last_one_is_told(
    reader: Reader, world: World
) -> None:
    campaign_id = await world.campaign(slug="recorder")
    async with reader.watching("/c/recorder/live") as frames:
        seen = [await next_state(frames)]
        begun = time.monotonic()
        for n in range(20):
            await world.pledged(campaign_id, f"backer-{n}")
        while seen[-1]["total"] != 20:
            seen.append(await next_state(frames))
        took = time.monotonic() - begun
    assert len(seen) <= took / BREATH + 3
    versions = [int(str(state["version"])) for state in seen]
    assert versions == sorted(set(versions))


async def test_each_language_has_a_stream_of_its_own(reader: Reader, world: World) -> None:
    german = {"de": {"title": "Feldrekorder"}}
    campaign_id = await world.campaign(slug="recorder", translations=german)
    async with (
        reader.watching("/c/recorder/live?lang=en") as english,
        reader.watching("/c/recorder/live?lang=de") as other,
    ):
        assert (await next_state(english))["title"] == "Field Recorder"
        assert (await next_state(other))["title"] == "Feldrekorder"
        await world.pledged(campaign_id, "Dana")
        assert (await next_state(english))["total"] == (await next_state(other))["total"] == 1


async def test_whoever_comes_back_hears_only_what_is_new(reader: Reader, world: World) -> None:
    campaign_id = await world.campaign(slug="recorder")
    async with reader.watching("/c/recorder/live") as frames:
        version = (await next_state(frames))["version"]
    seen = {"last-event-id": str(version)}
    async with reader.watching("/c/recorder/live", **seen) as frames:
        await world.pledged(campaign_id, "Dana")
        assert (await next_state(frames))["total"] == 1
    async with reader.watching("/c/recorder/live", **seen) as frames:
        assert (await next_state(frames))["total"] == 1


@pytest.fixture
async def brief(world: World, database_url: str, payments: Sandbox) -> AsyncIterator[Reader]:
    """A reader of a campaign that closes a second after the test begins."""
    await world.tier(
        await world.campaign(
            slug="brief", closes_at=(NOON + timedelta(seconds=1)).replace(tzinfo=None)
        )
    )
    begun = time.monotonic()
    async with serve(
        database_url, payments.url, lambda: NOON + timedelta(seconds=time.monotonic() - begun)
    ) as served:
        yield served.reader


async def test_at_the_deadline_every_open_page_turns_closed_by_itself(brief: Reader) -> None:
    async with brief.watching("/c/brief/live") as frames:
        first = await next_state(frames)
        assert first["state"] == "live"
        last = await next_state(frames)
        assert (last["state"], last["version"]) == ("closed", first["version"])
        state = (await brief.get("/c/brief.json")).json()
        assert state["state"] == "closed"
    back = {"last-event-id": str(first["version"])}
    async with brief.watching("/c/brief/live", **back) as frames:
        assert (await next_state(frames))["state"] == "closed"


async def test_a_page_that_was_kept_is_not_taken_for_the_closed_one(
    world: World, database_url: str, payments: Sandbox
) -> None:
    closes_at = (NOON + timedelta(hours=1)).replace(tzinfo=None)
    tier_id = await world.tier(await world.campaign(slug="recorder", closes_at=closes_at))
    async with serve(database_url, payments.url, world.clock) as served:
        before = await served.reader.get("/c/recorder")
        assert "/c/recorder/pledge" in before.text
        world.now = NOON + timedelta(hours=1)
        known = {"if-none-match": before.headers["etag"]}
        after = await served.reader.get("/c/recorder", headers=known)
        assert after.status_code == 200
        assert "This campaign takes no more pledges." in after.text
        assert (await served.reader.pledge("recorder", tier=str(tier_id))).status_code == 422


async def test_a_tier_opens_and_ends_by_itself(reader: Reader, world: World) -> None:
    campaign_id = await world.campaign(slug="recorder")
    opens, ends = NOON + timedelta(hours=1), NOON + timedelta(hours=2)
    await world.tier(campaign_id, opens_at=opens, closes_at=ends)
    states = []
    for hours in (0, 1, 2):
        world.now = NOON + timedelta(hours=hours)
        state = (await reader.get("/c/recorder.json")).json()
        states.append(state["tiers"][0]["state"])
    assert states == ["soon", "open", "ended"]


async def test_a_campaign_that_is_taken_back_leaves_the_shelf(reader: Reader, world: World) -> None:
    campaign_id = await world.campaign(slug="recorder")
    assert (await reader.get("/c/recorder")).status_code == 200
    async with world.database.connection() as db:
        await db.raw_connection.execute(
            "update campaigns set published = false, version = version + 1 where id = $1",
            campaign_id,
        )
        await db.raw_connection.execute(
            "select pg_notify('milepost_campaign', $1)", f"{campaign_id}:2"
        )
    until = time.monotonic() + SOON
    while (await reader.get("/c/recorder")).status_code != 404:
        assert time.monotonic() < until
