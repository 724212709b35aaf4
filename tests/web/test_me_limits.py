"""How often a link to sign in is mailed: by address and by network, exactly, whatever the race."""

import asyncio
from datetime import timedelta

import pytest

from milepost.services.signing_in import LINK_LASTS
from tests.web.client import Reader
from tests.web.me import ask, do, key_of, mailed
from tests.web.serving import Served
from tests.world import World


@pytest.fixture
async def dana(world: World) -> str:
    """Dana has a pledge; its key."""
    campaign_id = await world.campaign(slug="recorder")
    return await key_of(world, await world.pledged(campaign_id, "Dana"))


async def test_an_address_gets_three_links_at_a_time_and_never_another_answer(
    reader: Reader, world: World, dana: str
) -> None:
    pages = [await ask(reader, "Dana") for _ in range(9)]
    assert {page.text for page in pages} == {pages[0].text}
    assert {page.status_code for page in pages} == {200}
    assert len(await mailed(world)) == 3
    world.now += LINK_LASTS  # the last of those is over: nobody is locked out by a stranger
    await ask(reader, "Dana")
    assert len(await mailed(world)) == 4


async def test_a_network_gets_twenty_links_an_hour_and_is_told_so(
    reader: Reader, world: World, dana: str
) -> None:
    answers = [await ask(reader, f"guess-{n}") for n in range(22)]
    assert [a.status_code for a in answers] == [200] * 20 + [429] * 2
    assert answers[-1].headers["retry-after"] == "3600"
    assert "Try again in an hour" in answers[-1].text
    assert (await do(reader, f"/me/sign-in/for/{dana}")).status_code == 429
    world.now += timedelta(hours=1)
    assert (await ask(reader, "Dana")).status_code == 200


async def test_the_limits_are_exact_when_many_ask_at_once(
    served: Served, world: World, dana: str
) -> None:
    answers = await asyncio.gather(*(ask(served.reader, "Dana") for _ in range(26)))
    assert sorted(a.status_code for a in answers) == [200] * 20 + [429] * 6
    assert len(await mailed(world)) == 3
