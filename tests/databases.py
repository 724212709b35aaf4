"""A PostgreSQL server for a test session, and a database of its own for each test that asks."""

import asyncio
import contextlib
import hashlib
import threading
import uuid
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import asyncpg

import milepost.migrations
from milepost.storage import embedded, migrating

Result = TypeVar("Result")
TAKE_TURNS = 0x54455354  # an advisory lock's number: "TEST"

LEAVE = """
    select pg_terminate_backend(pid, 10000) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and pid <> all ($1::int[])"""
USED = """
    select oid::regclass::text as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r'
      and relname <> 'alembic_version' and pg_relation_size(oid) > 0"""
# Without its triggers: they refuse to forget what is for ever, and keys need no check in none.
FORGET = "set session_replication_role = replica; {}; reset session_replication_role"
BEGIN_AGAIN = """
    select setval(seqrelid::regclass, seqstart, false) from pg_sequence
    where pg_sequence_last_value(seqrelid) is not null"""
NEVER_COUNTED = "select pg_clear_relation_stats('public', name) from unnest($1::text[]) as name"
# Whatever changes a schema leaves a newer row or another number of rows here.
SHAPE = " union all ".join(
    f"select count(*), max(xmin::text::bigint) from {catalog}"
    for catalog in (
        *("pg_attrdef", "pg_attribute", "pg_constraint", "pg_index", "pg_proc"),
        *("pg_statistic", "pg_trigger", "pg_type"),
    )
)


def start_server(var: Path) -> embedded.Embedded:
    """An embedded PostgreSQL that no other test session uses, swept of what a killed one left.

    Its folder stays for the next session, whose template is then ready made.
    """
    var.mkdir(exist_ok=True)
    number = 1
    while True:
        server = embedded.start(var / f"test-postgres-{number}", durable=False)
        if not server.is_borrowed:
            break
        number += 1
    with Databases(server.url) as databases:
        databases.sweep()
    return server


class Databases:
    """Makes and drops databases on one server, from a thread with an event loop of its own.

    So it works the same in tests with a running loop and in those without.
    """

    def __init__(self, server_url: str) -> None:
        self.server_url = server_url
        self.template = f"milepost_template_{_schema_hash()}"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._keepers: dict[str, tuple[Any, Any]] = {}  # by address: who empties it, its shape
        self._free: list[str] = []

    def __enter__(self) -> "Databases":
        self._thread.start()
        self._connection = self._run(asyncpg.connect(self.server_url))
        # Files are copied in half the time where nothing is flushed to disk.
        self._ours = self._run(self._connection.fetchval("SHOW fsync")) == "off"
        self._strategy = "FILE_COPY" if self._ours else "WAL_LOG"
        return self

    def __exit__(self, *_: object) -> None:
        for url in self._free:
            self._drop(url)
        self._run(self._connection.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def create(self, *, migrated: bool = True) -> str:
        """The address of a new database, with the schema in place or altogether empty."""
        if migrated and self._free:
            return self._free.pop()
        name = f"milepost_test_{uuid.uuid4().hex}"
        template = self.template if migrated else "template0"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY {self._strategy}")
        url = self._address(name)
        if migrated and self._ours:
            self._keepers[url] = self._run(_keeper_of(url))
        return url

    def drop(self, url: str, stay: Sequence[int] = ()) -> None:
        """Forget what `create` made, whoever is still connected; only these backends may stay.

        To empty a database costs a fifth of a new one: on a server of our own the next test gets
        it as if it were new, unless something has changed more than rows.
        """
        if url in self._keepers and self._run(_emptied(*self._keepers[url], stay)):
            self._free.append(url)
        else:
            self._drop(url)

    def _drop(self, url: str) -> None:
        if url in self._keepers:
            keeper, _ = self._keepers.pop(url)
            self._run(keeper.close())
        self._execute(f"DROP DATABASE {urlsplit(url).path[1:]} WITH (FORCE)")

    def make_template(self) -> None:
        """Migrate the template, unless it is there; several processes may call this at once."""
        self._execute(f"SELECT pg_advisory_lock({TAKE_TURNS})")
        try:
            if self.template not in self._names():
                draft = self.create(migrated=False)
                migrating.upgrade(draft)
                name = urlsplit(draft).path[1:]
                self._execute(f"ALTER DATABASE {name} RENAME TO {self.template}")
        finally:
            self._execute(f"SELECT pg_advisory_unlock({TAKE_TURNS})")

    def sweep(self) -> None:
        """Drop every test's database, and the templates of other schemas."""
        for name in self._names():
            if name.startswith(("milepost_test_", "milepost_template_")) and name != self.template:
                self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _names(self) -> list[str]:
        rows = self._run(self._connection.fetch("SELECT datname FROM pg_database"))
        return [row["datname"] for row in rows]

    def _address(self, name: str) -> str:
        return urlsplit(self.server_url)._replace(path=f"/{name}").geturl()

    def _execute(self, sql: str) -> None:
        self._run(self._connection.execute(sql))

    def _run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=60)


async def _keeper_of(url: str) -> tuple[Any, Any]:
    """A connection to the new database that stays open, and the shape that it has now."""
    keeper = await asyncpg.connect(url)
    return keeper, await keeper.fetch(SHAPE)


async def _emptied(keeper: Any, shape: Any, stay: Sequence[int]) -> bool:
    """Everybody is out and every table as it was when it was new; False if that can't be had."""
    with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        await keeper.fetch(LEAVE, stay)
        if used := [row["name"] for row in await keeper.fetch(USED)]:
            await keeper.execute(FORGET.format("; ".join(f"delete from {name}" for name in used)))
            await keeper.execute(f"vacuum (analyze false, index_cleanup on) {', '.join(used)}")
            await keeper.execute(BEGIN_AGAIN)
            await keeper.execute(NEVER_COUNTED, used)
        return not await keeper.fetch(USED) and await keeper.fetch(SHAPE) == shape
    return False


def _schema_hash() -> str:
    """Changes with every change of the migrations."""
    folder = Path(milepost.migrations.__path__[0])
    files = sorted(p for p in folder.rglob("*") if p.suffix in (".py", ".sql"))
    said = b"\0".join(path.name.encode() + b"\0" + path.read_bytes() for path in files)
    return hashlib.sha256(said).hexdigest()[:16]
