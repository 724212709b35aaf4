"""Sentences that the domain says, before anyone has chosen a language for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


def N_(message: str) -> str:  # noqa: N802 - gettext's own name, which the extraction looks for
    """`message` itself, marked for translation."""
    return message


def NN_(one: str, many: str) -> tuple[str, str]:  # noqa: N802 - the same for a message with a number
    """Both forms of a message that says `%(count)s` things, marked for translation."""
    return one, many


@dataclass(frozen=True, slots=True)
class Several:
    """A number of things, as a field of a sentence: `one`, or `many` with `%(count)s`."""

    one: str
    many: str
    count: int

    def __str__(self) -> str:
        return (self.one if self.count == 1 else self.many) % {"count": self.count}


@dataclass(frozen=True, slots=True)
class Sentence:
    """An English gettext message and the fields that complete it.

    A field may be a `Money`, a number, a date or text; who renders it knows the locale.
    """

    message: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.fields
