"""The way back undoes the way forward, so that going forward again changes nothing."""

import threading
from collections.abc import Callable
from typing import Any

import asyncpg

from milepost.storage import migrating
from milepost.storage.schema import head

SCHEMA = {
    "columns": """
        select table_name, column_name, data_type, is_nullable, column_default, is_identity
        from information_schema.columns where table_schema = 'public' order by 1, 2
    """,
    "constraints": """
        select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
        where connamespace = 'public'::regnamespace order by 1, 2
    """,
    "indexes": "select indexname, indexdef from pg_indexes where schemaname = 'public' order by 1",
    "triggers": """
        select tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal order by 1
    """,
    "functions": """
        select proname, pg_get_functiondef(oid) from pg_proc
        where pronamespace = 'public'::regnamespace and prokind = 'f' order by 1, 2
    """,
    "storage": """
        select relname, reloptions from pg_class
        where relnamespace = 'public'::regnamespace order by 1
    """,
    "types": """
        select t.typname, string_agg(e.enumlabel, ',' order by e.enumsortorder)
        from pg_type t join pg_enum e on e.enumtypid = t.oid group by 1 order by 1
    """,
}


async def schema(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All that the migrations made, as PostgreSQL describes it."""
    connection = await asyncpg.connect(url)
    try:
        return {
            name: [tuple(row) for row in await connection.fetch(query)]
            for name, query in SCHEMA.items()
        }
    finally:
        await connection.close()


def migrate(work: Callable[..., None], *arguments: str) -> None:
    """Migrating has an event loop of its own, and the test has another."""
    thread = threading.Thread(target=work, args=arguments)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()


async def test_forward_back_and_forward_again_leaves_the_same_schema(
    empty_database_url: str,
) -> None:
    url = empty_database_url
    migrate(migrating.upgrade, url)
    forward = await schema(url)
    assert forward["constraints"] and forward["triggers"]
    migrate(migrating.downgrade, url, "base")
    back = await schema(url)
    assert {row[0] for row in back["columns"]} == {"alembic_version"}
    assert not (back["triggers"] or back["functions"] or back["types"])
    migrate(migrating.upgrade, url)
    assert await schema(url) == forward


async def test_each_migration_can_be_undone_by_itself(empty_database_url: str) -> None:
    url = empty_database_url
    seen = [await schema(url)]
    while migrating_to_next(url):
        seen.append(await schema(url))
    while len(seen) > 1:
        after = seen.pop()
        assert await schema(url) == after
        migrate(migrating.downgrade, url, "-1")
    left = await schema(url)
    assert {row[0] for row in left["columns"]} == {"alembic_version"}


def migrating_to_next(url: str) -> bool:
    """Take one step forward; False when there is none left."""
    stood: list[str | None] = []
    migrate(lambda: stood.append(migrating.current(url)))
    if stood == [head()]:
        return False
    migrate(migrating.upgrade, url, "+1")
    return True
