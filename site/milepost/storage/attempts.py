"""Attempts: the row that stands before each call about a payment, and what became of it (P4)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("attempts")


async def begin(
    db: Connection,
    pledge_id: int,
    purpose: str,
    idempotency_key: str,
    now: datetime,
    *,
    amount: int = 0,
    detail: Mapping[str, Any] | None = None,
) -> int | None:
    """The new attempt's id; None while another one of the pledge may still succeed."""
    made: int | None = await _sql.begin_another(
        db,
        pledge_id=pledge_id,
        purpose=purpose,
        idempotency_key=idempotency_key,
        amount=amount,
        detail=detail or {},
        now=now,
    )
    return made


async def standing(db: Connection, pledge_id: int) -> Any | None:
    """The pledge's attempt whose outcome is not known yet."""
    return await _sql.standing_attempt(db, pledge_id=pledge_id)


async def has_card(db: Connection, pledge_id: int) -> bool:
    """True when a card is saved that can be charged for the pledge."""
    return bool(await _sql.has_card(db, pledge_id=pledge_id))


async def customer_of(db: Connection, pledge_id: int) -> str | None:
    """Stripe's customer whose card was saved for the pledge."""
    found: str | None = await _sql.customer_of_pledge(db, pledge_id=pledge_id)
    return found


async def begin_charges(db: Connection, pledge_ids: Sequence[int], now: datetime) -> list[int]:
    """One attempt for each of these that is still to be charged and has no other; their ids."""
    rows = await rows_of(_sql.begin_charges(db, pledge_ids=pledge_ids, now=now))
    return [row["id"] for row in rows]


async def charges_to_make(db: Connection, ids: Sequence[int]) -> list[Any]:
    """What Stripe must be told of these attempts."""
    rows: list[Any] = await rows_of(_sql.charges_to_make(db, ids=ids))
    return rows


async def left_charges(db: Connection, before: datetime, most: int) -> list[int]:
    """Attempts to charge, begun before then, whose call nobody has seen the end of."""
    return [row["id"] for row in await rows_of(_sql.left_charges(db, before=before, most=most))]


async def left_pages(db: Connection, before: datetime) -> list[Any]:
    """Pages begun before then that were never known to open, with their campaigns."""
    rows: list[Any] = await rows_of(_sql.left_pages(db, before=before))
    return rows


async def open_charge(db: Connection, attempt_id: int, intent: str, error: str = "") -> None:
    """Stripe has answered; its signed event decides."""
    await _sql.open_charge(db, id=attempt_id, intent=intent, error=error or None)


async def price_charge(
    db: Connection, attempt_id: int, amount: int, detail: Mapping[str, Any]
) -> None:
    """The whole `amount` of a charge with its tax, kept before the call (P4)."""
    await _sql.price_charge(db, id=attempt_id, amount=amount, detail=dict(detail))


async def details_of(db: Connection, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What these attempts were made for: a change's new lines, a charge's tax."""
    return {r["id"]: r["detail"] for r in await rows_of(_sql.details_of_attempts(db, ids=ids))}


async def close(db: Connection, answers: Mapping[int, tuple[str, str]]) -> list[Any]:
    """These attempts are `done`, `failed` or `declined`, with the error: those that stood till now.

    A `declined` one is over when it was a charge, and goes on when it is a page.
    """
    rows: list[Any] = await rows_of(
        _sql.close_attempts(
            db,
            ids=list(answers),
            states=[state for state, _ in answers.values()],
            errors=[error for _, error in answers.values()],
        )
    )
    return rows
