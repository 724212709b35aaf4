"""`milepost inbox`."""

from typing import Annotated

import typer

from milepost.storage.database import Database


def command(
    again: Annotated[
        str | None, typer.Option("--again", help="Try to understand this refused event anew.")
    ] = None,
    show: Annotated[
        str | None, typer.Option("--show", help="Print this event as it arrived.")
    ] = None,
) -> None:
    """Show the events that could not be understood or were unlawful, each with its reason.

    Example: milepost inbox --again evt_1ABC
    """
    from milepost.cli.refusal import Refusal
    from milepost.cli.running import on_the_database
    from milepost.services.receiving import run_again
    from milepost.storage import inbox
    from milepost.storage.database import reading

    async def work(database: Database) -> None:
        if again:
            await run_again(database, again)
            typer.echo(f"{again} waits again and will be settled.")
            return
        async with reading(database) as db:
            if show:
                kept = await inbox.kept_event(db, show)
                if kept is None:
                    raise Refusal(f"No event “{show}” was kept here.")
                typer.echo(kept["payload"])
                return
            waiting, refused = await inbox.counts(db)
            for row in await inbox.refused(db):
                typer.echo(
                    f"{row['received_at']:%Y-%m-%d %H:%M} {row['provider_id']} {row['type']}:"
                    f" {row['reason']}"
                )
        typer.echo(f"{waiting} waiting, {refused} refused")

    on_the_database(work)
