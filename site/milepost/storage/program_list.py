"""Programs as the studio reads them: the list, one of them, and what it may give."""

from collections.abc import Sequence
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("program_list")
MOST_COUNTED = 10_001  # customers that a program has rewarded, in the list


async def of_store(db: Connection, store_id: int, before: int | None, most: int) -> list[Any]:
    """The next `most` of the store, the newest first, those with an id below `before`."""
    return await rows_of(
        _sql.programs_of_store(
            db, store_id=store_id, before=before, most=most, most_counted=MOST_COUNTED
        )
    )


async def one(db: Connection, store_id: int, program_id: int) -> Any | None:
    """The store's program of that id."""
    return await _sql.program_of_store(db, store_id=store_id, program_id=program_id)


async def store(db: Connection, store_id: int) -> Any:
    """What of the store a new program begins with."""
    return await _sql.store_of_programs(db, store_id=store_id)


async def gifts(
    db: Connection, store_id: int, find: str, ids: Sequence[int], most: int
) -> list[Any]:
    """Products to pick from by a word of their title, those in `ids` before all others."""
    return await rows_of(
        _sql.gifts_to_pick(db, store_id=store_id, find=find, ids=list(ids), most=most)
    )


async def remove_draft(db: Connection, program_id: int) -> None:
    """A draft that was never on is gone, with its milestones."""
    await _sql.remove_draft_of_program(db, program_id=program_id)
