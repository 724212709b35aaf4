"""The nightly run in a process of its own: grants, seconds, and the memory that they took."""

import re
import sys
import time
from pathlib import Path

import uvloop

from bench.stage import now
from milepost.services.judging import run_due_programs
from milepost.storage.database import open_database, reading


async def run(url: str) -> None:
    """Print how many grants were made, in how many seconds, and how many KiB above idle."""
    async with open_database(url) as database:
        async with reading(database) as db:
            await db.fetchval("select 1")
        _forget_peak()
        idle, begun = _kib("VmRSS"), time.perf_counter()
        made = await run_due_programs(database, now)
        print(made, time.perf_counter() - begun, _kib("VmHWM") - idle)


def _forget_peak() -> None:
    """From here on the peak counts; until now it is what the process has."""
    Path("/proc/self/clear_refs").write_text("5")


def _kib(what: str) -> int:
    found = re.search(rf"{what}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1])


if __name__ == "__main__":
    uvloop.run(run(sys.argv[1]))
