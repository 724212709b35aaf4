"""`milepost cancel`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from milepost.storage.database import Database


def command(pledge: Annotated[int, typer.Argument(help="The pledge's number.")]) -> None:
    """Cancel a confirmed pledge that is not charged yet.

    Example: milepost cancel 12
    """
    from milepost.cli.running import on_the_database
    from milepost.services.deciding import cancel_pledge

    async def work(database: Database) -> None:
        await cancel_pledge(database, pledge, "operator", datetime.now(UTC))
        typer.echo(f"Pledge {pledge} is cancelled.")

    on_the_database(work)
