"""The proof of loyalty: accounts equal their entries, grants equal what the rules say (L1–L10)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from milepost.domain.money import Money
from milepost.storage import audit_loyalty, loyalty, purses
from milepost.storage.database import Connection, Database, unit

CHUNK = 5000
MOST = 1000  # differences of a kind that are told


@dataclass(frozen=True, slots=True)
class AuditedLoyalty:
    """How many entries were proved, and every difference in words."""

    entries: int
    differences: list[str]


async def audit_loyalty_of(
    database: Database, now: datetime, *, repair: bool = False
) -> AuditedLoyalty:
    """Prove accounts and programs while the site is live; with `repair`, mend balances only.

    Each question is one statement, so it sees all of a judgement or nothing. Entries and grants are
    never mended: they are what somebody was told.
    """
    told: list[str] = []
    async with unit(database) as db:
        if repair:
            await audit_loyalty.lock_balances(db)
        entries = await audit_loyalty.count(db)
        wrong = await audit_loyalty.wrong_balances(db)
        told += [_of_balance(row) for row in wrong]
        if wrong and repair:
            accounts = [(row["customer_id"], row["unit"]) for row in wrong]
            await audit_loyalty.mend_balances(db, accounts)
    async with unit(database) as db:
        told += [
            f"customer {r['customer_id']} has {r['amount']} {r['unit']} of one source waiting;"
            f" its entries say {r['expected']}"
            for r in await audit_loyalty.wrong_pendings(db)
        ]
        told += [_of_grant(row) for row in await audit_loyalty.wrongly_entered(db)]
        for program in await audit_loyalty.programs(db, now):
            told += await _of_program(db, program)
        told += [
            f"{r['slug']}: pledge {r['id']} moved {Money(r['expected'], r['currency'])} of store"
            f" credit; the account says {Money(r['moved'], r['currency'])}"
            for r in await purses.wrong(db, MOST)
        ]
        told += [
            f"{r['slug']}: pledge {r['id']} and the gift {r['grant']} don't agree about going"
            " together"
            for r in await purses.wrong_gifts(db, MOST)
        ]
    return AuditedLoyalty(entries, told)


async def _of_program(db: Connection, program: Any) -> list[str]:
    """Nobody lacks what its rules give, and nobody has what they don't (L9)."""
    who, told, after = f"program {program['id']} “{program['name']}”", [], 0
    while ids := await audit_loyalty.customers_after(db, program["store_id"], after, CHUNK):
        after = ids[-1]
        if program["is_whole"]:
            told += [
                f"{who}: customer {row['customer_id']} has reached milestone"
                f" {row['milestone_id']}, and was given nothing"
                for row in await audit_loyalty.missing(db, program["id"], ids)
            ]
        told += [
            f"{who}: milestone {row['milestone_id']} is {row['state']} to customer"
            f" {row['customer_id']}; their facts say otherwise"
            for row in await loyalty.fallen(db, program["id"], ids)
        ]
    return told


def _of_balance(row: Any) -> str:
    return (
        f"customer {row['customer_id']} has {row['ready']} {row['unit']} and {row['pending']}"
        f" waiting; the entries say {row['expected_ready']} and {row['expected_pending']}"
    )


def _of_grant(row: Any) -> str:
    if row["state"] is None:
        return f"milestone {row['milestone_id']} has entries worth {row['worth']} and no grant"
    who = f"milestone {row['milestone_id']} is {row['state']} to customer {row['customer_id']}"
    if row["worth"] != row["expected"]:
        return f"{who}; its entries bring {row['worth']} instead of {row['expected']}"
    if row["has_code"] != row["coded"]:
        return f"{who}; it has {'a' if row['coded'] else 'no'} code"
    if row["coded"]:
        return f"{who}; its code {'was withdrawn' if row['withdrawn'] else 'works'}"
    return f"{who}; its entries are in another unit"
