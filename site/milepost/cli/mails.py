"""`milepost mails`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from milepost.storage.database import Database


def command(
    again: Annotated[
        int | None, typer.Option("--again", metavar="ID", help="Send this mail once more.")
    ] = None,
) -> None:
    """Show how many mails wait, and those that failed or may not have been sent, with the reason.

    One that is “sending” was being sent when its worker died: nobody knows whether it went, so it
    is never repeated by itself.

    Example: milepost mails --again 4711
    """
    from milepost.cli.running import on_the_database
    from milepost.services.posting import send_again
    from milepost.storage import mails
    from milepost.storage.database import reading

    async def work(database: Database) -> None:
        if again is not None:
            await send_again(database, again, datetime.now(UTC))
            typer.echo(f"Mail {again} waits again and will be sent.")
            return
        async with reading(database) as db:
            counted = await mails.counts(db)
            for row in await mails.in_trouble(db):
                said = f": {row['error']}" if row["error"] else ""
                typer.echo(
                    f"{row['id']} {row['state']} {row['kind']} to {row['recipient']},"
                    f" tried {row['tries']} ×, due {row['due_at']:%Y-%m-%d %H:%M}{said}"
                )
        typer.echo(
            f"{counted['waiting']} wait, {counted['sending']} are being sent or in doubt,"
            f" {counted['failed']} failed."
        )

    on_the_database(work)
