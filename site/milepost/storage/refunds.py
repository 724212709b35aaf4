"""Refunds that we have decided on: asked of Stripe once each, and what came of it (P4)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from milepost.domain.pledges import Part
from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("refunds")


async def request(
    db: Connection,
    pledge_id: int,
    payment: str,
    amount: int,
    idempotency_key: str,
    *,
    parts: Part | None,
    reason: str,
    by: str,
    now: datetime,
) -> int:
    """Decide to give back `amount` minor units of the payment; the refund's id."""
    made: int = await _sql.request_refund(
        db,
        pledge_id=pledge_id,
        payment=payment,
        amount=amount,
        parts=parts,
        idempotency_key=idempotency_key,
        reason=reason,
        by=by,
        now=now,
    )
    return made


async def requested(db: Connection, pledge_id: int) -> dict[str, int]:
    """Minor units asked back so far, by payment."""
    rows = await rows_of(_sql.requested_refunds(db, pledge_id=pledge_id))
    return {row["payment"]: row["amount"] for row in rows}


async def lines_returned(db: Connection, pledge_id: int) -> dict[int, int]:
    """Pieces of the pledge's present lines that were asked back, by the line's place."""
    rows = await rows_of(_sql.lines_returned(db, pledge_id=pledge_id))
    return {row["position"]: row["count"] for row in rows}


async def forget_lines_returned(db: Connection, pledge_id: int) -> None:
    """The pledge has other lines now."""
    await _sql.forget_lines_returned(db, pledge_id=pledge_id)


async def to_send(db: Connection, most: int) -> list[Any]:
    """The next that Stripe has not been asked for yet."""
    rows: list[Any] = await rows_of(_sql.refunds_to_send(db, most=most))
    return rows


async def sent(db: Connection, refund_id: int, provider_id: str) -> None:
    """Stripe has taken it; its events say when the money is there."""
    await _sql.refund_sent(db, id=refund_id, provider_id=provider_id)


async def failed(db: Connection, refund_id: int, error: str) -> None:
    """Stripe will not do it, and says why."""
    await _sql.refund_failed(db, id=refund_id, error=error[:1000])


async def failed_at_the_bank(db: Connection, provider_ids: Sequence[str]) -> None:
    """These came back from the bank."""
    await _sql.refunds_bounced(db, provider_ids=provider_ids)


async def of_pledge(db: Connection, pledge_id: int) -> list[Any]:
    """All that were decided on for the pledge, in order."""
    rows: list[Any] = await rows_of(_sql.refunds_of_pledge(db, pledge_id=pledge_id))
    return rows
