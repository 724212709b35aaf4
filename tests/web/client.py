"""A reader of the site that parses every page strictly, and says things no browser would."""

import asyncio
from typing import Any, NamedTuple

import html5lib
import httpx


def parse(html: str) -> Any:
    """The page as a tree; raises html5lib's ParseError at the first fault (HTML, "Parsing")."""
    return html5lib.HTMLParser(strict=True).parse(html)


class Raw(NamedTuple):
    """An answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


class Reader(httpx.AsyncClient):
    """A browser's part of HTTP at one site; no cookies kept by hand, no redirects followed."""

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(base_url=url, trust_env=False, timeout=20, **options)

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """One exchange; an HTML answer must be a page without a fault."""
        answer = await super().send(request, **options)
        kind = answer.headers.get("content-type", "")
        if kind.startswith("text/html") and request.method != "HEAD" and answer.content:
            parse(answer.text)
        return answer

    async def pledge(self, slug: str, **typed: str) -> httpx.Response:
        """Send the campaign's form, as its own page does."""
        return await self.post(f"/c/{slug}/pledge", data=typed, headers=self.from_here)

    @property
    def from_here(self) -> dict[str, str]:
        """What a browser says of a form on the site itself."""
        return {"origin": str(self.base_url).rstrip("/"), "sec-fetch-site": "same-origin"}

    async def wire(self, target: bytes, *headers: bytes, method: bytes = b"GET") -> Raw:
        """Send this target and these header lines byte for byte."""
        lines = [method + b" " + target + b" HTTP/1.1", b"host: " + self._netloc, *headers]
        return await self.bytes_on_the_wire(b"\r\n".join([*lines, b"connection: close", b"", b""]))

    async def bytes_on_the_wire(self, said: bytes) -> Raw:
        """Send exactly this, and read until the server closes."""
        host, _, port = self._netloc.decode().partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            writer.write(said)
            await writer.drain()
            answer = await asyncio.wait_for(reader.read(), 20)
        finally:
            writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in rest)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        if headers.get("content-type", "").startswith("text/html") and body:
            parse(body.decode())
        return Raw(int(first.split()[1]), headers, body)

    async def first_frame(self, path: str, **headers: str) -> str:
        """The first thing that a live stream sends."""
        async with self.stream("GET", path, headers=headers) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            said = ""
            async for piece in answer.aiter_text():
                said += piece
                if said.endswith("\n\n"):
                    return said
        raise AssertionError(f"{path} ended without a frame: {said!r}")

    @property
    def _netloc(self) -> bytes:
        return self.base_url.netloc
