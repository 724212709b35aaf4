"""Webhook intake: checked, kept with its payload, committed, answered (V4)."""

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.crowd import campaign, started
from bench.events import requests
from bench.load import send_all
from bench.rows import Row
from bench.stage import Stage, environment, free_port, wait_until
from milepost.storage.database import open_database

OURS, NAIVE = 20_000, 2_000
_serial = itertools.count()


async def measure(stage: Stage, rounds: int) -> list[Row]:
    """V4."""
    url = await stage.database()
    rate = Row("V4 webhook intake / one transaction per event", "/s", "≥ 14 ×", reach=14)
    p99 = Row("V4 webhook p99 at 64 connections", "ms", "≤ 10 ms", better="less", reach=10)
    async with open_database(url) as database:
        campaign_id = await campaign(database, "road")
        pledges = await started(database, campaign_id, 1000)
    port = free_port()
    with stage.process("serve", port=port, url=url), _naive(url) as naive_port:
        for _ in range(rounds):
            ours = await send_all(_events(OURS, campaign_id, pledges, port), port)
            naive = await send_all(_events(NAIVE, campaign_id, pledges, naive_port), naive_port)
            rate.ours.append(ours.rate)
            rate.floor.append(naive.rate)
            p99.ours.append(ours.p99)
    return [rate, p99]


def _events(count: int, campaign_id: int, pledges: list[int], port: int) -> list[bytes]:
    numbers = (f"{next(_serial):x}in" for _ in range(count))
    pairs = zip(numbers, itertools.cycle(pledges), strict=False)
    return requests(((number, campaign_id, pledge) for number, pledge in pairs), port)


@contextmanager
def _naive(url: str) -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "uvicorn", "bench.floors:naive_intake_app", "--factory"),
            *("--port", str(port), "--loop", "uvloop", "--http", "httptools"),
            *("--no-access-log", "--log-level", "warning"),
        ],
        cwd=Path(__file__).parent.parent,
        env={**os.environ, **environment(url, port)},
    )
    try:
        wait_until(port, process, "/")
        yield port
    finally:
        process.terminate()
        process.wait(10)
