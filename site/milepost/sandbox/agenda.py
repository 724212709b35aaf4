"""What will happen by itself when its time comes: sessions expire, slow banks answer."""

import asyncio
import heapq
from collections.abc import Callable

from .books import Books
from .clock import Clock

KIND = "note.due"


class Agenda:
    """Named things due at a time of the sandbox's clock; each is done once, the earliest first."""

    def __init__(self, books: Books, clock: Clock) -> None:
        self.books = books
        self.clock = clock
        self.doers: dict[str, Callable[[str], None]] = {}
        self.waiting: list[tuple[float, str]] = []
        self.changed = asyncio.Event()
        for note in books.shelf(KIND).oldest_first():
            if not note["done"]:
                heapq.heappush(self.waiting, (note["at"], note["id"]))

    def on(self, what: str, do: Callable[[str], None]) -> None:
        """Says who does a kind of thing; `do` gets the id that it is about."""
        self.doers[what] = do

    def put(self, at: float, what: str, about: str) -> None:
        """Something is to be done to `about` at `at`; a second entry moves the first."""
        name = f"{what}:{about}"
        self.books.put(KIND, {"id": name, "at": at, "done": False})
        heapq.heappush(self.waiting, (at, name))
        self.changed.set()

    def drop(self, what: str, about: str) -> None:
        """It needn't be done any more."""
        if note := self.books.get(KIND, f"{what}:{about}"):
            self.books.put(KIND, {**note, "done": True})

    def run_due(self) -> int:
        """Does all that is due now, and says how much that was."""
        done = 0
        while self.waiting and self.waiting[0][0] <= self.clock.exact():
            at, name = heapq.heappop(self.waiting)
            note = self.books.the(KIND, name)
            if note["done"] or note["at"] != at:
                continue
            self.books.put(KIND, {**note, "done": True})
            what, about = name.split(":", 1)
            self.doers[what](about)
            done += 1
        return done

    async def keep_running(self) -> None:
        """Does everything at its time, as long as the sandbox lives."""
        while True:
            self.changed.clear()
            self.run_due()
            pause = None
            if self.waiting and self.clock.frozen_at is None:
                pause = max(0.0, self.waiting[0][0] - self.clock.exact())
            try:
                await asyncio.wait_for(self.changed.wait(), pause)
            except TimeoutError:
                continue
