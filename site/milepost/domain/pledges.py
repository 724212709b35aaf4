"""A pledge: its states, its lawful moves, and what it counts for at any time (P1, C1, C2, C6)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from milepost.domain.facts import Fact

State = Literal[
    "started",
    "confirmed",
    "charged",
    "refunded",
    "disputed",
    "expired",
    "cancelled",
    "past_due",
    "dropped",
]
EntryKind = Literal[
    "confirmed", "increased", "decreased", "refunded", "dropped", "disputed", "reinstated"
]


@dataclass(slots=True)
class Pledge:
    """One pledge as the rules see it; `units` and `money` are what its lines are worth (C1).

    `counted_units` and `counted_money` are the sum of its ledger entries so far, `entered` is True
    once it has one. `refunds` holds each refund by its id, zero for one that failed;
    `refunded_total` is the largest sum that its charge has reported.
    """

    id: int
    units: int
    money: int
    state: State = "started"
    customer_id: int | None = None
    tiers: frozenset[int] = frozenset()
    late: bool = False
    held: bool = False
    processing: bool = False
    counted_units: int = 0
    counted_money: int = 0
    refunds: dict[str, int] = field(default_factory=dict)
    refunded_total: int = 0
    disputes: dict[str, str] = field(default_factory=dict)
    entered: bool = False
    claiming: bool = False

    @property
    def is_live(self) -> bool:
        """True while the pledge stands: confirmed or charged, and not waiting for release (C6)."""
        return self.state in ("confirmed", "charged", "past_due") and not self.held

    @property
    def is_disputed(self) -> bool:
        """True while the payment of a pledge that counted is in dispute (A8, C6)."""
        return self.state == "disputed" and not self.held

    @property
    def is_secured(self) -> bool:
        """True once its money is here (A9)."""
        return self.state == "charged"

    @property
    def refunded(self) -> int:
        """Minor units given back so far: by refund when one failed, else the larger account."""
        if not self.refunds:
            return self.refunded_total
        known = sum(self.refunds.values())
        return known if 0 in self.refunds.values() else max(known, self.refunded_total)

    @property
    def worth(self) -> tuple[int, int]:
        """The units and money that this pledge counts for as it stands now (C1)."""
        if not self.is_live:
            return 0, 0
        return self.units, max(0, self.money - self.refunded)


def apply(pledge: Pledge, fact: Fact, review_limit: int | None = None) -> list[EntryKind] | str:
    """Move `pledge` by `fact`: the kinds of entry that may follow, or why it is unlawful (P1).

    A fact that says what is known already gives an empty list. Facts may come twice, late and in
    any order: refunds and disputes that outrun the payment are remembered until it comes.
    """
    return _MOVES[fact.kind](pledge, fact, review_limit)


Move = list[EntryKind] | str


def _confirm(pledge: Pledge, state: State, review_limit: int | None) -> Move:
    pledge.state = state
    pledge.processing = False
    pledge.held = review_limit is not None and pledge.money > review_limit
    return ["confirmed", *_what_came_before(pledge)]


def _what_came_before(pledge: Pledge) -> list[EntryKind]:
    """The refunds and disputes that outran the payment take effect after it."""
    later: list[EntryKind] = []
    if pledge.refunded:
        later.append("refunded")
    if any(status != "won" for status in pledge.disputes.values()):
        later.append("disputed")
    return later


def count(pledge: Pledge, kinds: list[EntryKind]) -> list[tuple[EntryKind, int, int]]:
    """The entries (kind, units, money) that take what `pledge` counted for to its worth now (C1).

    A first entry is always `confirmed` and whole; what was refunded before it follows it (C2, A2).
    """
    entries: list[tuple[EntryKind, int, int]] = []
    enters = bool(kinds) and not pledge.entered
    if enters and pledge.is_live:
        entries.append(_enter(pledge))
    _settle_state(pledge)
    if enters and not pledge.entered and pledge.is_live:
        entries.append(_enter(pledge))  # a dispute that was open at its release has been won
    units, money = pledge.worth
    units_moved, money_moved = units - pledge.counted_units, money - pledge.counted_money
    if units_moved or money_moved:
        kind = (_what_came_before(pledge) if enters else kinds)[-1]
        entries.append((kind, units_moved, money_moved))
        pledge.counted_units, pledge.counted_money = units, money
    return entries


def _enter(pledge: Pledge) -> tuple[EntryKind, int, int]:
    pledge.counted_units, pledge.counted_money = pledge.units, pledge.money
    pledge.entered = True
    return "confirmed", pledge.units, pledge.money


def _settle_state(pledge: Pledge) -> None:
    """The state that refunds and disputes leave a charged pledge in."""
    if pledge.state not in ("charged", "refunded", "disputed"):
        return
    statuses = set(pledge.disputes.values())
    if "lost" in statuses or (pledge.refunded and pledge.refunded >= pledge.money):
        pledge.state = "refunded"
    else:
        pledge.state = "disputed" if "open" in statuses else "charged"


def _paying(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    return []


def _saved(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if pledge.state == "started":
        return _confirm(pledge, "confirmed", limit)
    return [] if pledge.state != "expired" else "its checkout had expired before the card was saved"


def _waiting(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if pledge.state == "started":
        pledge.processing = True
    return []


def _paid(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if fact.amount < pledge.money:
        return f"{fact.amount} was paid for a pledge of {pledge.money} (minor units)"
    if pledge.state == "started":
        return _confirm(pledge, "charged", limit)
    if pledge.state in ("confirmed", "past_due"):
        pledge.state = "charged"
        return _what_came_before(pledge)
    if pledge.state in ("charged", "refunded", "disputed"):
        return []
    return f"the pledge is {pledge.state}, yet its payment succeeded: refund it or restore it"


def _failed(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if pledge.state == "started":
        pledge.state, pledge.processing = "expired", False
        return []
    return [] if pledge.state == "expired" else f"the pledge is {pledge.state} already"


def _declined(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if pledge.state == "confirmed":
        pledge.state = "past_due"
    return []


def _expired(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if pledge.state == "started" and not pledge.processing:
        pledge.state = "expired"
        return []
    return [] if pledge.state == "expired" else f"the pledge is {pledge.state} already"


def _refund(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    before = pledge.refunded
    if pledge.refunds.get(fact.ref) != 0:  # a failed refund stays failed
        pledge.refunds[fact.ref] = fact.amount
    return ["refunded" if pledge.refunded > before else "reinstated"]


def _refunded_total(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    pledge.refunded_total = max(pledge.refunded_total, fact.amount)
    return ["refunded"]


def _disputed(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    pledge.disputes.setdefault(fact.ref, "open")
    return ["disputed"]


def _dispute_closed(status: str) -> Callable[[Pledge, Fact, int | None], Move]:
    def closed(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
        pledge.disputes[fact.ref] = status
        return ["reinstated" if status == "won" else "disputed"]

    return closed


def _changed(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if pledge.state != "confirmed":
        return f"the pledge is {pledge.state}; only a confirmed one that is not charged can change"
    before = pledge.worth
    pledge.units, pledge.money = fact.detail["units"], fact.detail["money"]
    pledge.tiers = frozenset(fact.detail["tiers"])
    pledge.claiming = bool(fact.detail.get("claims"))
    after = pledge.worth
    return ["increased" if (after[1], after[0]) >= (before[1], before[0]) else "decreased"]


def _cancelled(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if pledge.state not in ("confirmed", "past_due"):
        return [] if pledge.state == "cancelled" else f"the pledge is {pledge.state}"
    pledge.state = "cancelled"
    return ["decreased"]


def _released(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if not pledge.held:
        return []
    pledge.held = False
    return ["confirmed", *_what_came_before(pledge)]


def _dropped(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if pledge.state not in ("confirmed", "past_due"):
        return [] if pledge.state == "dropped" else f"the pledge is {pledge.state}"
    pledge.state = "dropped"
    return ["dropped"]


_MOVES: dict[str, Callable[[Pledge, Fact, int | None], Move]] = {
    "paying": _paying,
    "saved": _saved,
    "waiting": _waiting,
    "paid": _paid,
    "failed": _failed,
    "declined": _declined,
    "expired": _expired,
    "refund": _refund,
    "refunded_total": _refunded_total,
    "disputed": _disputed,
    "dispute_won": _dispute_closed("won"),
    "dispute_lost": _dispute_closed("lost"),
    "changed": _changed,
    "cancelled": _cancelled,
    "released": _released,
    "dropped": _dropped,
}
