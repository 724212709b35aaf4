"""Accounts of points and credit: append-only entries and the balances that they add up to (L10)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("accounts")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: of a grant by milestone and beneficiary, else of a `source`.

    `reason` is what a creator wrote who entered it by hand.
    """

    customer_id: int
    unit: str
    kind: str
    ready: int = 0
    pending: int = 0
    forgiven: int = 0
    ripe_at: datetime | None = None
    milestone_id: int = 0
    beneficiary: int = 0
    source: str = ""
    reason: str = ""


async def of_sources(
    db: Connection, unit: str, sources: Sequence[tuple[int, str]]
) -> dict[tuple[int, str], Any]:
    """What was entered so far, by customer and source."""
    found = _sql.accounts_of_sources(
        db,
        unit=unit,
        customer_ids=[customer for customer, _ in sources],
        sources=[source for _, source in sources],
    )
    return {(row["customer_id"], row["source"]): row for row in await rows_of(found)}


async def of_grants(
    db: Connection, grants: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], Any]:
    """What was entered so far, by milestone and beneficiary."""
    found = _sql.accounts_of_grants(
        db,
        milestone_ids=[milestone for milestone, _ in grants],
        beneficiaries=[beneficiary for _, beneficiary in grants],
    )
    return {(row["milestone_id"], row["beneficiary"]): row for row in await rows_of(found)}


async def hold(db: Connection, customer_ids: Iterable[int]) -> dict[tuple[int, str], int]:
    """What can be spent, by customer and unit; locked until the transaction ends."""
    found = _sql.hold_balances(db, customer_ids=list(customer_ids))
    return {(row["customer_id"], row["unit"]): row["ready"] for row in await rows_of(found)}


async def enter(db: Connection, entries: Sequence[Entry], now: datetime) -> None:
    """Write the entries, and what of each is pending or no longer is."""
    if not entries:
        return
    columns = _columns(entries)
    await _sql.open_balances(db, customer_ids=columns["customer_ids"], units=columns["units"])
    await _sql.enter(
        db,
        now=now,
        **columns,
        kinds=[e.kind for e in entries],
        readies=[e.ready for e in entries],
        pendings=[e.pending for e in entries],
        forgivens=[e.forgiven for e in entries],
        ripe_ats=[e.ripe_at for e in entries],
        reasons=[e.reason for e in entries],
    )
    if more := [e for e in entries if e.pending > 0]:
        amounts, ripe_ats = [e.pending for e in more], [e.ripe_at for e in more]
        await _sql.put_off(db, **_columns(more), amounts=amounts, ripe_ats=ripe_ats)
    if less := [e for e in entries if e.pending < 0]:
        await _sql.take_from_pending(db, **_columns(less), amounts=[-e.pending for e in less])


def _columns(entries: Sequence[Entry]) -> dict[str, list[Any]]:
    return {
        "customer_ids": [e.customer_id for e in entries],
        "units": [e.unit for e in entries],
        "milestone_ids": [e.milestone_id for e in entries],
        "beneficiaries": [e.beneficiary for e in entries],
        "sources": [e.source for e in entries],
    }


async def ripen(db: Connection, now: datetime, most: int) -> int:
    """Let what has waited long enough be spent; how many entries."""
    count: int = await _sql.ripen(db, now=now, most=most)
    return count


async def spend(
    db: Connection,
    customer_id: int,
    unit: str,
    amount: int,
    source: str,
    now: datetime,
    kind: str = "spent",
) -> bool:
    """Spend so much of what is ready; False where there is not so much (never below zero)."""
    made = await _sql.spend(
        db,
        customer_id=customer_id,
        unit=unit,
        amount=amount,
        source=source,
        now=now,
        kind=kind,
    )
    return made is not None


async def balances(db: Connection, customer_id: int) -> list[Mapping[str, Any]]:
    """What a customer has of each unit, ready and pending."""
    return await rows_of(_sql.balances_of(db, customer_id=customer_id))


async def history(
    db: Connection, customer_id: int, unit: str | None, before: int | None, most: int
) -> list[Any]:
    """The newest entries, of one unit or of all, those with an id below `before`."""
    found = _sql.entries_of(db, customer_id=customer_id, unit=unit, before=before, most=most)
    return await rows_of(found)
