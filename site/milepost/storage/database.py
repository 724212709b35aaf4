"""The one door to PostgreSQL: pool, units of work, and the raw connection for named queries.

`databases` gives the pool and transactions; statements run on its raw asyncpg connection
(docs/decisions/0001-storage.md).
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any, Literal

import aiosql
import asyncpg
import orjson
from databases import Database
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.queries import Queries as Jobs

from milepost.storage.adapter import Adapter

AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)  # how a lost database shows
UNREACHABLE = (  # of those, what is no fault of the statement
    OSError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
)
UNMIGRATED = (  # a schema that is older, or newer, than what is asked of it
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.UndefinedFunctionError,
)
DEADLOCK = asyncpg.DeadlockDetectedError  # two waited for each other; one of them is told so
SENSELESS = (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError)  # what can't be written
PATIENCE = 5.0  # seconds to connect; a database that is just going down may accept and never answer
Plans = Literal["force_custom_plan", "auto"]
Connection = Any  # a pooled asyncpg connection; its stubs know no jsonb codec
__all__ = [
    "AWAY",
    "DEADLOCK",
    "SENSELESS",
    "UNMIGRATED",
    "UNREACHABLE",
    "Connection",
    "Database",
    "enqueue",
    "enqueue_all",
    "named_queries",
    "open_database",
    "raw_connection",
    "reading",
    "rows_of",
    "unit",
]


def open_database(url: str, most: int = 10, *, plans: Plans = "force_custom_plan") -> Database:
    """A pool of at most `most` connections to `url`; connect it with `async with`.

    Each statement is planned for the arrays that it gets: a plan kept from when a table was empty
    reads all of it for every batch once it has grown. Whoever answers people, a row at a time, has
    `auto`: planning what a cart is judged by takes three times as long as reading it.
    """
    return Database(
        url,
        min_size=1,
        max_size=most,
        init=speak_json,
        server_settings={"plan_cache_mode": plans},
        timeout=PATIENCE,
    )


async def speak_json(connection: Any) -> None:
    """Make `connection` take and give jsonb as Python values.

    Text goes through as it is: PgQueuer, whose jobs share our transactions, sends finished JSON.
    """
    await connection.set_type_codec(
        "jsonb",
        encoder=lambda value: value if isinstance(value, str) else orjson.dumps(value).decode(),
        decoder=orjson.loads,
        schema="pg_catalog",
    )


@asynccontextmanager
async def unit(database: Database) -> AsyncIterator[Connection]:
    """One unit of work: a connection in a transaction that commits at the end.

    Hold it across statements, never across a call to another server.
    """
    async with reading(database) as db, db.transaction():
        yield db


@asynccontextmanager
async def reading(database: Database) -> AsyncIterator[Connection]:
    """A connection for statements that each stand alone.

    One that breaks on its way back to the pool is forgotten: its work is done, and `databases`
    would keep it for this task for ever. Its own transactions keep a broken one too.
    """
    connection = database.connection()
    await connection.__aenter__()
    try:
        yield connection.raw_connection
    finally:
        try:
            await connection.__aexit__()
        except AWAY:
            database._connection = None


async def raw_connection(database: Database) -> Connection:
    """A connection of its own, outside the pool, for whoever listens; its owner closes it."""
    url = database.url
    return await asyncpg.connect(
        host=url.hostname,
        port=url.port,
        user=url.username,
        password=url.password,
        database=url.database,
        timeout=PATIENCE,
    )


def named_queries(noun: str) -> Any:
    """The queries of `queries/{noun}.sql`, by name."""
    return _Queries(str(files("milepost.storage") / "queries" / f"{noun}.sql"))


class _Queries:
    """Read when the first of them is asked for: to read all 700 keeps a start waiting."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __getattr__(self, name: str) -> Any:
        adapter: Any = Adapter  # as aiosql's own, whose protocol its own doesn't keep to either
        queries = aiosql.from_path(self._path, adapter, mandatory_parameters=False)
        for each in queries.available_queries:
            setattr(self, each, getattr(queries, each))
        return object.__getattribute__(self, name)


async def rows_of(found: AsyncIterator[Any]) -> list[Any]:
    """All rows of a named query that gives many."""
    return [row async for row in found]


async def enqueue(
    db: Connection, job: str, payload: dict[str, Any], key: str | None = None
) -> None:
    """Hand `job` to the worker when this transaction commits; once while one with `key` waits."""
    await Jobs(AsyncpgDriver(db)).enqueue(
        job, orjson.dumps(payload), dedupe_key=key, on_conflict="skip"
    )


async def enqueue_all(
    db: Connection, job: str, payloads: Sequence[dict[str, Any]], keys: Sequence[str] = ()
) -> None:
    """Hand the worker one `job` for each of these when this transaction commits.

    With `keys`: once while one with its key waits.
    """
    if payloads:
        told: list[bytes | None] = [orjson.dumps(payload) for payload in payloads]
        count, own = len(told), list(keys) or None
        await Jobs(AsyncpgDriver(db)).enqueue(
            [job] * count,
            told,
            [0] * count,
            dedupe_key=[*own] if own is not None else None,
            on_conflict="skip",
        )
