"""Everything the sandbox knows, in memory and, when it has a file, written through to SQLite."""

import asyncio
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson

Thing = dict[str, Any]
"""One object as Stripe would answer it, or a private note about one."""

SNAPSHOT = "event"
"""The kind whose `data.object` is kept as bytes: it never changes and there are many."""


class Shelf:
    """All things of one kind, in the order they came."""

    def __init__(self) -> None:
        self.things: list[Thing] = []
        self.place: dict[str, int] = {}

    def put(self, thing: Thing) -> None:
        """Add a thing, or put it back where its namesake stands."""
        if (at := self.place.get(thing["id"])) is None:
            self.place[thing["id"]] = len(self.things)
            self.things.append(thing)
        else:
            self.things[at] = thing

    def get(self, identifier: str) -> Thing | None:
        """The thing of that id, if there is one."""
        at = self.place.get(identifier)
        return None if at is None else self.things[at]

    def newest_first(self, after: str | None = None) -> Iterator[Thing]:
        """From the newest back, or from the one that came just before `after`."""
        start = len(self.things) if after is None else self.place[after]
        for at in range(start - 1, -1, -1):
            yield self.things[at]

    def oldest_first(self, after: str | None = None) -> Iterator[Thing]:
        """From the oldest on, or from the one that came just after `after`."""
        start = 0 if after is None else self.place[after] + 1
        for at in range(start, len(self.things)):
            yield self.things[at]


class Books:
    """The shelves by kind. What was `put` is on disk once `kept()` has returned."""

    def __init__(self, path: str | None = None) -> None:
        self.shelves: dict[str, Shelf] = {}
        self.changed: dict[tuple[str, str], Thing] = {}
        self.emptied = False
        self.stirred = asyncio.Event()
        self.turn = asyncio.Lock()
        self.pen = ThreadPoolExecutor(1)
        self.file = None if path is None else self._open(path)

    def _open(self, path: str) -> sqlite3.Connection:
        file = sqlite3.connect(path, check_same_thread=False)
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = NORMAL")
        file.execute(
            "CREATE TABLE IF NOT EXISTS things (kind TEXT, id TEXT, place INTEGER, body BLOB,"
            " PRIMARY KEY (kind, id)) WITHOUT ROWID"
        )
        for kind, body in file.execute("SELECT kind, body FROM things ORDER BY kind, place"):
            thing = orjson.loads(body)
            if kind == SNAPSHOT:
                thing["data"]["object"] = orjson.Fragment(orjson.dumps(thing["data"]["object"]))
            self.shelf(kind).put(thing)
        return file

    def shelf(self, kind: str) -> Shelf:
        """The shelf of a kind, made when first asked for."""
        return self.shelves.setdefault(kind, Shelf())

    def get(self, kind: str, identifier: str | None) -> Thing | None:
        """The thing of that kind and id."""
        return None if identifier is None else self.shelf(kind).get(identifier)

    def the(self, kind: str, identifier: str) -> Thing:
        """The thing of that kind and id, which is known to be there."""
        thing = self.shelf(kind).get(identifier)
        assert thing is not None, (kind, identifier)
        return thing

    def put(self, kind: str, thing: Thing) -> Thing:
        """Keep a thing that is new or has changed."""
        self.shelf(kind).put(thing)
        if self.file is not None:
            self.changed[kind, thing["id"]] = thing
            self.stirred.set()
        return thing

    async def kept(self) -> None:
        """Returns when all that was put before the call is on disk."""
        if self.file is None:
            return
        async with self.turn:
            if not self.changed and not self.emptied:
                return
            batch = [
                (kind, name, self.shelf(kind).place[name], orjson.dumps(thing))
                for (kind, name), thing in self.changed.items()
            ]
            self.changed.clear()
            emptied, self.emptied = self.emptied, False
            loop = asyncio.get_running_loop()
            await asyncio.shield(loop.run_in_executor(self.pen, self._write, batch, emptied))

    def _write(self, batch: list[tuple[str, str, int, bytes]], emptied: bool) -> None:
        assert self.file is not None
        with self.file:
            if emptied:
                self.file.execute("DELETE FROM things")
            self.file.executemany("INSERT OR REPLACE INTO things VALUES (?, ?, ?, ?)", batch)

    def empty(self) -> None:
        """Forgets everything."""
        self.shelves.clear()
        self.changed.clear()
        self.emptied = self.file is not None
        self.stirred.set()

    async def keep_writing(self) -> None:
        """Writes what no request is waiting for, such as deliveries, soon after it changes."""
        while True:
            await self.stirred.wait()
            self.stirred.clear()
            await self.kept()
            await asyncio.sleep(0.02)

    async def close(self) -> None:
        """The last changes written, the file closed."""
        await self.kept()
        self.pen.shutdown()
        if self.file is not None:
            self.file.close()
