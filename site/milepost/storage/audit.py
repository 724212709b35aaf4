"""What the proof of the books reads, and how derived rows are mended; entries are never touched."""

from collections.abc import Sequence
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("audit")
MOST = 1000  # differences of one kind that are told


async def wrong_totals(db: Connection, campaign_id: int) -> list[Any]:
    """The campaign's totals beside what its entries say, when they differ."""
    return await rows_of(_sql.wrong_totals(db, campaign_id=campaign_id))


async def wrong_counts(db: Connection, campaign_id: int) -> list[Any]:
    """Pledges that are noted to count for something else than their entries say."""
    return await rows_of(_sql.wrong_counts(db, campaign_id=campaign_id, most=MOST))


async def wrong_backers(db: Connection, campaign_id: int) -> list[Any]:
    """Backers whose first entry or liveness differs from entries and pledges."""
    return await rows_of(_sql.wrong_backers(db, campaign_id=campaign_id, most=MOST))


async def wrong_reaches(db: Connection, campaign_id: int, track_id: int, basis: str) -> list[Any]:
    """Milestones reached by another entry than the first that crossed their target."""
    return await rows_of(
        _sql.wrong_reaches(db, campaign_id=campaign_id, track_id=track_id, basis=basis)
    )


async def wrong_slots(db: Connection, campaign_id: int) -> list[Any]:
    """Limited tiers whose claimed slots differ from the pledges that hold them."""
    return await rows_of(_sql.wrong_slots(db, campaign_id=campaign_id))


async def strange_grants(db: Connection, campaign_id: int, track_id: int) -> list[Any]:
    """Grants for nobody who ever backed the campaign."""
    return await rows_of(
        _sql.strange_grants(db, campaign_id=campaign_id, track_id=track_id, most=MOST)
    )


async def unfulfilled_parcels(db: Connection, campaign_id: int) -> list[Any]:
    """Rewards that were sent, but whose grants do not stand as fulfilled."""
    return await rows_of(_sql.unfulfilled_parcels(db, campaign_id=campaign_id, most=MOST))


async def mend_counts(db: Connection, campaign_id: int) -> None:
    """Note for each pledge what its entries say."""
    await _sql.mend_counts(db, campaign_id=campaign_id)


async def mend_backers(db: Connection, campaign_id: int) -> None:
    """Make the campaign's backers anew from its entries and pledges."""
    await _sql.clear_backers(db, campaign_id=campaign_id)
    await _sql.mend_backers(db, campaign_id=campaign_id)


async def mend_totals(db: Connection, campaign_id: int) -> None:
    """Sum the campaign's totals anew."""
    await _sql.mend_totals(db, campaign_id=campaign_id)


async def mend_reach(db: Connection, campaign_id: int, milestone_id: int, seq: int | None) -> None:
    """Note the entry that reached the milestone; its fan-out then begins anew."""
    await _sql.mend_reach(db, campaign_id=campaign_id, milestone_id=milestone_id, seq=seq)


async def mend_slots(db: Connection, tier_id: int, claimed: int) -> None:
    """Note how many slots of the tier are claimed."""
    await _sql.mend_slots(db, tier_id=tier_id, claimed=claimed)


async def void_grants(db: Connection, grants: Sequence[Any]) -> None:
    """Void grants that nobody is owed."""
    await _sql.void_grants(
        db,
        milestone_ids=[g["milestone_id"] for g in grants],
        beneficiaries=[g["beneficiary"] for g in grants],
    )


async def entries_until(db: Connection, campaign_id: int, seq: int) -> list[Any]:
    """The ledger up to and with entry `seq`."""
    return await rows_of(_sql.entries_until(db, campaign_id=campaign_id, seq=seq))
