"""`milepost reveal`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from milepost.storage.database import Database


def command(
    milestone: Annotated[int, typer.Argument(help="The milestone's number, as its JSON has it.")],
) -> None:
    """Open a reached milestone's reveal on every open page.

    Example: milepost reveal 4
    """
    from milepost.cli.running import on_the_database
    from milepost.services.milestones import reveal_milestone

    async def work(database: Database) -> None:
        await reveal_milestone(database, milestone, "operator", datetime.now(UTC))
        typer.echo(f"Milestone {milestone} is revealed.")

    on_the_database(work)
