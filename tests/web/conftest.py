"""A world, a payment sandbox that a worker shares, and the site on top of them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from milepost.services import passwords
from tests.loyalty import Programs, open_programs
from tests.sandbox.door import door
from tests.sandbox.process import Sandbox
from tests.shop import Listed, listing
from tests.shopping import Shopper, Till
from tests.subscribing import Subscriptions, make
from tests.web.client import Reader
from tests.web.serving import Served, serve
from tests.web.studio import enter, staff
from tests.world import NOON, World, open_world


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A store of Alice's, in a database of the test's own, where it is noon on 1 June 2026."""
    async with open_world(database_url) as world:
        yield world


@pytest.fixture(scope="session")
def payments() -> Iterator[Sandbox]:
    """A local Stripe where it is noon too; it sends no events."""
    with Sandbox() as sandbox:
        sandbox.switch("clock", freeze=int(NOON.timestamp()))
        yield sandbox


@pytest.fixture
async def served(world: World, database_url: str, payments: Sandbox) -> AsyncIterator[Served]:
    """The site, with the world's own clock."""
    async with serve(database_url, payments.url, world.clock) as served:
        yield served


@pytest.fixture
async def till(world: World, payments: Sandbox) -> AsyncIterator[Till]:
    """Stripe as a shop meets it, that knows nobody yet."""
    payments.switch("reset")
    payments.switch("clock", freeze=int(NOON.timestamp()))
    gateway = door(payments)
    yield Till(world, gateway, payments)
    await gateway.close()


@pytest.fixture
async def subs(till: Till) -> AsyncIterator[Subscriptions]:
    """Subscriptions of the store, from nothing; afterwards it is noon again at Stripe."""
    yield make(till.world, till.gateway, till.sandbox)
    till.sandbox.switch("clock", freeze=int(NOON.timestamp()))


@pytest.fixture
def reader(served: Served) -> Reader:
    """Somebody who reads the site."""
    return served.reader


@pytest.fixture
async def alice(served: Served, world: World) -> Reader:
    """Alice at her desk, where everybody works."""
    await staff(world)
    await enter(served.reader, "Alice")
    return served.reader


@pytest.fixture
def dana(world: World, served: Served) -> Shopper:
    """Dana's browser."""
    return Shopper(world, served.reader)


@pytest.fixture
async def loyal(world: World) -> Programs:
    """Programs of Alice's store."""
    return await open_programs(world)


@pytest.fixture
async def muff(world: World) -> Listed:
    """What Dana buys: $19, nothing is sent."""
    return await listing(world, ships=False)


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Passwords that are hashed in no time; tests/acceptance/test_creator.py sees the real way."""
    with pytest.MonkeyPatch.context() as patch:
        quick = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
        patch.setattr(passwords, "_hasher", quick)
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let Stripe's own library call httpx in its older way."""
    older = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(older)
