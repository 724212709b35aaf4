"""Deeds: who did what in a store, when, from what to what; only ever appended to."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("deeds")


async def note(
    db: Connection,
    store_id: int,
    creator_id: int | None,
    what: str,
    about: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    now: datetime,
) -> None:
    """This was done; without a creator, by the operator."""
    await _sql.note_deed(
        db,
        store_id=store_id,
        creator_id=creator_id,
        now=now,
        what=what,
        about=about,
        before=dict(before),
        after=dict(after),
    )


async def note_many(
    db: Connection,
    store_id: int,
    creator_id: int | None,
    what: str,
    deeds: Sequence[tuple[str, Mapping[str, Any], Mapping[str, Any]]],
    now: datetime,
) -> None:
    """This was done with each of these: about what, from what, to what."""
    await _sql.note_deeds(
        db,
        store_id=store_id,
        creator_id=creator_id,
        now=now,
        what=what,
        abouts=[about for about, _, _ in deeds],
        befores=[dict(before) for _, before, _ in deeds],
        afters=[dict(after) for _, _, after in deeds],
    )


async def note_in_all(
    db: Connection, creator_id: int, what: str, about: str, now: datetime
) -> None:
    """The creator did this for themselves, which concerns each store in which they work."""
    await _sql.note_deed_in_all_stores(db, creator_id=creator_id, what=what, about=about, now=now)


async def of_store(db: Connection, store_id: int, before: int | None, most: int) -> list[Any]:
    """The next `most` deeds of the store, newest first, those with an id below `before`."""
    rows: list[Any] = await rows_of(
        _sql.deeds_of_store(db, store_id=store_id, before=before, most=most)
    )
    return rows
