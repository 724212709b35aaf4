"""What a shop elsewhere tells of its customers, and the fact that follows from all of it (L3).

Events of one source may come twice and in any order: what the source is worth now is reckoned from
all that was told of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

# Each type: the kind of the fact that it is of, and whether it makes or unmakes it.
TYPES = {
    "order.paid": ("order", True),
    "order.refunded": ("order", False),
    "review.approved": ("review", True),
    "review.withdrawn": ("review", False),
    "referral": ("referral", True),
    "referral.withdrawn": ("referral", False),
    "points.earned": ("points", True),
    "subscription.cycle_paid": ("cycle", True),
    "subscription.cancelled": ("break", True),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One event; `amount` is in minor units, of a refund what went back by it, None for all."""

    type: str
    source: str
    at: datetime
    amount: int | None = None
    currency: str | None = None
    points: int | None = None
    subscription: str = ""


@dataclass(frozen=True, slots=True)
class Worth:
    """What the source is worth now."""

    kind: str
    at: datetime
    stands: bool
    amount: int = 0
    currency: str | None = None
    points: int = 0
    run: str = ""


def source_of(told: Told) -> str:
    """The name of its source among the store's facts; nobody else's source is called so."""
    return f"api:{TYPES[told.type][0]}:{told.source}"


def worth_of(told: Sequence[Told]) -> Worth | None:
    """The fact that follows from all events of one source; None while it is only unmade.

    An order is worth what was paid less all that went back. Of everything else the latest event
    counts, and of two at one instant the one that takes back.
    """
    kind = TYPES[told[0].type][0]
    made = [event for event in told if TYPES[event.type][1]]
    if not made:
        return None
    if kind == "order":
        paid = max(made, key=lambda event: event.at)
        back = [event.amount for event in told if not TYPES[event.type][1]]
        whole = paid.amount or 0
        left = 0 if None in back else max(whole - sum(b for b in back if b is not None), 0)
        stands = left > 0 or (whole == 0 and not back)
        return Worth(kind, paid.at, stands, left, paid.currency)
    last = max(told, key=lambda event: (event.at, not TYPES[event.type][1]))
    first = made[0]
    stands = TYPES[last.type][1]
    return Worth(kind, first.at, stands, 0, None, last.points or 0, first.subscription)
