"""NOTIFY and LISTEN: a campaign moved, the inbox filled. A lost notice delays, never loses."""

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial

import asyncpg

from milepost.storage.database import Connection, Database, raw_connection

CAMPAIGN = "milepost_campaign"
INBOX = "milepost_inbox"


async def campaign_moved(db: Connection, campaign_id: int, version: int) -> None:
    """Tell every web process, at this transaction's commit, that the campaign has a new version."""
    await db.execute("select pg_notify($1, $2)", CAMPAIGN, f"{campaign_id}:{version}")


async def inbox_filled(db: Connection) -> None:
    """Tell every worker, at this transaction's commit, that facts wait."""
    await db.execute("select pg_notify($1, '')", INBOX)


def _tell(lost: asyncio.Event, *_: object) -> None:
    lost.set()


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
    while True:
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection = await raw_connection(database)
            lost = asyncio.Event()
            try:
                connection.add_termination_listener(partial(_tell, lost))
                await connection.add_listener(channel, lambda *args: heard(args[3]))
                connected()
                await lost.wait()
            finally:
                connection.terminate()
        await asyncio.sleep(1)
