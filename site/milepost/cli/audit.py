"""`milepost audit`."""

from typing import Annotated

import typer

from milepost.storage.database import Database


def command(
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend what is derived from the ledger, never an entry.")
    ] = False,
) -> None:
    """Prove that totals, reaches and grants equal the ledger and the rules.

    Each difference is told; with any, the exit code is 1. Safe while the site is live.

    Example: milepost audit
    """
    from milepost.cli.running import on_the_database
    from milepost.services.auditing import audit_all

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

    on_the_database(work)
    if found:
        typer.echo("Mended. Run it again to see." if repair else "Mend them with: --repair")
        raise typer.Exit(1)
