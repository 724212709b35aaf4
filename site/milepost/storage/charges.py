"""Charges: whose card is to be charged, and when next (P2, P5); and the saved cards."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("charges")


async def add_all(db: Connection, campaign_id: int, now: datetime) -> None:
    """Everyone whose card the campaign has saved is due now; twice changes nothing."""
    await _sql.charge_everyone(db, campaign_id=campaign_id, now=now)


async def add(db: Connection, pledge_ids: Sequence[int], now: datetime) -> None:
    """The same for these pledges, confirmed or released after the close."""
    await _sql.charge_these(db, pledge_ids=pledge_ids, now=now)


async def take(db: Connection, now: datetime, most: int) -> list[int]:
    """The next pledges that are due, taken from all other workers."""
    return [row["pledge_id"] for row in await rows_of(_sql.take_charges(db, now=now, most=most))]


async def put_off(db: Connection, pledge_ids: Sequence[int], due_at: datetime) -> None:
    """Those of these pledges that wait for no answer are due again then."""
    await _sql.put_off_charges(db, pledge_ids=pledge_ids, due_at=due_at)


async def failed(
    db: Connection, reasons: Mapping[int, str], days: Sequence[int], now: datetime
) -> list[Any]:
    """Each pledge's charge failed once more: when it is due again, null when never (P5)."""
    rows: list[Any] = await rows_of(
        _sql.charges_failed(
            db, pledge_ids=list(reasons), reasons=list(reasons.values()), days=days, now=now
        )
    )
    return rows


async def due_now(db: Connection, pledge_ids: Sequence[int], now: datetime) -> None:
    """These are tried at once."""
    await _sql.charge_now(db, pledge_ids=pledge_ids, now=now)


async def keep_cards(db: Connection, cards: Mapping[int, tuple[str, str]]) -> None:
    """The saved card of each pledge: Stripe's customer and payment method."""
    await _sql.keep_cards(
        db,
        pledge_ids=list(cards),
        customers=[customer for customer, _ in cards.values()],
        methods=[method for _, method in cards.values()],
    )


async def forget_cards(db: Connection, campaign_id: int) -> None:
    """Nobody in the campaign will be charged."""
    await _sql.forget_cards(db, campaign_id=campaign_id)


async def progress(db: Connection, campaign_id: int) -> Any:
    """How far the campaign's charges are."""
    return await _sql.charges_progress(db, campaign_id=campaign_id)
