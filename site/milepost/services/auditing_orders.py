"""The proof of the orders: stock, codes, credit and gifts claimed, sums, payments (P3, P9, K6)."""

from dataclasses import dataclass
from typing import Any

from milepost.domain.money import Money
from milepost.storage import audit_orders, subscriptions
from milepost.storage.database import Database, unit


@dataclass(frozen=True, slots=True)
class AuditedOrders:
    """How many orders were proved, and every difference in words."""

    orders: int
    differences: list[str]


async def audit_orders_of(database: Database, *, repair: bool = False) -> AuditedOrders:
    """Prove all orders while none of them changes; with `repair`, mend what is counted of them.

    Orders themselves are facts and never mended.
    """
    async with unit(database) as db:
        count = await audit_orders.lock(db)
        claims = await audit_orders.wrong_claims(db)
        uses = await audit_orders.wrong_code_uses(db)
        told = [
            f"product {r['id']} “{r['title']}” says that orders hold {r['claimed']} of it;"
            f" they hold {r['expected']}"
            for r in claims
        ]
        told += [
            f"code {r['code']} says that it was used {r['used']} times; orders say {r['expected']}"
            for r in uses
        ]
        for row in await audit_orders.wrong_orders(db):
            told += _told(row)
        told += [
            f"order {r['id']} moved {Money(r['expected'], r['currency'])} of store credit; the"
            f" account says {Money(r['moved'], r['currency'])}"
            for r in await audit_orders.wrong_credits(db)
        ]
        told += [
            f"order {r['id']} and the gift of milestone {r['milestone_id']} for"
            f" {r['beneficiary']} don't agree about going together"
            for r in await audit_orders.wrong_gifts(db)
        ]
        told += [
            f"subscription {r['id']} has {r['cycles']} cycles; Stripe told of {r['invoices']}"
            " paid invoices"
            for r in await subscriptions.wrong_cycles(db)
        ]
        told += [
            f"subscription {r['id']} has {r['cycles']} paid invoices, and loyalty counts"
            f" {r['facts']} of them as they stand; it is {r['state']}"
            for r in await subscriptions.wrong(db)
        ]
        if repair and claims:
            await audit_orders.mend_claims(db, [r["id"] for r in claims])
        if repair and uses:
            await audit_orders.mend_code_uses(db, [r["id"] for r in uses])
    return AuditedOrders(count, told)


def _told(row: Any) -> list[str]:
    who, currency = f"order {row['id']}", row["currency"]
    told = []
    if row["adds_wrong"]:
        told.append(
            f"{who} says goods of {Money(row['kept'], currency)} less"
            f" {Money(row['kept_off'], currency)}; its lines say {Money(row['goods'], currency)}"
            f" less {Money(row['off'], currency)}"
        )
    if row["paid_wrong"]:
        told.append(
            f"{who} is {row['state']} and costs {Money(row['total'], currency)}; Stripe told of"
            f" {Money(row['paid'], currency)}"
        )
    if row["back_wrong"]:
        told.append(
            f"{who} says that {Money(row['refunded'], currency)} went back; Stripe told of"
            f" {Money(row['back'], currency)}"
        )
    if row["claims_wrong"]:
        told.append(f"{who} is {row['state']} and still claims its pieces")
    return told
