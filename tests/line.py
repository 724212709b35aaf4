"""A line to a PostgreSQL server that falls silent, and then breaks."""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

# PostgreSQL, "Message Formats": CancelRequest, and ReadyForQuery within a transaction.
CANCEL = struct.pack("!I", 80877102)
IN_TRANSACTION = b"Z" + struct.pack("!Ic", 5, b"T")


class Line:
    """All that is asked arrives; once it is `silent`, no answer within a transaction comes back.

    It counts the answers that it kept, and requests to cancel a statement.
    """

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self.silent = False
        self.unanswered = 0
        self.cancelling = 0
        self._ends: list[asyncio.StreamWriter] = []
        self.url = ""

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Connect one caller to the server."""
        server, to_server = await self._connect()
        self._ends += [writer, to_server]
        with contextlib.suppress(asyncio.CancelledError):  # the test's end
            await asyncio.gather(self._ask(reader, to_server), self._answer(server, writer))

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host = (self._parts.hostname or "") + "".join(parse_qs(self._parts.query).get("host", []))
        port = self._parts.port or 5432
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                self.cancelling += data[4:8] == CANCEL
                writer.write(data)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        within = False
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if self.silent and within:
                    self.unanswered += 1
                    continue
                within = data.endswith(IN_TRANSACTION)
                writer.write(data)
            writer.close()

    def cut(self) -> None:
        """Break every connection."""
        for end in self._ends:
            end.transport.abort()


@asynccontextmanager
async def line_to(url: str) -> AsyncIterator[Line]:
    """A line to the server and database at `url`, under an address of its own."""
    line = Line(url)
    server = await asyncio.start_server(line.take, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    parts = urlsplit(url)
    line.url = parts._replace(
        netloc=f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{port}", query=""
    ).geturl()
    try:
        yield line
    finally:
        server.close()
        line.cut()
