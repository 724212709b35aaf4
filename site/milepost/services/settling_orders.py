"""Settling orders: what Stripe told of them becomes paid, expired, given back (P1, P3, P9).

Orders are taken many at a time, each under its own row's lock; all that follows is written in one
transaction, and said to the shopper by a mail that it promises.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from milepost.domain.orders import Order, hear
from milepost.services.clock import Clock
from milepost.services.doings import note_orders
from milepost.services.gift_cards import set_right
from milepost.services.returning import give_back, hold_givers
from milepost.services.settling_batches import Noun, Told, close_facts, know_payers, settle_batches
from milepost.services.shop_cart import ShopCart
from milepost.services.spending import (
    claim_own,
    give_back_own,
    give_own,
    hold_own,
    return_credit,
)
from milepost.storage import ledger, mails, order_list, orders
from milepost.storage.database import Connection, Database
from milepost.storage.mails import OrderLetter


async def settle_orders(database: Database, clock: Clock) -> int:
    """Settle what waits about orders that no other worker holds; returns how many facts."""
    return await settle_batches(database, clock, ORDERS)


async def _settle(db: Connection, rows: Sequence[Any], told: Told, now: datetime) -> int:
    """All that follows from these facts about these orders; how many facts were taken, thus all.

    Locked in this order: the orders, the campaigns that give what comes back, the carts, the
    customers' own accounts, the products, the codes.
    """
    by_key = {row["key"]: row for row in rows}
    found = {key: orders.order_of(row) for key, row in by_key.items()}
    payers: dict[str, dict[str, Any]] = {}
    refused: dict[int, str] = {}
    for key, fact in told:
        if reason := hear(found[key], fact):
            refused[fact.inbox_id] = reason
        elif fact.kind in ("paid", "waiting") and fact.detail.get("email"):
            payers[key] = fact.detail
    people = await _people(db, rows, payers, now)
    over = [row for row in rows if found[row["key"]].is_over and found[row["key"]].claiming]
    late = [
        row
        for row in rows
        if found[row["key"]].paid and not row["paid"] and not found[row["key"]].claiming
    ]
    await hold_givers(db, sorted(_pieces(over)))
    await empty_carts(db, [row for row in rows if _is_completed(found[row["key"]], row)], now)
    bought = [row for row in rows if found[row["key"]].paid and not row["paid"]]
    lost = [row for row in rows if found[row["key"]].owes_credit]
    await hold_own(db, [*over, *bought, *lost])
    await orders.hold_products(db, sorted(_pieces([*over, *late])))
    await _free(db, over, found, now)
    for row in late:
        found[row["key"]].claiming = await _claim_again(db, row, now)
    await orders.write(db, list(found.values()), people, now)
    await order_list.refunds_bounced(
        db, [f.ref for _, f in told if f.kind == "refund" and not f.amount]
    )
    await give_own(db, [row["id"] for row in bought])
    for row in lost:
        await return_credit(db, row, found[row["key"]].credit_left, now)
    paid = [order.id for order in found.values() if order.paid]
    await set_right(db, paid, now)
    await note_orders(db, paid)
    await mails.promise_of_orders(db, _letters(rows, found), now)
    taken = [f.inbox_id for _, f in told if f.inbox_id not in refused]
    return await close_facts(db, taken, refused)


ORDERS = Noun("orders", orders.lock_with_facts, orders.waiting_facts, _settle)


async def _people(
    db: Connection,
    rows: Sequence[Any],
    payers: Mapping[str, Mapping[str, Any]],
    now: datetime,
) -> dict[int, dict[str, Any]]:
    """Whose each order is: as known, or as its payment page has asked; by the order's id."""
    names = ("customer_id", "email", "name", "address")
    people = {row["id"]: {name: row[name] for name in names} for row in rows}
    told = [row for row in rows if row["key"] in payers]
    new = [row for row in told if row["customer_id"] is None]
    ids = await know_payers(db, new, payers, now)
    for row in new:
        payer = payers[row["key"]]
        people[row["id"]] = {
            "customer_id": ids[row["key"]],
            "email": payer["email"],
            "name": payer.get("name", ""),
            "address": payer.get("address"),
        }
    for row in told:
        if row["customer_id"] is not None and not (row["paid"] or row["processing"]):
            payer, person = payers[row["key"]], people[row["id"]]
            person["name"] = person["name"] or payer.get("name", "")
            person["address"] = person["address"] or payer.get("address")
    return people


def _pieces(rows: Sequence[Any]) -> Counter[int]:
    """How many of each product these orders are about, their gifts among them."""
    pieces = Counter[int]()
    for row in rows:
        for line in (*row["lines"], *row["gifts"]):
            pieces[line["product"]] += line["quantity"]
    return pieces


def _is_completed(order: Order, row: Any) -> bool:
    """True for one whose payment page has just been completed, whether its money is here or not."""
    return bool(order.paid or order.processing) and not (row["paid"] or row["processing"])


async def _free(
    db: Connection, over: Sequence[Any], found: Mapping[str, Order], now: datetime
) -> None:
    """Give back what orders claim whose payment page is over."""
    for row in over:
        found[row["key"]].claiming = False
    codes = Counter(row["code_id"] for row in over if row["code_id"] is not None)
    await give_back(db, _pieces(over), codes)
    await give_back_own(db, over, now)


async def _claim_again(db: Connection, row: Any, now: datetime) -> bool:
    """Claim anew for a payment that came after its page was over; all of it or nothing."""
    claim = db.transaction()
    await claim.start()
    gone = bool(await orders.claim(db, _pieces([row])))
    code_id = row["code_id"]
    gone = gone or (code_id is not None and not await orders.use_code(db, code_id, now, late=True))
    if gone or await claim_own(db, row, now):
        await claim.rollback()
        return False
    await claim.commit()
    return True


async def empty_carts(db: Connection, rows: Sequence[Any], now: datetime) -> None:
    """What was completed is taken out of the carts it came from; what was put in since stays."""
    bought: dict[int, Counter[int]] = {}
    for row in rows:
        if row["cart_id"] is not None:
            pieces = bought.setdefault(row["cart_id"], Counter())
            for line in row["lines"]:
                pieces[line["product"]] += line["quantity"]
    for cart in await orders.hold_carts(db, sorted(bought)) if bought else ():
        gone = sum((bought.get(id_, Counter()) for id_ in cart["followers"]), Counter[int]())
        left = [
            {"product": line["product"], "quantity": line["quantity"] - gone[line["product"]]}
            for line in cart["lines"]
        ]
        await orders.take_out(db, cart["id"], [x for x in left if x["quantity"] > 0], now)


def _letters(rows: Sequence[Any], found: Mapping[str, Order]) -> list[OrderLetter]:
    """A mail for each order that was paid, and for money that went back."""
    letters = []
    for row in rows:
        order = found[row["key"]]
        if order.paid and not row["paid"]:
            letters.append(OrderLetter("order", f"order:{order.id}", order.id))
        if order.refunded > row["refunded"]:
            letters.append(
                OrderLetter(
                    "order_refunded",
                    f"order_refunded:{order.id}:{order.refunded}",
                    order.id,
                    {"amount": order.refunded - row["refunded"]},
                )
            )
    return letters


async def finish_free(
    db: Connection,
    order_id: int,
    cart: ShopCart,
    email: str,
    name: str,
    locale: str,
    now: datetime,
) -> None:
    """An order that costs nothing is complete at once: its customer, the cart, the mail."""
    store_id = cart.row["store_id"]
    ids = await ledger.know_customers(db, store_id, {email: (name, locale)}, now)
    await orders.give_to(db, order_id, ids[email][0])
    await give_own(db, [order_id])
    await set_right(db, [order_id], now)
    await note_orders(db, [order_id])
    lines = [{"product": id_, "quantity": n} for id_, n in cart.kept.lines]
    await empty_carts(db, [{"cart_id": cart.id, "lines": lines}], now)
    await mails.promise_of_orders(db, [OrderLetter("order", f"order:{order_id}", order_id)], now)
