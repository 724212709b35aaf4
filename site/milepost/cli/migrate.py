"""`milepost migrate`."""

import typer

from milepost.settings import read_settings


def command() -> None:
    """Bring the database's schema up to date. Safe to run again, and by several at once.

    Example: DATABASE_URL=postgresql://milepost@localhost/milepost milepost migrate
    """
    from milepost.storage import migrating

    database_url = read_settings().database_url
    before = migrating.current(database_url)
    migrating.upgrade(database_url)
    after = migrating.current(database_url)
    if before == after:
        typer.echo(f"The database is up to date, at {after}.")
    else:
        typer.echo(f"The database went from {before or 'empty'} to {after}.")
