"""Endpoints in the studio: added, tried, paused and read, and the secret is shown once (B20)."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser

from milepost.services.delivering import deliver_to
from milepost.services.hooking import test_hook as send_test
from tests.acceptance.browser import barriers, visiting
from tests.post import Post, post
from tests.receiver import Receiver, receiving
from tests.web.client import Reader
from tests.web.serving import Served
from tests.web.studio import PASSWORD, enter, send, staff
from tests.world import World

__all__ = ["post"]
HOME = "/studio/larkfield/hooks"


def secrets_in(page: str) -> list[str]:
    return re.findall(r"whsec_[A-Za-z0-9+/=]+", page)


@asynccontextmanager
async def endpoint(
    world: World, served: Served, **typed: str
) -> AsyncIterator[tuple[Reader, Receiver]]:
    """Alice, who has just added a receiver's address, and the receiver with its secret."""
    await staff(world)
    async with receiving() as receiver, Reader(served.url) as alice:
        await enter(alice, "Alice")
        made = await send(alice, HOME, url=receiver.url, **typed)
        (receiver.secret,) = set(secrets_in(made.text))
        yield alice, receiver


async def test_an_endpoint_is_added_tried_and_read(
    world: World, served: Served, post: Post
) -> None:
    async with endpoint(world, served, **{"type-grant.owed": "1"}) as (alice, receiver):
        page = (await alice.get(HOME)).text
        assert receiver.url in page and "grant.owed" in page and secrets_in(page) == []
        assert (await send(alice, f"{HOME}/1", do="test")).status_code == 303
        assert await deliver_to(world.database, post.courier, 1, post.clock) == 1
        assert [one["type"] for one in receiver.taken] == ["hook.test"]
        one = (await alice.get(f"{HOME}/1")).text
        assert "hook.test" in one and "answer 200" in one and receiver.ids[0] in one
        happening = re.search(r'name="happening" value="(\d+)"', one)
        assert happening is not None
        await send(alice, f"{HOME}/1", do="again", happening=happening[1])
        await deliver_to(world.database, post.courier, 1, post.clock)
        assert receiver.ids[0] == receiver.ids[1]
        changed = await send(alice, f"{HOME}/1", do="rotate")
        assert len(set(secrets_in(changed.text)) - {receiver.secret}) == 1
        assert secrets_in((await alice.get(f"{HOME}/1")).text) == []


async def test_one_that_fails_says_how_and_is_paused_and_goes_on(
    world: World, served: Served, post: Post
) -> None:
    async with endpoint(world, served) as (alice, receiver):
        receiver.says = "410"
        await world.pledged(await world.campaign(), "Dana")
        await post.send()
        page = (await alice.get(f"{HOME}/1")).text
        assert "It answered that it is gone for good" in page and "answer 410" in page
        receiver.says = "ok"
        assert (await send(alice, f"{HOME}/1", do="resume")).status_code == 303
        await deliver_to(world.database, post.courier, 1, post.clock)
        told = (await alice.get(f"{HOME}/1")).text
        assert told.count("pledge.confirmed") and "It answered that it is gone" not in told
        assert [one["type"] for one in receiver.taken] == ["pledge.confirmed", "pledge.charged"]
        log = (await alice.get("/studio/larkfield/log")).text
        assert "Added the endpoint" in log and "Let the endpoint" in log
        await send(alice, f"{HOME}/1", do="remove")
        assert (await alice.get(f"{HOME}/1")).status_code == 404


async def test_one_that_takes_nothing_says_why_and_is_tried_at_once_when_asked(
    world: World, served: Served, post: Post
) -> None:
    async with endpoint(world, served) as (alice, receiver):
        receiver.says = "500"
        await send(alice, f"{HOME}/1", do="test")
        await post.send()
        page = (await alice.get(f"{HOME}/1")).text
        assert "It takes nothing" in page and "not taken" in page and "answer 500" in page
        assert "not taking" in (await alice.get(HOME)).text
        receiver.says = "ok"
        happening = re.search(r'name="happening" value="(\d+)"', page)
        assert happening is not None and await post.send() == 0
        await send(alice, f"{HOME}/1", do="again", happening=happening[1])
        assert await post.send() == 1
        assert "It takes nothing" not in (await alice.get(f"{HOME}/1")).text


async def test_a_log_of_any_length_takes_the_same_queries_and_is_paged(
    world: World, served: Served, post: Post
) -> None:
    async with endpoint(world, served) as (alice, _):
        counted = []
        for more in (1, 60):
            for _ in range(more):
                await send_test(world.database, post.author, 1, post.clock())
            start = len(served.statements)
            page = (await alice.get(f"{HOME}/1")).text
            counted.append(len(served.statements_since(start)))
        assert counted[0] == counted[1]
        older = re.search(rf'href="({HOME}/1\?before=\d+)"', page)
        assert older is not None and page.count("webhook-id: ") == 30
        assert (await alice.get(older[1])).text.count("webhook-id: ") == 30


async def test_a_wrong_address_is_refused_beside_its_field_and_kept(
    world: World, served: Served
) -> None:
    await staff(world)
    async with Reader(served.url) as alice:
        await enter(alice, "Alice")
        answer = await send(alice, HOME, url="ftp://example.org/x")
        assert answer.status_code == 422
        assert "must begin with https://" in answer.text and "ftp://example.org/x" in answer.text
        assert await world.rows("select 1 from hooks") == []


@pytest.mark.browser
async def test_every_reader_can_use_the_endpoints(
    world: World, served: Served, post: Post, browser: Browser
) -> None:
    await staff(world)
    async with receiving() as receiver, visiting(browser, served.url) as alice:
        hook = await post.hook(receiver)
        receiver.says = "500"
        await send_test(world.database, post.author, hook, post.clock())
        await post.send()
        page = alice.page
        await alice.open("/studio/sign-in")
        await page.fill("#email", "alice@example.org")
        await page.fill("#password", PASSWORD)
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await page.wait_for_url("**/studio/larkfield")
        await page.get_by_role("link", name="Connections").click()
        await page.get_by_text("What it hears").click()
        assert await barriers(page) == []
        await page.get_by_role("link", name=receiver.url).click()
        await page.get_by_text("Request and answer").click()
        assert await barriers(page) == []
