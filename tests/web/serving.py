"""The real web process's app behind a real HTTP server, in the test's own loop, with its clock."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
import uvicorn

from milepost.settings import Settings
from milepost.storage import database, notices
from milepost.web.app import create_app
from tests.sandbox.process import KEY, SECRET
from tests.web.client import Reader

AT_ONCE = 0.05  # seconds that open streams get at the end
# What the driver asks by itself, when a connection is new or comes back.
POOL = ("pg_advisory_unlock_all()", "typeinfo_tree", "current_setting('jit')", "set_config('jit'")


@dataclass
class Served:
    """One running site: its address, its settings, a reader of it, and the SQL that it has said."""

    url: str
    settings: Settings
    reader: Reader
    statements: list[str]

    def statements_since(self, start: int) -> list[str]:
        """What was asked of the database since there were `start` statements."""
        return self.statements[start:]


def open_door() -> socket.socket:
    """A socket that listens on a free port.

    It names its protocol, for asyncio sends small answers at once only where that is said to be
    TCP: else a client waits 40 ms for the second part of each.
    """
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    door.bind(("127.0.0.1", 0))
    door.listen()
    return door


@asynccontextmanager
async def serve(
    database_url: str, payments: str, clock: Callable[[], datetime], **settings: Any
) -> AsyncIterator[Served]:
    """The site on a port of its own; its payment pages are at `payments`."""
    door = open_door()
    url = f"http://127.0.0.1:{door.getsockname()[1]}"
    known = Settings(
        **{
            "database_url": database_url,
            "base_url": url,
            "secret_key": "a-secret-of-the-tests",
            "stripe_secret_key": KEY,
            "stripe_webhook_secret": SECRET,
            "stripe_api_base": payments,
        }
        | settings
    )
    statements: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "speak_json", _overheard(statements))
        app = create_app(known, clock)
    config = uvicorn.Config(
        app, http="httptools", ws="none", lifespan="on", access_log=False, log_config=None
    )
    config.timeout_graceful_shutdown = AT_ONCE  # type: ignore[assignment]
    config.load()
    logging.getLogger("uvicorn.access").disabled = True  # `milepost serve` keeps none
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    listening = asyncio.Event()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notices, "listen", _told_of(listening))
        await server.startup([door])
    with contextlib.suppress(TimeoutError):  # where its database takes no more connections
        await asyncio.wait_for(listening.wait(), 5)
    try:
        async with Reader(url) as reader:
            yield Served(url, known, reader, statements)
    finally:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(uvicorn.server, "asyncio", _Hasty())
            await server.shutdown([door])


def _told_of(listening: asyncio.Event) -> Any:
    """The usual listening, that says when it has begun: from then on pages stay in memory."""
    usual = notices.listen

    async def listen(database: Any, channel: str, heard: Any, connected: Any) -> None:
        def begun() -> None:
            connected()
            listening.set()

        await usual(database, channel, heard, begun)

    return listen


class _Hasty:
    """Stands for `asyncio` in a server that stops: it sleeps a tenth of a second beforehand."""

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def sleep(self, delay: float) -> None:
        """Let everybody else have a turn."""
        await asyncio.sleep(delay / 50)


def _overheard(statements: list[str]) -> Any:
    """The pool's usual preparation of a connection, with somebody who writes down its queries."""
    usual = database.speak_json

    async def prepare(connection: Any) -> None:
        await usual(connection)
        connection.add_query_logger(
            lambda said: (
                None if any(own in said.query for own in POOL) else statements.append(said.query)
            )
        )

    return prepare
