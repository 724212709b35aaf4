"""Accounts of points and credit, said plainly: what each source brought, waits, and is forgiven."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

POINTS = "points"


@dataclass
class Source:
    """What one fact or grant is worth to an account, and what came of it."""

    worth: int = 0
    waiting: int = 0
    ripe_at: datetime | None = None
    forgiven: int = 0


class PlainAccounts:
    """L9, L10: nobody has less than nothing, and what comes again is not given twice."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.pending_days = 0
        self.ready: dict[tuple[str, str], int] = defaultdict(int)
        self.sources: dict[tuple[object, ...], Source] = {}

    def source(self, key: tuple[object, ...]) -> Source:
        """What one source or grant is to a customer's account of a unit, the key's first two."""
        return self.sources.setdefault(key, Source())

    def set_worth(self, key: tuple[object, ...], worth: int) -> None:
        """It is worth so much now: more waits or is ready, less is taken or forgiven (L9)."""
        source, account = self.source(key), (str(key[0]), str(key[1]))
        change, source.worth = worth - source.worth, worth
        if change > 0:
            again = min(source.forgiven, change)
            source.forgiven -= again
            if not change - again:
                return
            if self.pending_days and key[1] == POINTS:
                source.waiting += change - again
                ripe_at = self.now + timedelta(days=self.pending_days)
                source.ripe_at = max(source.ripe_at or ripe_at, ripe_at)
            else:
                self.ready[account] += change - again
        else:
            waiting = min(source.waiting, -change)
            source.waiting -= waiting
            taken = min(self.ready[account], -change - waiting)
            self.ready[account] -= taken
            source.forgiven += -change - waiting - taken
            if not source.waiting:
                source.ripe_at = None

    def ripen(self) -> None:
        """What has waited long enough can be spent."""
        for (who, unit, *_), source in self.sources.items():
            if source.ripe_at is not None and source.ripe_at <= self.now:
                self.ready[str(who), str(unit)] += source.waiting
                source.waiting, source.ripe_at = 0, None

    def spend(self, who: str, unit: str, amount: int) -> bool:
        """So much, if it is there."""
        if self.ready[who, unit] < amount:
            return False
        self.ready[who, unit] -= amount
        return True

    def balances(self) -> dict[tuple[str, str], tuple[int, int]]:
        """What everybody has of each unit, ready and pending; without those who have nothing."""
        pending: dict[tuple[str, str], int] = defaultdict(int)
        for (who, unit, *_), source in self.sources.items():
            pending[str(who), str(unit)] += source.waiting
        found = {key: (self.ready[key], pending[key]) for key in {*self.ready, *pending}}
        return {key: balance for key, balance in found.items() if any(balance)}
