"""`milepost lock`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from milepost.storage.database import Database


def command(
    campaign: Annotated[str, typer.Argument(help="The campaign's slug.")],
    at: Annotated[
        datetime,
        typer.Option(
            "--at",
            formats=["%Y-%m-%dT%H:%M"],
            help="When, in the campaign's own time zone; at least 48 hours from now.",
        ),
    ],
) -> None:
    """Announce when addresses and answers can no longer change, and mail everybody concerned.

    Example: milepost lock field-recorder --at 2026-12-24T18:00
    """
    from milepost.cli.running import on_the_database
    from milepost.domain.campaigns import instant
    from milepost.domain.errors import NotFound
    from milepost.domain.messages import N_
    from milepost.services.surveying import announce_lock
    from milepost.storage import surveys
    from milepost.storage.database import reading

    async def work(database: Database) -> None:
        async with reading(database) as db:
            found = await surveys.campaign(db, campaign)
        if found is None:
            raise NotFound(N_("There is no campaign at “%(slug)s”."), slug=campaign)
        locks_at = instant(at, found["zone"])
        told = await announce_lock(database, found["id"], locks_at, datetime.now(UTC))
        typer.echo(
            f"“{found['title']}” locks at {locks_at:%Y-%m-%d %H:%M} UTC; {told} pledges get a mail."
        )

    on_the_database(work)
