"""Delivering hooks: each happening reaches each endpoint at least once, in order per subject.

A try is taken for a while before its call, and noted after it: a worker killed in between tries
again, with the same id. Each endpoint has its own pace, so a slow one delays nobody else; one that
takes nothing is tried with one at a time, and left alone between, however much waits for it.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any

from milepost.domain.hooks import DEAD, DOUBT, REST, TAKEN, Answer, body_of, headers_of, next_try
from milepost.gateways.hooks import Courier
from milepost.services.clock import Clock
from milepost.services.ending import end
from milepost.storage import creators, hooks, mails
from milepost.storage.database import Connection, Database, reading, unit

log = logging.getLogger("milepost.hooks")
AT_ONCE = 8  # deliveries under way to one endpoint
GONE = 410
KEPT = timedelta(days=30)


async def due_hooks(database: Database, clock: Clock) -> list[int]:
    """Endpoints with something to send now."""
    async with reading(database) as db:
        return await hooks.due(db, clock())


async def deliver_to(database: Database, courier: Courier, hook_id: int, clock: Clock) -> int:
    """Send what is due there until nothing is; how many tries that were.

    An endpoint that has taken nothing for three days, or says that it is gone, is paused with a
    mail.
    """
    tries, under_way = 0, set[asyncio.Task[None]]()
    try:
        while True:
            now = clock()
            async with unit(database) as db:
                hook = await hooks.to_try(db, hook_id, now)
                room = _at_once(hook, now) - len(under_way)
                rows = await hooks.take(db, hook_id, now, now + TAKEN, room) if room > 0 else []
            for row in rows:
                trying = _try(database, courier, hook_id, dict(hook or {}), row, clock)
                under_way.add(asyncio.create_task(trying))
            tries += len(rows)
            if not under_way:
                return tries
            over, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.gather(*over)
    finally:
        await end(under_way)


def _at_once(hook: Any | None, now: datetime) -> int:
    """How many tries may be under way there: one, once nothing but failures has come of them."""
    if hook is None:
        return 0
    since = hook["failing_since"]
    return 1 if since is not None and since <= now - DOUBT else AT_ONCE


async def _try(
    database: Database,
    courier: Courier,
    hook_id: int,
    hook: dict[str, Any],
    told: Any,
    clock: Clock,
) -> None:
    body = body_of(told["type"], told["at"], told["data"])
    headers = headers_of(told["key"], body, clock(), hook["secrets"])
    answer = await courier.send(hook["url"], body, headers)
    async with unit(database) as db:
        if answer.is_taken:
            await _note_taken(db, hook_id, hook, told, answer, clock())
        else:
            await _note_failed(db, hook_id, hook, told, answer, clock())


async def _note_taken(
    db: Connection, hook_id: int, hook: dict[str, Any], told: Any, answer: Answer, now: datetime
) -> None:
    await hooks.note_well(db, hook_id)
    await hooks.note_answer(db, hook_id, told["happening_id"], answer, None)
    if hook["failing_since"] is not None and hook["failing_since"] <= now - DOUBT:
        await hooks.hasten(db, hook_id, now, TAKEN)


async def _note_failed(
    db: Connection, hook_id: int, hook: dict[str, Any], told: Any, answer: Answer, now: datetime
) -> None:
    log.info("hook %s: %s failed: %s %s", hook_id, told["key"], answer.status, answer.text[:200])
    since = await hooks.note_failing(db, hook_id, now, now - DOUBT, now + REST)
    due_at = next_try(told["tries"], now)
    await hooks.note_answer(db, hook_id, told["happening_id"], answer, due_at)
    why = "gone" if answer.status == GONE else "dead" if since <= now - DEAD else ""
    if why and await hooks.pause(db, hook_id, why, now):
        await _tell_owners(db, hook, hook_id, why, now)


async def _tell_owners(
    db: Connection, hook: dict[str, Any], hook_id: int, why: str, now: datetime
) -> None:
    """A mail to each owner of the store: what stopped, and where it goes on."""
    detail = {"url": hook["url"], "store": hook["store"], "hook": hook_id, "why": why}
    for owner in await creators.members(db, hook["store_id"]):
        if owner["role"] == "owner":
            key = f"hook_paused:{hook_id}:{owner['creator_id']}:{int(now.timestamp())}"
            await mails.promise_to(
                db, "hook_paused", key, owner["email"], owner["locale"], detail, now
            )


async def forget_delivered(database: Database, clock: Clock) -> int:
    """Forget what was delivered a month ago; how many happenings."""
    async with unit(database) as db:
        return await hooks.forget(db, clock() - KEPT)
