"""`milepost ship`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from milepost.storage.database import Database


def command(
    milestone: Annotated[int, typer.Argument(help="The milestone's number, as its JSON has it.")],
    pledge: Annotated[
        list[int] | None, typer.Option(help="Only to this pledge. May be repeated.")
    ] = None,
    carrier: Annotated[str, typer.Option(help="Who carries it.")] = "",
    tracking: Annotated[str, typer.Option(help="A tracking number, or an https address.")] = "",
) -> None:
    """Mark a milestone's owed rewards as sent; each backer is told once.

    Example: milepost ship 4 --pledge 12 --carrier DHL --tracking 00340434161094000001
    """
    from milepost.cli.running import on_the_database
    from milepost.services.fulfilling import ship

    async def work(database: Database) -> None:
        sent = await ship(
            database,
            milestone,
            datetime.now(UTC),
            pledges=pledge or None,
            carrier=carrier,
            tracking=tracking,
        )
        typer.echo(f"Milestone {milestone}: {sent} rewards are marked as sent.")

    on_the_database(work)
