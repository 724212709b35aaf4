"""What can be chosen in a campaign, its slots, and where it is shipped to for how much (B1, B5)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from milepost.domain.shipping import Fee, Zone
from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("tiers")


async def chosen(db: Connection, campaign_id: int, tier_ids: Iterable[int]) -> list[Any]:
    """The rows of those tiers and add-ons that are the campaign's, in its order."""
    ids = list(tier_ids)
    if not ids:
        return []
    rows: list[Any] = await rows_of(_sql.tiers_chosen(db, campaign_id=campaign_id, tier_ids=ids))
    return rows


async def claim(db: Connection, claims: Mapping[int, int]) -> list[Any]:
    """Claim so many slots of each tier; returns those that have fewer left, and got none (P3)."""
    if not claims:
        return []
    rows: list[Any] = await rows_of(
        _sql.claim_slots_of_each(db, tier_ids=list(claims), quantities=list(claims.values()))
    )
    return rows


async def zones_of(db: Connection, campaign_id: int) -> list[Zone]:
    """The campaign's shipping zones with their fees, in its order; one query."""
    rows = await rows_of(_sql.zones_of_campaign(db, campaign_id=campaign_id))
    return [
        Zone(
            row["id"],
            row["title"],
            frozenset(row["countries"]),
            {int(tier_id): Fee(*fee) for tier_id, fee in row["fees"].items()},
        )
        for row in rows
    ]


async def add_zone(
    db: Connection,
    campaign_id: int,
    title: str,
    countries: Sequence[str],
    fees: Mapping[int, Fee],
) -> int:
    """A new zone, the last in its campaign's list, with a fee for each tier; returns its id."""
    zone_id: int = await _sql.add_zone(
        db, campaign_id=campaign_id, title=title, countries=sorted(countries)
    )
    await add_fees(db, zone_id, fees)
    return zone_id


async def add_fees(db: Connection, zone_id: int, fees: Mapping[int, Fee]) -> None:
    """What sending one of each tier there costs."""
    await _sql.add_fees(
        db,
        zone_id=zone_id,
        tier_ids=list(fees),
        firsts=[fee.first for fee in fees.values()],
        furthers=[fee.further for fee in fees.values()],
    )
