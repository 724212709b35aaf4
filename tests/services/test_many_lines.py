"""A hundred thousand lines out and in again, in constant memory, the bad ones named (B11)."""

import csv
import os
import tempfile
import tracemalloc

from milepost.services.batching import make_batch
from milepost.services.listing import batch_csv, pledges_csv
from milepost.services.tracking import bad_lines_csv, run_to_end, send, take_file
from milepost.storage import creators
from milepost.storage.database import unit
from milepost.storage.parcels import Wanted
from milepost.storage.pledge_list import Filters
from tests.many import many
from tests.world import World

MANY = int(os.environ.get("MANY_LINES", "4000"))  # MANY_LINES=100000 for the whole of it
BAD = 50
MEMORY = 24 * 1024 * 1024  # bytes, however many lines


async def test_every_line_goes_out_and_comes_back_with_the_bad_ones_named(world: World) -> None:
    road = await many(world, MANY)
    campaign = {"id": road["campaign"], "track_id": 1, "currency": "USD"}
    async with unit(world.database) as db:
        alice = await creators.add(db, "alice@example.org", "Alice", "en", world.now)
    tracemalloc.start()
    out = 0
    async for text in pledges_csv(world.database, campaign, Filters(), True):
        out += text.count("\r\n")
    assert out == MANY + 1
    wanted = Wanted([0, road["milestone"]])
    batch = await make_batch(
        world.database, world.store_id, road["campaign"], "All", wanted, alice, world.now
    )
    with tempfile.TemporaryFile() as file:
        lines = 0
        async for text in batch_csv(world.database, batch, False):
            for row in csv.reader(text.removeprefix("\ufeff").splitlines()):
                bad = lines and lines % (MANY // BAD) == 0
                row[0] = "x" if bad and lines % 2 == 0 else row[0]
                row[-2:] = ("carrier", "tracking") if not lines else ("DHL", f"00{lines:08}")
                file.write((";".join(f'"{cell}"' for cell in row) + "\n").encode())
                lines += 1
        file.seek(0)
        run = await take_file(
            world.database, road["campaign"], batch, "all.csv", file, "", alice, world.now
        )
    await run_to_end(world.database, run, world.clock)
    await send(world.database, world.store_id, road["campaign"], run, alice, world.clock)
    await run_to_end(world.database, run, world.clock)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    row = await world.row("select state, lines, done, sent from tracking_runs where id = $1", run)
    assert tuple(row) == ("done", MANY, MANY, MANY - BAD)
    reasons = {"no_number": "There is no pledge's number in it."}
    told = "".join([text async for text in bad_lines_csv(world.database, run, reasons)])
    bad_ones = list(csv.DictReader(told.removeprefix("\ufeff").splitlines()))
    assert [int(x["line"]) for x in bad_ones] == [n * MANY // BAD + 1 for n in range(1, BAD + 1)]
    assert {x["reason"] for x in bad_ones} == set(reasons.values())
    (shipped,) = await world.rows("select count(*) from parcels where state = 'shipped'")
    assert shipped["count"] == 2 * (MANY - BAD)
    (letters,) = await world.rows("select count(*) from mails where kind = 'shipped'")
    assert letters["count"] == MANY - BAD
    assert most < MEMORY, f"{most / 2**20:.1f} MB"
