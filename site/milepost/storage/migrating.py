"""The schema goes forward and back here; the scripts themselves are in `migrations/versions/`."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import milepost.migrations

Result = TypeVar("Result")

# Whoever migrates holds this advisory lock ("MILE") until the end of its transaction.
TAKE_TURNS = f"SELECT pg_advisory_xact_lock({0x4D494C45})"


def heads() -> list[str]:
    """The revisions that no other follows: one, or the migrations have forked."""
    return ScriptDirectory.from_config(_config()).get_heads()


def current(database_url: str) -> str | None:
    """The revision that the database is at; None before the first migration."""

    def read(connection: Connection) -> str | None:
        return MigrationContext.configure(connection).get_current_revision()

    return _in_transaction(database_url, read)


def upgrade(database_url: str, to: str = "head") -> None:
    """Bring the database to revision `to`, all of it or nothing.

    Safe to run by several at once: each waits for the one before and finds its work done.
    """

    def run(connection: Connection) -> None:
        connection.exec_driver_sql(TAKE_TURNS)
        command.upgrade(_config(connection), to)

    _in_transaction(database_url, run)


def downgrade(database_url: str, to: str) -> None:
    """Take the database back to revision `to` (`base`: to nothing), all the way or not at all."""

    def run(connection: Connection) -> None:
        connection.exec_driver_sql(TAKE_TURNS)
        command.downgrade(_config(connection), to)

    _in_transaction(database_url, run)


def _config(connection: Connection | None = None) -> Config:
    folder = Path(milepost.migrations.__path__[0])
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config


def _in_transaction(database_url: str, work: Callable[[Connection], Result]) -> Result:
    async def run() -> Result:
        url = make_url(database_url).set(drivername="postgresql+asyncpg")
        engine = create_async_engine(url, poolclass=NullPool)
        async with engine.begin() as connection:
            return await connection.run_sync(work)

    return asyncio.run(run())
