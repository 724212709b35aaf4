"""Where many campaigns can be driven one after the other: one database, one event loop."""

import asyncio
import itertools
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

from milepost.storage.database import Database, speak_json
from tests.world import World

Result = TypeVar("Result")


async def leave(connection: Any) -> None:
    """Give a connection back as it is."""


class Ground:
    """One database and one event loop, for as many campaigns as a test wants."""

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        # nothing here leaves a connection in a state that its next user must be spared
        self._database = Database(url, min_size=1, max_size=2, init=speak_json, reset=leave)
        self.run(self._database.connect())
        self.world = World(self._database, 0)
        self.serial = itertools.count(1)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run `work` to its end on the one loop."""
        return self._runner.run(work)

    def close(self) -> None:
        """Leave the database."""
        self.run(self._database.disconnect())
        self._runner.close()
