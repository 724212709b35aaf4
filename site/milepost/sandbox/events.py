"""What happened, told as Stripe tells it (source: Stripe API reference, "Types of events")."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson

from .books import Books, Thing
from .clock import Clock
from .identifiers import new_id


class Events:
    """Records events with a snapshot of their object and hands each to whoever delivers."""

    def __init__(self, books: Books, clock: Clock, version: str, endpoints: int) -> None:
        self.books = books
        self.clock = clock
        self.version = version
        self.endpoints = endpoints
        self.cause: dict[str, str | None] = {"id": None, "idempotency_key": None}
        self.listener: Callable[[str], None] = lambda identifier: None

    @contextmanager
    def caused_by(self, request: str | None, key: str | None) -> Iterator[None]:
        """Events recorded within name this API request as their cause."""
        before, self.cause = self.cause, {"id": request, "idempotency_key": key}
        try:
            yield
        finally:
            self.cause = before

    def record(self, kind: str, thing: Thing, previous: Thing | None = None) -> None:
        """`kind` happened to `thing`; `previous` holds the old values of what an update changed."""
        data: dict[str, Any] = {"object": orjson.Fragment(orjson.dumps(thing))}
        if previous is not None:
            data["previous_attributes"] = previous
        event: Thing = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": self.version,
            "created": self.clock.now(),
            "data": data,
            "livemode": False,
            "pending_webhooks": self.endpoints,
            "request": self.cause,
            "type": kind,
        }
        self.books.put("event", event)
        self.listener(event["id"])
