"""What the rows are measured on: a durable PostgreSQL, fresh databases, real web processes."""

import asyncio
import http.client
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from milepost.settings import DEMO_SECRET, DEMO_STRIPE_KEY, DEMO_WEBHOOK_SECRET, Settings
from milepost.storage import embedded, migrating

SECRET = DEMO_WEBHOOK_SECRET


class Stage:
    """One embedded PostgreSQL with fsync on, and whatever was started on it."""

    def __enter__(self) -> "Stage":
        self.folder = Path(tempfile.mkdtemp(prefix="milepost-bench-"))
        given = os.environ.get("DATABASE_URL")
        self._server = None if given else embedded.start(self.folder / "postgres")
        self._url = given or (self._server.url if self._server else "")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server:
            self._server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def database(self) -> str:
        """A new migrated database; its URL."""
        name = f"bench_{uuid.uuid4().hex[:12]}"
        connection = await connect(self._url)
        await connection.execute(f'create database "{name}"')
        await connection.close()
        parts = urlsplit(self._url)
        url = urlunsplit(parts._replace(path=f"/{name}"))
        await asyncio.to_thread(migrating.upgrade, url)
        return url

    @contextmanager
    def process(self, *command: str, port: int, url: str) -> Iterator[subprocess.Popen[bytes]]:
        """A `milepost` process on the database, ready when it answers on its port (0: no port)."""
        log = (self.folder / f"{command[0]}-{port}.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-m", "milepost", *command],
            env={**os.environ, **environment(url, port)},
            cwd=self.folder,
            stdout=log,
            stderr=log,
        )
        try:
            if port:
                wait_until(port, process)
            yield process
        finally:
            process.terminate()
            process.wait(20)


def environment(url: str, port: int) -> dict[str, str]:
    """The settings of a process on the stage."""
    return {
        "DATABASE_URL": url,
        "BASE_URL": f"http://localhost:{port or 8000}",
        "PORT": str(port),
        "SECRET_KEY": DEMO_SECRET,
        "STRIPE_SECRET_KEY": DEMO_STRIPE_KEY,
        "STRIPE_WEBHOOK_SECRET": SECRET,
        "STRIPE_API_BASE": "http://127.0.0.1:9",
    }


def settings(url: str, port: int = 8000) -> Settings:
    """The same settings, for what runs in this process."""
    named = {key.lower(): value for key, value in environment(url, port).items()}
    return Settings(**named)  # type: ignore[arg-type]


def wait_until(port: int, process: subprocess.Popen[bytes], path: str = "/readyz") -> None:
    """Return once the process answers; raises RuntimeError when it died or took 30 s."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the process on port {port} ended by itself")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", path)
            if connection.getresponse().status < 500:
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"nothing answered on port {port}")


async def connect(url: str) -> Any:
    """A bare asyncpg connection."""
    return await asyncpg.connect(url)


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def free_port() -> int:
    """A port that nobody uses at the moment."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
