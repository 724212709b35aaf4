"""A PostgreSQL that goes away and comes back, at the same address."""

import asyncio
import contextlib
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, Self
from urllib.parse import quote, urlsplit

import asyncpg

from milepost.storage import embedded, migrating
from milepost.storage.postmaster import read_pid_file
from milepost.storage.stepping_down import server_account
from tests.waiting import wait_until

# What was committed must survive the crash of the server; the machine itself will not crash.
SETTINGS = embedded.SETTINGS | {"fsync": "off", "synchronous_commit": "on"}


class Interruptible(Protocol):
    """A database at `url` that can be taken away for a while."""

    url: str

    def away(self) -> contextlib.AbstractContextManager[None]:
        """Within it nobody is connected, and nobody can be."""


class OwnPostgres:
    """A server on a socket of its own, whose address outlives its crashes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        embedded.start(folder, durable=False).stop()  # makes the folder
        self._account = server_account(folder)
        self._sockets = Path(tempfile.mkdtemp(prefix="milepost-", dir="/tmp"))
        self._account.give(self._sockets)
        self.url = f"postgresql://{embedded.SUPERUSER}@/postgres?host={quote(str(self._sockets))}"

    def __enter__(self) -> Self:
        self._start()
        migrating.upgrade(self.url)
        return self

    def __exit__(self, *_: object) -> None:
        self._end(signal.SIGINT)
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _start(self) -> None:
        with (self._folder.parent / "postgres.log").open("ab") as log:
            self._server = subprocess.Popen(
                [
                    *self._account.prefix,
                    embedded._program("postgres"),
                    *("-D", str(self._folder), "-k", str(self._sockets)),
                    *(f"--{name}={value}" for name, value in SETTINGS.items()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(self._is_ready, "PostgreSQL is ready")

    def _is_ready(self) -> bool:
        said = read_pid_file(self._folder)
        return bool(said and said.is_ready and said.pid == self._server.pid)

    def _end(self, how: signal.Signals) -> None:
        self._server.send_signal(how)
        self._server.wait(30)

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """It crashes at once, without finishing anything, and recovers at the end."""
        self._end(signal.SIGQUIT)
        try:
            yield
        finally:
            self._start()


class TheirPostgres:
    """A database on a server that is not ours to restart: everybody is thrown out and kept out."""

    def __init__(self, server_url: str, url: str) -> None:
        self.url = url
        self._server_url = server_url

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Every connection is cut, and new ones are refused until the end."""
        name = urlsplit(self.url).path[1:]
        run_aside(
            self._server_url,
            f"alter database {name} allow_connections false",
            f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'",
        )
        try:
            yield
        finally:
            run_aside(self._server_url, f"alter database {name} allow_connections true")


def run_aside(url: str, *statements: str) -> None:
    """Run statements on a connection of their own, in a thread: a test's loop may be running."""

    async def run() -> None:
        connection = await asyncpg.connect(url)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    thread.join()
