"""A reader of the site that parses every page strictly, and says things no browser would."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any, NamedTuple

import html5lib
import httpx
import orjson


@lru_cache(maxsize=64)
def parse(html: str) -> Any:
    """The page as a tree; raises html5lib's ParseError at the first fault (HTML, "Parsing").

    What a strict Content Security Policy would refuse is a fault too.
    """
    tree = html5lib.HTMLParser(strict=True).parse(html)
    for element in tree.iter():
        name = str(element.tag).rpartition("}")[2]
        inline = [a for a in element.attrib if a == "style" or str(a).startswith("on")]
        assert not inline, f"<{name}> has {', '.join(map(str, inline))}"
        assert name != "style", "a page has a <style>"
        if name == "script" and element.get("type") != "application/ld+json":  # a data block
            own = element.get("src", "").startswith(("/static/", "/embed/"))
            assert own, "a page has a script of its own"
        for link in ("href", "src", "action"):
            assert not element.get(link, "").lower().strip().startswith("javascript:")
        action = element.get("action", "/")
        assert action.startswith("/"), f"a form goes to {action}, which depends on where it stands"
    return tree


async def _frames(answer: httpx.Response) -> AsyncIterator[str]:
    waiting = ""
    async for piece in answer.aiter_text():
        waiting += piece
        while "\n\n" in waiting:
            frame, _, waiting = waiting.partition("\n\n")
            yield frame


def state_in(frame: str) -> dict[str, Any]:
    """The public state that a frame of the stream carries."""
    fields = dict(line.split(": ", 1) for line in frame.splitlines())
    assert fields["event"] == "state"
    state: dict[str, Any] = orjson.loads(fields["data"])
    assert fields["id"] == str(state["version"])
    return state


class Raw(NamedTuple):
    """An answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


class Reader(httpx.AsyncClient):
    """A browser's part of HTTP at one site; no cookies kept by hand, no redirects followed."""

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(base_url=url, trust_env=False, timeout=60, **options)

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """One exchange; an HTML answer must be a page without a fault."""
        answer = await super().send(request, **options)
        kind = answer.headers.get("content-type", "")
        own = f"{request.url.path}/".startswith(("/me/", "/studio/", "/cart/", "/r/"))
        assert own or "set-cookie" not in answer.headers, "no public page needs a cookie"
        if kind.startswith("text/html") and answer.is_closed and answer.content:
            if "'unsafe-inline'" in answer.headers.get("content-security-policy", ""):
                html5lib.HTMLParser(strict=True).parse(answer.text)  # a mail brings its styles
            else:
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
        kind = headers.get("content-type", "")
        if kind.startswith("text/html") and body and "content-encoding" not in headers:
            parse(body.decode())
        return Raw(int(first.split()[1]), headers, body)

    @asynccontextmanager
    async def watching(self, path: str, **headers: str) -> AsyncIterator[AsyncIterator[str]]:
        """The frames of a live stream, each as it was sent."""
        async with self.stream("GET", path, headers=headers) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield _frames(answer)

    @property
    def _netloc(self) -> bytes:
        return self.base_url.netloc
