"""`milepost create-owner`."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer


def command(
    email: Annotated[str, typer.Argument(help="The owner's mail address.")],
    name: Annotated[str, typer.Option(help="What the others in the studio call them.")] = "",
    store: Annotated[str, typer.Option(help="The store's slug, where there are several.")] = "",
) -> None:
    """Make somebody an owner of a store, and print a link with which they set their password.

    The link works once, within an hour. Run it again for another one.

    Example: milepost create-owner alice@example.org --name Alice
    """
    from milepost.cli.reaching import reached
    from milepost.cli.refusal import Refusal
    from milepost.cli.surroundings import settings_at_hand
    from milepost.domain.errors import Refusal as DomainRefusal
    from milepost.services.owning import create_owner

    async def work(url: str) -> tuple[str, str]:
        async with reached(url) as database:
            return await create_owner(database, email, name, store, datetime.now(UTC))

    with settings_at_hand() as settings:
        try:
            called, path = asyncio.run(work(settings.database_url))
        except DomainRefusal as error:
            raise Refusal(str(error.sentence)) from None
        typer.echo(f"{email.strip().lower()} is an owner of {called}.")
        typer.echo(f"To set a password, within an hour: {settings.base_url}{path}")
