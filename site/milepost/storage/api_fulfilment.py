"""Grants, parcels and batches as programs of their store read them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("api_fulfilment")


@dataclass(frozen=True, slots=True)
class GrantsWanted:
    """Which grants: those for which all of this is so."""

    campaign: str | None = None
    milestone_id: int | None = None
    state: str | None = None
    backordered: bool | None = None
    pledge_id: int | None = None
    customer_id: int | None = None


@dataclass(frozen=True, slots=True)
class ParcelsWanted:
    """Which parcels: those for which all of this is so."""

    campaign: str | None = None
    state: str | None = None
    batch_id: int | None = None
    shipped_since: datetime | None = None


async def grants(
    db: Connection, store_id: int, wanted: GrantsWanted, after: tuple[int, ...], most: int
) -> list[Any]:
    """The store's grants after a place: milestone, beneficiary."""
    whose: list[int] | None = None
    if wanted.pledge_id is not None:
        whose = await _sql.beneficiaries_of_pledge(
            db, store_id=store_id, pledge_id=wanted.pledge_id
        )
    elif wanted.customer_id is not None:
        whose = await _sql.beneficiaries_of_customer(
            db, store_id=store_id, customer_id=wanted.customer_id
        )
    if whose is None and (wanted.pledge_id or wanted.customer_id):
        return []
    found = _sql.api_grants(
        db,
        store_id=store_id,
        campaign=wanted.campaign,
        milestone_id=wanted.milestone_id,
        state=wanted.state,
        backordered=wanted.backordered,
        beneficiaries=whose,
        pledge_id=wanted.pledge_id,
        customer_id=wanted.customer_id,
        after_milestone=after[0],
        after_beneficiary=after[1],
        most=most,
    )
    return await rows_of(found)


async def grant(db: Connection, store_id: int, milestone_id: int, beneficiary: int) -> Any | None:
    """One of the store's grants."""
    return await _sql.api_grant(
        db, store_id=store_id, milestone_id=milestone_id, beneficiary=beneficiary
    )


async def parcels(
    db: Connection, store_id: int, wanted: ParcelsWanted, after: tuple[int, ...], most: int
) -> list[Any]:
    """The store's parcels after a place: campaign, milestone, beneficiary."""
    found = _sql.api_fulfilments(
        db,
        store_id=store_id,
        campaign=wanted.campaign,
        state=wanted.state,
        batch_id=wanted.batch_id,
        shipped_since=wanted.shipped_since,
        after_campaign=after[0],
        after_milestone=after[1],
        after_beneficiary=after[2],
        most=most,
    )
    return await rows_of(found)


async def batches(
    db: Connection, store_id: int, campaign: str | None, after: int, most: int
) -> list[Any]:
    """The store's batches after a place."""
    found = _sql.api_batches(
        db, store_id=store_id, campaign=campaign, batch_id=None, after=after, most=most
    )
    return await rows_of(found)


async def batch(db: Connection, store_id: int, batch_id: int) -> Any | None:
    """One of them."""
    found = await rows_of(
        _sql.api_batches(db, store_id=store_id, campaign=None, batch_id=batch_id, after=0, most=1)
    )
    return found[0] if found else None


async def to_explain(
    db: Connection, store_id: int, milestone_id: int, beneficiary: int
) -> Any | None:
    """What a grant of a campaign was judged by; None for a program's."""
    return await _sql.grant_to_explain(
        db, store_id=store_id, milestone_id=milestone_id, beneficiary=beneficiary
    )
