"""Sentences that the domain says, before anyone has chosen a language for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


def N_(message: str) -> str:  # noqa: N802 - gettext's own name, which the extraction looks for
    """`message` itself, marked for translation."""
    return message


@dataclass(frozen=True, slots=True)
class Sentence:
    """An English gettext message and the fields that complete it.

    A field may be a `Money`, a number, a date or text; who renders it knows the locale.
    """

    message: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.fields
