"""The live stream: one encoded frame and one future, shared by everyone who watches a campaign."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

BEAT = 15  # seconds between signs of life
HEARTBEAT = b": here\n\n"
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Channel:
    """What the watchers of one campaign in one language see next."""

    def __init__(self) -> None:
        self.edition: tuple[int, object] = (0, None)
        self.turned = False  # by time: the same version says something else now
        self.frame = b""
        self.listeners = 0
        self._next: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def publish(self, edition: tuple[int, object], state: bytes) -> None:
        """Send `state`, the public JSON, to everyone who watches.

        Its `edition` is the campaign's version, and until when that stands as it is.
        """
        self.turned = self.edition[0] == edition[0]
        self.edition = edition
        self.frame = b"event: state\nid: %d\ndata: %b\n\n" % (edition[0], state)
        self._send(self.frame)

    def beat(self) -> None:
        """Send a sign of life."""
        self._send(HEARTBEAT)

    def _send(self, frame: bytes) -> None:
        sent, self._next = self._next, asyncio.get_running_loop().create_future()
        sent.set_result(frame)

    def next(self) -> asyncio.Future[bytes]:
        """The next frame; the same future for everyone, so never cancel it."""
        return self._next


class Hub:
    """The channels of one process."""

    def __init__(self) -> None:
        self._channels: dict[tuple[str, str], Channel] = {}

    def channel(self, slug: str, locale: str) -> Channel:
        """The campaign's channel in this language."""
        return self._channels.setdefault((slug, locale), Channel())

    def watched(self, slug: str) -> list[str]:
        """The languages in which somebody watches the campaign."""
        return [locale for (s, locale), c in self._channels.items() if s == slug and c.listeners]

    @property
    def listeners(self) -> int:
        """How many pages are open on streams."""
        return sum(channel.listeners for channel in self._channels.values())

    async def beat(self) -> None:
        """Give every channel its sign of life, for ever."""
        while True:
            await asyncio.sleep(BEAT)
            for channel in self._channels.values():
                channel.beat()


async def stream(channel: Channel, seen: int, receive: Receive, send: Send) -> None:
    """Send a watcher the present state unless it was `seen`, then each change, until it leaves.

    A server that does not say when a sender writes into the void is asked at each sign of life.
    """
    await receive()
    channel.listeners += 1
    try:
        upcoming, present = channel.next(), channel.frame
        if channel.edition[0] != seen or channel.turned:
            await send({"type": "http.response.body", "body": present, "more_body": True})
        while True:
            frame = await asyncio.shield(upcoming)
            upcoming = channel.next()
            if channel.frame is not present:  # more may have passed while one was being sent
                frame = present = channel.frame
            await send({"type": "http.response.body", "body": frame, "more_body": True})
            if frame is HEARTBEAT and await _has_left(receive):
                return
    except OSError:
        return
    finally:
        channel.listeners -= 1


async def _has_left(receive: Receive) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.01):
            message = await receive()
            return bool(message["type"] == "http.disconnect")
    return False
