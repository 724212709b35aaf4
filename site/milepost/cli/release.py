"""`milepost release`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from milepost.storage.database import Database


def command(pledge: Annotated[int, typer.Argument(help="The pledge's number.")]) -> None:
    """Let a pledge above the review limit count (C6).

    Example: milepost release 12
    """
    from milepost.cli.running import on_the_database
    from milepost.services.deciding import release_pledge

    async def work(database: Database) -> None:
        await release_pledge(database, pledge, "operator", datetime.now(UTC))
        typer.echo(f"Pledge {pledge} is released.")

    on_the_database(work)
