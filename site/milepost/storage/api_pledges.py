"""Pledges as programs of their store read them: a page of them in as many statements as one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("api_pledges")
WINDOW = 1000  # pledges of a campaign that are looked through for one page, where no index helps
APART = frozenset(("past_due", "disputed", "refunded", "cancelled", "dropped"))


@dataclass(frozen=True, slots=True)
class Filters:
    """Which pledges; None wants nothing."""

    campaign: str | None = None
    state: str | None = None
    customer_id: int | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """The pledges of a page, and up to which one was looked; `all` were when none comes after."""

    ids: list[int]
    through: int
    through_at: datetime | None
    all: bool


async def page(db: Connection, store_id: int, wanted: Filters, after: int, most: int) -> Looked:
    """The next pledges by their numbers."""
    apart = wanted.state if wanted.state in APART else None
    window = WINDOW if wanted.state and not apart else most
    row = await _sql.api_pledges(
        db,
        store_id=store_id,
        campaign=wanted.campaign,
        state=wanted.state,
        customer_id=wanted.customer_id,
        apart=apart,
        after=after,
        window=window,
        most=most,
    )
    return Looked(row["ids"], row["through"] or 0, None, row["looked"] < window)


async def page_since(
    db: Connection, store_id: int, wanted: Filters, since: datetime, after: int, most: int
) -> Looked:
    """The next pledges as they were confirmed, after this moment and this number."""
    window = WINDOW if wanted.state else most
    row = await _sql.api_pledges_since(
        db,
        store_id=store_id,
        campaign=wanted.campaign,
        state=wanted.state,
        customer_id=wanted.customer_id,
        since=since,
        after=after,
        window=window,
        most=most,
    )
    return Looked(row["ids"], row["through"] or 0, row["through_at"], row["looked"] < window)


async def customer(db: Connection, store_id: int, email: str) -> int | None:
    """The store's customer with this address."""
    found: int | None = await _sql.customer_id_by_address(db, store_id=store_id, email=email)
    return found


async def whole(db: Connection, store_id: int, ids: Sequence[int]) -> dict[int, Any]:
    """These pledges of the store, each with its lines, answers and grants."""
    rows = await rows_of(_sql.api_pledges_whole(db, store_id=store_id, ids=ids))
    found: dict[int, Any] = {
        row["id"]: {**row, "lines": [], "answers": [], "grants": []} for row in rows
    }
    own = list(found)
    for row in await rows_of(_sql.api_lines(db, ids=own)):
        found[row["pledge_id"]]["lines"].append(row)
    for row in await rows_of(_sql.api_answers(db, ids=own)):
        found[row["pledge_id"]]["answers"].append(row)
    for row in await rows_of(_sql.api_grants_of_pledges(db, ids=own)):
        found[row["pledge_id"]]["grants"].append(f"{row['milestone_id']}:{row['beneficiary']}")
    return found
