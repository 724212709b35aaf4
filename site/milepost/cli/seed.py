"""`milepost seed`."""

from datetime import UTC, datetime
from pathlib import Path

import typer

from milepost.gateways.stripe import StripeGateway
from milepost.settings import DEMO_STRIPE_KEY, Settings
from milepost.storage.database import Database


def command() -> None:
    """Fill an empty database with the demo's store, campaigns and past pledges, once.

    Example: milepost seed
    """
    from milepost.cli.demo_crowd import seed_demo
    from milepost.cli.demo_subscriber import House
    from milepost.cli.running import with_settings
    from milepost.cli.surroundings import told

    media = Path(told().get("MEDIA_URL", "var/media"))

    async def work(database: Database, gateway: StripeGateway, settings: Settings) -> None:
        house = None
        if settings.stripe_secret_key == DEMO_STRIPE_KEY and settings.stripe_api_base:
            house = House(gateway, settings.stripe_api_base, settings.base_url)
        made = await seed_demo(database, media, datetime.now(UTC), house)
        typer.echo(
            f"The demo is ready: {made} past pledges." if made else "The demo was there already."
        )

    with_settings(work)
