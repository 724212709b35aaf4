"""A store's orders as its people see and mind them: listed, sent, given back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("order_list")


async def some(
    db: Connection,
    store_id: int,
    show: str,
    ids: Sequence[int] | None,
    before: int | None,
    most: int,
) -> list[Any]:
    """The next `most` orders, newest first, those with an id below `before`; `ids`: only these.

    `show` is one of send, sent, late, disputed, refunded, open, over; empty for all that were paid.
    """
    found = _sql.orders_in_studio(
        db, store_id=store_id, show=show, ids=ids, before=before, most=most
    )
    return await rows_of(found)


async def search(
    db: Connection, store_id: int, said: str, number: int | None, minds: bool
) -> list[int]:
    """The ids of orders with this number, key, name, or, for whoever `minds` them, mail address."""
    found = _sql.search_orders(db, store_id=store_id, said=said, number=number, minds=minds)
    return [row["id"] for row in await rows_of(found)]


async def apart(db: Connection, store_id: int) -> Any:
    """How many wait to be sent, are paid but not all in stock, are disputed."""
    return await _sql.orders_apart(db, store_id=store_id)


async def campaigns_to_send(db: Connection, store_id: int) -> list[Any]:
    """The store's campaigns that have something to send, with how many parcels are packed."""
    return await rows_of(_sql.campaigns_to_send(db, store_id=store_id))


async def one(db: Connection, store_id: int, order_id: int) -> Any | None:
    """The store's order."""
    return await _sql.order_in_studio(db, store_id=store_id, order_id=order_id)


async def lock(db: Connection, store_id: int, order_id: int) -> Any | None:
    """The store's order, locked."""
    return await _sql.lock_order_of_store(db, store_id=store_id, order_id=order_id)


async def lock_many(db: Connection, store_id: int, order_ids: Sequence[int]) -> list[Any]:
    """The store's orders among these, locked in their order."""
    found = _sql.lock_orders_of_store(db, store_id=store_id, order_ids=list(order_ids))
    return await rows_of(found)


async def ship_many(db: Connection, parcels: Sequence[tuple[int, str, str]], now: datetime) -> None:
    """They are on their way, each by its carrier with its number."""
    await _sql.ship_orders(
        db,
        order_ids=[order_id for order_id, _, _ in parcels],
        carriers=[carrier for _, carrier, _ in parcels],
        trackings=[tracking for _, _, tracking in parcels],
        now=now,
    )


async def unship(db: Connection, order_id: int) -> None:
    """It was not sent after all."""
    await _sql.unship_order(db, order_id=order_id)


async def claim_again(db: Connection, order_id: int) -> None:
    """Its pieces are its own again."""
    await _sql.claim_order_again(db, order_id=order_id)


async def returned(db: Connection, order_id: int) -> dict[int, int]:
    """How many pieces of each line came back, by its place."""
    rows = await rows_of(_sql.lines_of_order_returned(db, order_id=order_id))
    return {row["place"]: row["pieces"] for row in rows}


async def request_refund(
    db: Connection,
    order_id: int,
    sums: tuple[int, int],
    lines: Mapping[int, int],
    key: str,
    reason: str,
    by: str,
    now: datetime,
) -> int:
    """A refund of `sums`, to the card and to store credit; its id.

    What goes to the card is to be asked of Stripe (P4); store credit is there already.
    """
    told = {str(place): count for place, count in lines.items()}
    return int(
        await _sql.request_order_refund(
            db,
            order_id=order_id,
            amount=sums[0],
            credit=sums[1],
            lines=told,
            key=key,
            reason=reason,
            made_by=by,
            now=now,
        )
    )


async def refunds_to_send(db: Connection, most: int) -> list[Any]:
    """Refunds that were decided on and not asked of Stripe, the oldest first."""
    return await rows_of(_sql.order_refunds_to_send(db, most=most))


async def refund_sent(db: Connection, refund_id: int, provider_id: str) -> None:
    """Stripe has it."""
    await _sql.order_refund_sent(db, refund_id=refund_id, provider_id=provider_id)


async def refunds_bounced(db: Connection, provider_ids: Sequence[str]) -> None:
    """Stripe took these, and the bank sent them back."""
    if provider_ids:
        await _sql.order_refunds_bounced(db, provider_ids=provider_ids)


async def refund_failed(db: Connection, refund_id: int, error: str) -> None:
    """Stripe never will."""
    await _sql.order_refund_failed(db, refund_id=refund_id, error=error)


async def deeds(db: Connection, store_id: int, about: str) -> list[Any]:
    """What people did with the order, oldest first."""
    return await rows_of(_sql.deeds_of_order(db, store_id=store_id, about=about))


async def mails(db: Connection, order_id: int) -> list[Any]:
    """The order's mails, in the order of their promise."""
    return await rows_of(_sql.mails_of_order(db, order_id=order_id))
