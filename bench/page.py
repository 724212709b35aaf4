"""The campaign page from memory (V1), and at 100 against 1,000,000 backers (V2)."""

import asyncio
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.crowd import campaign
from bench.load import wrk
from bench.rows import Row
from bench.stage import Stage, free_port, wait_until
from milepost.storage.database import open_database

FEW, MANY = 100, 1_000_000


async def measure(stage: Stage, rounds: int) -> list[Row]:
    """V1 and V2."""
    url = await stage.database()
    async with open_database(url) as database:
        await campaign(database, "few", FEW)
        await campaign(database, "many", MANY)
    bare = Row("V1 page from memory / bare ASGI bytes", "/s", "≥ 0.8 ×", reach=0.8)
    starlette = Row("V1 page from memory / bare Starlette bytes", "/s", "(the issue's floor)")
    p99 = Row("V1 page p99 at 32 connections", "ms", "< 3 ms", better="less", reach=3)
    many = Row("V2 page at 1,000,000 backers / at 100", "/s", "within 10 %", reach=0.9)
    port = free_port()
    with stage.process("serve", port=port, url=url):
        few_url, many_url = (f"http://127.0.0.1:{port}/c/{slug}" for slug in ("few", "many"))
        body = await asyncio.to_thread(_get, few_url)
        await asyncio.to_thread(_get, many_url)
        with (
            _floor(body, stage.folder, "bytes_app") as bare_port,
            _floor(body, stage.folder, "starlette_app") as starlette_port,
        ):
            for _ in range(rounds):
                ours = await wrk(few_url)
                p99.ours.append(ours.p99)
                bare_rate = (await wrk(f"http://127.0.0.1:{bare_port}/")).rate
                starlette_rate = (await wrk(f"http://127.0.0.1:{starlette_port}/")).rate
                many_rate = (await wrk(many_url)).rate
                bare.ours.append(ours.rate)
                bare.floor.append(bare_rate)
                starlette.ours.append(ours.rate)
                starlette.floor.append(starlette_rate)
                many.ours.append(many_rate)
                many.floor.append(ours.rate)
    return [bare, starlette, p99, many]


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:
        return bytes(answer.read())


@contextmanager
def _floor(body: bytes, folder: Path, app: str) -> Iterator[int]:
    """A server of the same kind that answers these bytes and does nothing else."""
    (folder / "floor.html").write_bytes(body)
    port = free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "uvicorn", f"bench.floors:{app}", "--factory"),
            *("--port", str(port), "--loop", "uvloop", "--http", "httptools"),
            *("--no-access-log", "--no-server-header", "--log-level", "warning"),
        ],
        cwd=Path(__file__).parent.parent,
        env={"FLOOR_FILE": str(folder / "floor.html"), "PATH": "/usr/bin:/bin"},
    )
    try:
        wait_until(port, process, "/")
        yield port
    finally:
        process.terminate()
        process.wait(10)
