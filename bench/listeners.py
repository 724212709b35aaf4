"""From a signed event to every open page, with 1,000 listeners (V6), and what they weigh (V7)."""

import asyncio
import itertools
import time
from pathlib import Path

from bench.crowd import campaign, started
from bench.events import requests
from bench.load import send_all
from bench.rows import Row
from bench.stage import Stage, free_port
from milepost.storage.database import open_database

LISTENERS = 1_000
_serial = itertools.count()


class _Listener(asyncio.Protocol):
    """One open page: notes when its state next moves."""

    def __init__(self, port: int, heard: list[float]) -> None:
        self._port = port
        self._heard = heard
        self.states = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        ask = b"GET /c/road/live HTTP/1.1\r\nhost: 127.0.0.1:%d\r\n\r\n" % self._port
        transport.write(ask)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """A frame, or a part of one."""
        if b"event: state" in data:
            self.states += 1
            self._heard.append(time.perf_counter())


async def measure(stage: Stage, rounds: int) -> list[Row]:
    """V6 and V7, with one web worker and one settling worker."""
    url = await stage.database()
    p50 = Row("V6 event to open page, 1,000 listeners: p50", "ms", "(for information)")
    p99 = Row(
        "V6 event to open page, 1,000 listeners: p99", "ms", "≤ 250 ms", better="less", reach=250
    )
    weight = Row("V7 memory of a listener", "KiB", "≤ 12 KiB", better="less", reach=12)
    async with open_database(url) as database:
        campaign_id = await campaign(database, "road")
        pledges = await started(database, campaign_id, rounds * 10)
    port, loop, heard = free_port(), asyncio.get_running_loop(), list[float]()
    with stage.process("serve", port=port, url=url) as web, stage.process("work", port=0, url=url):
        await _open(loop, port, heard, 20)
        before = _resident(web.pid)
        await _open(loop, port, heard, LISTENERS - 20)
        await _until(heard, LISTENERS)
        weight.ours.append((_resident(web.pid) - before) / (LISTENERS - 20))
        for pledge in pledges:
            heard.clear()
            number = f"{next(_serial):x}li{int(time.time())}"
            prepared = requests([(number, campaign_id, pledge)], port)
            begun = time.perf_counter()
            await send_all(prepared, port, connections=1)
            await _until(heard, LISTENERS)
            times = sorted(at - begun for at in heard)
            p50.ours.append(times[len(times) // 2] * 1000)
            p99.ours.append(times[int(len(times) * 0.99)] * 1000)
            await asyncio.sleep(0.3)  # the page's own breath between two versions
    return [p50, p99, weight]


async def _open(loop: asyncio.AbstractEventLoop, port: int, heard: list[float], count: int) -> None:
    for _ in range(count):
        await loop.create_connection(lambda: _Listener(port, heard), "127.0.0.1", port)


async def _until(heard: list[float], count: int) -> None:
    async with asyncio.timeout(60):
        while len(heard) < count:
            await asyncio.sleep(0.002)


def _resident(pid: int) -> float:
    """Resident memory in KiB. Source: proc(5)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return float(next(x for x in status.splitlines() if x.startswith("VmRSS")).split()[1])
