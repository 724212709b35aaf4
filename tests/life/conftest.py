"""A life for each test: a database, a world and a Stripe of its own, on one clock."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from milepost.services.auditing_payments import audit_payments
from tests.life.life import Life
from tests.sandbox.door import LONG_AGO, door
from tests.sandbox.process import Sandbox
from tests.world import NOON, open_world


@pytest.fixture(scope="session")
def stripe_house() -> Iterator[Sandbox]:
    """One running sandbox for all tests of a worker; nothing is delivered, all is asked for."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def life(
    database_url: str, stripe_house: Sandbox, request: pytest.FixtureRequest
) -> AsyncIterator[Life]:
    """A store of Alice's, and a Stripe that knows nobody; both at noon.

    After each scenario of a campaign's end Stripe's books and ours must agree to the cent.
    """
    stripe_house.switch("reset")
    stripe_house.switch("clock", freeze=NOON.timestamp())
    gateway = door(stripe_house)
    async with open_world(database_url) as world:
        life = Life(world, gateway, stripe_house)
        yield life
        if request.module.__name__.endswith(("test_closing", "test_walks")):
            later = world.now + timedelta(hours=1)
            told = await audit_payments(world.database, gateway, lambda: later, LONG_AGO)
            assert told.differences == []
    await gateway.close()
