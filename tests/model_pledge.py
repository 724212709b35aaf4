"""One pledge by the rules, plainly: what was said about it, and what that makes of it (P1, C1, C6).

Written apart from `milepost.domain`, so that one can be held against the other.
"""

from dataclasses import dataclass, field

from milepost.domain.facts import Fact

Worth = tuple[int, int]  # units, money


@dataclass
class PlainPledge:
    """`step` is where it stands, refunds and disputes aside; they are looked at when asked."""

    id: int
    who: str
    units: int
    money: int
    tiers: set[int]
    slots: int = 0  # of a limited tier
    late: bool = False
    step: str = "started"
    held: bool = False
    on_its_way: bool = False
    entered: bool = False
    counted: Worth = (0, 0)
    paid: dict[str, int] = field(default_factory=dict)
    refunds: dict[str, int] = field(default_factory=dict)
    refunded_total: int = 0
    disputes: dict[str, str] = field(default_factory=dict)

    def given_back(self) -> int:
        """By single refunds when one failed, for the total counts it still; else the larger."""
        one_by_one = sum(self.refunds.values())
        if 0 in self.refunds.values():
            return one_by_one
        return max(one_by_one, self.refunded_total)

    def taken_back(self) -> int:
        """What was given back of the price; what was paid beyond it goes back without a trace."""
        beyond = max(0, sum(self.paid.values()) - self.money) if self.paid else 0
        return max(0, self.given_back() - beyond)

    def state(self) -> str:
        """P1's word for it."""
        if self.step != "charged":
            return self.step
        if "lost" in self.disputes.values():
            return "refunded"  # A8: a lost dispute is a refund
        if self.taken_back() >= self.money:
            return "refunded"
        if "open" in self.disputes.values():
            return "disputed"
        return "charged"

    def stands(self) -> bool:
        """A live pledge: confirmed or charged, and released if it was held (C6)."""
        return self.state() in ("confirmed", "past_due", "charged") and not self.held

    def in_dispute(self) -> bool:
        """What counted until its payment was disputed (A8)."""
        return self.state() == "disputed" and not self.held

    def worth(self) -> Worth:
        """What it counts for now (C1): money goes down with each refund, units only with all."""
        if not self.stands():
            return (0, 0)
        return (self.units, max(0, self.money - self.taken_back()))

    def outran(self) -> str:
        """The kind of entry that follows the first one, for what came before the payment."""
        return "disputed" if set(self.disputes.values()) - {"won"} else "refunded"

    def hear(self, fact: Fact, review_limit: int | None) -> bool:
        """False when the fact asks for a move that is not lawful; then nothing has changed."""
        kind, step = fact.kind, self.step
        if kind == "saved":
            if step == "started":
                self._confirm("confirmed", review_limit)
            return step != "expired"
        if kind == "waiting":
            self.on_its_way = self.on_its_way or step == "started"
        if kind == "paid" and step == "charged":
            return fact.payment in self.paid
        elif kind == "paid":
            if fact.amount < self.money or step not in ("started", "confirmed", "past_due"):
                return False
            self.paid[fact.payment] = fact.amount
            if step == "started":
                self._confirm("charged", review_limit)
            else:
                self.step = "charged"
        if kind == "declined" and step == "confirmed":
            self.step = "past_due"
        if kind == "failed" or (kind == "expired" and not self.on_its_way):
            if step == "started":
                self.step = "expired"
            return step in ("started", "expired")
        if kind == "expired":
            return step == "expired"
        if kind == "refund" and self.refunds.get(fact.ref) != 0:
            self.refunds[fact.ref] = fact.amount
        if kind == "refunded_total":
            self.refunded_total = max(self.refunded_total, fact.amount)
        if kind == "disputed" and fact.ref not in self.disputes:
            self.disputes[fact.ref] = "open"
        if kind in ("dispute_won", "dispute_lost"):
            self.disputes[fact.ref] = kind.removeprefix("dispute_")
        if kind == "changed":
            return self._change(fact, review_limit)
        if kind == "topped_up" and fact.payment not in self.paid:
            self.paid[fact.payment] = fact.amount
            done = self.state() == "charged" and self._change(fact, review_limit)
            if not done:
                del self.paid[fact.payment]
            return done
        if kind in ("cancelled", "dropped"):
            if step in ("confirmed", "past_due"):
                self.step = kind
            return step in ("confirmed", "past_due", kind)
        if kind == "released":
            self.held = False
        return True

    def _change(self, fact: Fact, review_limit: int | None) -> bool:
        if self.state() not in ("confirmed", "past_due", "charged"):
            return False
        money = fact.detail["money"]
        if self.step == "charged" and money > sum(self.paid.values()) - self.given_back():
            return False
        if review_limit is not None and money > review_limit and money > self.money:
            self.held = True
        self.units, self.money = fact.detail["units"], money
        self.tiers, self.slots = set(fact.detail["tiers"]), fact.detail["slots"]
        return True

    def _confirm(self, step: str, review_limit: int | None) -> None:
        self.step = step
        self.on_its_way = False
        self.held = review_limit is not None and self.money > review_limit
