"""What every part of the sandbox works with: its books, its clock, its events."""

from dataclasses import dataclass, field
from typing import Any

from .agenda import Agenda
from .books import Books, Thing
from .clock import Clock
from .errors import no_such
from .events import Events


@dataclass
class Habits:
    """How the sandbox behaves where Stripe's behaviour is a matter of time and luck."""

    bank_seconds: float = 30.0
    """How long a slow bank takes to say yes or no, and a slow refund to arrive."""
    answer_seconds: float = 0.0
    """How long an API answer is held back after the work is done."""
    fail_before: int = 0
    """So many API calls answer 500 before anything is done."""
    lose_after: int = 0
    """So many API calls do their work, then break the connection instead of answering."""


@dataclass
class Desk:
    """One sandbox."""

    books: Books
    clock: Clock
    agenda: Agenda
    events: Events
    base_url: str
    habits: Habits = field(default_factory=Habits)

    def forget(self) -> None:
        """All is as on the first day, but for what is being delivered."""
        self.books.empty()
        self.agenda.waiting.clear()
        self.clock.reset()
        self.habits = Habits()

    def find(self, kind: str, noun: str, identifier: str, param: str, status: int = 400) -> Thing:
        """The thing of that id, or Stripe's refusal to know it."""
        thing = self.books.get(kind, identifier)
        if thing is None:
            raise no_such(noun, identifier, param, status)
        return thing

    def change(self, event: str | None, thing: Thing, **changes: Any) -> Thing:
        """Changes a thing, keeps it, and records `event` with the values that it had before."""
        previous = {name: thing.get(name) for name in changes if thing.get(name) != changes[name]}
        thing.update(changes)
        self.books.put(thing["object"], thing)
        if event is not None:
            self.events.record(event, thing, previous if event.endswith("updated") else None)
        return thing

    def note(self, identifier: str) -> Thing:
        """The private note about a thing: what the sandbox knows and Stripe wouldn't answer."""
        found = self.books.get("note", identifier)
        return found if found is not None else {"id": identifier}

    def annotate(self, identifier: str, **facts: Any) -> None:
        """Adds facts to the private note about a thing."""
        self.books.put("note", {**self.note(identifier), **facts})
