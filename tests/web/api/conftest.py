"""A program of Alice's store, with a token for whatever it is to do."""

from collections.abc import AsyncIterator

import pytest

from milepost.domain.scopes import SCOPES
from tests.web.api.program import Program, program_of
from tests.web.serving import Served
from tests.web.studio import creator
from tests.world import World


@pytest.fixture
async def program(served: Served, world: World) -> AsyncIterator[Program]:
    """One that may do everything."""
    await creator(world, "Alice", "owner")
    async with program_of(served, world, *SCOPES) as program:
        yield program
