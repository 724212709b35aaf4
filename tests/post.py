"""The worker's part in tests: an author, a courier, and a clock that may run ahead."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from milepost.gateways.hooks import Courier
from milepost.services.author import Author
from milepost.services.delivering import deliver_to, due_hooks
from milepost.services.hooking import make_hook
from milepost.storage import creators
from milepost.storage.database import unit
from tests.receiver import Receiver
from tests.world import World


@dataclass
class Post:
    """The worker's part: sends what is due at a time that may lie ahead."""

    world: World
    author: Author
    courier: Courier
    ahead: timedelta = timedelta()

    def clock(self) -> datetime:
        """The time: receivers look at it."""
        return datetime.now(UTC) + self.ahead

    async def hook(self, receiver: Receiver, *types: str) -> int:
        """An endpoint that hears these."""
        made, receiver.secret = await make_hook(
            self.world.database, self.author, receiver.url, types, self.clock(), plain=True
        )
        return made

    async def send(self) -> int:
        """Everything that is due is tried; how often."""
        tries = 0
        while due := await due_hooks(self.world.database, self.clock):
            for hook_id in due:
                tries += await deliver_to(self.world.database, self.courier, hook_id, self.clock)
        return tries

    async def log(self) -> list[Any]:
        """All deliveries, in order."""
        return await self.world.rows(
            "select d.*, n.type, 'evt_' || replace(n.key::text, '-', '') as key"
            " from deliveries d join happenings n on n.id = d.happening_id order by n.id"
        )


@pytest.fixture
async def post(world: World) -> AsyncIterator[Post]:
    """Alice's store, and a courier that may go to this machine."""
    async with unit(world.database) as db:
        alice = await creators.add(db, "alice@example.org", "Alice", "en", world.now)
        await creators.keep_member(db, world.store_id, alice, "owner", world.now)
    courier = Courier(anywhere=True)
    yield Post(world, Author(alice, "alice@example.org", world.store_id, 0), courier)
    await courier.close()
