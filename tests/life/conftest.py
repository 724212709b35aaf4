"""A life for each test: a database, a world and a Stripe of its own, on one clock."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.life.life import Life
from tests.sandbox.door import door
from tests.sandbox.process import Sandbox
from tests.world import NOON, open_world


@pytest.fixture(scope="session")
def stripe_house() -> Iterator[Sandbox]:
    """One running sandbox for all tests of a worker; nothing is delivered, all is asked for."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def life(database_url: str, stripe_house: Sandbox) -> AsyncIterator[Life]:
    """A store of Alice's, and a Stripe that knows nobody; both at noon."""
    stripe_house.switch("reset")
    stripe_house.switch("clock", freeze=NOON.timestamp())
    gateway = door(stripe_house)
    async with open_world(database_url) as world:
        yield Life(world, gateway, stripe_house)
    await gateway.close()
