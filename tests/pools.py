"""Connections that outlive the test that opened them, for the next one at the same database.

A new connection knows nothing: what it is told of each table, function and type costs most tests
more than what they ask. So a pool that is closed waits, its connections reset as at each release,
until somebody opens one like it. Whoever has closed his can't use it any more.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

import asyncpg
import pytest

from milepost.storage import database

FIRST_OF_OURS = 16384  # the types below are PostgreSQL's own, the same in every database


class Kept:
    """A pool of one database, and the backends of whoever has ever been lent a connection."""

    def __init__(self, key: Any, pool: Any) -> None:
        self.key = key
        self.pool = pool
        self.pids: set[int] = set()


class Lent:
    """What stands in for a pool of one's own, until it is closed."""

    def __init__(self, kept: Kept, init: Any, back: Any) -> None:
        self._kept, self._init, self._back = kept, init, back
        self._out = 0
        self._known: set[Any] = set()
        self._all_in = asyncio.Event()
        self._closing = False

    async def acquire(self) -> Any:
        """A connection, shown to `init` when it is the first time for this borrower."""
        if self._closing:
            raise asyncpg.InterfaceError("pool is closing")
        connection = await self._kept.pool.acquire()
        self._out += 1
        try:
            own = connection._con
            if own not in self._known:
                await self._init(connection)
                self._known.add(own)
                self._kept.pids.add(connection.get_server_pid())
        except BaseException:
            await self.release(connection)
            raise
        return connection

    async def release(self, connection: Any) -> None:
        """Take it back."""
        try:
            await self._kept.pool.release(connection)
        finally:
            self._out -= 1
            if self._closing and not self._out:
                self._all_in.set()

    async def close(self) -> None:
        """Wait until every connection is back, as a pool does."""
        self._closing = True
        if self._out:
            await self._all_in.wait()
        for connection in self._known:
            connection._query_loggers.clear()
        self._known.clear()
        self._back(self._kept)


class Pools:
    """Lends pools in one event loop; in any other one they are opened and closed as usual."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._usual = asyncpg.create_pool
        self._idle: list[Kept] = []

    async def create(self, **options: Any) -> Any:
        """In place of `asyncpg.create_pool`."""
        if asyncio.get_running_loop() is not self._loop or "init" not in options:
            return await self._usual(**options)  # not the storage's own pool
        init = options.pop("init")
        key = repr(sorted(options.items()))
        for kept in reversed(self._idle):
            if kept.key == key:
                self._idle.remove(kept)
                await _hear()
                break
        else:
            kept = Kept(key, await self._usual(**options))
        return Lent(kept, init, self._idle.append)

    def backends(self) -> list[int]:
        """The backends that wait for the next borrower."""
        return [pid for kept in self._idle for pid in kept.pids]

    def close(self) -> None:
        """Close them all."""
        while self._idle:
            self._idle.pop().pool.terminate()


async def _hear() -> None:
    """Let the loop hear which connections ended while it stood still: a pool opens those anew."""
    for _ in range(3):  # readable, at its end, lost
        await asyncio.sleep(0)


@contextmanager
def told_once() -> Iterator[None]:
    """A connection learns to speak JSON once; what PostgreSQL's own types are is asked once."""
    speak, introspect = database.speak_json, asyncpg.Connection._introspect_types
    speaking: WeakSet[Any] = WeakSet()
    types: dict[frozenset[int], Any] = {}

    async def speak_once(connection: Any) -> None:
        own = getattr(connection, "_con", connection)
        if own not in speaking:
            await speak(connection)
            speaking.add(own)

    async def introspect_once(self: Any, oids: Any, within: Any) -> Any:
        asked = frozenset(oids)
        if asked not in types:
            answer = await introspect(self, oids, within)
            if max(asked) >= FIRST_OF_OURS:
                return answer
            types[asked] = answer
        return types[asked]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "speak_json", speak_once)
        patch.setattr(asyncpg.Connection, "_introspect_types", introspect_once)
        yield
