"""Receiving: an event is checked, kept once with the fact in it, and answered; work comes later."""

import asyncio
import contextlib
from collections.abc import AsyncIterable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeGuard

import orjson

from milepost.domain.errors import Invalid, NotFound
from milepost.domain.messages import N_
from milepost.gateways.stripe_events import NotUnderstood, created_at, understand
from milepost.services.clock import Clock
from milepost.services.erasing import scrubbed
from milepost.storage import inbox, notices
from milepost.storage.database import Database, reading, unit
from milepost.storage.inbox import Arrival

OVERLAP = timedelta(minutes=10)  # how far polling looks back before its last look
FIRST_LOOK = timedelta(days=1)
NUL = "\\u0000"  # as JSON writes it


def arrival(event: Mapping[str, Any], payload: str) -> Arrival:
    """What `event` is to us. Raises Invalid when it is no event at all, and is not kept then."""
    provider_id, kind = event.get("id"), event.get("type")
    if not (_is_name(provider_id) and _is_name(kind)):
        raise Invalid(N_("This is not a Stripe event: it has no id or no type."))
    try:
        at = created_at(event)
    except NotUnderstood as error:
        raise Invalid(N_("This is not a Stripe event: %(reason)s."), reason=str(error)) from None
    try:
        understood = understand(event)
    except NotUnderstood as error:
        return Arrival(provider_id, kind, at, payload, reason=str(error))
    if understood is None:  # it changes nothing here, so it need not say who it is about
        return Arrival(provider_id, kind, at, scrubbed(payload))
    if NUL in payload:
        return Arrival(provider_id, kind, at, payload, reason="it holds a NUL, which no text may")
    return Arrival(provider_id, kind, at, payload, understood.fact, understood.campaign_id)


def _is_name(told: object) -> TypeGuard[str]:
    """True for a text that PostgreSQL can keep."""
    return isinstance(told, str) and bool(told) and "\0" not in told


class Intake:
    """Keeps events that arrive together in one statement, and answers each after its commit."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: list[tuple[Arrival, asyncio.Future[None]]] = []
        self._filled = asyncio.Event()

    async def keep(self, arrived: Arrival) -> None:
        """Return once the event is committed. Raises whatever kept it from being so."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrived, done))
        self._filled.set()
        await done

    async def run(self) -> None:
        """Commit whatever has gathered, for ever; one group at a time."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            group, self._waiting = self._waiting, []
            try:
                await keep_events(self._database, [a for a, _ in group], self._clock())
            except Exception as error:  # each sender hears of it and tries again
                for _, done in group:
                    if not done.done():
                        done.set_exception(error)
            else:
                for _, done in group:
                    if not done.done():
                        done.set_result(None)


async def keep_events(database: Database, arrivals: Iterable[Arrival], now: datetime) -> int:
    """Keep each of these events once, and wake the workers; returns how many are new."""
    unique = {a.provider_id: a for a in arrivals}
    if not unique:
        return 0
    async with unit(database) as db:
        kept = await inbox.keep(db, list(unique.values()), now)
        if kept:
            await notices.inbox_filled(db)
    return kept


async def poll_events(
    database: Database, events: AsyncIterable[dict[str, Any]], now: datetime
) -> int:
    """Keep what Stripe lists and never delivered, asked for at `now`; returns how many were new."""
    arrivals = []
    async for event in events:
        with contextlib.suppress(Invalid):
            arrivals.append(arrival(event, orjson.dumps(event).decode()))
    async with unit(database) as db:
        kept = await keep_events(database, reversed(arrivals), now)
        await inbox.asked(db, now)
    return kept


async def look_since(database: Database, now: datetime) -> datetime:
    """From when on polling must look: a little before it last did."""
    async with reading(database) as db:
        asked_at = await inbox.asked_at(db)
    return (min(asked_at, now) - OVERLAP) if asked_at else now - FIRST_LOOK


async def run_again(database: Database, provider_id: str) -> None:
    """Try to understand a refused event anew; it then waits to be settled like any other.

    Raises NotFound, or Invalid with the reason when it still can't be understood.
    """
    async with unit(database) as db:
        kept = await inbox.kept_event(db, provider_id)
        if kept is None or kept["state"] != "refused":
            raise NotFound(
                N_("No refused event “%(id)s” is here. List them with: milepost inbox"),
                id=provider_id,
            )
        again = arrival(orjson.loads(kept["payload"]), kept["payload"])
        if again.fact is None:
            raise Invalid(
                N_("“%(id)s” can still not be understood: %(reason)s."),
                id=provider_id,
                reason=again.reason or "it changes nothing here",
            )
        await inbox.understand_again(db, kept["id"], again.campaign_id, again.fact)
        await notices.inbox_filled(db)


async def sweep(database: Database, now: datetime) -> None:
    """Refuse, with the reason, what names nobody here."""
    async with unit(database) as db:
        await inbox.refuse_unroutable(db, now)
