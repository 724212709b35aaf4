"""How a command reaches its database, and what it says where that can't be."""

import asyncio
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
            f"The database can't be reached: {str(error) or 'it does not answer'}. See that it"
            " runs, and that DATABASE_URL is right."
        ) from None
    try:
        yield database
    except UNMIGRATED:
        from milepost.storage import migrating

        stands, ours = await asyncio.to_thread(migrating.current, url), migrating.heads()
        if [stands] == ours:
            raise
        raise Refusal(
            f"The database's schema is {stands or 'empty'}, and this Milepost's is {ours[0]}. Run"
            " milepost migrate, or the Milepost that made it."
        ) from None
    finally:
        await database.disconnect()
