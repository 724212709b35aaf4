"""Reviewing: whoever bought something says how it is; shown once the creator has approved it (B21).

The listing keeps the sum of what is shown, moved in the same transaction. The log names a review by
its number alone: deeds are kept for ever, and people can be erased.
"""

from dataclasses import dataclass
from datetime import datetime

from milepost.domain.errors import Closed, Conflict, Invalid, NotFound
from milepost.domain.listings import LONGEST_REVIEW, LONGEST_REVIEWER
from milepost.domain.messages import N_
from milepost.services.author import Author
from milepost.services.doings import note_review
from milepost.services.noting import note
from milepost.storage import listings, reviews
from milepost.storage.database import Connection, Database, unit


@dataclass(frozen=True, slots=True)
class NewReview:
    """One to five stars, with words and the name that others see."""

    stars: int
    text: str
    name: str


async def write_review(
    database: Database, store_id: int, listing_id: int, email: str, review: NewReview, now: datetime
) -> None:
    """Keep what the buyer of this address says; it waits, and so does one that was shown.

    Raises Closed for whoever has no paid order with it; Invalid.
    """
    _check(review)
    async with unit(database) as db:
        listing = await listings.hold(db, store_id, listing_id)
        if listing is None or not listing["published"]:
            raise NotFound(N_("There is no such listing."))
        who = await reviews.reviewer(db, store_id, listing_id, email)
        if who is None or who["order_id"] is None:
            raise Closed(N_("Only those who bought it review it."))
        was = await reviews.hold_own(db, listing_id, who["customer_id"])
        if was is not None and was["state"] == "shown":
            await reviews.count(db, listing_id, -was["stars"], -1)
            await note_review(db, store_id, was["id"], who["customer_id"], False, now)
        await reviews.keep(
            db,
            listing_id,
            who["customer_id"],
            who["order_id"],
            now,
            stars=review.stars,
            text=review.text,
            name=review.name,
        )


async def show_review(database: Database, author: Author, review_id: int, now: datetime) -> None:
    """Everybody may read it, and its stars count."""
    await _decide(database, author, review_id, "shown", now)


async def hide_review(database: Database, author: Author, review_id: int, now: datetime) -> None:
    """Nobody but its writer and the studio reads it; its stars don't count."""
    await _decide(database, author, review_id, "hidden", now)


async def _decide(
    database: Database, author: Author, review_id: int, state: str, now: datetime
) -> None:
    async with unit(database) as db:
        listing_id = await reviews.listing_of(db, author.store_id, review_id)
        if listing_id is None or not await listings.hold(db, author.store_id, listing_id):
            raise NotFound(N_("There is no such review."))
        row = await reviews.hold(db, review_id)
        if row is None:
            raise Conflict(N_("Its writer has taken it back."))
        if row["state"] == state:
            return
        await reviews.decide(db, review_id, state, now)
        await _count(db, listing_id, row["stars"], row["state"], state)
        await note_review(db, author.store_id, review_id, row["customer_id"], state == "shown", now)
        before, after = {"state": row["state"]}, {"state": state}
        what = "review_shown" if state == "shown" else "review_hidden"
        about = str(review_id)
        await note(db, author.store_id, author.creator_id, what, now, about, before, after)


async def _count(db: Connection, listing_id: int, stars: int, was: str, became: str) -> None:
    """The listing's sum moves by this review, if it came into sight or went out of it."""
    moved = (became == "shown") - (was == "shown")
    if moved:
        await reviews.count(db, listing_id, moved * stars, moved)


def _check(review: NewReview) -> None:
    if not 1 <= review.stars <= 5:
        raise Invalid(N_("Choose one to five stars."), about="stars")
    if not review.name:
        raise Invalid(N_("Say who you are: a first name will do."), about="name")
    for about, text, most in (
        ("name", review.name, LONGEST_REVIEWER),
        ("text", review.text, LONGEST_REVIEW),
    ):
        if len(text) > most:
            raise Invalid(N_("This may have %(most)s characters."), about=about, most=most)
