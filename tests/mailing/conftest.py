"""A world whose backers get mail, and a mail server that takes it."""

from collections.abc import AsyncIterator

import pytest

from tests.world import World, open_world


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A store of Alice's, in a database of the test's own, where it is noon on 1 June 2026."""
    async with open_world(database_url) as world:
        yield world
