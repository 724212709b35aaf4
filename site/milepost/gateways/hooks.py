"""Sending to addresses that others choose: to public machines alone, briefly, without detours.

A name is looked up here, once, and the connection goes to the address that was checked: a name
that is answered differently a moment later leads nowhere else. No redirect is followed.

Source: OWASP, "Server-Side Request Forgery Prevention Cheat Sheet".
"""

import asyncio
import ipaddress
import ssl
import time
from collections.abc import Iterable, Mapping
from typing import Any

import httpcore

from milepost.domain.hooks import Answer

TIMEOUT = 10.0  # seconds for all of one delivery
MOST_ANSWER = 2000  # characters of an answer that are kept
MOST_CONNECTIONS = 200
FAILURES = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
    httpcore.PoolTimeout,
)
REFUSED = "this address is not a public one"


class _PublicOnly(httpcore.AsyncNetworkBackend):
    """Connects to addresses that are anybody's to reach."""

    def __init__(self) -> None:
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (as httpcore has it)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=1)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} is not found: {error}") from error
        addresses = [str(entry[4][0]) for entry in found]
        if not addresses or not all(is_public(address) for address in addresses):
            raise httpcore.ConnectError(f"{host}: {REFUSED}")
        return await self._plain.connect_tcp(
            addresses[0], port, timeout, local_address, socket_options
        )


def is_public(address: str) -> bool:
    """True for an IP address that is nobody's private, loopback or link-local one."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if found.version == 6 and (inner := found.ipv4_mapped or found.sixtofour):
        found = inner
    return found.is_global and not found.is_multicast


class Courier:
    """Sends what is told; `anywhere` lets it reach private addresses, as an operator may allow."""

    def __init__(self, *, anywhere: bool = False) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=MOST_CONNECTIONS,
            max_keepalive_connections=0,  # an address is looked up anew for each delivery
            network_backend=httpcore.AnyIOBackend() if anywhere else _PublicOnly(),
        )

    async def close(self) -> None:
        """Let go of the connections."""
        await self._pool.aclose()

    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """One try; it never raises, and ends within TIMEOUT whatever the other side does."""
        begun = time.monotonic()
        status, text = None, ""
        try:
            async with asyncio.timeout(TIMEOUT):
                told = [(name.encode(), value.encode()) for name, value in headers.items()]
                sending = self._pool.stream("POST", url, headers=told, content=body)
                async with sending as answer:
                    async for piece in answer.aiter_stream():
                        text = piece[:MOST_ANSWER].decode(errors="replace")
                        break  # the rest is nobody's business, however long it is
                    status = answer.status
        except TimeoutError:
            text = f"no answer within {TIMEOUT:.0f} s"
        except (*FAILURES, OSError, ValueError) as error:
            text = str(error) or type(error).__name__
        printable = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
        return Answer(status, printable, int((time.monotonic() - begun) * 1000))
