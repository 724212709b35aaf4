"""Sending to addresses that others choose: to public machines alone, briefly, without detours.

A name is looked up here, and the connection goes to an address that was checked: a name that is
answered differently a moment later leads nowhere else. No redirect is followed.

Source: OWASP, "Server-Side Request Forgery Prevention Cheat Sheet".
"""

import asyncio
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpcore

from milepost.domain.hooks import Answer

TIMEOUT = 10.0  # seconds for all of one delivery
CONNECTING = 4.0  # seconds for one of a name's addresses
MOST_ADDRESSES = 3
MOST_ANSWER = 2000  # bytes of an answer that are kept
LOOKUPS = 64  # names looked up at once
IDLE = 2.0  # seconds for which a connection is kept for the next delivery
REFUSED = "this address is not a public one"
AGENT = "Milepost-Hooks"
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """True for an IP address that is anybody's to reach, whatever it is wrapped in."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is None:
            return found in GLOBAL_UNICAST and found.is_global and found.teredo is None
        found = inner
    return found.is_global and not found.is_multicast


class _Lookups:
    """Looks names up in threads of its own, each name once at a time: a dead name server of one
    endpoint takes one thread, and nobody else waits for it."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOKUPS, "hooks-lookup")
        self._under_way: dict[tuple[str, int], asyncio.Future[list[str]]] = {}

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def addresses(self, host: str, port: int) -> list[str]:
        """The name's addresses. Raises OSError."""
        key = (host, port)
        asked = self._under_way.get(key)
        if asked is None:
            loop = asyncio.get_running_loop()
            asked = loop.run_in_executor(self._threads, _look_up, host, port)
            self._under_way[key] = asked
            asked.add_done_callback(lambda _: self._under_way.pop(key, None))
        return await asyncio.shield(asked)


def _look_up(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _PublicOnly(httpcore.AsyncNetworkBackend):
    """Connects to addresses that are anybody's to reach, or to all if `anywhere`."""

    def __init__(self, *, anywhere: bool) -> None:
        self._plain = httpcore.AnyIOBackend()
        self._anywhere = anywhere
        self.lookups = _Lookups()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (as httpcore has it)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await self.lookups.addresses(host, port)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} is not found: {error.strerror}") from error
        if not self._anywhere and not all(is_public(address) for address in addresses):
            raise httpcore.ConnectError(f"{host}: {REFUSED}")
        failed: Exception = httpcore.ConnectError(f"{host} is not found")
        for address in addresses[:MOST_ADDRESSES]:
            try:
                return await self._plain.connect_tcp(
                    address, port, CONNECTING, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise httpcore.ConnectError(f"nobody answers at {host}, port {port}") from failed


class Courier:
    """Sends what is told; `anywhere` lets it reach private addresses, as an operator may allow."""

    def __init__(self, *, anywhere: bool = False) -> None:
        self._backend = _PublicOnly(anywhere=anywhere)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=None,  # each endpoint has its own bound, so none waits for another
            max_keepalive_connections=100,
            keepalive_expiry=IDLE,
            network_backend=self._backend,
        )

    async def close(self) -> None:
        """Let go of the connections."""
        await self._pool.aclose()
        self._backend.lookups.close()

    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """One try; it never raises, and ends within TIMEOUT whatever the other side does."""
        begun = time.monotonic()
        status, said, failure = None, b"", ""
        told = [(name, value) for name, value in (dict(headers) | {"user-agent": AGENT}).items()]
        try:
            async with (
                asyncio.timeout(TIMEOUT),
                self._pool.stream("POST", url, headers=told, content=body) as answer,
            ):
                status = answer.status  # it is an answer, whatever becomes of the rest
                async for piece in answer.aiter_stream():
                    said += piece[: MOST_ANSWER - len(said)]
                    if len(said) == MOST_ANSWER:
                        break  # the rest is nobody's business, however long it is
        except TimeoutError:
            failure = f"no answer within {TIMEOUT:.0f} s"
        except Exception as error:  # whatever others make of it is a failed try
            failure = str(error) or type(error).__name__
        text = said.decode(errors="replace") if status is not None else failure
        printable = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
        return Answer(status, printable, int((time.monotonic() - begun) * 1000))
