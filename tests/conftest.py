"""What every test stands on: a database of its own, and no network but this machine's."""

import ipaddress
import os
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from functools import cache
from typing import Any

import asyncpg
import pytest
from hypothesis import settings
from playwright.async_api import Browser

from milepost.storage.embedded import Embedded
from tests.acceptance.browser import open_browser
from tests.databases import Databases, start_server
from tests.pools import Pools, told_once

SERVER = pytest.StashKey[Embedded]()

settings.register_profile("milepost", deadline=None)  # how long an example takes is no test
settings.load_profile("milepost")


def _server_url(config: pytest.Config) -> str:
    """`DATABASE_URL` when set, else an embedded server that ends with this session."""
    if given := os.environ.get("DATABASE_URL"):
        return given
    if SERVER not in config.stash:
        config.stash[SERVER] = start_server(config.rootpath / "var")
    return config.stash[SERVER].url


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give each of pytest-xdist's workers the one server of the session."""
    node.workerinput["server_url"] = _server_url(node.config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The state machines come first, in fresh processes, then files that ask for time or a browser.

    They take longest, and no worker shall end alone.
    """
    long = {
        item.path
        for item in items
        if "browser" in getattr(item, "fixturenames", ()) or item.get_closest_marker("timeout")
    }
    items.sort(key=lambda item: (not item.path.stem.endswith("_machine"), item.path not in long))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, if this session started one."""
    if server := config.stash.get(SERVER, None):
        server.stop()


@pytest.fixture(scope="session")
def databases(pytestconfig: pytest.Config) -> Iterator[Databases]:
    """The session's PostgreSQL server, with a migrated template."""
    told: dict[str, str] = getattr(pytestconfig, "workerinput", {})
    with Databases(told.get("server_url") or _server_url(pytestconfig)) as databases:
        databases.make_template()
        yield databases


@pytest.fixture(scope="session")
async def pools() -> AsyncIterator[Pools]:
    """What makes a connection cheap for whoever comes second."""
    pools = Pools()
    with pytest.MonkeyPatch.context() as patch, told_once():
        patch.setattr(asyncpg, "create_pool", pools.create)
        yield pools
        pools.close()


@pytest.fixture
def database_url(databases: Databases, pools: Pools) -> Iterator[str]:
    """A migrated database of the test's own."""
    url = databases.create()
    yield url
    databases.drop(url, pools.backends())


@pytest.fixture
def empty_database_url(databases: Databases) -> Iterator[str]:
    """A database of the test's own, before its first migration."""
    url = databases.create(migrated=False)
    yield url
    databases.drop(url)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A worker's browser without a screen; `visiting` gives everybody a profile of their own."""
    async with open_browser() as browser:
        yield browser


class NetworkError(AssertionError):
    """A test reached for another machine."""


def _is_here(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket's path
    host = str(address[0])
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Tests reach this machine only: loopback and Unix sockets."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if not _is_here(address):
            raise NetworkError(f"A test tried to reach {address}.")
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        if not _is_here(address):
            raise NetworkError(f"A test tried to reach {address}.")
        return connect_ex(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        yield


@pytest.fixture(scope="session", autouse=True)
def certificates_read_once() -> Iterator[None]:
    """Every client of HTTP would read them anew, which takes it longer than most tests take."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        yield


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on the settings of whoever runs it."""
    for name in (
        "BASE_URL",
        "DATABASE_URL",
        "HOOKS_ANYWHERE",
        "LOG_FORMAT",
        "MEDIA_URL",
        "PORT",
        "SECRET_KEY",
        "SMTP_URL",
        "STRIPE_API_BASE",
        "STRIPE_SECRET_KEY",
        "STRIPE_WEBHOOK_SECRET",
        "TRUSTED_PROXIES",
        "WEB_CONCURRENCY",
    ):
        monkeypatch.delenv(name, raising=False)
