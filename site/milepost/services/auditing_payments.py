"""The proof against Stripe's own books: every payment and refund, to the cent (C7, P9)."""

from collections.abc import Awaitable, Callable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from milepost.domain.money import Money
from milepost.gateways.marks import ORDER, PLEDGE
from milepost.gateways.movements import Movement
from milepost.gateways.stripe import StripeGateway
from milepost.services.clock import Clock
from milepost.storage import payments
from milepost.storage.database import Connection, Database, reading

AT_ONCE = 5000
ON_ITS_WAY = timedelta(minutes=15)  # what Stripe has just done may not have been heard of yet
GONE = ("failed", "canceled")
Known = Callable[[Connection, int, int], Awaitable[list[Any]]]


@dataclass(slots=True)
class AuditedPayments:
    """What was compared, and every difference in words; `outside` were not paid through Stripe."""

    payments: int = 0
    refunds: int = 0
    outside: int = 0
    on_their_way: int = 0
    differences: list[str] = field(default_factory=list)


async def audit_payments(
    database: Database, gateway: StripeGateway, clock: Clock, since: datetime
) -> AuditedPayments:
    """Compare all payments and refunds that Stripe lists since then with those that count here.

    Raises PaymentUnavailable.
    """
    audited = AuditedPayments()
    theirs = {m.id: m async for m in gateway.payments_since(since) if _is_ours(m)}
    given_back = {m.id: m async for m in gateway.refunds_since(since) if m.payment in theirs}
    young = clock() - ON_ITS_WAY
    counted = await _counted(database, payments.known, theirs, audited)
    counted |= await _counted(database, payments.known_of_orders, theirs, audited)
    await _uncounted(database, theirs, counted, young, audited)
    await _refunds(database, given_back, theirs, young, audited)
    async with reading(database) as db:
        for row in await payments.overpaid(db):
            over = Money(row["over"], row["currency"])
            audited.differences.append(
                f"{row['slug']}: pledge {row['pledge_id']} has {over} more than it costs"
            )
    return audited


def _is_ours(movement: Movement) -> bool:
    return not {PLEDGE, ORDER}.isdisjoint(movement.metadata)


async def _counted(
    database: Database, known: Known, theirs: Mapping[str, Movement], audited: AuditedPayments
) -> set[str]:
    """The payments that count here, each held against Stripe's."""
    counted: set[str] = set()
    after = 0
    while True:
        async with reading(database) as db:
            rows = await known(db, after, AT_ONCE)
        if not rows:
            return counted
        after = rows[-1]["id"]
        for row in rows:
            audited.outside += not row["payment"]
            if row["payment"]:
                audited.payments += 1
                counted.add(row["payment"])
                audited.differences += _payment(row, theirs.get(row["payment"]))


async def _uncounted(
    database: Database,
    theirs: Mapping[str, Movement],
    counted: Set[str],
    young: datetime,
    audited: AuditedPayments,
) -> None:
    """What Stripe took and nothing here counts, save what may not have been heard of yet."""
    missing = [m for m in theirs.values() if m.amount and m.id not in counted]
    async with reading(database) as db:
        owners = await payments.owners(db, [m.id for m in missing])
        bought = await payments.orders_by_key(
            db, [m.metadata[ORDER] for m in missing if ORDER in m.metadata]
        )
    for movement in missing:
        if movement.created > young:
            audited.on_their_way += 1
            continue
        if ORDER in movement.metadata:
            number = bought.get(movement.metadata[ORDER])
            whose = f"order {number or movement.metadata[ORDER]}"
            where = "shop" if number else "nowhere"
        else:
            owner = owners.get(movement.id)
            whose = f"pledge {movement.metadata[PLEDGE]}"
            where = owner["slug"] if owner else "nowhere"
        audited.differences.append(
            f"{where}: Stripe took {_money(movement)} as {movement.id} for {whose}, which does not"
            " count it: refund it, or see why with: milepost inbox"
        )


def _payment(row: Any, movement: Movement | None) -> list[str]:
    ours = Money(row["amount"], row["currency"])
    who = f"{row['who']} counts {ours} as {row['payment']}"
    if movement is None:
        return [f"{who}, which Stripe does not list"]
    if (movement.amount, movement.currency) != (row["amount"], row["currency"]):
        return [f"{who}; Stripe took {_money(movement)}"]
    return []


async def _refunds(
    database: Database,
    given_back: Mapping[str, Movement],
    theirs: Mapping[str, Movement],
    young: datetime,
    audited: AuditedPayments,
) -> None:
    async with reading(database) as db:
        rows = [*await payments.known_refunds(db), *await payments.known_refunds_of_orders(db)]
    ours = {row["refund"]: row for row in rows}
    audited.refunds = len(ours)
    for row in rows:
        movement = given_back.get(row["refund"])
        who = f"{row['who']} has refund {row['refund']}"
        said = Money(row["amount"], row["currency"])
        if movement is None:
            audited.differences.append(f"{who} of {said}, which Stripe does not list")
        elif movement.created <= young and _given(movement) != row["amount"]:
            given = Money(_given(movement), movement.currency)
            audited.differences.append(f"{who} of {said}; Stripe says {given}")
    for movement in given_back.values():
        if movement.id in ours or not _given(movement):
            continue
        if movement.created > young:
            audited.on_their_way += 1
            continue
        told = theirs[movement.payment].metadata
        whose = f"pledge {told[PLEDGE]}" if PLEDGE in told else f"order {told[ORDER]}"
        audited.differences.append(
            f"Stripe gave back {_money(movement)} as {movement.id} of {whose}, which does not know"
            " it: see why with: milepost inbox"
        )


def _given(movement: Movement) -> int:
    return 0 if movement.status in GONE else movement.amount


def _money(movement: Movement) -> Money:
    return Money(movement.amount, movement.currency)
