"""`milepost seed`."""

from datetime import UTC, datetime
from pathlib import Path

import typer

from milepost.storage.database import Database


def command() -> None:
    """Fill an empty database with the demo's store, campaigns and past pledges, once.

    Example: milepost seed
    """
    from milepost.cli.demo_crowd import seed_demo
    from milepost.cli.running import on_the_database
    from milepost.cli.surroundings import told

    media = Path(told().get("MEDIA_URL", "var/media"))

    async def work(database: Database) -> None:
        made = await seed_demo(database, media, datetime.now(UTC))
        typer.echo(
            f"The demo is ready: {made} past pledges." if made else "The demo was there already."
        )

    on_the_database(work)
