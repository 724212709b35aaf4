"""The schema goes forward and back."""

import threading

import asyncpg

from milepost.storage import migrating, schema


async def tables(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        )
        return [row["tablename"] for row in rows]
    finally:
        await connection.close()


def in_a_thread(*calls: threading.Thread) -> None:
    """Migrating has an event loop of its own, and a test may have another."""
    for call in calls:
        call.start()
    for call in calls:
        call.join(60)
        assert not call.is_alive()


async def test_the_schema_goes_to_the_head_and_back_to_nothing(empty_database_url: str) -> None:
    url = empty_database_url
    seen: list[str | None] = []

    def there_and_back() -> None:
        seen.append(migrating.current(url))
        migrating.upgrade(url)
        seen.append(migrating.current(url))

    in_a_thread(threading.Thread(target=there_and_back))
    assert seen == [None, schema.head()]
    assert len(await tables(url)) > 1
    in_a_thread(threading.Thread(target=migrating.downgrade, args=(url, "base")))
    assert await tables(url) == ["alembic_version"]
    in_a_thread(threading.Thread(target=migrating.upgrade, args=(url,)))
    assert len(await tables(url)) > 1


def test_two_who_migrate_at_once_take_turns(empty_database_url: str) -> None:
    failures: list[BaseException] = []

    def migrate() -> None:
        try:
            migrating.upgrade(empty_database_url)
        except BaseException as error:
            failures.append(error)

    in_a_thread(*(threading.Thread(target=migrate) for _ in range(3)))
    assert failures == []
    assert migrating.current(empty_database_url) == schema.head()


def test_the_newest_revision_is_the_one_that_no_other_follows() -> None:
    assert migrating.heads() == [schema.head()]
