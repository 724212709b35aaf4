"""The hub of the live stream: what a watcher is sent, and when."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from milepost.web import live
from milepost.web.live import HEARTBEAT, Channel, Hub, stream


class Watcher:
    """A reader that takes a frame only when it is told to."""

    served: asyncio.Task[None]

    def __init__(self) -> None:
        self.frames: asyncio.Queue[bytes] = asyncio.Queue()
        self.reads = asyncio.Event()
        self.reads.set()
        self.left = asyncio.Event()
        self._asked = False

    async def receive(self) -> MutableMapping[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request"}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        self.frames.put_nowait(message["body"])
        await self.reads.wait()

    async def next(self) -> bytes:
        return await asyncio.wait_for(self.frames.get(), 5)


@asynccontextmanager
async def watching(channel: Channel, seen: int = 0) -> AsyncIterator[Watcher]:
    watcher = Watcher()
    serving = stream(channel, seen, watcher.receive, watcher.send)
    watcher.served = asyncio.create_task(serving)
    try:
        yield watcher
    finally:
        watcher.served.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watcher.served


async def test_a_watcher_gets_the_state_at_once_and_then_each_change() -> None:
    channel = Channel()
    channel.publish((7, None), b"{}")
    async with watching(channel) as watcher:
        assert await watcher.next() == b"event: state\nid: 7\ndata: {}\n\n"
        channel.publish((8, None), b"[]")
        assert await watcher.next() == b"event: state\nid: 8\ndata: []\n\n"
    assert channel.listeners == 0


async def test_a_watcher_who_has_the_state_already_gets_the_next_one_only() -> None:
    channel = Channel()
    channel.publish((7, None), b"{}")
    async with watching(channel, seen=7) as watcher:
        await asyncio.sleep(0)  # until it watches
        channel.publish((8, None), b"[]")
        assert await watcher.next() == b"event: state\nid: 8\ndata: []\n\n"


async def test_a_slow_watcher_ends_with_the_last_state_not_with_an_old_one() -> None:
    channel = Channel()
    channel.publish((1, None), b"one")
    async with watching(channel) as watcher:
        watcher.reads.clear()
        assert b"one" in await watcher.next()
        for version, state in ((2, b"two"), (3, b"three"), (4, b"four")):
            channel.publish((version, None), state)
        channel.beat()
        watcher.reads.set()
        assert b"id: 4\ndata: four" in await watcher.next()


async def test_a_sign_of_life_comes_by_itself_and_finds_out_who_has_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "BEAT", 0.01)
    hub = Hub()
    channel = hub.channel("field-recorder", "en")
    beating = asyncio.create_task(hub.beat())
    async with watching(channel) as watcher:
        assert [await watcher.next(), await watcher.next()] == [HEARTBEAT] * 2
        assert hub.listeners == 1
        watcher.left.set()
        await asyncio.wait_for(watcher.served, 5)
        assert hub.listeners == 0
    beating.cancel()
