"""Refusals of the domain: what happened, to what, what to do. `web/` alone knows statuses."""

from typing import Any

from milepost.domain.messages import Sentence


class Refusal(Exception):
    """An honest no, as a sentence; `about` names the field of the form that it concerns."""

    def __init__(self, message: str, /, about: str = "", **fields: Any) -> None:
        self.sentence = Sentence(message, fields)
        self.about = about
        super().__init__(str(self.sentence))


class NotFound(Refusal):
    """The thing that was named does not exist here."""


class Invalid(Refusal):
    """What was typed can't be used as it is."""


class Closed(Refusal):
    """The campaign does not take pledges now."""


class SoldOut(Refusal):
    """Somebody else has just claimed the last of it."""


class Conflict(Refusal):
    """The present state does not allow the change."""
