"""Real processes, on a PostgreSQL server of their own that may be interrupted."""

import os
from collections.abc import Iterator

import pytest

from tests.acceptance.conftest import (  # noqa: F401
    crowd,
    pytest_runtest_makereport,
    world,
)
from tests.acceptance.processes import Milepost
from tests.chaos.postgres import Interruptible, OwnPostgres, TheirPostgres
from tests.databases import Databases

GIVEN = os.environ.get("DATABASE_URL")


@pytest.fixture(scope="package")
def postgres(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Interruptible]:
    """A database that can be interrupted: a server's crash, or else a closed door."""
    if GIVEN:
        url = databases.create()
        yield TheirPostgres(databases.server_url, url)
        databases.drop(url)
        return
    with OwnPostgres(tmp_path_factory.mktemp("server") / "postgres") as postgres:
        yield postgres


@pytest.fixture(scope="package")
def milepost(
    postgres: Interruptible, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Milepost]:
    """Milepost on it for all tests of chaos, and no longer: each has campaigns of its own."""
    with Milepost(tmp_path_factory.mktemp("milepost"), postgres.url) as running:
        yield running
