"""Load from this machine to this machine: wrk for pages, bare sockets for prepared requests."""

import asyncio
import re
import shutil
import time
from dataclasses import dataclass

WRK = re.compile(r"Requests/sec:\s+([\d.]+)")
P99 = re.compile(r"99%\s+([\d.]+)(us|ms|s)")
LENGTH = re.compile(rb"content-length: (\d+)")
SCALE = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass
class Measured:
    """Requests per second, and the latency that 99 of 100 stayed under, in milliseconds."""

    rate: float
    p99: float


async def wrk(url: str, seconds: int = 4, connections: int = 32) -> Measured:
    """What wrk measures at `url`. Raises SystemExit with what to install when it is missing."""
    if shutil.which("wrk") is None:
        raise SystemExit("The page rows need wrk. On Debian: apt-get install wrk")
    process = await asyncio.create_subprocess_exec(
        *("wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"),
        *("-H", "accept-encoding: identity", url),
        stdout=asyncio.subprocess.PIPE,
    )
    told = (await process.communicate())[0].decode()
    rate, p99 = WRK.search(told), P99.search(told)
    if rate is None or p99 is None or "Non-2xx" in told:
        raise RuntimeError(f"wrk could not measure {url}:\n{told}")
    return Measured(float(rate[1]), float(p99[1]) * SCALE[p99[2]])


class _Sender(asyncio.Protocol):
    """One connection that sends prepared requests one after the other and times each answer."""

    def __init__(self, waiting: list[bytes], times: list[float], done: asyncio.Event) -> None:
        self._waiting = waiting
        self._times = times
        self._done = done
        self._at = 0.0
        self._answer = b""
        self.refused = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first."""
        self._transport = transport
        self._next()

    def _next(self) -> None:
        if not self._waiting:
            self._transport.close()
            self._done.set()
            return
        self._at = time.perf_counter()
        self._transport.write(self._waiting.pop())  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """An answer, or a part of one: head and body may come apart."""
        self._answer += data
        head, _, body = self._answer.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if length is None or len(body) < int(length[1]):
            return
        self._answer = b""
        self.refused += not head.startswith(b"HTTP/1.1 200")
        self._times.append(time.perf_counter() - self._at)
        self._next()


async def send_all(prepared: list[bytes], port: int, connections: int = 64) -> Measured:
    """Send every prepared request over so many connections; each waits for its answer."""
    loop, waiting, times = asyncio.get_running_loop(), list(reversed(prepared)), []
    dones, senders = [], []
    begun = time.perf_counter()
    for _ in range(connections):
        done = asyncio.Event()
        _, sender = await loop.create_connection(
            lambda done=done: _Sender(waiting, times, done),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
        dones.append(done)
        senders.append(sender)
    await asyncio.gather(*(done.wait() for done in dones))
    seconds = time.perf_counter() - begun
    if refused := sum(sender.refused for sender in senders):
        raise RuntimeError(f"{refused} of {len(prepared)} requests were refused")
    return Measured(len(prepared) / seconds, sorted(times)[int(len(times) * 0.99)] * 1000)
