"""Noting deeds: every change in a store with who, what, when, from what, to what (B18).

Whoever changes something notes it in the same transaction, so that neither stands alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from milepost.storage import deeds
from milepost.storage.database import Connection, Database, reading

PAGE = 50  # deeds on one page of the log


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of the log, newest first; `older` is what the next one begins below, if there is."""

    deeds: list[Any]
    older: int | None


async def note(
    db: Connection,
    store_id: int,
    creator_id: int | None,
    what: str,
    now: datetime,
    about: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Note a deed with this transaction; without a creator the operator did it."""
    await deeds.note(db, store_id, creator_id, what, about, before or {}, after or {}, now)


async def note_many(
    db: Connection,
    store_id: int,
    creator_id: int | None,
    what: str,
    now: datetime,
    deeds_done: Sequence[tuple[str, Mapping[str, Any], Mapping[str, Any]]],
) -> None:
    """Note the same deed with many things, in one statement: about what, from what, to what."""
    if deeds_done:
        await deeds.note_many(db, store_id, creator_id, what, deeds_done, now)


async def note_of_oneself(
    db: Connection, creator_id: int, what: str, now: datetime, about: str = ""
) -> None:
    """Note what a creator did with their own way in, in each store that it opens."""
    await deeds.note_in_all(db, creator_id, what, about, now)


async def log_page(database: Database, store_id: int, before: int | None) -> LogPage:
    """The store's latest deeds, or those below the id `before`."""
    async with reading(database) as db:
        rows = await deeds.of_store(db, store_id, before, PAGE + 1)
    return LogPage(rows[:PAGE], rows[PAGE - 1]["id"] if len(rows) > PAGE else None)
