"""What a program would give if facts counted from some time: set-wise, nothing is changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of
from milepost.storage.loyalty import EVERYBODY

_sql = named_queries("foresight")


async def customers(db: Connection, store_id: int) -> int:
    """How many customers of the store have done anything."""
    return int(await _sql.customers_with_facts(db, store_id=store_id))


async def first_fact(db: Connection, store_id: int) -> datetime | None:
    """When the first of them did."""
    found: datetime | None = await _sql.first_fact_of_store(db, store_id=store_id)
    return found


async def sample(db: Connection, store_id: int, each: int) -> list[int]:
    """Every so manieth of them."""
    return list(await _sql.sample_of_customers(db, store_id=store_id, each=each))


async def milestones(
    db: Connection,
    program_id: int,
    ids: Sequence[int] | None,
    since: datetime,
    now: datetime,
    *,
    in_steps: bool,
) -> list[Any]:
    """By milestone, how many of these customers reach it, and how many grants are not made yet."""
    some = None if ids is None else list(ids)
    if in_steps:
        return await rows_of(_sql.foresee_steps(db, program_id=program_id, ids=some, since=since))
    return await rows_of(
        _sql.foresee_milestones(
            db, program_id=program_id, ids=some, since=since, now=now, upto=EVERYBODY
        )
    )


async def begun(db: Connection, program_id: int, ids: Sequence[int] | None, since: datetime) -> int:
    """How many of these customers have anything that the program counts."""
    some = None if ids is None else list(ids)
    found = await _sql.foresee_begun(
        db, program_id=program_id, ids=some, since=since, upto=EVERYBODY
    )
    return int(found)


async def bills(db: Connection, store_id: int, since: datetime) -> dict[str, Any]:
    """The average of the paid orders since then, by currency."""
    found = await rows_of(_sql.average_bills(db, store_id=store_id, since=since))
    return {row["currency"]: row for row in found}
