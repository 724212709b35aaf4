"""Somebody else's machine that takes hooks, well or badly."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from standardwebhooks import Webhook


@dataclass
class Receiver:
    """`says` decides what it answers, `refuses` what it never takes; `taken` is what it took."""

    secret: str = ""
    says: str = "ok"
    heard: list[dict[str, Any]] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    port: int = 0
    elsewhere: str = "http://127.0.0.1:1/"
    hung: asyncio.Event = field(default_factory=asyncio.Event)
    serving: set[asyncio.Task[Any]] = field(default_factory=set)
    refuses: Callable[[dict[str, Any]], bool] = lambda told: False

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}/hooks"

    @property
    def ids(self) -> list[str]:
        """The ids that it took, in order."""
        return [one["id"] for one in self.taken]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request."""
        task = asyncio.current_task()
        assert task is not None
        self.serving.add(task)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lines = [line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line]
            headers = {name.lower(): value for name, value in lines}
            body = await reader.readexactly(int(headers["content-length"]))
            told = orjson.loads(body) | {"id": headers["webhook-id"], "headers": headers}
            self.heard.append(told)
            self._verify(body, headers)
            await self._answer(writer, told)
        self.serving.discard(task)
        writer.close()

    def _verify(self, body: bytes, headers: dict[str, str]) -> None:
        """By the library; it has its own clock, so what comes by another is signed once more."""
        at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        webhook = Webhook(self.secret)
        if abs(at - datetime.now(UTC)) < timedelta(minutes=4):
            webhook.verify(body, headers)
        else:
            said = webhook.sign(headers["webhook-id"], at, body.decode())
            assert said in headers["webhook-signature"].split(" ")

    async def _answer(self, writer: asyncio.StreamWriter, told: dict[str, Any]) -> None:
        says = "500" if self.refuses(told) else self.says
        if says == "hang":
            self.hung.set()
            await asyncio.sleep(3600)
        elif says == "cut":
            writer.write(b"HTTP/1.1 2")
        elif says == "huge":
            self.taken.append(told)
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n")
            for _ in range(100):
                writer.write(b"x" * 1_000_000)
                await writer.drain()
        elif says == "redirect":
            writer.write(
                f"HTTP/1.1 301 Moved\r\nlocation: {self.elsewhere}\r\n".encode()
                + b"content-length: 0\r\n\r\n"
            )
        elif says.isdigit():
            writer.write(f"HTTP/1.1 {says} No\r\ncontent-length: 2\r\n\r\nno".encode())
        else:
            self.taken.append(told)
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()


@asynccontextmanager
async def receiving(receiver: Receiver | None = None) -> AsyncIterator[Receiver]:
    """A receiver on a port of its own, or one that was there before where it was."""
    receiver = receiver or Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", receiver.port)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for task in receiver.serving:
            task.cancel()
