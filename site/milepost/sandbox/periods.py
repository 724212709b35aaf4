"""When a subscription's periods begin and end (source: Stripe, "Billing cycle")."""

from calendar import monthrange
from datetime import UTC, datetime

from .errors import invalid

SECONDS = {"day": 86_400, "week": 604_800}
LONGEST = {"day": 1096, "week": 156, "month": 36, "year": 3}
"""Three years, in each unit."""


def check(interval: str, count: int, param: str) -> None:
    """Refuse an interval that Stripe would refuse."""
    if not 1 <= count <= LONGEST[interval]:
        raise invalid(
            f"The interval of a price may be three years at most; this one is {count} {interval}s.",
            param,
        )


def boundary(anchor: int, interval: str, count: int, number: int) -> int:
    """Where the period of that `number` begins, the first being 0; it ends where the next begins.

    A month that is too short for the anchor's day ends on its last one, the next finds it again.
    """
    if interval in SECONDS:
        return anchor + number * count * SECONDS[interval]
    first = datetime.fromtimestamp(anchor, UTC)
    months = first.month - 1 + number * count * (12 if interval == "year" else 1)
    year, month = first.year + months // 12, months % 12 + 1
    day = min(first.day, monthrange(year, month)[1])
    return int(first.replace(year=year, month=month, day=day).timestamp())
