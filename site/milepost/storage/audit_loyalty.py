"""What the proof of loyalty asks: balances, what waits, grants and what they brought."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of
from milepost.storage.loyalty import EVERYBODY

_sql = named_queries("audit_loyalty")
MOST = 1000  # differences of a kind that are told


async def count(db: Connection) -> int:
    """How many entries there are."""
    return int(await _sql.count_account_entries(db))


async def wrong_balances(db: Connection) -> list[Any]:
    """Balances that are not the sums of their entries."""
    return await rows_of(_sql.wrong_balances(db, most=MOST))


async def lock_balances(db: Connection) -> None:
    """No balance moves until the transaction ends."""
    await _sql.lock_balances_to_mend(db)


async def mend_balances(db: Connection, accounts: Sequence[tuple[int, str]]) -> None:
    """They are, wherever that can be."""
    await _sql.mend_balances(
        db,
        customer_ids=[customer for customer, _ in accounts],
        units=[unit for _, unit in accounts],
    )


async def wrong_pendings(db: Connection) -> list[Any]:
    """What waits, and is not what the entries say."""
    return await rows_of(_sql.wrong_pendings(db, most=MOST))


async def wrongly_entered(db: Connection) -> list[Any]:
    """Grants that did not bring what their reward says, and entries of no grant."""
    return await rows_of(_sql.wrongly_entered_grants(db, most=MOST))


async def programs(db: Connection, now: datetime) -> list[Any]:
    """The programs that were ever on."""
    return await rows_of(_sql.judged_programs(db, now=now))


async def customers_after(db: Connection, store_id: int, after: int, most: int) -> list[int]:
    """The store's next customers of whom nothing waits to be judged."""
    found = _sql.judged_customers(db, store_id=store_id, after=after, most=most)
    return [row["customer_id"] for row in await rows_of(found)]


async def missing(db: Connection, program_id: int, ids: Sequence[int]) -> list[Any]:
    """What the program's rules give to them and nobody has made."""
    found = _sql.missing_grants(db, program_id=program_id, ids=list(ids), upto=EVERYBODY)
    return await rows_of(found)
