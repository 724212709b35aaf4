"""`milepost disputes`."""

from typing import Annotated

import typer

from milepost.storage.database import Database


def command(
    every: Annotated[bool, typer.Option("--all", help="Also those that are decided.")] = False,
) -> None:
    """List pledges whose payment is disputed at the backer's bank. Answer them at Stripe.

    While a dispute is open the pledge's rewards are held; a lost one counts as a refund, and a won
    one releases them. Stripe's events bring all of that here by themselves.

    Example: milepost disputes --all
    """
    from milepost.cli.running import on_the_database
    from milepost.domain.money import Money
    from milepost.storage import pledges
    from milepost.storage.database import reading

    async def work(database: Database) -> None:
        async with reading(database) as db:
            rows = await pledges.disputed(db, every)
        for row in rows:
            told = ", ".join(f"{ref} {status}" for ref, status in row["disputes"].items())
            due = Money(row["due"], row["currency"])
            typer.echo(f"{row['slug']}: pledge {row['id']} of {due} is {row['state']}: {told}")
        if not rows:
            typer.echo("No dispute is open." if not every else "There was never a dispute.")

    on_the_database(work)
