"""How a command of the operator's runs: on the store's database, until it is done."""

import asyncio
from collections.abc import Awaitable, Callable

from milepost.cli.refusal import Refusal
from milepost.cli.surroundings import settings_at_hand
from milepost.domain.errors import Refusal as DomainRefusal
from milepost.storage.database import Database, open_database


def on_the_database(work: Callable[[Database], Awaitable[None]]) -> None:
    """Run `work` on `DATABASE_URL`, or on the demo's own database.

    Raises Refusal with the domain's sentence, SettingsError or EmbeddedError.
    """

    async def run(url: str) -> None:
        async with open_database(url) as database:
            await work(database)

    with settings_at_hand() as settings:
        try:
            asyncio.run(run(settings.database_url))
        except DomainRefusal as error:
            raise Refusal(str(error.sentence)) from None
