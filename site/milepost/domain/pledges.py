"""A pledge: its states, and what it is worth, owes and has paid at any time (P1, C1, C6)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NotRequired, TypedDict

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
