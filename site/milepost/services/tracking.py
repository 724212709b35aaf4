"""Tracking numbers from a file: looked through first, then sent, in chunks that stand alone.

A run is a row with a cursor. Each chunk is one transaction under the campaign's lock that moves it;
whoever goes on after a crash repeats nothing, and two at once only wait for each other.
"""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import IO, Any

from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.messages import N_
from milepost.domain.sheets import written
from milepost.domain.tracking import Line, encoding_of, read_lines
from milepost.services.batching import read_parcel, tell_shipped
from milepost.services.clock import Clock
from milepost.services.noting import note
from milepost.storage import ledger, parcels, tracking
from milepost.storage.database import Connection, Database, enqueue, reading, unit

CHUNK = 1000  # lines in one transaction
AT_ONCE = 2  # chunks that whoever sends the form waits for; a job does the rest
LINES_KEPT = timedelta(days=30)
PROBLEMS = {
    "malformed": N_("The line has not as many cells as the first, or a quote that does not end."),
    "encoding": N_("The line is not written in UTF-8."),
    "too_long": N_("The line is too long."),
    "no_number": N_("There is no pledge's number in it."),
    "no_tracking": N_("There is no tracking number in it."),
    "no_carrier": N_("It names no carrier."),
    "unknown": N_("There is no pledge with this number."),
    "elsewhere": N_("This pledge belongs to another campaign."),
    "twice": N_("A line above names the same pledge."),
    "not_ready": N_("Nothing of this pledge is ready. Put it into a batch first."),
    "not_in_batch": N_("This pledge is not in the batch."),
    "held": N_("The pledge is held for review, or its payment is disputed."),
    "disputed": N_("Its payment is disputed at the backer's bank."),
    "unpaid": N_("The pledge is not paid yet."),
    "over": N_("Nothing is owed to this pledge any more."),
    "moving": N_("Money of this pledge is on its way back, or a change of it is being worked on."),
    "backordered": N_("It waits for stock."),
    "otherwise": N_("It was sent already, and not with this number."),
    "already": N_("It was sent already, with this number. Nothing changes."),
}


async def take_file(
    database: Database,
    campaign_id: int,
    batch_id: int | None,
    name: str,
    file: IO[bytes],
    carrier: str,
    by: int,
    now: datetime,
) -> int:
    """Keep the lines of a file and begin to look through them; the run's id. Sends nothing.

    UTF-8 or UTF-16; comma, semicolon or tab. Raises Invalid when its columns can't be told,
    NotFound for a batch of another campaign.
    """
    carrier, _ = read_parcel(carrier, "")
    start = file.read(2)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding_of(start), errors="replace", newline=None)
    try:
        async with unit(database) as db:
            if batch_id is not None and not await parcels.batch(db, campaign_id, batch_id):
                raise NotFound(N_("There is no such batch."))
            run_id = await tracking.begin(db, campaign_id, batch_id, by, name, now)
            count = 0
            lines = read_lines(text, carrier)
            while chunk := await asyncio.to_thread(_some, lines):
                await tracking.add_lines(db, run_id, chunk)
                count += len(chunk)
            if not count:
                raise Invalid(N_("There is no line below the names of the columns."), about="file")
            await tracking.counted(db, run_id, count)
    except UnicodeError:
        raise Invalid(
            N_("This file is not text in UTF-8 or UTF-16. Save it as “CSV UTF-8”."), about="file"
        ) from None
    finally:
        text.detach()
    await _go_on(database, run_id, lambda: now)
    return run_id


def _some(lines: Iterator[Line]) -> list[Line]:
    return list(islice(lines, 5 * CHUNK))


async def send(
    database: Database, store_id: int, campaign_id: int, run_id: int, by: int, clock: Clock
) -> None:
    """Send the good lines of a run that was looked through; its bad ones stay as they are.

    Once begun it comes to its end; asking again changes nothing. Raises NotFound or Conflict.
    """
    async with unit(database) as db:
        await ledger.lock_campaign(db, campaign_id)
        found = await tracking.lock(db, run_id)
        if found is None or found["campaign_id"] != campaign_id:
            raise NotFound(N_("There is no such file of tracking numbers."))
        if found["state"] == "checking":
            raise Conflict(N_("This file is still being looked through. Try again in a moment."))
        if found["state"] != "checked":
            return
        await tracking.move(db, run_id, "sending", 0, 0, 0)
        after = {"lines": found["lines"]}
        await note(db, store_id, by, "tracking_sent", clock(), found["name"], after=after)
    await _go_on(database, run_id, clock)


async def _go_on(database: Database, run_id: int, clock: Clock) -> None:
    """The first chunks at once; the worker does what is left."""
    for _ in range(AT_ONCE):
        if not await step(database, run_id, clock):
            return
    async with unit(database) as db:
        await enqueue(db, "tracking", {"run_id": run_id}, f"tracking:{run_id}")


async def run_to_end(database: Database, run_id: int, clock: Clock) -> None:
    """Chunk after chunk until nothing is left to do in it."""
    while await step(database, run_id, clock):
        pass


async def step(database: Database, run_id: int, clock: Clock) -> bool:
    """One chunk of a run, whole or not at all; False when there was none left (A15)."""
    async with unit(database) as db:
        campaign_id = await tracking.campaign_of(db, run_id)
        if campaign_id is None:
            return False
        campaign = await ledger.lock_campaign(db, campaign_id)
        run = await tracking.lock(db, run_id)
        assert campaign is not None and run is not None
        if run["state"] not in ("checking", "sending"):
            return False
        through, count = await tracking.next_lines(db, run_id, run["at_line"], CHUNK)
        if through is None:
            state = "checked" if run["state"] == "checking" else "done"
            await tracking.move(db, run_id, state, run["done"], run["at_line"], run["sent"])
            return False
        await tracking.judge(db, run, campaign["store_id"], run["at_line"], through)
        sent = 0
        if run["state"] == "sending":
            sent = await _send(db, run, through, clock())
        await tracking.move(
            db, run_id, run["state"], run["done"] + count, through, run["sent"] + sent
        )
    return True


async def _send(db: Connection, run: Any, through: int, now: datetime) -> int:
    due = await tracking.to_send(db, run["id"], run["at_line"], through)
    if not due:
        return 0
    by = run["creator_id"]
    sent = await parcels.ship(db, run["campaign_id"], run["batch_id"], due, by, now)
    await tell_shipped(db, sent, now)
    await parcels.forget_tally(db, run["campaign_id"])
    return len({row["pledge_id"] for row in sent})


async def under_way(database: Database) -> set[tuple[int, int]]:
    """Runs with work left, each with how far it is: one that stands still was left."""
    async with reading(database) as db:
        return await tracking.under_way(db)


async def bad_lines_csv(database: Database, run_id: int, say: dict[str, str]) -> AsyncIterator[str]:
    """Each bad line as it came, with its number and its reason in words, as CSV."""
    yield "\ufeff" + written([("line", "reason", "content")])
    after = 0
    while rows := await _bad(database, run_id, after):
        after = rows[-1]["line"]
        yield written((row["line"], say[row["problem"]], row["raw"]) for row in rows)


async def _bad(database: Database, run_id: int, after: int) -> Sequence[Any]:
    async with reading(database) as db:
        return await tracking.bad_lines(db, run_id, after, CHUNK)


async def forget_old_lines(database: Database, clock: Clock) -> None:
    """What came in with files a month ago is not kept; what was sent is."""
    async with unit(database) as db:
        await tracking.forget_before(db, clock() - LINES_KEPT)
