"""NOTIFY and LISTEN: a campaign moved, or the inbox has something. A lost notice delays, never loses."""

import asyncio
import contextlib
from collections.abc import Callable

import asyncpg

from milepost.storage.database import Connection, Database

CAMPAIGN = "milepost_campaign"
INBOX = "milepost_inbox"


async def campaign_moved(db: Connection, campaign_id: int, version: int) -> None:
    """Tell every web process, at this transaction's commit, that the campaign has a new version."""
    await db.execute("select pg_notify($1, $2)", CAMPAIGN, f"{campaign_id}:{version}")


async def inbox_filled(db: Connection) -> None:
    """Tell every worker, at this transaction's commit, that facts wait."""
    await db.execute("select pg_notify($1, '')", INBOX)


async def listen(
    database: Database,
    channel: str,
    heard: Callable[[str], None],
    connected: Callable[[], None],
) -> None:
    """Call `heard` with each notice on `channel`, for ever; `connected` at each (re)connection.

    A lost connection is made again after a second; whoever listens must then look for itself at
    what it may have missed.
    """
    url = database.url
    while True:
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection = await asyncpg.connect(
                host=url.hostname,
                port=url.port,
                user=url.username,
                password=url.password,
                database=url.database,
            )
            try:
                lost = asyncio.Event()
                connection.add_termination_listener(lambda *_: lost.set())
                await connection.add_listener(channel, lambda *args: heard(args[3]))
                connected()
                await lost.wait()
            finally:
                connection.terminate()
        await asyncio.sleep(1)
