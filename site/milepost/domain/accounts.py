"""Accounts of points and credit: what an entry moves when what it stands for changes (L9, L10).

`kept` is what the entries of one source have brought so far, ready and pending together; `forgiven`
what a reversal could not take, because it had been spent. All amounts are in the account's unit.
"""

from dataclasses import dataclass

POINTS = "points"  # the unit of points; of credit it is the currency


@dataclass(frozen=True, slots=True)
class Moved:
    """What one entry adds to an account."""

    ready: int = 0
    pending: int = 0
    forgiven: int = 0


def move(
    worth: int, *, kept: int = 0, forgiven: int = 0, ready: int = 0, pending: int = 0, wait: bool
) -> Moved:
    """The entry after which a source is worth `worth` to the account again.

    `ready` is all that the account could spend, `pending` what of this source waits. What is given
    waits too where there is a pending period (`wait`). Nothing goes below zero: what is not there
    any more is forgiven, and is not given a second time when the source is worth it again (L9).
    """
    more = worth - (kept - forgiven)
    if more >= 0:
        had = min(forgiven, more)
        return Moved(0, more - had, -had) if wait else Moved(more - had, 0, -had)
    less = -more
    waiting = min(pending, less)
    taken = min(ready, less - waiting)
    return Moved(-taken, -waiting, less - waiting - taken)
