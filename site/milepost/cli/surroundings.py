"""What a command finds around it: the operator's settings, and the demo's where there are none."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dotenv import dotenv_values

from milepost.settings import (
    DEMO_SECRET,
    DEMO_STRIPE_KEY,
    DEMO_WEBHOOK_SECRET,
    Settings,
    SettingsError,
    read_settings,
    var_folder,
)
from milepost.storage import embedded

DEFAULT_PORT = 8000


def told() -> dict[str, str]:
    """What the operator set, in the environment or in `.env`; what is empty counts as not set."""
    both = dotenv_values(".env") | dict(os.environ)
    return {name: value for name, value in both.items() if value}


def told_port(given: Mapping[str, str]) -> int:
    """`PORT`, or the usual one. Raises SettingsError."""
    port = given.get("PORT", str(DEFAULT_PORT))
    if not port.isdigit() or int(port) > 65535:
        raise SettingsError(f"PORT is wrong: {port} is not a number from 0 to 65535.")
    return int(port)


def demo_settings(given: Mapping[str, str], port: int, database_url: str) -> dict[str, str]:
    """What the demo sets for itself: only what the operator did not."""
    settings = {
        "BASE_URL": f"http://localhost:{port}",
        "DATABASE_URL": database_url,
        "SECRET_KEY": DEMO_SECRET,
    }
    if uses_sandbox(given):
        settings |= {
            "STRIPE_SECRET_KEY": DEMO_STRIPE_KEY,
            "STRIPE_WEBHOOK_SECRET": DEMO_WEBHOOK_SECRET,
        }
    return {name: value for name, value in settings.items() if name not in given}


def sandbox_note(var: Path) -> Path:
    """Where a running demo notes the address of its payment sandbox."""
    return var / "sandbox.address"


def _sandbox_address(port: int) -> str:
    """The demo's sandbox, as noted; else where it would be: the demo's keys never go to Stripe."""
    note = sandbox_note(var_folder())
    return note.read_text().strip() if note.exists() else f"http://127.0.0.1:{port + 10_000}"


def uses_sandbox(given: Mapping[str, str]) -> bool:
    """True unless the operator brought a Stripe account."""
    return not any(name.startswith("STRIPE_") for name in given)


@contextmanager
def settings_at_hand() -> Iterator[Settings]:
    """The settings for a command on the store's data, wherever that is.

    Without `DATABASE_URL` it is the demo's: its PostgreSQL is borrowed while the demo runs, else
    started for as long as the command takes. Raises SettingsError or EmbeddedError.
    """
    given = told()
    if "DATABASE_URL" in given:
        yield read_settings()
        return
    database = embedded.start(var_folder() / "postgres")
    try:
        demo = demo_settings(given, told_port(given), database.url)
        if uses_sandbox(given):
            demo["STRIPE_API_BASE"] = _sandbox_address(told_port(given))
        yield read_settings(**{name.lower(): value for name, value in demo.items()})
    finally:
        database.stop()
