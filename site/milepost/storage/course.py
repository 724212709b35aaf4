"""A campaign's course: its ledger rolled up behind a cursor, and read again from any waypoint."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from milepost.domain.course import Course
from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("course")
MOST_TOLD = 1000  # differences that a proof names


async def behind(db: Connection, still: datetime) -> list[int]:
    """The campaigns whose roll-ups are behind; pledges started after `still` can wait."""
    return [row["id"] for row in await rows_of(_sql.campaigns_to_reckon(db, still=still))]


async def lock(db: Connection, campaign_id: int) -> Any | None:
    """How far the campaign's roll-ups are, for this worker alone; None while another is at it."""
    found = await _sql.lock_reckoned(db, campaign_id=campaign_id)
    if found is None:
        await _sql.begin_reckoning(db, campaign_id=campaign_id)
        found = await _sql.lock_reckoned(db, campaign_id=campaign_id)
    return found


async def forget(db: Connection, campaign_id: int) -> None:
    """Throw the campaign's roll-ups away; they are reckoned again from its first entry."""
    await _sql.forget_reckoned(db, campaign_id=campaign_id)


async def entries_after(db: Connection, campaign_id: int, after: int, through: int) -> list[Any]:
    """The entries with `after` < seq ≤ `through`, in order."""
    rows: list[Any] = await rows_of(
        _sql.entries_after(db, campaign_id=campaign_id, after=after, through=through)
    )
    return rows


async def worths_before(
    db: Connection, campaign_id: int, customer_ids: Sequence[int], seq: int
) -> list[Any]:
    """What each pledge of these customers counted for after entry `seq`."""
    rows: list[Any] = await rows_of(
        _sql.worths_before(db, campaign_id=campaign_id, customer_ids=customer_ids, seq=seq)
    )
    return rows


async def waypoint(db: Connection, campaign_id: int, seq: int) -> Course:
    """The meter at the last waypoint at entry `seq` or before it; at zero before the first."""
    row = await _sql.waypoint_before(db, campaign_id=campaign_id, seq=seq)
    return Course(row["seq"], row["units"], row["money"], row["backers"]) if row else Course()


async def keep_waypoints(db: Connection, campaign_id: int, found: Sequence[Any]) -> None:
    """Keep these: (seq, units, money, backers) each."""
    seqs, units, money, backers = zip(*found, strict=True) if found else ((), (), (), ())
    await _sql.keep_waypoints(
        db, campaign_id=campaign_id, seqs=seqs, units=units, money=money, backers=backers
    )


async def keep_hours(db: Connection, campaign_id: int, zone: str, after: int, through: int) -> None:
    """Add what these entries brought to their hours on the clock of `zone`."""
    await _sql.keep_hours(db, campaign_id=campaign_id, zone=zone, after=after, through=through)


async def count_started(
    db: Connection, campaign_id: int, zone: str, after: int, still: datetime, most: int
) -> tuple[int, bool]:
    """Count the checkouts begun up to `still`: the last one counted, and whether more may wait."""
    row = await _sql.count_started(
        db, campaign_id=campaign_id, zone=zone, after=after, still=still, most=most
    )
    return row["last"] or after, row["some"] == most


async def take_to_recount(db: Connection, campaign_id: int, most: int) -> list[int]:
    """Pledges that changed without an entry; they wait no more."""
    rows = await rows_of(_sql.take_to_recount(db, campaign_id=campaign_id, most=most))
    return [row["pledge_id"] for row in rows]


async def recount(db: Connection, campaign_id: int, pledge_ids: Sequence[int]) -> None:
    """Take these pledges out of the tallies as they counted, and put them in as they count now."""
    await _sql.tally(db, pledge_ids=pledge_ids, sign=-1)
    await _sql.keep_counted(db, pledge_ids=pledge_ids, campaign_id=campaign_id)
    await _sql.tally(db, pledge_ids=pledge_ids, sign=1)


async def keep_reckoned(db: Connection, campaign_id: int, course: Course, started: int) -> None:
    """So far are the roll-ups."""
    await _sql.keep_reckoned(
        db,
        campaign_id=campaign_id,
        seq=course.seq,
        units=course.units,
        money=course.money,
        backers=course.backers,
        started=started,
    )


async def differences(db: Connection, campaign_id: int) -> list[str]:
    """What the roll-ups say otherwise than ledger and pledges (C7)."""
    rows = await rows_of(_sql.wrong_roll_ups(db, campaign_id=campaign_id, most=MOST_TOLD))
    return [row["what"] for row in rows]


async def milestones_and_changes(db: Connection, track_id: int) -> list[Any]:
    """The track's milestones as they are, with how they came to be so."""
    rows: list[Any] = await rows_of(_sql.milestones_and_changes(db, track_id=track_id))
    return rows
