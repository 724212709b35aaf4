"""Each entry of an account in one sentence (L9, L10)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from milepost.domain.loyalty_rewards import UNITS
from milepost.domain.messages import N_, Sentence, Several
from milepost.domain.money import Money


@dataclass(frozen=True, slots=True)
class Booked:
    """An entry: what it moved, and what of (`source`, or a milestone's `target` as it is said)."""

    unit: str
    kind: str
    ready: int
    pending: int
    forgiven: int
    source: str = ""
    target: Any = None
    is_amount: bool = False
    reason: str = ""


def worth(amount: int, unit: str) -> Several | Money:
    """So many points, or so much credit, as a field of a sentence."""
    counted = UNITS.get(unit)
    return Several(counted.one, counted.many, amount) if counted else Money(amount, unit)


def said(entry: Booked) -> Sentence:
    """What happened to the account, and why."""
    moved = abs(entry.ready + entry.pending)
    if entry.kind == "matured":
        moved = entry.ready
    fields: dict[str, Any] = {
        "worth": worth(moved, entry.unit),
        "forgiven": worth(abs(entry.forgiven), entry.unit),
        "target": entry.target,
        "reason": entry.reason,
    }
    return Sentence(_message(entry), fields)


def _message(entry: Booked) -> str:
    if entry.kind == "granted":
        return _granted(entry)
    if entry.kind in ("taken_back", "reversed"):
        return _taken(entry)
    if entry.kind == "earned":
        return _of(_EARNED, entry.source)
    if entry.kind == "spent":
        return _of(_SPENT, entry.source)
    if entry.kind == "returned":
        return _of(_RETURNED, entry.source)
    if entry.kind == "exchanged":
        return _EXCHANGED[entry.ready > 0]
    if entry.reason:
        return N_("%(worth)s set right by the store: %(reason)s")
    return _PLAIN.get(entry.kind, N_("%(worth)s set right by the store"))


def _granted(entry: Booked) -> str:
    if entry.forgiven < 0:
        return N_("%(worth)s given again for %(target)s; %(forgiven)s of it you had spent already")
    if entry.is_amount:
        return N_("%(worth)s for %(target)s spent")
    return N_("%(worth)s for %(target)s")


def _taken(entry: Booked) -> str:
    """The rest of what was spent already is written down as forgiven (L9)."""
    if entry.target is not None:
        return _REVERSED[entry.is_amount, entry.forgiven > 0]
    return _of(_FORGIVEN if entry.forgiven > 0 else _TAKEN, entry.source)


def _of(messages: Mapping[str, str], source: str) -> str:
    """The message for the kind of thing that a source names, as in `order:12`."""
    return messages.get(source.partition(":")[0], messages[""])


_EARNED = {
    "order": N_("%(worth)s for an order"),
    "pledge": N_("%(worth)s for a pledge"),
    "": N_("%(worth)s earned"),
}
_TAKEN = {
    "order": N_("%(worth)s taken back: an order was refunded"),
    "pledge": N_("%(worth)s taken back: a pledge was refunded"),
    "gift_card": N_("%(worth)s taken back: what was paid for a gift card went back"),
    "": N_("%(worth)s taken back: what it was given for is gone"),
}
_FORGIVEN = {
    "order": N_(
        "%(worth)s taken back: an order was refunded. Spent already and forgiven: %(forgiven)s"
    ),
    "pledge": N_(
        "%(worth)s taken back: a pledge was refunded. Spent already and forgiven: %(forgiven)s"
    ),
    "gift_card": N_(
        "%(worth)s taken back: what was paid for a gift card went back. Spent already and"
        " forgiven: %(forgiven)s"
    ),
    "": N_(
        "%(worth)s taken back: what it was given for is gone. Spent already and forgiven:"
        " %(forgiven)s"
    ),
}
_REVERSED = {  # of an amount spent, with something forgiven
    (False, False): N_("%(worth)s taken back: it is not %(target)s any more"),
    (True, False): N_("%(worth)s taken back: it is not %(target)s spent any more"),
    (False, True): N_(
        "%(worth)s taken back: it is not %(target)s any more. Spent already and forgiven:"
        " %(forgiven)s"
    ),
    (True, True): N_(
        "%(worth)s taken back: it is not %(target)s spent any more. Spent already and"
        " forgiven: %(forgiven)s"
    ),
}
_SPENT = {
    "order": N_("%(worth)s spent on an order"),
    "pledge": N_("%(worth)s spent on a pledge"),
    "": N_("%(worth)s spent"),
}
_RETURNED = {
    "order": N_("%(worth)s back from an order"),
    "pledge": N_("%(worth)s back from a pledge"),
    "": N_("%(worth)s back"),
}
_EXCHANGED = {False: N_("%(worth)s exchanged for credit"), True: N_("%(worth)s for points")}
_PLAIN = {
    "matured": N_("%(worth)s can be spent now"),
    "redeemed": N_("%(worth)s from a gift card"),
}
