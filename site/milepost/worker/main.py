"""The worker: settles the inbox as it fills, and runs the queue's jobs; any number may run."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import uvloop
from pgqueuer import PgQueuer

from milepost.gateways.hooks import Courier
from milepost.gateways.mail import Post
from milepost.gateways.refusals import PaymentUnavailable
from milepost.gateways.stripe import StripeGateway
from milepost.mailing.composing import Composer
from milepost.services.charging import charge_due
from milepost.services.clock import Clock
from milepost.services.closing import close_due
from milepost.services.delivering import deliver_to, due_hooks
from milepost.services.ending import end
from milepost.services.granting import fan_out, unfinished
from milepost.services.judging import run_program, runs_in_no_hand
from milepost.services.posting import post_waiting
from milepost.services.reckoning import reckon_all
from milepost.services.settling import settle_all
from milepost.services.tracking import run_to_end, under_way
from milepost.settings import Settings
from milepost.storage import notices
from milepost.storage.database import AWAY, Database, open_database, raw_connection, reading
from milepost.worker.jobs import register

log = logging.getLogger("milepost.worker")
PAUSE = 10.0  # seconds until Stripe is asked again after it could not be
RECKON_AGAIN = 5.0  # seconds between two looks at what can be rolled up
PATIENCE = 30.0  # seconds that the queue's jobs in hand have to end by themselves
LOOK_AGAIN = 1.0  # seconds until a worker looks by itself, in case a notice was lost


def run(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; what is in hand then is finished or rolled back whole."""
    uvloop.run(_run(settings, lambda: datetime.now(UTC)))


async def _run(settings: Settings, clock: Clock) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    while not stopped.is_set():
        try:
            await _work(settings, clock, stopped)
        except AWAY as error:
            log.warning("the database can't be reached: %s; again in a second", error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), LOOK_AGAIN)


async def _work(settings: Settings, clock: Clock, stopped: asyncio.Event) -> None:
    """Every part of the work side by side until `stopped`; raises when there is no database."""
    gateway = StripeGateway(settings)
    async with open_database(settings.database_url) as database:
        filled = asyncio.Event()
        tasks = [
            asyncio.create_task(work)
            for work in (
                notices.listen(database, notices.INBOX, lambda _: filled.set(), filled.set),
                _for_ever("settling", lambda: _settle(database, filled, clock)),
                _for_ever("granting", lambda: _finish(database)),
                _for_ever("tracking", lambda: _track(database, clock)),
                _for_ever("running programs", lambda: _run_programs(database, clock)),
                _for_ever("closing", lambda: _close(database, clock)),
                _for_ever("charging", lambda: _charge(database, gateway, clock)),
                _for_ever("reckoning", lambda: _reckon(database, clock)),
                _for_ever("the post", lambda: _post(database, settings, clock)),
                _for_ever("the hooks", lambda: _deliver(database, settings, clock)),
                _for_ever("the queue", lambda: _queue(database, gateway, clock)),
            )
        ]
        await stopped.wait()
        await end(tasks)


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


async def _finish(database: Database) -> None:
    """Finish fan-outs that have been left: by a worker that died, whose job the queue still keeps.

    One that was unfinished at the last look too is taken for left; two at once do no harm.
    """
    seen: set[int] = set()
    while True:
        async with reading(database) as db:
            left = set(await unfinished(db))
        for milestone_id in sorted(left & seen):
            await fan_out(database, milestone_id)
        seen = left
        await asyncio.sleep(LOOK_AGAIN)


async def _track(database: Database, clock: Clock) -> None:
    """Finish files of tracking numbers that stand still: left by a worker that died."""
    seen: set[tuple[int, int]] = set()
    while True:
        left = await under_way(database)
        for run_id, _ in sorted(left & seen):
            await run_to_end(database, run_id, clock)
        seen = left
        await asyncio.sleep(LOOK_AGAIN)


async def _run_programs(database: Database, clock: Clock) -> None:
    """Finish runs of programs that were left: by a worker that died, whose job the queue keeps."""
    seen: set[tuple[int, int]] = set()
    while True:
        left = await runs_in_no_hand(database, clock)
        for program_id, _ in sorted(left & seen):
            await run_program(database, program_id, clock)
        seen = left
        await asyncio.sleep(LOOK_AGAIN)


async def _close(database: Database, clock: Clock) -> None:
    """Close each campaign at its deadline."""
    while True:
        await close_due(database, clock)
        await asyncio.sleep(LOOK_AGAIN)


async def _charge(database: Database, gateway: StripeGateway, clock: Clock) -> None:
    """Charge the cards that are due, no more in a second than one round takes."""
    while True:
        pace = asyncio.create_task(asyncio.sleep(LOOK_AGAIN))
        try:
            await charge_due(database, gateway, clock)
        except PaymentUnavailable as error:
            log.warning("charging: %s; again in %.0f s", error, PAUSE)
            await asyncio.sleep(PAUSE)
        await pace


async def _reckon(database: Database, clock: Clock) -> None:
    """Keep the roll-ups of the studio's overview near the ledger; its reader reckons the rest."""
    while True:
        await reckon_all(database, clock())
        await asyncio.sleep(RECKON_AGAIN)


async def _post(database: Database, settings: Settings, clock: Clock) -> None:
    """Send the mails that wait, the demo's to its own page; without a mail server they wait on."""
    compose = Composer(settings.base_url, settings.secret_key)
    post = Post(settings.smtp_url, settings.base_url) if settings.smtp_url else None
    if post is None and not settings.keeps_mails:
        log.warning("SMTP_URL is not set: mails are written down and wait until it is")
        await asyncio.Event().wait()
    while True:
        while await post_waiting(database, post, compose, clock):
            pass
        await asyncio.sleep(LOOK_AGAIN)


async def _deliver(database: Database, settings: Settings, clock: Clock) -> None:
    """Tell each endpoint what waits for it, all side by side: no one holds up another."""
    courier = Courier(anywhere=settings.sends_anywhere)
    running: dict[int, asyncio.Task[None]] = {}

    async def deliver(hook_id: int) -> None:
        try:
            await deliver_to(database, courier, hook_id, clock)
        except AWAY as error:
            log.warning("hook %s: %s; again in a second", hook_id, error)
        except Exception:
            log.exception("hook %s broke; again in a second", hook_id)

    try:
        while True:
            running = {hook_id: task for hook_id, task in running.items() if not task.done()}
            for hook_id in await due_hooks(database, clock):
                if hook_id not in running:
                    running[hook_id] = asyncio.create_task(deliver(hook_id))
            await asyncio.sleep(LOOK_AGAIN)
    finally:
        await end(running.values())
        await courier.close()


async def _queue(database: Database, gateway: StripeGateway, clock: Clock) -> None:
    """Run the queue on a connection of its own, until that is lost: by itself it would not see."""
    connection = await raw_connection(database)
    lost = asyncio.Event()
    connection.add_termination_listener(lambda _: lost.set())
    queue = PgQueuer.from_asyncpg_connection(connection)
    register(queue, database, gateway, clock)
    running = asyncio.create_task(queue.run(shutdown_on_listener_failure=True))
    watching = asyncio.create_task(lost.wait())
    try:
        await asyncio.wait((running, watching), return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            raise ConnectionError("the connection was lost")
        running.result()
    finally:
        connection.terminate()
        await end((running, watching), tell_again=PATIENCE)
