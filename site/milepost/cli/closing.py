"""`milepost closing`."""

from typing import Annotated

import typer

from milepost.storage.database import Database


def command(campaign: Annotated[str, typer.Argument(help="The campaign's slug.")]) -> None:
    """Show what a campaign came to at its deadline, and how far its charges are.

    Example: milepost closing field-recorder
    """
    from milepost.cli.running import on_the_database
    from milepost.domain.money import Money
    from milepost.services.closing import show_closing
    from milepost.storage.database import reading

    async def work(database: Database) -> None:
        async with reading(database) as db:
            closing = await show_closing(db, campaign)
        at = f"{closing.closes_at:%Y-%m-%d %H:%M} UTC"
        typer.echo(f"{closing.slug}: {closing.outcome or 'not decided'}, deadline {at}")
        if not closing.pledges:
            return
        taken = Money(closing.money_charged, closing.currency)
        rest = Money(closing.money_waiting, closing.currency)
        typer.echo(f"{closing.charged} of {closing.pledges} pledges charged: {taken}")
        typer.echo(f"{closing.waiting} wait, {closing.past_due} were declined: {rest} to come")
        typer.echo(f"{closing.dropped} dropped")

    on_the_database(work)
