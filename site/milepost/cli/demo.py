"""`milepost demo`: all of Milepost on this machine, with a sandbox in Stripe's place."""

import asyncio
import http.client
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from milepost.cli.ports import free_port, require_free
from milepost.cli.processes import ProcessDied, Processes, stopped_by_signals
from milepost.cli.refusal import Refusal
from milepost.cli.surroundings import (
    demo_settings,
    sandbox_note,
    told,
    told_port,
    uses_sandbox,
)
from milepost.settings import Settings, read_settings, var_folder
from milepost.storage import embedded

HOST = "127.0.0.1"
SECONDS_TO_READY = 60.0
MILEPOST = (sys.executable, "-m", "milepost")


def command(
    crowd: Annotated[
        int, typer.Option(min=0, max=1000, help="So many people pledge in the background.")
    ] = 0,
) -> None:
    """Run all of Milepost here, on a PostgreSQL of its own unless DATABASE_URL is set.

    Example: PORT=8080 milepost demo --crowd 20
    """
    given = told()
    port = told_port(given) or free_port(0)
    require_free(HOST, port)
    with stopped_by_signals():
        try:
            run(given, port, var_folder(), crowd)
        except KeyboardInterrupt:
            pass
        except ProcessDied as error:
            raise Refusal(str(error)) from None


def run(given: Mapping[str, str], port: int, var: Path, crowd: int = 0) -> None:
    """Run the demo until KeyboardInterrupt, and leave nothing running behind.

    Raises SettingsError, EmbeddedError, or ProcessDied when a part ends that should not.
    """
    processes = Processes(var / "log")
    database = None if "DATABASE_URL" in given else embedded.start(var / "postgres")
    try:
        if database and database.is_borrowed:
            raise Refusal(f"Another Milepost runs on {var} already. Stop that one first.")
        demo = demo_settings(given, port, database.url if database else "")
        settings = read_settings(**{name.lower(): value for name, value in demo.items()})
        environment = {**given, **demo, "PORT": str(port)}
        if uses_sandbox(given):
            environment |= _start_sandbox(processes, environment, settings, port, var)
        processes.run("migrate", [*MILEPOST, "migrate"], environment)
        processes.start("web", [*MILEPOST, "serve"], environment)  # gets ready meanwhile
        processes.run("seed", [*MILEPOST, "seed"], environment)
        processes.start("worker", [*MILEPOST, "work"], environment)
        link = _studio_link(settings) if database else ""
        processes.wait_until(lambda: _answers(port, "/readyz"), "web", SECONDS_TO_READY)
        typer.echo(f"Milepost is running at {settings.base_url} (Ctrl-C stops it)")
        if link:
            typer.echo(f"Its studio, by this link for an hour: {settings.base_url}{link}")
        if crowd:
            words = ["--people", str(crowd), "--address", f"http://{HOST}:{port}"]
            processes.start("crowd", [*MILEPOST, "crowd", *words], environment, may_end=True)
        while True:
            if database:
                database.check()
            processes.check()
            time.sleep(0.1)
    finally:
        processes.stop("web", "worker")
        processes.stop()
        if database:
            database.stop()


def _studio_link(settings: Settings) -> str:
    """A way into the studio as the demo's owner; none where there are several stores."""
    from milepost.cli.demo_texts import OWNER
    from milepost.domain.errors import NotFound
    from milepost.services.owning import create_owner
    from milepost.storage.database import open_database

    async def work() -> str:
        async with open_database(settings.database_url) as database:
            return (await create_owner(database, OWNER, "", "", datetime.now(UTC)))[1]

    try:
        return asyncio.run(work())
    except NotFound:
        return ""


def _start_sandbox(
    processes: Processes,
    environment: Mapping[str, str],
    settings: Settings,
    port: int,
    var: Path,
) -> dict[str, str]:
    """Start the payment sandbox; the settings that lead to it."""
    sandbox_port = free_port(port + 10_000)
    arguments = {
        "--port": str(sandbox_port),
        "--webhook-url": f"http://{HOST}:{port}/webhooks/stripe",
        "--webhook-secret": settings.stripe_webhook_secret,
        "--key": settings.stripe_secret_key,
        "--state": str(var / "sandbox.sqlite"),
    }
    words = [word for pair in arguments.items() for word in pair]
    processes.start("sandbox", [sys.executable, "-m", "milepost.sandbox", *words], environment)
    address = f"http://{HOST}:{sandbox_port}"
    sandbox_note(var).write_text(address)
    return {"STRIPE_API_BASE": address}


def _answers(port: int, path: str) -> bool:
    """True when the web process answers 200 there."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
