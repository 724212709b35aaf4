"""Signed events on their way to the endpoint: retried until taken, in whatever manner is asked.

Source: Stripe, "Receive Stripe events in your webhook endpoint", "Verify webhook signatures".
"""

import asyncio
import hmac
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import sha256

import orjson

from .books import Books, Thing
from .lines import Lines

PAUSES: Sequence[float] = (0.1, 0.3, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600)
"""Seconds between attempts: the first are quick since all of this is local; then it gives up."""
TIMEOUT = 10.0
KIND = "note.delivery"


@dataclass
class Manner:
    """How events travel from now on."""

    twice: bool = False
    """Each event is delivered two times."""
    late: float = 0.0
    """Seconds before the first attempt."""
    shuffle: float = 0.0
    """A window in seconds: each event waits a random part of it, so order is lost."""
    never: bool = False
    """Events are recorded and can only be polled."""
    hold: bool = False
    """Events are kept back until released."""


def signature(payload: bytes, secret: str, at: int) -> str:
    """The `Stripe-Signature` header: the time, and the HMAC of time and body."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + payload, sha256).hexdigest()
    return f"t={at},v1={digest}"


class Delivery:
    """Takes each recorded event to the endpoint; at most `lanes` requests are under way at once."""

    def __init__(
        self, books: Books, url: str | None, secret: str, kinds: Sequence[str], lanes: int
    ) -> None:
        self.books = books
        self.url = url
        self.secret = secret
        self.kinds = kinds
        self.manner = Manner()
        self.lanes = asyncio.Semaphore(lanes)
        self.lines = Lines(url or "", TIMEOUT)
        self.under_way: dict[asyncio.Task[None], str] = {}
        self.hurry = asyncio.Event()
        self.idle = asyncio.Event()
        self.idle.set()
        self.held: list[str] = []
        self.posting: set[asyncio.Task[None]] = set()

    def take(self, identifier: str) -> None:
        """A new event is to be delivered in the manner of now."""
        event = self.books.the("event", identifier)
        if self.url is None or not any(fnmatchcase(event["type"], kind) for kind in self.kinds):
            event["pending_webhooks"] = 0
            return
        state = "never" if self.manner.never else "held" if self.manner.hold else "waiting"
        self._note(identifier, state=state)
        if state == "held":
            self.held.append(identifier)
        elif state == "waiting":
            self._send(identifier)

    def _note(self, identifier: str, **facts: object) -> Thing:
        before = self.books.get(KIND, identifier) or {"attempts": 0, "deliveries": 0, "answers": []}
        return self.books.put(KIND, {**before, "id": identifier, **facts})

    def _send(self, identifier: str, again: bool = False) -> None:
        wait = 0.0 if again else self.manner.late + random.uniform(0, self.manner.shuffle)
        copies = 2 if self.manner.twice and not again else 1
        for copy in range(copies):
            task = asyncio.create_task(self._deliver(identifier, wait + copy * 0.01))
            self.under_way[task] = identifier
            task.add_done_callback(self._done)
        self.idle.clear()

    def _done(self, task: asyncio.Task[None]) -> None:
        del self.under_way[task]
        if not self.under_way:
            self.idle.set()

    async def _deliver(self, identifier: str, wait: float) -> None:
        """One delivery: attempts with growing pauses until the endpoint takes it."""
        if wait:
            await self._pause(wait)
        for pause in (*PAUSES, None):
            async with self.lanes:
                answer = await self._post(identifier)
            taken = 200 <= answer < 300
            note = self.books.get(KIND, identifier)
            if note is None:  # all was forgotten meanwhile
                return
            facts = {"attempts": note["attempts"] + 1, "answers": [*note["answers"][-9:], answer]}
            if taken:
                facts["deliveries"] = note["deliveries"] + 1
                self._note(identifier, state="delivered", **facts)
                event = self.books.the("event", identifier)
                event["pending_webhooks"] = 0
                self.books.put("event", event)
                return
            state = note["state"] if note["state"] == "delivered" else "waiting"
            self._note(identifier, state="failed" if pause is None else state, **facts)
            if pause is not None:
                await self._pause(pause)

    async def _pause(self, seconds: float) -> None:
        """Waits, unless told to hurry."""
        try:
            await asyncio.wait_for(self.hurry.wait(), seconds)
        except TimeoutError:
            return

    async def _post(self, identifier: str) -> int:
        """The endpoint's status; 0 when it could not be reached or took too long."""
        payload = orjson.dumps(self.books.the("event", identifier))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(payload, self.secret, int(time.time())),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        task = asyncio.current_task()
        assert task is not None
        self.posting.add(task)
        try:
            return await self.lines.post(payload, headers)
        finally:
            self.posting.discard(task)

    def release(self) -> int:
        """Sends all that was held, in the manner of now; says how many."""
        held, self.held = self.held, []
        self.manner.hold = False
        for identifier in held:
            self._note(identifier, state="waiting")
            self._send(identifier)
        return len(held)

    def resend(self, identifier: str) -> None:
        """Delivers an event once more, whatever became of it before."""
        if identifier in self.held:
            self.held.remove(identifier)
        self._note(identifier, state="waiting")
        self._send(identifier, again=True)

    async def forget(self) -> None:
        """Gives up all deliveries but those that the endpoint is just taking, and awaits these."""
        self.held.clear()
        self.manner = Manner()
        posting = set(self.posting)
        for task in self.under_way.keys() - posting:
            task.cancel()
        if posting:
            await asyncio.wait(posting)

    def resume(self) -> None:
        """After a restart: what was on its way or held goes on."""
        for note in list(self.books.shelf(KIND).oldest_first()):
            if note["state"] == "held":
                self.held.append(note["id"])
                self.manner.hold = True
            elif note["state"] == "waiting" and self.url is not None:
                self._send(note["id"])

    def retry_now(self) -> None:
        """Ends every pause between attempts."""
        self.hurry.set()
        asyncio.get_running_loop().call_soon(self.hurry.clear)

    async def settled(self, seconds: float) -> bool:
        """True as soon as nothing is under way; False when that takes longer than `seconds`."""
        try:
            await asyncio.wait_for(self.idle.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def counts(self) -> dict[str, int]:
        """How many events are in each state."""
        totals = dict.fromkeys(("waiting", "held", "never", "delivered", "failed"), 0)
        for note in self.books.shelf(KIND).oldest_first():
            totals[note["state"]] += 1
        return totals

    async def close(self) -> None:
        """Stops all that is under way; it goes on after a restart."""
        for task in list(self.under_way):
            task.cancel()
        await self.lines.close()
