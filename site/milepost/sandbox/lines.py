"""Kept-open HTTP connections to one endpoint: the little of RFC 9112 that posting events needs.

A general client costs several milliseconds a post when hundreds wait; this one a fraction of one.
"""

import asyncio
from urllib.parse import urlsplit

UNREACHED = 0
"""Stands for the status of an endpoint that didn't answer in time or in HTTP."""
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Lines:
    """Connections to the origin of a URL, used again while the other side keeps them open."""

    def __init__(self, url: str, timeout: float) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or "localhost"
        self.secure = parts.scheme == "https"
        self.port = parts.port or (443 if self.secure else 80)
        self.timeout = timeout
        self.idle: list[Line] = []
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self.start = f"POST {target} HTTP/1.1\r\nHost: {parts.netloc}\r\n"

    async def post(self, body: bytes, headers: dict[str, str]) -> int:
        """The status that a post is answered with, or `UNREACHED`."""
        told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        message = f"{self.start}{told}Content-Length: {len(body)}\r\n\r\n".encode() + body
        try:
            async with asyncio.timeout(self.timeout):
                while self.idle:  # a line may have been hung up meanwhile: then take the next
                    line = self.idle.pop()
                    if line[0].at_eof() or line[1].is_closing():
                        line[1].close()
                        continue
                    try:
                        return await self._exchange(line, message)
                    except asyncio.IncompleteReadError as nothing:
                        if nothing.partial:
                            raise
                    except ConnectionError:
                        continue
                line = await asyncio.open_connection(self.host, self.port, ssl=self.secure or None)
                return await self._exchange(line, message)
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return UNREACHED

    async def _exchange(self, line: Line, message: bytes) -> int:
        """One request and its answer; the line is kept when the answer ended and allows it."""
        reader, writer = line
        keep = False
        try:
            writer.write(message)
            await writer.drain()
            status, headers = 100, dict[bytes, bytes]()
            while status < 200:
                status, headers = _head(await reader.readuntil(b"\r\n\r\n"))
            if b"chunked" in headers.get(b"transfer-encoding", b"").lower():
                while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
                    await reader.readexactly(size + 2)
                await reader.readuntil(b"\r\n")
                keep = True
            elif status in (204, 304):
                keep = True
            elif b"content-length" in headers:
                await reader.readexactly(int(headers[b"content-length"]))
                keep = True
            keep = keep and headers.get(b"connection", b"").lower() != b"close"
            return status
        finally:
            if keep:
                self.idle.append(line)
            else:
                writer.close()

    async def close(self) -> None:
        """Hangs up."""
        for _, writer in self.idle:
            writer.close()
        self.idle.clear()


def _head(head: bytes) -> tuple[int, dict[bytes, bytes]]:
    """The status and headers (names in lower case) of an answer."""
    first, *rest = head.rstrip().split(b"\r\n")
    version, status = first.split(b" ")[:2]
    if not version.startswith(b"HTTP/1."):
        raise ValueError(first)
    pairs = (header.partition(b":") for header in rest)
    return int(status), {name.strip().lower(): value.strip() for name, _, value in pairs}
