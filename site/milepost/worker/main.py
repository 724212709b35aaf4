"""The worker: settles the inbox as it fills, and runs the queue's jobs; any number may run."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import asyncpg
import uvloop
from pgqueuer import PgQueuer

from milepost.gateways.stripe import StripeGateway
from milepost.services.granting import unfinished
from milepost.services.settling import Clock, settle_all
from milepost.settings import Settings
from milepost.storage import notices
from milepost.storage.database import Database, enqueue, open_database, raw_connection, unit
from milepost.worker.jobs import register

log = logging.getLogger("milepost.worker")
LOOK_AGAIN = 1.0  # seconds until a worker looks by itself, in case a notice was lost
AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


def run(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; what is in hand then is finished or rolled back whole."""
    uvloop.run(_run(settings, lambda: datetime.now(UTC)))


async def _run(settings: Settings, clock: Clock) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    gateway = StripeGateway(settings)
    async with open_database(settings.database_url) as database:
        filled = asyncio.Event()
        tasks = [
            asyncio.create_task(work)
            for work in (
                notices.listen(database, notices.INBOX, lambda _: filled.set(), filled.set),
                _for_ever("settling", lambda: _settle(database, filled, clock)),
                _for_ever("the queue", lambda: _queue(database, gateway, clock)),
            )
        ]
        await stopped.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _for_ever(name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Begin again after a second whenever the database goes away or a transaction loses a race."""
    while True:
        try:
            await work()
        except AWAY as error:
            log.warning("%s: %s; again in a second", name, error)
        except Exception:
            log.exception("%s broke; again in a second", name)
        await asyncio.sleep(1)


async def _settle(database: Database, filled: asyncio.Event, clock: Clock) -> None:
    while True:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(filled.wait(), LOOK_AGAIN)
        filled.clear()
        await settle_all(database, clock)


async def _queue(database: Database, gateway: StripeGateway, clock: Clock) -> None:
    """Run the queue on a connection of its own; fan-outs that a crash left are put back first."""
    async with unit(database) as db:
        for milestone_id in await unfinished(db):
            await enqueue(db, "fan_out", {"milestone_id": milestone_id}, f"fan_out:{milestone_id}")
    connection = await raw_connection(database)
    queue = PgQueuer.from_asyncpg_connection(connection)
    register(queue, database, gateway, clock)
    try:
        await queue.run(shutdown_on_listener_failure=True)
    finally:
        connection.terminate()
