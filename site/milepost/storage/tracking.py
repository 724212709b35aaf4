"""Tracking numbers that came in as a file: the run, its lines, what is wrong with each."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from milepost.domain.tracking import Line
from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("tracking")
COLUMNS = ("run_id", "line", "pledge_id", "carrier", "tracking", "problem", "raw")


async def begin(
    db: Connection, campaign_id: int, batch_id: int | None, by: int, name: str, now: datetime
) -> int:
    """A new run, with no line yet; its id."""
    made: int = await _sql.begin_run(
        db, campaign_id=campaign_id, batch_id=batch_id, creator_id=by, name=name, now=now
    )
    return made


async def add_lines(db: Connection, run_id: int, lines: Iterable[Line]) -> None:
    """More lines of it, by COPY."""
    rows = ((run_id, x.number, x.pledge_id, x.carrier, x.tracking, x.problem, x.raw) for x in lines)
    await db.copy_records_to_table("tracking_lines", records=rows, columns=COLUMNS)


async def counted(db: Connection, run_id: int, lines: int) -> None:
    """So many lines it has."""
    await _sql.lines_of_run_counted(db, run_id=run_id, lines=lines)


async def run(db: Connection, campaign_id: int, run_id: int) -> Any | None:
    """A run of the campaign."""
    return await _sql.run_of_campaign(db, campaign_id=campaign_id, run_id=run_id)


async def runs(db: Connection, campaign_id: int, most: int) -> list[Any]:
    """The latest runs."""
    rows: list[Any] = await rows_of(_sql.runs_of_campaign(db, campaign_id=campaign_id, most=most))
    return rows


async def campaign_of(db: Connection, run_id: int) -> int | None:
    """Whose pledges it is about."""
    found: int | None = await _sql.campaign_of_run(db, run_id=run_id)
    return found


async def lock(db: Connection, run_id: int) -> Any | None:
    """The run's row, locked until the transaction ends."""
    return await _sql.lock_run(db, run_id=run_id)


async def under_way(db: Connection) -> set[tuple[int, int]]:
    """Runs that have work left, each with how far it is."""
    return {(row["id"], row["at_line"]) for row in await rows_of(_sql.runs_under_way(db))}


async def move(db: Connection, run_id: int, state: str, done: int, at_line: int, sent: int) -> None:
    """The run is so far."""
    await _sql.move_run(db, run_id=run_id, state=state, done=done, at_line=at_line, sent=sent)


async def next_lines(db: Connection, run_id: int, after: int, most: int) -> tuple[int | None, int]:
    """The last of the next lines, None when none is left; and how many they are."""
    row = await _sql.end_of_lines(db, run_id=run_id, after=after, most=most)
    return row["line"], row["count"]


async def judge(db: Connection, run: Any, store_id: int, after: int, through: int) -> None:
    """Say of each of these lines what is wrong with it, as things stand."""
    await _sql.judge_lines(
        db,
        run_id=run["id"],
        campaign_id=run["campaign_id"],
        batch_id=run["batch_id"],
        store_id=store_id,
        after=after,
        through=through,
    )


async def to_send(
    db: Connection, run_id: int, after: int, through: int
) -> list[tuple[int, str, str]]:
    """The good ones of these lines: pledge, carrier, tracking number."""
    rows = await rows_of(_sql.lines_to_send(db, run_id=run_id, after=after, through=through))
    return [(row["pledge_id"], row["carrier"], row["tracking"]) for row in rows]


async def problems(db: Connection, run_id: int) -> dict[str, int]:
    """How many lines have each problem."""
    rows = await rows_of(_sql.count_problems(db, run_id=run_id))
    return {row["problem"]: row["count"] for row in rows}


async def bad_lines(db: Connection, run_id: int, after: int, most: int) -> Sequence[Any]:
    """The next lines that are wrong."""
    rows: list[Any] = await rows_of(_sql.bad_lines(db, run_id=run_id, after=after, most=most))
    return rows


async def forget_before(db: Connection, before: datetime) -> None:
    """What came in with files longer ago than that."""
    await _sql.forget_lines_of_runs(db, before=before)
