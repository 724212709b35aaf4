"""Outgoing hooks: endpoints, what happened, and how far each delivery is."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from milepost.domain.hooks import Answer
from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("hooks")
MANY = 1000


async def of_store(db: Connection, store_id: int) -> list[Any]:
    """The store's endpoints, with how much waits for each, counted up to MANY."""
    return await rows_of(_sql.hooks_of_store(db, store_id=store_id, most=MANY))


async def hold(db: Connection, store_id: int, hook_id: int) -> Any | None:
    """One of them, locked."""
    return await _sql.hold_hook(db, store_id=store_id, hook_id=hook_id)


async def add(
    db: Connection,
    store_id: int,
    url: str,
    types: Sequence[str],
    secret: str,
    creator_id: int,
    now: datetime,
) -> int:
    """A new endpoint; its id."""
    made = _sql.add_hook(
        db,
        store_id=store_id,
        url=url,
        types=list(types),
        secret=secret,
        creator_id=creator_id,
        now=now,
    )
    return int(await made)


async def keep(db: Connection, hook_id: int, url: str, types: Sequence[str]) -> None:
    """It is there, and hears these types."""
    await _sql.keep_hook(db, hook_id=hook_id, url=url, types=list(types))


async def rotate(
    db: Connection, hook_id: int, secret: str, now: datetime, until: datetime, most: int
) -> None:
    """It signs with this; until then with those before as well, `most` at most."""
    await _sql.rotate_secret(db, hook_id=hook_id, secret=secret, now=now, until=until, most=most)


async def pause(db: Connection, hook_id: int, why: str, now: datetime) -> bool:
    """Nothing is sent there for now, and nothing is lost; False where it was so before."""
    return await _sql.pause_hook(db, hook_id=hook_id, why=why, now=now) is not None


async def resume(db: Connection, hook_id: int, now: datetime) -> None:
    """What has waited is sent."""
    await _sql.resume_hook(db, hook_id=hook_id, now=now)


async def remove(db: Connection, hook_id: int, now: datetime) -> None:
    """Nothing is sent there any more."""
    await _sql.remove_hook(db, hook_id=hook_id, now=now)


async def tell_one(
    db: Connection, row: Any, type_: str, subject: str, data: Any, now: datetime
) -> int:
    """Tell this endpoint alone; the happening's id."""
    told = _sql.tell_hook(
        db,
        store_id=row["store_id"],
        hook_id=row["id"],
        type=type_,
        subject=subject,
        data=data,
        now=now,
    )
    return int(await told)


async def send_again(db: Connection, hook_id: int, happening_id: int, now: datetime) -> bool:
    """One happening once more; False where it was never for this endpoint."""
    found = await _sql.send_again(db, hook_id=hook_id, happening_id=happening_id, now=now)
    return found is not None


async def due(db: Connection, now: datetime) -> list[int]:
    """Endpoints with something to send now."""
    return [row["id"] for row in await rows_of(_sql.due_hooks(db, now=now))]


async def to_try(db: Connection, hook_id: int, now: datetime) -> Any | None:
    """Where to send and with which secrets; None while it is paused, rests, or was removed."""
    return await _sql.hook_to_try(db, hook_id=hook_id, now=now)


async def take(
    db: Connection, hook_id: int, now: datetime, until: datetime, most: int
) -> list[Any]:
    """The next deliveries of an endpoint, this worker's until then: the earliest of a subject."""
    found = _sql.take_deliveries(db, hook_id=hook_id, now=now, until=until, most=most)
    return await rows_of(found)


async def note_answer(
    db: Connection, hook_id: int, happening_id: int, answer: Answer, due_at: datetime | None
) -> None:
    """What came of a try; when it is tried again, if it must be."""
    await _sql.note_answer(
        db,
        hook_id=hook_id,
        happening_id=happening_id,
        taken=answer.is_taken,
        due_at=due_at,
        status=answer.status,
        answer=answer.text,
        took_ms=answer.took_ms,
    )


async def note_well(db: Connection, hook_id: int) -> None:
    """It has just taken something."""
    await _sql.note_well(db, hook_id=hook_id)


async def note_failing(
    db: Connection, hook_id: int, now: datetime, doubted: datetime, rests_until: datetime
) -> datetime:
    """It has just failed; since when it has taken nothing. If since `doubted`, it rests."""
    since: datetime = await _sql.note_failing(
        db, hook_id=hook_id, now=now, doubted=doubted, rests_until=rests_until
    )
    return since


async def hasten(db: Connection, hook_id: int, now: datetime, taken: timedelta) -> None:
    """What waits there for a later try is tried now, save what was `taken` for that long."""
    await _sql.hasten_deliveries(db, hook_id=hook_id, now=now, taken=taken)


async def log(db: Connection, hook_id: int, before: int | None, most: int) -> list[Any]:
    """Its deliveries, newest first."""
    return await rows_of(_sql.deliveries_of_hook(db, hook_id=hook_id, before=before, most=most))


async def forget(db: Connection, before: datetime) -> int:
    """What was delivered everywhere before then is forgotten; how many happenings."""
    return int(await _sql.forget_happenings(db, before=before))
