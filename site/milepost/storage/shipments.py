"""Shipments as programs name them: what each would send, and sending thousands at once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of
from milepost.storage.parcels import count_sent

_sql = named_queries("shipments")


@dataclass(frozen=True, slots=True)
class Shipment:
    """A box that left: with a grant's reward, or with all that is owed to a pledge."""

    pledge_id: int | None
    grant: tuple[int, int] | None  # milestone, beneficiary
    carrier: str
    tracking: str


async def judge(db: Connection, campaign: Any, shipments: Sequence[Shipment]) -> list[Any]:
    """For each shipment, in order: the things that go with it, or the `problem` with it."""
    grants = [each.grant or (None, None) for each in shipments]
    found = _sql.judge_shipments(
        db,
        store_id=campaign["store_id"],
        campaign_id=campaign["id"],
        track_id=campaign["track_id"],
        pledge_ids=[each.pledge_id for each in shipments],
        milestone_ids=[milestone_id for milestone_id, _ in grants],
        beneficiaries=[beneficiary for _, beneficiary in grants],
        trackings=[each.tracking for each in shipments],
    )
    rows: list[Any] = await rows_of(found)
    return rows


async def send(
    db: Connection,
    campaign_id: int,
    shipments: Sequence[Shipment],
    judged: Sequence[Any],
    by: int,
    now: datetime,
) -> list[Any]:
    """Send what was found to go with each; what was sent."""
    due = [
        (milestone_id, beneficiary, row["pledge_id"], each.carrier, each.tracking)
        for each, row in zip(shipments, judged, strict=True)
        if row["problem"] is None
        for milestone_id, beneficiary in zip(row["milestones"], row["beneficiaries"], strict=True)
    ]
    found = _sql.send_parcels(
        db,
        campaign_id=campaign_id,
        milestone_ids=[one[0] for one in due],
        beneficiaries=[one[1] for one in due],
        pledge_ids=[one[2] for one in due],
        carriers=[one[3] for one in due],
        trackings=[one[4] for one in due],
        by=by,
        now=now,
    )
    sent: list[Any] = await rows_of(found)
    await count_sent(db, Counter(row["batch_id"] for row in sent if row["batch_id"]))
    return sent


async def pledge_of(
    db: Connection, campaign_id: int, milestone_id: int, beneficiary: int
) -> int | None:
    """With which pledge the thing travels; None where it was neither made ready nor sent."""
    found: int | None = await _sql.pledge_of_parcel(
        db, campaign_id=campaign_id, milestone_id=milestone_id, beneficiary=beneficiary
    )
    return found
