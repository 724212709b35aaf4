"""Parcels and batches: what is ready and what was sent; what is only owed has no parcel."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, enqueue, enqueue_all, named_queries, rows_of

_sql = named_queries("parcels")
GOODS = 0  # in place of a milestone: the pledge's own goods


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a batch is made of: own goods or milestones' rewards, and for whom."""

    contents: Sequence[int]
    country: str | None = None
    tier_id: int | None = None
    addressed: bool = True
    answered: bool = True
    most: int | None = None


async def contents(db: Connection, track_id: int) -> list[Any]:
    """What the track's reached milestones give."""
    rows: list[Any] = await rows_of(_sql.fulfilment_contents(db, track_id=track_id))
    return rows


async def tallied(db: Connection, campaign_id: int) -> Any | None:
    """What was counted last, if nothing was sent since."""
    return await _sql.tallied(db, campaign_id=campaign_id)


async def count(db: Connection, campaign_id: int, milestone_ids: Sequence[int]) -> list[Any]:
    """How many parcels of each kind stand where."""
    rows: list[Any] = await rows_of(
        _sql.count_contents(db, campaign_id=campaign_id, milestone_ids=milestone_ids)
    )
    return rows


async def keep_tally(
    db: Connection, campaign_id: int, counts: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    """Keep what was counted."""
    await _sql.keep_tally(db, campaign_id=campaign_id, counts=list(counts), now=now)


async def forget_tally(db: Connection, campaign_id: int) -> None:
    """Something was made ready or sent: what was counted is counted again, by the worker."""
    if await tallied(db, campaign_id) is not None:
        key = f"count_owed:{campaign_id}"
        await enqueue(db, "count_owed", {"campaign_id": campaign_id}, key)


async def forget_tallies(db: Connection, campaign_ids: Sequence[int]) -> None:
    """The same for several campaigns at once."""
    if campaign_ids:
        rows = await rows_of(_sql.tallied_among(db, campaign_ids=list(campaign_ids)))
        told = [{"campaign_id": row["campaign_id"]} for row in rows]
        keys = [f"count_owed:{row['campaign_id']}" for row in rows]
        await enqueue_all(db, "count_owed", told, keys)


async def drop_tally(db: Connection, campaign_id: int) -> None:
    """So little is owed that it is counted each time."""
    await _sql.forget_tally(db, campaign_id=campaign_id)


async def batches(db: Connection, campaign_id: int, before: int | None, most: int) -> list[Any]:
    """The campaign's batches, newest first."""
    rows: list[Any] = await rows_of(
        _sql.batches_of_campaign(db, campaign_id=campaign_id, before=before, most=most)
    )
    return rows


async def batch(db: Connection, campaign_id: int, batch_id: int) -> Any | None:
    """One of them."""
    return await _sql.batch_of_campaign(db, campaign_id=campaign_id, batch_id=batch_id)


async def make_batch(
    db: Connection,
    campaign_id: int,
    track_id: int,
    name: str,
    wanted: Wanted,
    by: int | None,
    now: datetime,
) -> tuple[int, int, int]:
    """Put all that is wanted into a new batch; its id, its boxes and its parcels."""
    filters = {
        "country": wanted.country,
        "tier_id": wanted.tier_id,
        "addressed": wanted.addressed,
        "answered": wanted.answered,
        "most": wanted.most,
    }
    batch_id: int = await _sql.add_batch(
        db,
        campaign_id=campaign_id,
        name=name,
        contents=list(wanted.contents),
        filters=filters,
        made_by=by,
        now=now,
    )
    filled = await _fill(db, campaign_id, track_id, batch_id, wanted)
    picks = [dict(row) for row in await rows_of(_sql.picks_of_batch(db, batch_id=batch_id))]
    await _sql.finish_batch(
        db, batch_id=batch_id, boxes=filled["boxes"], parcels=filled["parcels"], picks=picks
    )
    return batch_id, filled["boxes"], filled["parcels"]


async def left_out(
    db: Connection, campaign_id: int, track_id: int, batch_id: int, wanted: Wanted
) -> tuple[int, int]:
    """How many boxes more an empty batch would have without its demand for an address, and how many
    without the one for answers besides. It fills the batch: the caller takes that back.
    """
    anywhere = replace(wanted, addressed=False)
    homeless = await _fill(db, campaign_id, track_id, batch_id, anywhere)
    silent = await _fill(db, campaign_id, track_id, batch_id, replace(anywhere, answered=False))
    return homeless["boxes"], silent["boxes"]


async def _fill(
    db: Connection, campaign_id: int, track_id: int, batch_id: int, wanted: Wanted
) -> Any:
    return await _sql.fill_batch(
        db,
        campaign_id=campaign_id,
        track_id=track_id,
        batch_id=batch_id,
        contents=list(wanted.contents),
        country=wanted.country,
        tier_id=wanted.tier_id,
        addressed=wanted.addressed,
        answered=wanted.answered,
        most=wanted.most,
    )


async def end_of_boxes(db: Connection, batch_id: int, after: int, most: int) -> int | None:
    """The last of the next boxes; None when none is left."""
    last: int | None = await _sql.end_of_boxes(db, batch_id=batch_id, after=after, most=most)
    return last


async def boxes(db: Connection, batch_id: int, after: int, through: int, mails: bool) -> list[Any]:
    """The boxes of a batch after one of them, up to another."""
    rows: list[Any] = await rows_of(
        _sql.boxes_of_batch(db, batch_id=batch_id, after=after, through=through, mails=mails)
    )
    return rows


async def items(db: Connection, batch_id: int, after: int, through: int) -> dict[int, list[Any]]:
    """What is in each of the same boxes, by their pledge."""
    found: dict[int, list[Any]] = {}
    rows = await rows_of(_sql.items_of_boxes(db, batch_id=batch_id, after=after, through=through))
    for row in rows:
        found.setdefault(row["pledge_id"], []).append(row)
    return found


async def answers(db: Connection, batch_id: int, after: int, through: int) -> dict[int, list[Any]]:
    """What was answered for each of the same boxes, by their pledge."""
    found: dict[int, list[Any]] = {}
    rows = await rows_of(
        _sql.answers_for_boxes(db, batch_id=batch_id, after=after, through=through)
    )
    for row in rows:
        found.setdefault(row["pledge_id"], []).append(row)
    return found


async def dissolve(db: Connection, batch_id: int) -> int:
    """What of it is not sent is in no batch any more; how many parcels."""
    gone: int = await _sql.dissolve_batch(db, batch_id=batch_id)
    return gone


async def ready_all(db: Connection, campaign_id: int, track_id: int, pledge_id: int) -> int:
    """What is owed to one pledge is ready, in no batch; how many parcels."""
    rows = await rows_of(
        _sql.ready_all_of_pledge(
            db, campaign_id=campaign_id, track_id=track_id, pledge_id=pledge_id
        )
    )
    return len(rows)


async def ship(
    db: Connection,
    campaign_id: int,
    batch_id: int | None,
    due: Sequence[tuple[int, str, str]],
    by: int | None,
    now: datetime,
) -> list[Any]:
    """Send all that is ready of these pledges and may go: pledge, carrier, tracking number."""
    sent: list[Any] = await rows_of(
        _sql.ship_parcels(
            db,
            campaign_id=campaign_id,
            batch_id=batch_id,
            pledge_ids=[pledge_id for pledge_id, _, _ in due],
            carriers=[carrier for _, carrier, _ in due],
            trackings=[tracking for _, _, tracking in due],
            by=by,
            now=now,
        )
    )
    await count_sent(db, Counter(row["batch_id"] for row in sent if row["batch_id"]))
    return sent


async def count_sent(db: Connection, counts: Mapping[int, int]) -> None:
    """So many more parcels of each batch are sent."""
    await _sql.count_sent(db, batch_ids=list(counts), counts=list(counts.values()))


async def note_shipped(
    db: Connection,
    campaign_id: int,
    milestone_id: int,
    sent: Sequence[Any],
    carrier: str,
    tracking: str,
    now: datetime,
) -> None:
    """These grants of a milestone were sent outside of any batch."""
    rows = await rows_of(
        _sql.note_shipped(
            db,
            campaign_id=campaign_id,
            milestone_id=milestone_id,
            beneficiaries=[row["beneficiary"] for row in sent],
            pledge_ids=[row["pledge_id"] for row in sent],
            carrier=carrier,
            tracking=tracking,
            now=now,
        )
    )
    await count_sent(db, Counter(row["batch_id"] for row in rows if row["batch_id"]))


async def lock(db: Connection, campaign_id: int, pledge_id: int, milestone_id: int) -> Any | None:
    """One parcel of the pledge, held until the transaction ends."""
    return await _sql.lock_parcel(
        db, campaign_id=campaign_id, pledge_id=pledge_id, milestone_id=milestone_id
    )


async def unship(db: Connection, parcel: Any) -> None:
    """It was not sent after all: ready again, and what it stands for is owed."""
    key = {name: parcel[name] for name in ("campaign_id", "milestone_id", "beneficiary")}
    await _sql.unship_parcel(db, **key)
    if parcel["milestone_id"] != GOODS:
        await _sql.unfulfil_grant(
            db, milestone_id=parcel["milestone_id"], beneficiary=parcel["beneficiary"]
        )
    if parcel["batch_id"] is not None:
        await count_sent(db, {parcel["batch_id"]: -1})


async def of_pledge(db: Connection, pledge_id: int) -> list[Any]:
    """What was made ready or sent with the pledge."""
    rows: list[Any] = await rows_of(_sql.parcels_of_pledge(db, pledge_id=pledge_id))
    return rows


async def of_backer(
    db: Connection, campaign_id: int, customer_id: int | None, pledge_id: int
) -> dict[int, Any]:
    """How far each parcel of a backer is, by milestone; own goods by `GOODS`."""
    rows = await rows_of(
        _sql.parcels_of_backer(
            db, campaign_id=campaign_id, customer_id=customer_id, pledge_id=pledge_id
        )
    )
    return {row["milestone_id"]: row for row in rows}


async def listed(
    db: Connection,
    campaign_id: int,
    milestone_id: int,
    standing: str | None,
    country: str | None,
    after: int,
    window: int,
    most: int,
    mails: bool,
) -> tuple[list[Any], int | None]:
    """Who is owed it, the next among `window`; and the last looked at, None at the end."""
    common = {"campaign_id": campaign_id, "after": after, "window": window}
    filters = {"standing": standing, "country": country, "most": most, "mails": mails}
    if milestone_id == GOODS:
        rows = await rows_of(_sql.goods_in_fulfilment(db, **common, **filters))
        return rows, await _sql.end_of_goods(db, **common)
    rows = await rows_of(
        _sql.grants_in_fulfilment(db, milestone_id=milestone_id, **common, **filters)
    )
    end = await _sql.end_of_grants(db, milestone_id=milestone_id, after=after, window=window)
    return rows, end


async def track_of(db: Connection, campaign_id: int) -> int:
    """The campaign's track."""
    found: int = await _sql.track_of_campaign(db, campaign_id=campaign_id)
    return found
