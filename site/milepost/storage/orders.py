"""Orders: claimed at checkout, moved by facts, each a row with all that it is about."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from milepost.domain.facts import Fact
from milepost.domain.orders import Order
from milepost.storage.database import Connection, named_queries, rows_of
from milepost.storage.inbox import fact_of

_sql = named_queries("orders")


async def lock_cart(db: Connection, token_hash: bytes) -> int | None:
    """The id of the cart behind the token, locked until the transaction ends."""
    found: int | None = await _sql.lock_cart(db, token_hash=token_hash)
    return found


async def open_of_cart(db: Connection, token_hash: bytes) -> Any | None:
    """The order whose payment page is open for the cart behind the token."""
    return await _sql.open_order_of_cart(db, token_hash=token_hash)


async def claim(db: Connection, pieces: Mapping[int, int]) -> set[int]:
    """Claim pieces by product (P3); the products that have not enough, and then nothing may stand.

    The products are locked first, in the order of their ids.
    """
    ids = sorted(pieces)
    await _sql.hold_products(db, product_ids=ids)
    found = _sql.claim_pieces(db, product_ids=ids, pieces=[pieces[id_] for id_ in ids])
    return set(ids) - {row["id"] for row in await rows_of(found)}


async def claim_those_there(db: Connection, wanted: Mapping[int, int]) -> dict[int, int]:
    """Claim as many of the pieces that are `wanted` by product as there are; how many (P3).

    The products are locked first, in the order of their ids.
    """
    if not wanted:
        return {}
    ids = sorted(wanted)
    await _sql.hold_products(db, product_ids=ids)
    found = _sql.claim_those_there(db, product_ids=ids, pieces=[wanted[id_] for id_ in ids])
    return {row["id"]: row["taken"] for row in await rows_of(found)}


async def hold_products(db: Connection, product_ids: Sequence[int]) -> None:
    """These products, locked in the order of their ids."""
    if product_ids:
        await _sql.hold_products(db, product_ids=sorted(product_ids))


async def give_back(db: Connection, pieces: Mapping[int, int], codes: Mapping[int, int]) -> None:
    """Pieces by product, and uses by code, are free again."""
    if pieces:
        ids = sorted(pieces)
        await hold_products(db, ids)
        await _sql.return_pieces(db, product_ids=ids, pieces=[pieces[id_] for id_ in ids])
    if codes:
        await _sql.return_codes(db, code_ids=list(codes), uses=list(codes.values()))


async def use_code(db: Connection, code_id: int, now: datetime, *, late: bool = False) -> bool:
    """Count a use of the code; False when it does not work any more, or is used up.

    A `late` payment had its code in time, so only the number of uses counts.
    """
    if late:
        return bool(await _sql.use_code_late(db, code_id=code_id))
    return bool(await _sql.use_code(db, code_id=code_id, now=now))


async def add(db: Connection, **columns: Any) -> int:
    """A new order; its id."""
    return int(await _sql.add_order(db, **columns))


async def open_page(db: Connection, order_id: int, session: str, url: str) -> bool:
    """The order's payment page is there; False where the order was given up meanwhile."""
    found = await _sql.open_payment_page(db, order_id=order_id, session=session, url=url)
    return found is not None


async def lock_open(db: Connection, order_id: int) -> Any | None:
    """The order, locked, while nothing has come of its payment page."""
    return await _sql.lock_open_order(db, order_id=order_id)


async def give_up(db: Connection, order_id: int, state: str) -> None:
    """Nothing will come of the order; whoever calls has given its claims back."""
    await _sql.give_up_order(db, order_id=order_id, state=state)


async def overdue(db: Connection, now: datetime, most: int) -> list[Any]:
    """Open orders past their time, each with its payment page's `session_id`, if it has one."""
    return await rows_of(_sql.overdue_orders(db, now=now, most=most))


async def look_later(db: Connection, order_id: int, when: datetime) -> None:
    """The order's page was completed; whether we have heard of it is looked at again then."""
    await _sql.look_later(db, order_id=order_id, when=when)


async def lock_with_facts(db: Connection, most: int) -> list[Any]:
    """The next orders of which something was told, locked; those that another holds are not."""
    return await rows_of(_sql.lock_orders_with_facts(db, most=most))


async def waiting_facts(db: Connection, keys: Sequence[str], most: int) -> list[tuple[str, Fact]]:
    """What was told of these orders, in the order in which it came, each with the order's key."""
    rows = await rows_of(_sql.waiting_facts_of_orders(db, keys=keys, most=most))
    return [(row["order_key"], fact_of(row)) for row in rows]


def order_of(row: Any) -> Order:
    """The order of its row, as facts move it."""
    return Order(
        row["id"],
        row["key"],
        row["state"],
        row["total"],
        row["claiming"],
        row["processing"],
        row["payment"] or "",
        row["paid"],
        row["refunded"],
        row["refunds"],
        row["refunded_total"],
        row["disputes"],
        row["credit"] - row["credit_back"],
    )


async def write(
    db: Connection, orders: Sequence[Order], people: Mapping[int, Mapping[str, Any]], now: datetime
) -> None:
    """What these orders have become; `people` says whose each is."""
    whose = [people[order.id] for order in orders]
    await _sql.write_orders(
        db,
        now=now,
        ids=[o.id for o in orders],
        states=[o.state for o in orders],
        claimings=[o.claiming for o in orders],
        processings=[o.processing for o in orders],
        payments=[o.payment or None for o in orders],
        paids=[o.paid for o in orders],
        refundeds=[o.refunded for o in orders],
        refunds=[orjson.dumps(o.refunds).decode() for o in orders],
        refunded_totals=[o.refunded_total for o in orders],
        disputes=[orjson.dumps(o.disputes).decode() for o in orders],
        customer_ids=[p["customer_id"] for p in whose],
        emails=[p["email"] for p in whose],
        names=[p["name"] for p in whose],
        addresses=[
            None if p["address"] is None else orjson.dumps(p["address"]).decode() for p in whose
        ],
    )


async def hold_carts(db: Connection, cart_ids: Sequence[int]) -> list[Any]:
    """These carts, or those that they have joined, locked; `followers` are all that are one."""
    return await rows_of(_sql.hold_carts(db, cart_ids=cart_ids))


async def take_out(
    db: Connection, cart_id: int, lines: Sequence[Mapping[str, int]], now: datetime
) -> None:
    """These lines are left in the cart."""
    await _sql.take_out_of_cart(db, cart_id=cart_id, lines=list(lines), empty=not lines, now=now)


async def by_key(db: Connection, key: str) -> Any | None:
    """The order with its store and code, for its own page."""
    return await _sql.order_by_key(db, key=key)


async def give_to(db: Connection, order_id: int, customer_id: int) -> None:
    """The order is this customer's."""
    await _sql.give_order_to(db, order_id=order_id, customer_id=customer_id)


async def own(
    db: Connection, email: str, key: str | None, before: int | None, most: int
) -> list[Any]:
    """The paid orders of this address, newest first; those with an id below `before`, or the one.

    Nobody else's is among them, whatever the `key`.
    """
    found = _sql.own_orders(db, email=email, key=key, before=before, most=most)
    return await rows_of(found)


async def refunds_of(db: Connection, order_id: int) -> list[Any]:
    """What was decided to be given back, in order."""
    return await rows_of(_sql.refunds_of_order(db, order_id=order_id))
