"""Settled pledges per second on one hot campaign, with 1 and with 4 workers (V5)."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

from bench.crowd import campaign, started
from bench.rows import Row
from bench.stage import Stage, connect, now
from milepost.domain.facts import Fact
from milepost.services.receiving import keep_events
from milepost.storage.database import open_database
from milepost.storage.inbox import Arrival

PLEDGES = 40_000
TARGETS = [PLEDGES * tenth // 10 for tenth in (1, 3, 5, 7, 9)]  # 2.5 grants a pledge on average
ROLL_UP = """
with batch as (select generate_series(1, 500) as n),
     written as (insert into floor_entries select n, 4500 from batch)
update floor_campaign set units = units + 500, money = money + 500 * 4500
"""


async def measure(stage: Stage, rounds: int) -> list[Row]:
    """V5."""
    one = Row("V5 settled pledges, 1 worker", "/s", "≥ 20,000/s", reach=20_000)
    four = Row("V5 settled pledges, 4 workers / 1 worker", "/s", "no slower", reach=0.9)
    floor = Row("V5 floor: bare roll-up of 500 a batch", "rows/s", "(for information)")
    for _ in range(rounds):
        one.ours.append(await _settled(stage, 1))
        four.ours.append(await _settled(stage, 4))
        four.floor.append(one.ours[-1])
        floor.ours.append(await _rolled_up(stage))
    return [one, four, floor]


async def _settled(stage: Stage, workers: int) -> float:
    """Pledges per second from the first worker's start of work to the last's end."""
    url = await stage.database()
    async with open_database(url) as database:
        campaign_id = await campaign(database, "hot", targets=TARGETS)
        pledges = await started(database, campaign_id, PLEDGES)
        for start in range(0, PLEDGES, 5000):
            arrivals = [_paid(campaign_id, p) for p in pledges[start : start + 5000]]
            await keep_events(database, arrivals, now())
        async with database.connection() as connection:
            await connection.raw_connection.execute("vacuum analyze")
    command = [sys.executable, "-m", "bench.settler", url]
    running = [_worker(command) for _ in range(workers)]
    for process in running:
        assert process.stdout is not None
        await asyncio.to_thread(process.stdout.readline)
    begun = time.perf_counter()
    for process in running:
        assert process.stdin is not None
        process.stdin.close()
    for process in running:
        await asyncio.to_thread(process.wait, 300)
    seconds = time.perf_counter() - begun
    connection = await connect(url)
    settled = await connection.fetchval("select backers from campaigns")
    await connection.close()
    if settled != PLEDGES:
        raise RuntimeError(f"{settled} of {PLEDGES} pledges were settled")
    return PLEDGES / seconds


def _worker(command: list[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command,
        cwd=Path(__file__).parent.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def _paid(campaign_id: int, pledge_id: int) -> Arrival:
    detail = {"email": f"s{pledge_id}@example.org", "name": "A Backer", "locale": "en"}
    fact = Fact("paid", pledge_id, amount=4500, payment=f"pi_{pledge_id}", detail=detail)
    return Arrival(f"evt_s{pledge_id}", "bench", now(), "{}", fact, campaign_id)


async def _rolled_up(stage: Stage) -> float:
    connection = await connect(await stage.database())
    await connection.execute("create table floor_entries (n bigint primary key, money bigint)")
    await connection.execute("alter table floor_entries drop constraint floor_entries_pkey")
    await connection.execute(
        "create table floor_campaign as select 0::bigint units, 0::bigint money"
    )
    begun = time.perf_counter()
    for _ in range(100):
        await connection.execute(ROLL_UP)
    seconds = time.perf_counter() - begun
    await connection.close()
    return 100 * 500 / seconds
