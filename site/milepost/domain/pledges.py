"""A pledge: its states, its lawful moves, and what it counts for at any time (P1, C1, C2, C6)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NotRequired, TypedDict

from milepost.domain.facts import Fact
from milepost.domain.money import split

GOES_BACK: tuple[Literal["goods", "units", "tiers"], ...] = ("goods", "units", "tiers")
CREDIT = "credit-"  # and the pledge's id: how its payment with store credit is called

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


def credit_used(row: Mapping[str, Any]) -> int:
    """Minor units of store credit that pay for the pledge of this row, or are set aside for it."""
    if row["state"] in ("expired", "cancelled", "dropped"):
        return 0
    used: int = row["paid"].get(f"{CREDIT}{row['id']}", row["credit"] - row["credit_back"])
    return used


class Part(TypedDict):
    """What one refund is for: minor units of goods, units, and tiers that are wholly returned.

    `lines` are the pieces that were returned, by the line's place, where we asked for it ourselves.
    """

    goods: int
    units: int
    tiers: list[int]
    lines: NotRequired[dict[str, int]]


@dataclass(slots=True)
class Pledge:
    """One pledge as the rules see it; `units` and `money` are what its goods are worth (C1).

    `shipping` and `tax` are owed besides and never counted. `counted_units` and `counted_money` are
    the sum of its ledger entries so far, `entered` is True once it has one. `paid` holds each
    payment by its id; `refunds` each refund by its id, zero for one that failed;
    `refunded_totals` the largest sum that each payment's charge has reported; `parts` what those
    refunds are for of which we know it; `origins` the payment that a refund or dispute is about.
    `credit` was set aside of the backer's store credit, and `credit_back` of it is theirs again;
    `gifts` of programs go with it, each with its `grant` and `product`.
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
    shipping: int = 0
    tax: int = 0
    paid: dict[str, int] = field(default_factory=dict)
    refunds: dict[str, int] = field(default_factory=dict)
    refunded_totals: dict[str, int] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    disputes: dict[str, str] = field(default_factory=dict)
    entered: bool = False
    claiming: bool = False
    credit: int = 0
    credit_back: int = 0
    gifts: list[dict[str, Any]] = field(default_factory=list)

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
    def due(self) -> int:
        """Minor units that the pledge costs in all: goods, shipping and tax."""
        return self.money + self.shipping + self.tax

    @property
    def credit_payment(self) -> str:
        """What its payment with store credit is called among those in `paid`."""
        return f"{CREDIT}{self.id}"

    @property
    def to_charge(self) -> int:
        """Minor units that the card is asked for, as long as nothing is paid."""
        return max(0, self.due - (self.credit - self.credit_back))

    @property
    def refunded(self) -> int:
        """Minor units given back so far: by refund when one failed, else the larger account.

        What is store credit again is ours to know, and in no account of Stripe's.
        """
        total = sum(a for payment, a in self.refunded_totals.items() if self._counts(payment))
        if not self.refunds:
            return total
        own = self.credit_payment
        at_stripe = [ref for ref in self.refunds if self.origins.get(ref) != own]
        known = [self.refunds[ref] for ref in at_stripe if self.counts(ref)]
        credit = sum(self.refunds.values()) - sum(self.refunds[ref] for ref in at_stripe)
        return credit + (sum(known) if 0 in known else max(sum(known), total))

    def _counts(self, payment: str) -> bool:
        """False for a payment that was refused: what becomes of it is nothing to the pledge."""
        return not self.paid or not payment or payment in self.paid

    def counts(self, ref: str) -> bool:
        """True for a refund or dispute about a payment that counts, or might yet."""
        return self._counts(self.origins.get(ref, ""))

    def returned(self, payment: str) -> int:
        """Minor units of one payment that went back, by the same account."""
        total = self.refunded_totals.get(payment, 0)
        known = [a for ref, a in self.refunds.items() if self.origins.get(ref) == payment]
        return sum(known) if 0 in known else max(sum(known), total)

    @property
    def overpaid(self) -> int:
        """Minor units that were paid, are still here, and pay for nothing any more."""
        return max(0, sum(self.paid.values()) - self.refunded - self.due) if self.paid else 0

    @property
    def taken_back(self) -> int:
        """Minor units of what is due that were given back; what was overpaid can go unnoticed."""
        surplus = sum(self.paid.values()) - self.due if self.paid else 0
        return max(0, self.refunded - max(0, surplus))

    @property
    def goods_back(self) -> int:
        """How much of `taken_back` is goods: as each refund says, the rest in proportion (M2)."""
        back, fees = self.taken_back, self.shipping + self.tax
        if not fees and not self.parts:
            return min(back, self.money)
        told = [ref for ref in self.parts if self.refunds.get(ref) and self.counts(ref)]
        goods = min(back, sum(self.parts[ref]["goods"] for ref in told))
        other = sum(self.refunds[ref] for ref in told) - goods
        left = [max(0, self.money - goods), max(0, fees - max(0, other))]
        rest = min(max(0, back - goods - max(0, other)), sum(left))
        return min(self.money, goods + split(rest, left)[0])

    @property
    def kept_net(self) -> int:
        """Minor units paid and still here for goods and shipping, without the tax on them."""
        fees_back = self.taken_back - self.goods_back
        tax_back = split(fees_back, [self.shipping, self.tax])[1] if fees_back else 0
        return sum(self.paid.values()) - self.refunded - (self.tax - tax_back)

    @property
    def kept_units(self) -> int:
        """Units that no refund has taken away."""
        if not self.parts:
            return self.units
        gone = sum(part["units"] for ref, part in self.parts.items() if self.refunds.get(ref))
        return max(0, self.units - gone)

    @property
    def kept_tiers(self) -> frozenset[int]:
        """Tiers that no refund has taken away whole (A7)."""
        if not self.parts:
            return self.tiers
        gone = (part["tiers"] for ref, part in self.parts.items() if self.refunds.get(ref))
        return self.tiers.difference(*gone)

    @property
    def worth(self) -> tuple[int, int]:
        """The units and money that this pledge counts for as it stands now (C1)."""
        if not self.is_live:
            return 0, 0
        return self.kept_units, self.money - self.goods_back


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
    if any(s != "won" for ref, s in pledge.disputes.items() if pledge.counts(ref)):
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
    statuses = {s for ref, s in pledge.disputes.items() if pledge.counts(ref)}
    if "lost" in statuses or pledge.goods_back >= pledge.money:
        pledge.state = "refunded"
    else:
        pledge.state = "disputed" if "open" in statuses else "charged"


def _nothing(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
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
    if pledge.state in ("charged", "refunded", "disputed"):
        if fact.payment in pledge.paid or (pledge.credit and not fact.payment):
            return []  # where store credit pays alone, that is said without a payment
        return f"the pledge was paid already, and {fact.amount} came besides: refund that payment"
    if pledge.state not in ("started", "confirmed", "past_due"):
        return f"the pledge is {pledge.state}, yet its payment succeeded: refund it or restore it"
    tax = fact.detail.get("tax", pledge.tax)
    credit = pledge.credit - pledge.credit_back
    if fact.amount + credit < pledge.money + pledge.shipping + tax:
        return f"{fact.amount} was paid for a pledge of {pledge.due} (minor units)"
    pledge.tax = tax
    if credit:
        pledge.paid[pledge.credit_payment] = credit  # paying with store credit is paying (C1)
    if fact.amount or not credit:
        pledge.paid[fact.payment] = fact.amount
    if pledge.state == "started":
        return _confirm(pledge, "charged", limit)
    pledge.state = "charged"
    return _what_came_before(pledge)


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
    before, is_new = pledge.refunded, fact.ref not in pledge.refunds
    _note_origin(pledge, fact)
    if pledge.refunds.get(fact.ref) != 0:  # a failed refund stays failed
        pledge.refunds[fact.ref] = fact.amount
    if "goods" in fact.detail and is_new:
        goods, units, tiers = (fact.detail[name] for name in ("goods", "units", "tiers"))
        pledge.parts[fact.ref] = {"goods": goods, "units": units, "tiers": tiers}
    return ["refunded" if pledge.refunded > before else "reinstated"]


def _note_origin(pledge: Pledge, fact: Fact) -> None:
    if fact.payment:
        pledge.origins.setdefault(fact.ref, fact.payment)


def _refunded_total(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    known = pledge.refunded_totals.get(fact.payment, 0)
    pledge.refunded_totals[fact.payment] = max(known, fact.amount)
    return ["refunded"]


def _disputed(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    _note_origin(pledge, fact)
    pledge.disputes.setdefault(fact.ref, "open")
    return ["disputed"]


def _dispute_closed(status: str) -> Callable[[Pledge, Fact, int | None], Move]:
    def closed(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
        _note_origin(pledge, fact)
        pledge.disputes[fact.ref] = status
        return ["reinstated" if status == "won" else "disputed"]

    return closed


def _changed(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if pledge.state not in ("confirmed", "past_due", "charged"):
        return f"the pledge is {pledge.state}; only a live one can change"
    before, money, detail = pledge.worth, pledge.money, fact.detail
    shipping = detail.get("shipping", 0)
    tax = detail.get("taxed", _scaled_tax(pledge, detail["money"] + shipping))
    kept = sum(pledge.paid.values()) - pledge.refunded
    if pledge.state == "charged" and detail["money"] + shipping + tax > kept:
        return f"its new lines cost more than the {kept} that was paid for it (minor units)"
    pledge.units, pledge.money = detail["units"], detail["money"]
    pledge.shipping, pledge.tax = shipping, tax
    pledge.tiers = frozenset(detail["tiers"])
    pledge.parts = {}  # what went back was of the old lines
    pledge.claiming = bool(detail.get("claiming"))
    if limit is not None and pledge.money > max(limit, money):
        pledge.held = True  # C6: else a small pledge could grow into what nobody has reviewed
    after = pledge.worth
    return ["increased" if (after[1], after[0]) >= (before[1], before[0]) else "decreased"]


def _scaled_tax(pledge: Pledge, net: int) -> int:
    """The tax of a changed sum: in proportion, until Stripe says it anew (M2)."""
    before = pledge.money + pledge.shipping
    return (pledge.tax * net + before // 2) // before


def _topped_up(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if fact.payment in pledge.paid:
        return []
    if pledge.state != "charged" or "money" not in fact.detail:
        return f"the pledge is {pledge.state}, yet a change of it was paid: refund that payment"
    kept_tax = sum(pledge.paid.values()) - pledge.refunded - pledge.kept_net
    fact.detail["taxed"] = kept_tax + fact.detail.get("tax", 0)
    pledge.paid[fact.payment] = fact.amount
    moved = _changed(pledge, fact, limit)
    if isinstance(moved, str):
        del pledge.paid[fact.payment]
    return moved


def _cancelled(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if pledge.state not in ("confirmed", "past_due"):
        return [] if pledge.state == "cancelled" else f"the pledge is {pledge.state}"
    pledge.state = "cancelled"
    return ["decreased"]


def _released(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if not pledge.held:
        return []
    pledge.held = False
    return ["reinstated"] if pledge.entered else ["confirmed", *_what_came_before(pledge)]


def _dropped(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if pledge.state not in ("confirmed", "past_due"):
        return [] if pledge.state == "dropped" else f"the pledge is {pledge.state}"
    pledge.state = "dropped"
    return ["dropped"]


_MOVES: dict[str, Callable[[Pledge, Fact, int | None], Move]] = {
    "paying": _nothing,
    "card": _nothing,
    "turned_back": _nothing,
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
    "topped_up": _topped_up,
    "cancelled": _cancelled,
    "released": _released,
    "dropped": _dropped,
}
