"""`milepost replay`."""

from typing import Annotated

import typer

from milepost.domain.money import Money
from milepost.storage.database import Database


def command(
    campaign: Annotated[str, typer.Argument(help="The campaign's slug.")],
    at: Annotated[
        int | None, typer.Option("--at", help="The entry to stop after; without it, the last.")
    ] = None,
) -> None:
    """Show a campaign as it stood at an entry, from the ledger alone.

    Example: milepost replay field-recorder --at 120
    """
    from milepost.cli.running import on_the_database
    from milepost.services.replaying import replay

    async def work(database: Database) -> None:
        then = await replay(database, campaign, at)
        moment = f", {then.at:%Y-%m-%d %H:%M:%S} UTC" if then.at else ""
        typer.echo(f"{then.slug} after entry {then.seq}{moment}")
        if then.last:
            last = then.last
            money = Money(last["money"], then.currency)
            typer.echo(f"  entry    {last['kind']}: {last['units']:+} units, {money}")
        typer.echo(f"  units    {then.units}")
        typer.echo(f"  raised   {Money(then.money, then.currency)}")
        typer.echo(f"  backers  {then.backers}")
        for milestone_id, target, seq in then.milestones:
            reached = f"reached by entry {seq}" if seq else "ahead"
            typer.echo(f"  milestone {milestone_id} at {target}: {reached}")

    on_the_database(work)
