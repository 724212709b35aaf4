"""What tests share of connections: nothing of a test is left on them for the next one."""

import asyncpg
import pytest

from milepost.storage.database import open_database, reading


async def test_whoever_comes_second_gets_the_connection_without_what_was_set(
    database_url: str,
) -> None:
    seen = []
    for _ in range(2):
        async with open_database(database_url) as database, reading(database) as db:
            seen.append(await db.fetchval("select pg_backend_pid()"))
            assert await db.fetchval("select current_setting('work_mem')") != "1MB"
            assert await db.fetchval("select pg_try_advisory_lock(7)")
            await db.execute("set work_mem = '1MB'; listen news")
            assert await db.fetchval("""select '{"a": 1}'::jsonb""") == {"a": 1}
    assert seen[0] == seen[1]


async def test_whoever_has_closed_it_gets_no_connection_any_more(database_url: str) -> None:
    async with open_database(database_url) as database:
        pool = database._backend._pool  # type: ignore[attr-defined]
    with pytest.raises(asyncpg.InterfaceError):
        await pool.acquire()


async def test_the_next_test_s_rows_are_its_own(database_url: str) -> None:
    async with open_database(database_url) as database, reading(database) as db:
        assert await db.fetchval("select count(*) from stores") == 0
        assert await db.fetch("select pg_listening_channels()") == []
