"""Reviews by those who bought, and what was decided about them; listings keep the sum of stars."""

from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("reviews")


async def reviewer(db: Connection, store_id: int, listing_id: int, email: str) -> Any | None:
    """The store's customer of this address: the order that has it, and what they wrote of it."""
    return await _sql.reviewer(db, store_id=store_id, listing_id=listing_id, email=email)


async def of_listing(db: Connection, listing_id: int, before: int | None, most: int) -> list[Any]:
    """The next `most` that are shown, newest first, those with an id below `before`."""
    found = _sql.reviews_of_listing(db, listing_id=listing_id, before=before, most=most)
    return await rows_of(found)


async def hold_own(db: Connection, listing_id: int, customer_id: int) -> Any | None:
    """What this customer wrote of it, locked."""
    return await _sql.hold_review_of_customer(db, listing_id=listing_id, customer_id=customer_id)


async def keep(
    db: Connection, listing_id: int, customer_id: int, order_id: int, now: datetime, **columns: Any
) -> None:
    """What this customer says of it, until it is decided about for the studio alone."""
    await _sql.keep_review(
        db,
        listing_id=listing_id,
        customer_id=customer_id,
        order_id=order_id,
        now=now,
        **columns,
    )


async def count(db: Connection, listing_id: int, stars: int, reviews: int) -> None:
    """So many stars and reviews more, or fewer, are shown of the listing."""
    await _sql.count_stars(db, listing_id=listing_id, stars=stars, reviews=reviews)


async def in_studio(
    db: Connection, store_id: int, state: str, before: int | None, most: int
) -> list[Any]:
    """The next `most` of the store's in this state."""
    found = _sql.reviews_in_studio(db, store_id=store_id, state=state, before=before, most=most)
    return await rows_of(found)


async def waiting(db: Connection, store_id: int) -> int:
    """How many nobody has decided about."""
    found: int = await _sql.count_waiting_reviews(db, store_id=store_id)
    return found


async def listing_of(db: Connection, store_id: int, review_id: int) -> int | None:
    """Which of the store's listings it is about; None where it is another store's."""
    found: int | None = await _sql.listing_of_review(db, store_id=store_id, review_id=review_id)
    return found


async def hold(db: Connection, review_id: int) -> Any | None:
    """The review's row, locked; its listing is locked before it."""
    return await _sql.hold_review(db, review_id=review_id)


async def decide(db: Connection, review_id: int, state: str, now: datetime) -> None:
    """It is shown, or hidden."""
    await _sql.decide_review(db, review_id=review_id, state=state, now=now)
