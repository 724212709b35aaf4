"""Another site, on a port of its own, that shows something of this one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.web.serving import open_door


@asynccontextmanager
async def another_site(html: str, policy: str) -> AsyncIterator[str]:
    """The origin of a site on a port of its own, whose every page is `html`."""
    head = (
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n"
        f"content-security-policy: {policy}\r\ncontent-length: {len(html)}\r\n\r\n"
    )

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write((head + html).encode())
        await writer.drain()
        writer.close()

    door = open_door()
    async with await asyncio.start_server(answer, sock=door):
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
