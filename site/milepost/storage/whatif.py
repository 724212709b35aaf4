"""What a what-if counts: set-wise, by the same rules as the engine, whatever the crowd (N4)."""

from datetime import datetime
from typing import Any

from milepost.domain.audience import Audience
from milepost.domain.whatif import Entitled
from milepost.storage.database import Connection, named_queries

_sql = named_queries("whatif")


async def meter(db: Connection, campaign_id: int, since: datetime) -> Any | None:
    """The campaign's row, and what its meter `gained` since then or since its opening."""
    return await _sql.meter_of_campaign(db, campaign_id=campaign_id, since=since)


async def entitled(
    db: Connection, campaign_id: int, audience: Audience, reached_seq: int
) -> Entitled:
    """How many grants a reach at `reached_seq` would make, and how many were there no order."""
    after = audience.opens_after(reached_seq)
    common = {"campaign_id": campaign_id, "after": after}
    narrowed = {"exclude_late": audience.exclude_late, "tiers": sorted(audience.tiers)}
    if audience.per != "backer":
        row = await _sql.entitled_pledges(db, **common, **narrowed, by_unit=audience.per == "unit")
        found = Entitled(**row)
    elif audience.tiers or audience.exclude_late:
        row = await _sql.entitled_backers(db, **common, **narrowed)
        found = Entitled(row["grants"], row["grants"], row["everybody"], row["everybody"])
    else:
        row = await _sql.entitled_plainly(db, **common)
        found = Entitled(row["grants"], row["grants"], row["everybody"], row["everybody"])
    cap = audience.cap
    if cap is None or found.grants <= cap:
        return found
    pieces = cap
    if audience.per == "unit":
        pieces = await _sql.pieces_under_cap(db, **common, **narrowed, cap=cap)
    return Entitled(cap, pieces, found.everybody, found.all_pieces)


async def to_reissue(
    db: Connection, campaign_id: int, milestone_id: int, product_id: int | None
) -> Any:
    """The live grants of a milestone, their pieces, those handed over, what would return."""
    return await _sql.grants_to_reissue(
        db, campaign_id=campaign_id, milestone_id=milestone_id, product_id=product_id
    )


async def codes_held(db: Connection, campaign_id: int, milestone_id: int) -> int:
    """How many live grants that are not packed have a code."""
    found: int = await _sql.codes_held_by_grants(
        db, campaign_id=campaign_id, milestone_id=milestone_id
    )
    return found


async def codes_free(db: Connection, milestone_id: int) -> int:
    """How many codes of the pool nobody has."""
    found: int = await _sql.codes_free(db, milestone_id=milestone_id)
    return found


async def stock(db: Connection, store_id: int, product_id: int) -> Any | None:
    """The product's row with its stock; None when it is not the store's."""
    return await _sql.stock_of_product(db, product_id=product_id, store_id=store_id)
