"""Travelling in time: a campaign as it stood after any entry, replayed from its ledger (N3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from milepost.storage import course
from milepost.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Then:
    """A milestone as it stood then: its target of that time, and the entry that had reached it."""

    id: int
    target: int
    reached_seq: int | None
    row: Any


@dataclass(frozen=True, slots=True)
class Moment:
    """A campaign right after entry `seq`, changes of milestones before the next one included.

    `entry` is that entry; None at 0, before the first.
    """

    seq: int
    units: int
    money: int
    backers: int
    entry: Any | None
    milestones: list[Then]
    jumps: list[Then]  # every milestone that an entry has reached until now, by that entry


async def travel(db: Connection, campaign_id: int, track_id: int, seq: int) -> Moment:
    """The campaign after entry `seq`, which it must have: four queries, whatever its ledger holds.

    The meter is replayed from the last waypoint over the entries after it, never more than
    `domain.course.STRIDE` of them once the worker has come by.
    """
    meter = await course.waypoint(db, campaign_id, max(0, seq - 1))
    entries = await course.entries_after(db, campaign_id, meter.seq, seq)
    customers = list({entry["customer_id"] for entry in entries})
    meter.know(await course.worths_before(db, campaign_id, customers, meter.seq))
    for entry in entries:
        meter.take(entry)
    rows = await course.milestones_and_changes(db, track_id)
    there = [then for row in rows if (then := _then(row, seq)) is not None]
    jumps = [Then(row["id"], row["target"], row["reached_seq"], row) for row in rows]
    return Moment(
        seq=seq,
        units=meter.units,
        money=meter.money,
        backers=meter.backers,
        entry=entries[-1] if entries else None,
        milestones=sorted(there, key=lambda m: (m.target, m.id)),
        jumps=sorted((m for m in jumps if m.reached_seq), key=lambda m: (m.reached_seq, m.target)),
    )


def _then(row: Mapping[str, Any], seq: int) -> Then | None:
    """The milestone as it stood; None where it was not on the road yet, or not any more.

    A change notes the entry after which it was made, so no clock is asked (C3).
    """
    changes = row["changes"]
    if any(c["what"] == "added" and c["seq"] > seq for c in changes):
        return None
    if any(c["what"] == "archived" and c["seq"] <= seq for c in changes):
        return None
    later = [c["before"] for c in changes if c["what"] == "target" and c["seq"] > seq]
    reached = row["reached_seq"]
    return Then(
        row["id"],
        later[0] if later else row["target"],
        reached if reached is not None and reached <= seq else None,
        row,
    )
