"""What backers and Stripe do to a random road, and what is decided about their pledges."""

from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from milepost.domain.facts import Fact, FactKind
from tests.model_pledge import PlainPledge
from tests.services.both_campaigns import BothCampaigns
from tests.services.ground import Ground

WHO = ("Dana", "Eli", "Fay", "Gus", "Hal", "Ida", "Jo")
ANY = st.integers(0, 59)
STRAY: tuple[FactKind, ...] = (
    "saved",
    "paid",
    "waiting",
    "failed",
    "expired",
    "declined",
    "paying",
)

CHANGEABLE = ("confirmed", "past_due", "charged")

# who, tier, quantity, bonus, late, and what becomes of the checkout: each taken modulo its choices
choices = st.tuples(ANY, ANY, ANY, ANY, ANY, ANY)
Choice = tuple[int, int, int, int, int, int]


class Crowd(RuleBasedStateMachine):
    """The backers of one campaign; `ground`, `basis` and `funding_model` are given by the test."""

    ground: ClassVar[Ground]
    basis: ClassVar[str]
    funding_model: ClassVar[str]

    both: BothCampaigns

    def __init__(self) -> None:
        super().__init__()
        self.pledges: list[PlainPledge] = []
        self.outbox: list[tuple[str, Fact, bool]] = []  # what Stripe has not told us yet
        self.told: list[tuple[str, Fact, bool]] = []
        self.refunds: list[tuple[int, str]] = []
        self.disputes: list[tuple[int, str]] = []

    def _pledge(self, index: int) -> PlainPledge:
        return self.pledges[index % len(self.pledges)]

    def _event(self, fact: Fact, only_payment: bool = False) -> None:
        fact.payment = fact.payment or (f"pi_{fact.pledge_id}" if only_payment else "")
        self.outbox.append((f"evt_{next(self.ground.serial)}", fact, only_payment))

    def _fact(self, kind: FactKind, pledge: PlainPledge) -> Fact:
        detail = {}
        if kind in ("saved", "paid", "waiting"):
            detail = {"email": f"{pledge.who.lower()}@example.org", "name": pledge.who}
        payment = f"pi_{pledge.id}" if kind in ("paid", "paying") else ""
        return Fact(kind, pledge.id, amount=pledge.money, payment=payment, detail=detail)

    @rule(crowd=st.lists(choices, min_size=1, max_size=3))
    def is_backed(self, crowd: list[Choice]) -> None:
        for choice in crowd:
            self._pledges(*choice)

    def _pledges(
        self, who: int, tier: int, quantity: int, bonus: int, late: int, then: int
    ) -> None:
        if len(self.pledges) >= 16:
            return
        lines = self.both.lines(tier % 4, quantity % 3 + 1, bonus % 2 * 700)
        pledge = self.both.start(WHO[who % len(WHO)], lines, late=late % 5 == 0)
        if pledge is None:
            return
        self.pledges.append(pledge)
        kind: FactKind = "paid" if self.funding_model == "keep_it_all" else "saved"
        if then % 10 < 7:
            self._event(self._fact(kind, pledge))
        elif then % 10 == 7:
            self._event(self._fact("waiting", pledge))
        elif then % 10 == 8:
            self._event(self._fact("expired", pledge))

    @precondition(lambda self: self.pledges)
    @rule(index=ANY)
    def pays(self, index: int) -> None:
        self._event(self._fact("paid", self._pledge(index)))

    @precondition(lambda self: self.pledges)
    @rule(index=ANY, kind=st.sampled_from(STRAY))
    def hears_something_stray(self, index: int, kind: FactKind) -> None:
        self._event(self._fact(kind, self._pledge(index)))

    @precondition(lambda self: self.pledges)
    @rule(index=ANY, part=st.sampled_from([1, 1, 3, 50]), told=ANY)
    def is_refunded(self, index: int, part: int, told: int) -> None:
        pledge = self._pledge(index)
        before = sum(pledge.id == known for known, _ in self.refunds)
        amount = max(1, pledge.money // part)
        ref = f"re_{next(self.ground.serial)}"
        self.refunds.append((pledge.id, ref))
        if told % 4:
            self._event(Fact("refund", pledge.id, amount=amount, ref=ref), told % 2 == 0)
        if told % 4 != 1 and not before:
            self._event(Fact("refunded_total", pledge.id, amount=amount), told % 3 == 0)

    @precondition(lambda self: self.refunds)
    @rule(index=ANY)
    def has_a_refund_that_fails(self, index: int) -> None:
        pledge_id, ref = self.refunds[index % len(self.refunds)]
        self._event(Fact("refund", pledge_id, amount=0, ref=ref))

    @precondition(lambda self: self.pledges)
    @rule(index=ANY, only_payment=st.booleans())
    def disputes_the_payment(self, index: int, only_payment: bool) -> None:
        pledge, ref = self._pledge(index), f"dp_{next(self.ground.serial)}"
        self.disputes.append((pledge.id, ref))
        self._event(Fact("disputed", pledge.id, ref=ref), only_payment)

    @precondition(lambda self: self.disputes)
    @rule(index=ANY, lost=ANY)
    def has_a_dispute_closed(self, index: int, lost: int) -> None:
        pledge_id, ref = self.disputes.pop(index % len(self.disputes))
        self._event(Fact("dispute_lost" if lost % 3 == 0 else "dispute_won", pledge_id, ref=ref))

    @precondition(lambda self: self.pledges)
    @rule(index=ANY)
    def is_given_up(self, index: int) -> None:
        self._event(Fact("dropped", self._pledge(index).id))

    # Decisions

    @precondition(lambda self: self.pledges)
    @rule(index=ANY)
    def cancels(self, index: int) -> None:
        pledge = self._pledge(index)
        lawful = pledge.step in ("confirmed", "past_due") and not self.both.is_changing(pledge.id)
        assert self.both.decide("cancelled", pledge.id) is lawful

    @precondition(lambda self: any(p.held for p in self.pledges))
    @rule(index=ANY)
    def is_released(self, index: int) -> None:
        held = [p for p in self.pledges if p.held]
        assert self.both.decide("released", held[index % len(held)].id)

    @precondition(lambda self: any(p.step in CHANGEABLE for p in self.pledges))
    @rule(index=ANY, tier=ANY, quantity=ANY, bonus=ANY)
    def changes(self, index: int, tier: int, quantity: int, bonus: int) -> None:
        able = [p for p in self.pledges if p.step in CHANGEABLE]
        lines = self.both.lines(tier % 4, quantity % 3 + 1, bonus % 2 * 700)
        self.both.decide("changed", able[index % len(able)].id, lines)

    @precondition(lambda self: any(p.step == "charged" for p in self.pledges))
    @rule(index=ANY, tier=ANY, quantity=ANY, bonus=ANY, less=ANY)
    def pays_for_a_change(
        self, index: int, tier: int, quantity: int, bonus: int, less: int
    ) -> None:
        able = [p for p in self.pledges if p.step == "charged"]
        pledge = able[index % len(able)]
        lines = self.both.lines(tier % 4, quantity % 3 + 1, bonus % 2 * 700)
        if any(line.tier_id == self.both.limited for line in lines):
            return  # its slots are claimed with an attempt, which this road has none of
        detail = self.both.new_lines(lines)
        missing = max(1, detail["money"] - pledge.money - (1 if less % 5 == 0 else 0))
        payment = f"pi_{pledge.id}_{next(self.ground.serial)}"
        self._event(Fact("topped_up", pledge.id, amount=missing, payment=payment, detail=detail))
