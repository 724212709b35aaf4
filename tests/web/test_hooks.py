"""Endpoints in the studio: added, tried, paused and read, and the secret is shown once (B20)."""

import re

from milepost.services.delivering import deliver_to
from tests.post import Post, post
from tests.receiver import receiving
from tests.web.client import Reader
from tests.web.serving import Served
from tests.web.studio import enter, send, staff
from tests.world import World

__all__ = ["post"]
HOME = "/studio/larkfield/hooks"


def secrets_in(page: str) -> list[str]:
    return re.findall(r"whsec_[A-Za-z0-9+/=]+", page)


async def test_an_endpoint_is_added_tried_and_read(
    world: World, served: Served, post: Post
) -> None:
    await staff(world)
    async with receiving() as receiver, Reader(served.url) as alice:
        await enter(alice, "Alice")
        made = await send(alice, HOME, url=receiver.url, **{"type-grant.owed": "1"})
        (receiver.secret,) = set(secrets_in(made.text))
        page = (await alice.get(HOME)).text
        assert receiver.url in page and "grant.owed" in page and secrets_in(page) == []
        assert (await send(alice, f"{HOME}/1", do="test")).status_code == 303
        assert await deliver_to(world.database, post.courier, 1, post.clock) == 1
        assert [one["type"] for one in receiver.taken] == ["hook.test"]
        one = (await alice.get(f"{HOME}/1")).text
        assert "hook.test" in one and "HTTP 200" in one and receiver.ids[0] in one
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
    await staff(world)
    async with receiving() as receiver, Reader(served.url) as alice:
        await enter(alice, "Alice")
        made = await send(alice, HOME, url=receiver.url)
        (receiver.secret,) = set(secrets_in(made.text))
        receiver.says = "410"
        await world.pledged(await world.campaign(), "Dana")
        await post.send()
        page = (await alice.get(f"{HOME}/1")).text
        assert "It answered that it is gone for good" in page and "HTTP 410" in page
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
