"""The three hot doors in front of Starlette: pages from memory, the live stream, Stripe's events.

Bare ASGI, because a framework's own cost per request is their limit (docs/decisions/0004-doors.md).
"""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import orjson

from milepost.domain.errors import Refusal
from milepost.domain.numbers import number_in
from milepost.gateways.stripe import BadSignature
from milepost.services.receiving import arrival
from milepost.storage.database import UNREACHABLE
from milepost.web.guard import App, Receive, Scope, Send, page_headers
from milepost.web.live import stream
from milepost.web.measures import EVENTS, PAGES
from milepost.web.shelf import Finished
from milepost.web.site import Site
from milepost.web.wishes import encoding, language

log = logging.getLogger("milepost.web")
LARGEST_EVENT = 512 * 1024  # bytes
_DOOR = re.compile(r"/c/([a-z0-9][a-z0-9-]{0,79})(\.json|/live)?")


class Doors:
    """Answers what it knows; everything else goes to the pages made per request."""

    def __init__(self, site: Site, pages: App) -> None:
        self._site = site
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; 503 while the database is away, so that Stripe and readers come again."""
        if scope["type"] != "http":
            await self._pages(scope, receive, send)
            return
        path: str = scope["path"]
        method: str = scope["method"]
        if path == "/webhooks/stripe" and method == "POST":
            await self._event(scope, receive, send)
            return
        if method in ("GET", "HEAD") and (match := _DOOR.fullmatch(path)):
            slug, what = match[1], match[2]
            try:
                found = self._site.shelf.peek(slug) or await self._site.shelf.get(slug)
            except UNREACHABLE as error:
                await _away(scope, send, error)
                return
            if found is not None and what == "/live":
                await self._live(slug, found, scope, receive, send)
                return
            if found is not None:
                headers: dict[bytes, bytes] = dict(scope["headers"])
                locale = language(headers, scope["query_string"])
                packed = encoding(headers.get(b"accept-encoding", b""))
                ready = found.ready("json" if what else "html", locale, packed)
                PAGES.inc()
                if what is None and method == "GET":
                    self._site.arrivals.saw(found.campaign_id, slug, headers, scope["query_string"])
                await _send(send, ready, headers.get(b"if-none-match"), method == "HEAD")
                return
        await self._pages(scope, receive, send)

    async def _live(
        self, slug: str, found: Finished, scope: Scope, receive: Receive, send: Send
    ) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        locale = language(headers, scope["query_string"])
        self._site.shelf.show(slug, locale, found)
        seen = headers.get(b"last-event-id", b"")
        start = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
            (b"access-control-allow-origin", b"*"),
            *page_headers(self._site.settings),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": start})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        known = number_in(seen.decode("latin-1")) or 0
        await stream(self._site.hub.channel(slug, locale), known, receive, send)

    async def _event(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, keep, answer (`POST /webhooks/stripe`). Source: Stripe, "Webhooks"."""
        body = await _body(receive)
        if body is None:
            await _answer(send, 400, f"The event is larger than {LARGEST_EVENT} bytes.")
            return
        signature = next((v for k, v in scope["headers"] if k == b"stripe-signature"), b"")
        try:
            payload = body.decode()
            self._site.gateway.check_signature(payload, signature.decode("ascii", "ignore"))
            event = orjson.loads(body)
            if not isinstance(event, dict):
                raise ValueError("it is not an object")
            arrived = arrival(event, payload)
        except BadSignature as error:
            EVENTS.labels("refused").inc()
            await _answer(send, 400, f"The signature does not hold: {error}")
            return
        except (ValueError, Refusal) as error:
            EVENTS.labels("refused").inc()
            await _answer(send, 400, f"The body is not a Stripe event: {error}")
            return
        try:
            await self._site.intake.keep(arrived)
        except UNREACHABLE as error:
            await _away(scope, send, error)
            return
        EVENTS.labels("kept").inc()
        await _answer(send, 200, "kept")


async def _send(
    send: Send,
    ready: tuple[list[tuple[bytes, bytes]], bytes],
    known: bytes | None,
    head_only: bool,
) -> None:
    headers, body = ready
    if known is not None and any(n == b"etag" and v in known for n, v in headers):
        kept = [h for h in headers if h[0] not in (b"content-length", b"content-type")]
        await send({"type": "http.response.start", "status": 304, "headers": kept})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head_only else body})


async def _body(receive: Receive) -> bytes | None:
    """The whole body, or None when it is too large; read to its end all the same."""
    message: MutableMapping[str, Any] = await receive()
    if not message.get("more_body"):
        body: bytes = message.get("body", b"")
        return body if len(body) <= LARGEST_EVENT else None
    parts, size = [message.get("body", b"")], len(message.get("body", b""))
    while message.get("more_body"):
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size <= LARGEST_EVENT:
            parts.append(part)
        elif size > 8 * LARGEST_EVENT:
            return None
    return b"".join(parts) if size <= LARGEST_EVENT else None


async def _away(scope: Scope, send: Send, error: Exception) -> None:
    """Nothing was kept and nothing shown: whoever asked, Stripe among them, comes again."""
    log.warning("%s %s: the database is away: %r", scope["method"], scope["path"], error)
    await _answer(send, 503, "The database is away. Please try again in a minute.")


async def _answer(send: Send, status: int, text: str) -> None:
    body = text.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
