"""What a kind of program is: what its milestones measure, and how that is said (L1)."""

from dataclasses import dataclass
from typing import Any, Literal

from milepost.domain.messages import Several
from milepost.domain.money import Money

Sums = Literal["count", "amount", "points", "streak", "days", "months"]


@dataclass(frozen=True, slots=True)
class Measure:
    """What a milestone counts: which facts (`""`: any), and what of them is added up.

    `one` and `many` say a number of it; an amount of money says itself.
    """

    key: str
    title: str
    fact: str
    sums: Sums
    one: str = ""
    many: str = ""

    def said(self, reading: int, currency: str | None) -> Any:
        """A reading or a target, as a field of a sentence."""
        if self.sums == "amount":
            return Money(reading, currency or "")
        return Several(self.one, self.many, reading)


@dataclass(frozen=True, slots=True)
class ProgramKind:
    """One of the kinds of program that a creator chooses from.

    Each of its milestones takes one of `measures`. `in_steps`: they come one after the other (L8);
    `may_repeat`: every so many again (L5). `example` is a milestone to begin with: a target and how
    many points it gives.
    """

    key: str
    title: str
    explanation: str
    measures: tuple[Measure, ...]
    position: int
    in_steps: bool = False
    may_repeat: bool = True
    is_new: bool = False
    example: tuple[int, int] = (3, 100)
