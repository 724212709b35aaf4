"""Decisions of ours about a pledge: they travel the same road as Stripe's events (C2, C3)."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from milepost.domain.errors import Conflict, NotFound
from milepost.domain.facts import Fact, FactKind
from milepost.domain.lines import Line, sold_out
from milepost.domain.messages import N_
from milepost.services.receiving import keep_own
from milepost.storage import pledges
from milepost.storage.database import Connection, Database, unit


async def cancel_pledge(database: Database, pledge_id: int, by: str, now: datetime) -> None:
    """Cancel a confirmed pledge that is not charged; a charged one is refunded instead.

    Raises NotFound, or Conflict with what to do.
    """
    async with unit(database) as db:
        row = await _lock(db, pledge_id)
        if row["state"] not in ("confirmed", "past_due"):
            raise Conflict(
                N_("This pledge is %(state)s. Only a confirmed one can be cancelled."),
                state=row["state"],
            )
        await _decide(db, "pledge.cancelled", "cancelled", row, by, now)


async def release_pledge(database: Database, pledge_id: int, by: str, now: datetime) -> None:
    """Let a pledge above the store's review limit count (C6). Raises NotFound or Conflict."""
    async with unit(database) as db:
        row = await _lock(db, pledge_id)
        if not row["held"]:
            raise Conflict(N_("This pledge is not held, so there is nothing to release."))
        await _decide(db, "pledge.released", "released", row, by, now)


async def change_pledge(
    database: Database, pledge_id: int, lines: Sequence[Line], by: str, now: datetime
) -> None:
    """Give a confirmed pledge that is not charged other lines, priced now (M3, A4, A7).

    Slots are claimed here (P3); the lines change when the settlement finds that they still may, and
    it frees the slots of whichever lines lose (P1). Raises NotFound, Conflict or SoldOut.
    """
    async with unit(database) as db:
        await pledges.lock_campaign_of(db, pledge_id)
        row = await _lock(db, pledge_id)
        if row["state"] != "confirmed":
            raise Conflict(
                N_("This pledge is %(state)s. Only a confirmed one can be changed."),
                state=row["state"],
            )
        claims = await _claim(db, row["campaign_id"], lines)
        detail = {
            "lines": [asdict(line) for line in lines],
            "claims": claims,
            "units": sum(line.units for line in lines),
            "money": sum(line.amount for line in lines),
            "tiers": [line.tier_id for line in lines if line.tier_id is not None],
        }
        await _decide(db, "pledge.changed", "changed", row, by, now, detail)


async def _claim(db: Connection, campaign_id: int, lines: Sequence[Line]) -> dict[str, int]:
    """Claim the slots of limited tiers: tier (as text, for JSON) → how many. Raises SoldOut."""
    claims: dict[str, int] = {}
    for line in lines:
        if line.tier_id is not None:
            tier = await pledges.tier_to_pledge(db, campaign_id, line.tier_id)
            if tier is None or tier["slots"] is None:
                continue
            if not await pledges.claim_slots(db, line.tier_id, line.quantity):
                raise sold_out(tier["title"])
            claims[str(line.tier_id)] = claims.get(str(line.tier_id), 0) + line.quantity
    return claims


async def _lock(db: Connection, pledge_id: int) -> Any:
    row = await pledges.lock(db, pledge_id)
    if row is None:
        raise NotFound(N_("There is no such pledge."))
    return row


async def _decide(
    db: Connection,
    event: str,
    kind: FactKind,
    row: Any,
    by: str,
    now: datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    fact = Fact(kind, row["id"], detail=detail or {})
    await keep_own(db, event, row["campaign_id"], fact, now, by)
