"""How a command of the operator's runs: on the store's database, until it is done."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from milepost.cli.reaching import reached
from milepost.cli.refusal import Refusal
from milepost.cli.surroundings import settings_at_hand
from milepost.domain.errors import Refusal as DomainRefusal
from milepost.gateways.refusals import PaymentUnavailable
from milepost.gateways.stripe import StripeGateway
from milepost.settings import Settings
from milepost.storage.database import Database


def on_the_database(work: Callable[[Database], Awaitable[None]]) -> None:
    """Run `work` on `DATABASE_URL`, or on the demo's own database.

    Raises Refusal with the domain's sentence, SettingsError or EmbeddedError.
    """

    async def run(settings: Settings) -> None:
        async with reached(settings.database_url) as database:
            await work(database)

    _run(run)


def with_stripe(work: Callable[[Database, StripeGateway], Awaitable[None]]) -> None:
    """The same, with Stripe or the demo's sandbox at hand. Raises Refusal when it is away."""
    with_settings(lambda database, gateway, _: work(database, gateway))


def with_settings(work: Callable[[Database, StripeGateway, Settings], Awaitable[None]]) -> None:
    """The same, with the settings that lead there."""

    async def run(settings: Settings) -> None:
        gateway = StripeGateway(settings)
        try:
            async with reached(settings.database_url) as database:
                await work(database, gateway, settings)
        finally:
            await gateway.close()

    _run(run)


def _run(run: Callable[[Settings], Coroutine[Any, Any, None]]) -> None:
    with settings_at_hand() as settings:
        try:
            asyncio.run(run(settings))
        except DomainRefusal as error:
            raise Refusal(str(error.sentence)) from None
        except PaymentUnavailable as error:
            raise Refusal(f"Stripe could not be asked: {error}") from None
