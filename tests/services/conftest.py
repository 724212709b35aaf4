"""A world for each test of a use-case."""

from collections.abc import AsyncIterator

import pytest

from tests.world import World, open_world


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A store of Alice's, in a database of the test's own."""
    async with open_world(database_url) as world:
        yield world
