"""Foreseeing: what a new or changed milestone would do, before anybody saves it (N4, A10, A12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from milepost.domain.audience import Audience
from milepost.domain.campaigns import Calendar
from milepost.domain.trend import WINDOW, pace
from milepost.domain.whatif import Foresight, Meter, Reissue, Supply, foresee, reissue
from milepost.storage import whatif
from milepost.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Wish:
    """A milestone as somebody is about to save it; `milestone_id` of one that is there already.

    `product_id` is None for a reveal and for a product that is still to be made, whose `stock` is
    said here; `new_codes` come into the pool with it.
    """

    target: int
    audience: Audience
    milestone_id: int | None = None
    product_id: int | None = None
    stock: int | None = None
    from_pool: bool = False
    new_codes: int = 0
    cost: int | None = None


def meter_of(row: Mapping[str, Any], now: datetime) -> Meter:
    """The campaign's meter, with the pace of its last seven days while it is open."""
    total = row["units"] if row["basis"] == "units" else row["money"]
    calendar = Calendar(row["published"], row["opens_at"], row["closes_at"])
    is_open = calendar.phase(now) == "live"
    found = None
    if is_open:
        since = max(row["opens_at"], now - WINDOW)
        found = pace([(row["opens_at"], 0), (since, total - row["gained"]), (now, total)], now)
    return Meter(
        basis=row["basis"],
        total=total,
        seq=row["seq"],
        money=row["money"],
        now=now,
        closes_at=row["closes_at"],
        is_open=is_open,
        fails=row["outcome"] == "failed" and row["funding_model"] == "all_or_nothing",
        pace=found,
    )


async def meter_now(db: Connection, campaign_id: int, now: datetime) -> tuple[Any, Meter]:
    """The campaign's row and its meter; one query."""
    row = await whatif.meter(db, campaign_id, now - WINDOW)
    assert row is not None, "whoever asks has found the campaign"
    return row, meter_of(row, now)


async def foresee_milestone(
    db: Connection, campaign_id: int, wish: Wish, now: datetime
) -> Foresight:
    """What the milestone would do: a few queries, as many for a crowd as for nobody."""
    row, meter = await meter_now(db, campaign_id, now)
    return await foresee_on(db, row, meter, wish)


async def foresee_on(db: Connection, row: Any, meter: Meter, wish: Wish) -> Foresight:
    """The same where the meter is known."""
    entitled = await whatif.entitled(db, row["id"], wish.audience, meter.seq)
    supply = await _supply(db, row["store_id"], wish)
    return foresee(meter, wish.target, wish.audience, entitled, supply, wish.cost)


async def foresee_reissue(
    db: Connection, campaign_id: int, milestone_id: int, wish: Wish, now: datetime
) -> Reissue:
    """What the wish's reward would do to those who have the present one (A12)."""
    row, meter = await meter_now(db, campaign_id, now)
    had = await whatif.to_reissue(db, campaign_id, milestone_id, wish.product_id)
    supply = await _supply(db, row["store_id"], wish)
    if supply.there is not None:
        kept = had["returned"]
        if supply.is_codes:
            kept = await whatif.codes_held(db, campaign_id, milestone_id)
        supply = Supply(supply.there + kept, supply.is_codes)
    return reissue(meter, had["grants"], had["pieces"], had["kept"], supply, wish.cost)


async def _supply(db: Connection, store_id: int, wish: Wish) -> Supply:
    if wish.from_pool:
        free = await whatif.codes_free(db, wish.milestone_id) if wish.milestone_id else 0
        return Supply(free + wish.new_codes, True)
    if wish.product_id is None:
        return Supply(wish.stock)
    found = await whatif.stock(db, store_id, wish.product_id)
    return Supply(found["stock"] if found is not None else wish.stock)
