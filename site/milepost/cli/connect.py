"""`milepost connect`."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer


def command(
    name: Annotated[str, typer.Option(help="What the program is called in the studio.")],
    scope: Annotated[
        list[str], typer.Option(help="What it may do, such as fulfilment:read. May be repeated.")
    ],
    hook: Annotated[str, typer.Option(help="The address at which it is told of events.")] = "",
    event: Annotated[
        list[str] | None,
        typer.Option(help="Of which it is told, such as grant.owed. May be repeated; else of all."),
    ] = None,
    store: Annotated[str, typer.Option(help="The store's slug, where there are several.")] = "",
) -> None:
    """Give another program a token, and tell it of events at an address.

    Prints what the program has to know, once. Run again for the same address, both are new.

    Example: milepost connect --name "Label printer" --scope fulfilment:read
    --hook https://labels.example.org/hooks --event grant.owed
    """
    from milepost.cli.reaching import reached
    from milepost.cli.refusal import Refusal
    from milepost.cli.surroundings import settings_at_hand
    from milepost.domain.errors import Refusal as DomainRefusal
    from milepost.domain.scopes import SCOPES
    from milepost.services.connecting import Connected, connect
    from milepost.settings import Settings

    async def work(settings: Settings) -> Connected:
        async with reached(settings.database_url) as database:
            return await connect(
                database,
                store,
                name,
                scope,
                hook,
                event or (),
                datetime.now(UTC),
                plain=settings.sends_anywhere,
            )

    if unknown := [one for one in scope if one not in SCOPES]:
        raise Refusal(f"There is no scope “{unknown[0]}”. There are: {', '.join(SCOPES)}.")
    with settings_at_hand() as settings:
        try:
            made = asyncio.run(work(settings))
        except DomainRefusal as error:
            raise Refusal(str(error.sentence)) from None
        typer.echo(f"“{name.strip()}” works for {made.store}. This is shown once:", err=True)
        typer.echo(f"MILEPOST_API={settings.base_url}/api/v1")
        typer.echo(f"MILEPOST_TOKEN={made.token}")
        if made.secret:
            typer.echo(f"MILEPOST_SECRET={made.secret}")
