"""How a command reaches its database, and what it says where that can't be."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from milepost.cli.refusal import Refusal
from milepost.storage.database import AWAY, UNMIGRATED, Database, open_database


@asynccontextmanager
async def reached(url: str) -> AsyncIterator[Database]:
    """The database at `url`, for as long as a command takes.

    Raises Refusal where it can't be reached, or where its schema is another one than ours.
    """
    database = open_database(url)
    try:
        await database.connect()
    except AWAY as error:
        raise Refusal(
            f"The database can't be reached: {error}. See that it runs, and that DATABASE_URL is"
            " right."
        ) from None
    try:
        yield database
    except UNMIGRATED as error:
        raise Refusal(
            f"The database's schema is not this Milepost's: {error}. Run milepost migrate."
        ) from None
    finally:
        await database.disconnect()
