"""What a program would give if facts counted from some time: set-wise, nothing is changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of
from milepost.storage.loyalty import EVERYBODY

_sql = named_queries("foresight")
Window = tuple[int, int]  # the customers after the first id, up to the second


async def customers(db: Connection, store_id: int) -> int:
    """How many customers of the store have done anything."""
    return int(await _sql.customers_with_facts(db, store_id=store_id))


async def first_fact(db: Connection, store_id: int) -> datetime | None:
    """When the first of them did."""
    found: datetime | None = await _sql.first_fact_of_store(db, store_id=store_id)
    return found


async def windows(db: Connection, store_id: int, each: int) -> list[Window]:
    """Runs of customers, one in `each` of all, spread evenly from the first to the last."""
    if each == 1:
        return [(0, EVERYBODY)]
    rows = await rows_of(_sql.windows_of_customers(db, store_id=store_id, each=each))
    return [(row["past"], row["upto"]) for row in rows if row["asked"]]


async def milestones(
    db: Connection,
    program_id: int,
    among: Sequence[Window],
    since: datetime,
    now: datetime,
    *,
    in_steps: bool,
) -> list[Any]:
    """By milestone, how many customers among these reach it, and how many grants are not made."""
    columns = {"program_id": program_id, "since": since, **_columns(among)}
    if in_steps:
        return await rows_of(_sql.foresee_steps(db, **columns))
    return await rows_of(_sql.foresee_milestones(db, now=now, **columns))


async def begun(db: Connection, program_id: int, among: Sequence[Window], since: datetime) -> int:
    """How many customers among these have anything that the program counts."""
    found = await _sql.foresee_begun(db, program_id=program_id, since=since, **_columns(among))
    return int(found)


def _columns(among: Sequence[Window]) -> dict[str, list[int]]:
    return {"pasts": [past for past, _ in among], "uptos": [upto for _, upto in among]}


async def bills(db: Connection, store_id: int, since: datetime) -> dict[str, Any]:
    """The average of the paid orders since then, by currency."""
    found = await rows_of(_sql.average_bills(db, store_id=store_id, since=since))
    return {row["currency"]: row for row in found}
