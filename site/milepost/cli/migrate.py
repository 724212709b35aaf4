"""`milepost migrate`."""

import asyncio
from datetime import UTC, datetime

import typer

from milepost.settings import read_settings


def command() -> None:
    """Bring the database's schema up to date. Safe to run again, and by several at once.

    Campaigns from before the promises were kept begin their chain with how they stand.

    Example: DATABASE_URL=postgresql://milepost@localhost/milepost milepost migrate
    """
    from milepost.storage import migrating

    database_url = read_settings().database_url
    asyncio.run(_reach(database_url))
    before = migrating.current(database_url)
    migrating.upgrade(database_url)
    asyncio.run(_begin_promises(database_url))
    after = migrating.current(database_url)
    if before == after:
        typer.echo(f"The database is up to date, at {after}.")
    else:
        typer.echo(f"The database went from {before or 'empty'} to {after}.")


async def _reach(database_url: str) -> None:
    from milepost.cli.reaching import reached

    async with reached(database_url):
        pass


async def _begin_promises(database_url: str) -> None:
    from milepost.cli.reaching import reached
    from milepost.services.promising import begin_all

    async with reached(database_url) as database:
        await begin_all(database, lambda: datetime.now(UTC))
