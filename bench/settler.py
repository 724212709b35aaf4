"""One worker of the settling row: connects, says so, and settles once its input closes."""

import asyncio
import sys

import uvloop

from bench.stage import now
from milepost.services.settling import settle_all
from milepost.storage.database import open_database, reading

WAITING = "select exists (select from facts where state = 'waiting')"


async def settle(url: str) -> None:
    """Settle until nothing waits that no other worker holds, then until nothing waits at all."""
    async with open_database(url) as database:
        async with reading(database) as db:
            await db.fetchval("select 1")
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        while True:
            await settle_all(database, now)
            async with reading(database) as db:
                if not await db.fetchval(
                    "select exists (select from facts where state = 'waiting')"
                ):
                    return
            await asyncio.sleep(0.05)


if __name__ == "__main__":
    uvloop.run(settle(sys.argv[1]))
