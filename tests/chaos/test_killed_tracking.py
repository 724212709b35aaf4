"""A real worker that is killed in the middle of a file of tracking numbers (A15)."""

import asyncio
import io
import os
import sys
from asyncio.subprocess import Process
from pathlib import Path

import pytest

from milepost.services.batching import make_batch
from milepost.services.tracking import send, take_file
from milepost.storage import creators
from milepost.storage.database import unit
from milepost.storage.parcels import Wanted
from tests.many import many
from tests.world import World, open_world

LINES = 6_000


async def a_worker(folder: Path, database_url: str) -> Process:
    """`milepost work`, as an operator runs it; it sends no mail."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "milepost", "work",
        cwd=folder,
        env=os.environ
        | {
            "DATABASE_URL": database_url,
            "BASE_URL": "https://fund.example.org",
            "SECRET_KEY": "a-secret-of-the-tests",
            "STRIPE_SECRET_KEY": "sk_test_nobody",
            "STRIPE_WEBHOOK_SECRET": "whsec_nobody",
            "STRIPE_API_BASE": "http://127.0.0.1:9",
        },
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


async def reached(world: World, run: int, state: str, line: int = 0) -> int:
    """How far the run is, once it is so far."""
    async with asyncio.timeout(60):
        while True:
            row = await world.row("select state, at_line from tracking_runs where id = $1", run)
            if row["state"] == state and row["at_line"] > line:
                return int(row["at_line"])
            await asyncio.sleep(0.02)


async def test_whoever_goes_on_after_it_sends_every_box_once(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("milepost.services.tracking.AT_ONCE", 0)
    async with open_world(database_url) as world:
        road = await many(world, LINES)
        async with unit(world.database) as db:
            alice = await creators.add(db, "alice@example.org", "Alice", "en", world.now)
        here = (world.database, world.store_id, road["campaign"])
        wanted = Wanted([0, road["milestone"]])
        batch = await make_batch(*here, "All", wanted, alice, world.now)
        rows = await world.rows("select id from pledges order by id")
        text = "pledge,tracking\n" + "".join(f"{r['id']},00{r['id']}\n" for r in rows)
        file = io.BytesIO(text.encode())
        run = await take_file(
            world.database, road["campaign"], batch, "", file, "DHL", alice, world.now
        )
        worker = await a_worker(tmp_path, database_url)
        try:
            await reached(world, run, "checked")
            await send(*here, run, alice, world.clock)
            await reached(world, run, "sending", 1)
        finally:
            worker.kill()
            await worker.wait()
        left = await world.row("select state, sent from tracking_runs where id = $1", run)
        assert left["state"] == "sending" and 0 < left["sent"] < LINES, "killed in the middle"
        worker = await a_worker(tmp_path, database_url)
        try:
            await reached(world, run, "done")
        finally:
            worker.terminate()
            await worker.wait()
        row = await world.row("select done, sent from tracking_runs where id = $1", run)
        assert tuple(row) == (LINES, LINES)
        (parcels,) = await world.rows(
            "select count(*) filter (where state = 'shipped') as sent,"
            " count(*) filter (where tracking = '00' || pledge_id) as own, count(*) from parcels"
        )
        assert tuple(parcels) == (2 * LINES,) * 3
        (letters,) = await world.rows(
            "select count(*), count(distinct pledge_id) as boxes from mails where kind = 'shipped'"
        )
        assert tuple(letters) == (LINES, LINES)
        (batches,) = await world.rows("select sent, parcels from batches")
        assert tuple(batches) == (2 * LINES, 2 * LINES)
