"""How often one network may begin a cart, or try a code: nobody fills the table, or guesses."""

from datetime import datetime, timedelta
from hashlib import sha256

from milepost.domain.messages import N_
from milepost.services.signing_in import TooOften
from milepost.storage import visits
from milepost.storage.database import Database, unit

HOUR = timedelta(hours=1)
MOST_CARTS = 100  # of one network in an hour
MOST_CODES = 60  # tries of one network in an hour, right or wrong


async def count_cart(database: Database, client: str, now: datetime) -> None:
    """One more cart is begun. Raises TooOften."""
    if not await _count(database, f"cart:{client}", MOST_CARTS, now):
        raise TooOften(
            N_("Your network has begun many carts in the last hour. Try again in an hour.")
        )


async def count_code(database: Database, client: str, now: datetime) -> None:
    """One more code is tried. Raises TooOften."""
    if not await _count(database, f"code:{client}", MOST_CODES, now):
        raise TooOften(
            N_("Your network has tried many codes in the last hour. Try again in an hour."),
            about="code",
        )


async def _count(database: Database, what: str, most: int, now: datetime) -> bool:
    who = f"cart:{sha256(what.encode()).hexdigest()}"
    async with unit(database) as db:
        await visits.take_turns(db, who)
        if await visits.tries(db, who, now - HOUR) >= most:
            return False
        await visits.note_try(db, who, now)
        return True
