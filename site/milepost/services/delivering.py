"""Delivering hooks: each happening reaches each endpoint at least once, in order per subject.

A try is taken for a while before its call, and noted after it: a worker killed in between tries
again, with the same id. Each endpoint has its own pace, so a slow one delays nobody else.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any

from milepost.domain.hooks import body_of, headers_of, next_try
from milepost.gateways.hooks import Courier
from milepost.services.clock import Clock
from milepost.storage import creators, hooks, mails
from milepost.storage.database import Connection, Database, reading, unit

log = logging.getLogger("milepost.hooks")
AT_ONCE = 8  # deliveries under way to one endpoint
TAKEN = timedelta(minutes=1)  # after which nobody is taken to wait for an answer any more
GONE = 410
KEPT = timedelta(days=30)


async def due_hooks(database: Database, clock: Clock) -> list[int]:
    """Endpoints with something to send now."""
    async with reading(database) as db:
        return await hooks.due(db, clock())


async def deliver_to(database: Database, courier: Courier, hook_id: int, clock: Clock) -> int:
    """Send what is due there until nothing is; how many tries that were.

    An endpoint that has failed for three days, or says that it is gone, is paused with a mail.
    """
    tries = 0
    while True:
        now = clock()
        async with unit(database) as db:
            rows = await hooks.take(db, hook_id, now, now + TAKEN, AT_ONCE)
        if not rows:
            return tries
        await asyncio.gather(*(_try(database, courier, hook_id, row, clock) for row in rows))
        tries += len(rows)


async def _try(database: Database, courier: Courier, hook_id: int, told: Any, clock: Clock) -> None:
    body = body_of(told["type"], told["at"], told["data"])
    keys = [told["secret"], *([told["former"]] if told["former"] else [])]
    answer = await courier.send(told["url"], body, headers_of(told["key"], body, clock(), keys))
    now = clock()
    due_at = None if answer.is_taken else next_try(told["tries"], now)
    async with unit(database) as db:
        if answer.is_taken:
            await hooks.note_answer(db, hook_id, told["happening_id"], answer, None)
            return
        dead = due_at is None or answer.status == GONE
        await hooks.note_answer(db, hook_id, told["happening_id"], answer, due_at or now)
        if dead:
            why = "gone" if answer.status == GONE else "dead"
            if await hooks.pause(db, hook_id, why, now):
                await _tell_owners(db, told, hook_id, why, now)
    log.info("hook %s: %s failed: %s %s", hook_id, told["key"], answer.status, answer.text[:200])


async def _tell_owners(
    db: Connection, told: dict[str, Any], hook_id: int, why: str, now: datetime
) -> None:
    """A mail to each owner of the store: what stopped, and where it goes on."""
    detail = {"url": told["url"], "store": told["store"], "hook": hook_id, "why": why}
    for owner in await creators.members(db, told["store_id"]):
        if owner["role"] == "owner":
            key = f"hook_paused:{hook_id}:{owner['creator_id']}:{int(now.timestamp())}"
            await mails.promise_to(
                db, "hook_paused", key, owner["email"], owner["locale"], detail, now
            )


async def forget_delivered(database: Database, clock: Clock) -> int:
    """Forget what was delivered a month ago; how many happenings."""
    async with unit(database) as db:
        return await hooks.forget(db, clock() - KEPT)
