"""Connecting a program: a token in the name of the first owner, and one endpoint at an address."""

import pytest

from milepost.domain.errors import Refusal
from milepost.services.connecting import Connected, connect
from milepost.services.preparing import NewStore, create_store
from milepost.storage.database import unit
from tests.web.studio import creator
from tests.world import World

LABELS = "https://labels.example.org/hooks"


async def ask(world: World, url: str = "", *types: str, store: str = "") -> Connected:
    """Connect the label printer."""
    scopes = ["fulfilment:read"]
    return await connect(world.database, store, "Labels", scopes, url, types, world.now)


async def test_asked_again_an_endpoint_goes_on_with_another_secret(world: World) -> None:
    await creator(world, "Alice", "owner")
    first = await ask(world, LABELS, "grant.owed")
    await world.rows("update hooks set paused_at = $1 returning id", world.now)
    second = await ask(world, LABELS)
    hook = await world.row("select types, secret, former, paused_at from hooks")
    assert tuple(hook) == ([], second.secret, [first.secret], None)
    alone = await ask(world)
    assert (alone.store, alone.secret) == ("Larkfield", "")
    assert len({first.token, second.token, alone.token}) == 3


@pytest.mark.parametrize(
    ("url", "types", "said"),
    [
        ("http://127.0.0.1:1/", (), "must begin with https://"),
        (LABELS, ("rain",), "There is no event “rain”."),
    ],
)
async def test_what_can_not_be_told_makes_no_token_either(
    world: World, url: str, types: tuple[str, ...], said: str
) -> None:
    await creator(world, "Alice", "owner")
    with pytest.raises(Refusal) as refused:
        await ask(world, url, *types)
    assert said in str(refused.value.sentence)
    assert await world.rows("select from api_tokens") == []


async def test_one_of_several_stores_is_named(world: World) -> None:
    await creator(world, "Alice", "owner")
    async with unit(world.database) as db:
        await create_store(db, NewStore("elsewhere", "Elsewhere"), world.now)
    for store, said in (("", "--store"), ("nowhere", "“nowhere”"), ("elsewhere", "create-owner")):
        with pytest.raises(Refusal) as refused:
            await ask(world, store=store)
        assert said in str(refused.value.sentence)
    assert (await ask(world, store="larkfield")).store == "Larkfield"
