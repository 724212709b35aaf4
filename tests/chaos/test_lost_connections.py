"""A task whose connection breaks, at whatever moment, gets a whole one the next time."""

from collections.abc import AsyncIterator

import pytest

from milepost.storage.database import AWAY, Connection, Database, open_database, reading, unit
from tests.chaos.postgres import run_aside


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url, most=2) as database:
        yield database


async def break_off(db: Connection, url: str) -> None:
    """The server ends the connection while we are busy, so that we don't know it yet."""
    backend = await db.fetchval("select pg_backend_pid()")
    run_aside(url, f"select pg_terminate_backend({backend}, 5000)")


async def one(database: Database) -> int:
    async with unit(database) as db:
        found: int = await db.fetchval("select 1")
        return found


async def test_a_statement_on_a_broken_connection_fails_once(
    database: Database, database_url: str
) -> None:
    with pytest.raises(AWAY):
        async with unit(database) as db:
            await break_off(db, database_url)
            await db.fetchval("select 1")
    assert [await one(database) for _ in range(5)] == [1] * 5


async def test_a_commit_on_a_broken_connection_fails_once(
    database: Database, database_url: str
) -> None:
    with pytest.raises(AWAY):
        async with unit(database) as db:
            await break_off(db, database_url)
    assert [await one(database) for _ in range(5)] == [1] * 5


async def test_a_connection_that_breaks_after_its_work_is_no_failure(
    database: Database, database_url: str
) -> None:
    async with reading(database) as db:
        await break_off(db, database_url)
    assert [await one(database) for _ in range(5)] == [1] * 5


async def test_a_refusal_on_a_broken_connection_leaves_a_whole_one(
    database: Database, database_url: str
) -> None:
    with pytest.raises((LookupError, *AWAY)):
        async with unit(database) as db:
            await break_off(db, database_url)
            raise LookupError
    assert [await one(database) for _ in range(5)] == [1] * 5
