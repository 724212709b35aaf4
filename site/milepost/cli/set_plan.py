"""`milepost set-plan`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from milepost.storage.database import Database


def command(
    store: Annotated[str, typer.Argument(help="The store's slug.")],
    plan: Annotated[str, typer.Argument(help="The plan's key in the plans file.")],
) -> None:
    """Give a store one of the plans in the plans file.

    Example: milepost set-plan larkfield pro
    """
    from milepost.cli.refusal import Refusal
    from milepost.cli.running import on_the_database
    from milepost.services.planning import set_plan
    from milepost.settings import read_settings

    plans = read_settings().plans.plans
    if plan not in plans:
        known = ", ".join(plans) or "none: there is no plans file"
        raise Refusal(f"There is no plan “{plan}”. The plans are: {known}.")

    async def work(database: Database) -> None:
        await set_plan(database, store, plan, datetime.now(UTC))
        typer.echo(f"“{store}” has the plan {plans[plan].name}.")

    on_the_database(work)
