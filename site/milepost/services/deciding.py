"""Decisions of ours about a pledge: they travel the same road as Stripe's events (C2, C3)."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from milepost.domain.errors import Conflict, NotFound
from milepost.domain.facts import Fact, FactKind
from milepost.domain.lines import Line, goods_of, shipping_of
from milepost.domain.messages import N_
from milepost.services.choosing import claim_all
from milepost.services.keeping import keep_own
from milepost.storage import attempts, ledger, pledges, refunds, tiers
from milepost.storage.database import Connection, Database, unit

CHANGEABLE = ("confirmed", "past_due", "charged")


async def cancel_pledge(database: Database, pledge_id: int, by: str, now: datetime) -> None:
    """Cancel a confirmed pledge that is not charged; a charged one is refunded instead.

    Raises NotFound, or Conflict with what to do.
    """
    async with unit(database) as db:
        row = await lock_to_change(db, pledge_id)
        if row["state"] not in ("confirmed", "past_due"):
            raise Conflict(
                N_("This pledge is %(state)s. Only a confirmed one can be cancelled."),
                state=row["state"],
            )
        standing = await attempts.standing(db, pledge_id)
        if standing is not None and standing["purpose"] != "checkout":
            raise Conflict(
                N_("A payment for this pledge is under way. Wait until it is over: %(purpose)s."),
                purpose=standing["purpose"],
            )
        await _decide(db, "pledge.cancelled", "cancelled", row, by, now)


async def release_pledge(database: Database, pledge_id: int, by: str, now: datetime) -> None:
    """Let a pledge above the store's review limit count (C6). Raises NotFound or Conflict."""
    async with unit(database) as db:
        row = await _lock(db, pledge_id)
        if not row["held"]:
            raise Conflict(N_("This pledge is not held, so there is nothing to release."))
        if row["outcome"] == "failed" and row["funding_model"] == "all_or_nothing":
            raise Conflict(N_("The campaign closed below its goal; there is nothing to release."))
        await _decide(db, "pledge.released", "released", row, by, now)


async def change_pledge(
    database: Database,
    pledge_id: int,
    lines: Sequence[Line],
    by: str,
    now: datetime,
    country: str | None = None,
) -> None:
    """Give a live pledge other lines, priced now (M3, A4, A7).

    Slots are claimed here (P3); the lines change when the settlement finds that they still may, and
    it frees the slots of whichever lines lose (P1). What a charged pledge has overpaid then goes
    back. Raises NotFound, Conflict or SoldOut.
    """
    async with unit(database) as db:
        row = await lock_to_change(db, pledge_id)
        detail = await new_lines(db, row, lines, country)
        await _decide(db, "pledge.changed", "changed", row, by, now, detail)


async def lock_to_change(db: Connection, pledge_id: int) -> Any:
    """The pledge's row, locked after its campaign. Raises NotFound, or Conflict if it is fixed."""
    await pledges.lock_campaign_of(db, pledge_id)
    row = await _lock(db, pledge_id)
    if row["state"] not in CHANGEABLE:
        raise Conflict(
            N_("This pledge is %(state)s. Only a live one can be changed."), state=row["state"]
        )
    if await pledges.is_changing(db, row["campaign_id"], pledge_id):
        raise Conflict(N_("Your last change is being worked on. Try again in a moment."))
    if await pledges.is_packed(db, pledge_id):
        raise Conflict(N_("It is being packed, or on its way. Write to the creator."))
    asked = sum((await refunds.requested(db, pledge_id)).values())
    if asked > ledger.pledge_of(row).refunded:
        raise Conflict(
            N_("Money of this pledge is on its way back already. Try again in a moment.")
        )
    return row


async def new_lines(
    db: Connection, row: Any, lines: Sequence[Line], country: str | None
) -> dict[str, Any]:
    """What a fact says of a pledge's new lines; the slots that they need besides are claimed (P3).

    Raises SoldOut.
    """
    held = await pledges.held_slots(db, row["id"])
    wanted: dict[int, int] = {}
    for line in lines:
        if line.tier_id is not None:
            wanted[line.tier_id] = wanted.get(line.tier_id, 0) + line.quantity
    known = await tiers.chosen(db, row["campaign_id"], wanted)
    limited = {tier["id"] for tier in known if tier["slots"] is not None}
    more = {key: count - held.get(key, 0) for key, count in wanted.items() if key in limited}
    claims = {key: count for key, count in more.items() if count > 0}
    await claim_all(db, claims)
    return {
        "lines": [asdict(line) for line in lines],
        "claims": {str(key): count for key, count in claims.items()},
        "claiming": bool(limited),
        "country": country,
        "units": sum(line.units for line in lines),
        "money": goods_of(lines),
        "shipping": shipping_of(lines),
        "tiers": [x.tier_id for x in lines if x.source == "tier" and x.tier_id is not None],
    }


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
