"""`milepost refund`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from milepost.cli.refusal import Refusal
from milepost.storage.database import Database


def command(
    pledge: Annotated[int, typer.Argument(help="The pledge's number.")],
    amount: Annotated[
        int | None, typer.Option(help="Minor units; without it, all that is left.")
    ] = None,
    line: Annotated[
        list[str] | None,
        typer.Option(help="A line by its place, and how many of it: 1, or 2:3. May be repeated."),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, for the books.")] = "",
) -> None:
    """Give a pledge's money back: all of it, an amount, or whole lines.

    Example: milepost refund 12 --line 1:2 --reason "one arrived broken"
    """
    from milepost.cli.running import on_the_database
    from milepost.domain.money import Money
    from milepost.services.refunding import refund_pledge

    if line and amount is not None:
        raise Refusal("Name lines or an amount, not both.")
    returned = dict(_line(told) for told in line or [])

    async def work(database: Database) -> None:
        refunded = await refund_pledge(
            database,
            pledge,
            "operator",
            datetime.now(UTC),
            amount=amount,
            returned=returned or None,
            reason=reason,
        )
        money = Money(refunded.amount, refunded.currency)
        typer.echo(f"{money} of pledge {pledge} goes back. The worker sends it to Stripe.")

    on_the_database(work)


def _line(told: str) -> tuple[int, int]:
    place, _, count = told.partition(":")
    if not (place.isdecimal() and (count or "1").isdecimal()):
        raise Refusal(f"“{told}” is not a line. Write its place, or place:count, such as 2:3.")
    return int(place), int(count or 1)
