"""`milepost audit`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from milepost.storage.database import Database

if TYPE_CHECKING:
    from milepost.gateways.stripe import StripeGateway

BEGINNING = datetime(2011, 1, 1, tzinfo=UTC)  # before Stripe


def command(
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend what is derived from the ledger, never an entry.")
    ] = False,
    payments: Annotated[
        bool, typer.Option("--payments", help="Compare our payments and refunds with Stripe's own.")
    ] = False,
) -> None:
    """Prove that totals, reaches, grants, accounts and orders equal ledgers, rules and sums.

    Each difference is told; with any, the exit code is 1. Safe while the site is live.

    Example: milepost audit --payments
    """
    if payments:
        _against_stripe()
        return
    from milepost.cli.running import on_the_database
    from milepost.services.auditing import audit_all
    from milepost.services.auditing_loyalty import audit_loyalty_of
    from milepost.services.auditing_orders import audit_orders_of

    found = 0

    async def work(database: Database) -> None:
        nonlocal found
        async for audited in audit_all(database, repair=repair):
            found += len(audited.differences)
            for difference in audited.differences:
                typer.echo(f"{audited.slug}: {difference}")
            pending = f", {audited.pending} grants on their way" if audited.pending else ""
            verdict = f"{len(audited.differences)} differences" if audited.differences else "clean"
            typer.echo(f"{audited.slug}: {audited.entries} entries, {verdict}{pending}")
        bought = await audit_orders_of(database, repair=repair)
        found += len(bought.differences)
        for difference in bought.differences:
            typer.echo(f"shop: {difference}")
        if bought.orders or bought.differences:
            verdict = f"{len(bought.differences)} differences" if bought.differences else "clean"
            typer.echo(f"shop: {bought.orders} orders, {verdict}")
        earned = await audit_loyalty_of(database, datetime.now(UTC), repair=repair)
        found += len(earned.differences)
        for difference in earned.differences:
            typer.echo(f"loyalty: {difference}")
        if earned.entries or earned.differences:
            verdict = f"{len(earned.differences)} differences" if earned.differences else "clean"
            typer.echo(f"loyalty: {earned.entries} entries, {verdict}")

    on_the_database(work)
    if found:
        typer.echo("Mended. Run it again to see." if repair else "Mend them with: --repair")
        raise typer.Exit(1)


def _against_stripe() -> None:
    from milepost.cli.running import with_stripe
    from milepost.services.auditing_payments import audit_payments

    found = 0

    async def work(database: Database, gateway: StripeGateway) -> None:
        nonlocal found
        audited = await audit_payments(database, gateway, lambda: datetime.now(UTC), BEGINNING)
        found = len(audited.differences)
        for difference in audited.differences:
            typer.echo(difference)
        verdict = f"{found} differences" if found else "clean"
        told = f"{audited.payments} payments and {audited.refunds} refunds: {verdict}"
        if audited.on_their_way:
            told += f", {audited.on_their_way} on their way"
        if audited.outside:
            told += f"; {audited.outside} pledges were not paid through Stripe"
        typer.echo(told)

    with_stripe(work)
    if found:
        raise typer.Exit(1)
