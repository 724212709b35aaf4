"""The rules of money, milestones and rewards again, plainly: lists and loops.

It knows nothing of SQL, batches or speed. `tests/services/test_rules_machine.py` drives it beside
the real thing and compares.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from milepost.domain.facts import Fact
from tests.model_pledge import PlainPledge

FOR_EVER = 2**63 - 1
LIVE = ("provisional", "owed", "held")


@dataclass
class PlainReward:
    """One version of a reward: of a product, from a pool of codes, or neither (A12)."""

    id: int
    product: int | None = None
    pool: bool = False


@dataclass
class PlainGrant:
    """It travels with `pledge`; `waits` for stock or a code; `aside` is what was taken (A14)."""

    who: str
    pledge: int
    state: str
    quantity: int
    reward: PlainReward
    seq: int
    waits: bool = False
    flagged: bool = False
    aside: int = 0
    before: tuple[bool, int] = (False, 0)  # live, and its quantity, when last handed out


@dataclass
class PlainMilestone:
    """`judged` is the last first entry that the granting at the reach has come to."""

    id: int
    target: int
    reward: PlainReward
    audience: str = "new_backers"
    include_crossing: bool = False
    exclude_late: bool = False
    per: str = "backer"
    tiers: frozenset[int] = frozenset()
    cap: int | None = None
    reached: int | None = None
    judged: int = 0
    archived: bool = False
    grants: dict[Hashable, PlainGrant] = field(default_factory=dict)
    pool: list[str] = field(default_factory=list)
    codes: dict[Hashable, str] = field(default_factory=dict)


@dataclass
class PlainCampaign:
    """A campaign's books and promises, moved one fact at a time."""

    basis: str
    all_or_nothing: bool
    review_limit: int | None = None
    finite: set[int] = field(default_factory=set)  # products that can run out
    stock: dict[int, int] = field(default_factory=dict)
    pledges: dict[int, PlainPledge] = field(default_factory=dict)
    known: set[int] = field(default_factory=set)  # pledges whose backer is known
    milestones: list[PlainMilestone] = field(default_factory=list)
    entries: list[tuple[int, str, int, int, int]] = field(default_factory=list)
    first: dict[str, int] = field(default_factory=dict)  # backer → first entry, never forgotten
    refused: int = 0

    def seq(self) -> int:
        return len(self.entries)

    def units(self) -> int:
        return sum(entry[3] for entry in self.entries)

    def money(self) -> int:
        return sum(entry[4] for entry in self.entries)

    def total(self) -> int:
        return self.units() if self.basis == "units" else self.money()

    def backers(self) -> set[str]:
        return {p.who for p in self.pledges.values() if p.id in self.known and p.stands()}

    def pledges_of(self, who: str) -> list[PlainPledge]:
        mine = [p for p in self.pledges.values() if p.who == who and p.id in self.known]
        return sorted(mine, key=lambda p: p.id)

    # Facts

    def settle(self, facts: list[Fact]) -> None:
        """These facts happen, one after the other; then what can run out is handed out."""
        for fact in facts:
            self._happens(fact)
        self.hand_out()

    def _happens(self, fact: Fact) -> None:
        pledge = self.pledges[fact.pledge_id]
        if "email" in fact.detail:
            self.known.add(pledge.id)
        was_started = pledge.step == "started"
        if not pledge.hear(fact, self.review_limit):
            self.refused += 1
            return
        if pledge.id not in self.known:
            return
        if not pledge.entered and not pledge.held:
            # the first entry is whole; what came before it follows it (C2)
            if (was_started and fact.kind in ("saved", "paid")) or pledge.stands():
                self._enter("confirmed", pledge, (pledge.units, pledge.money))
                if pledge.worth() != pledge.counted:
                    self._enter(pledge.outran(), pledge, pledge.worth())
        elif pledge.entered and pledge.worth() != pledge.counted:
            self._enter(_kind(fact, pledge), pledge, pledge.worth())
        for milestone in self.milestones:
            self._judge(milestone, pledge.who)

    def _enter(self, kind: str, pledge: PlainPledge, worth: tuple[int, int]) -> None:
        units, money = worth[0] - pledge.counted[0], worth[1] - pledge.counted[1]
        seq = len(self.entries) + 1
        self.entries.append((seq, kind, pledge.id, units, money))
        pledge.counted, pledge.entered = worth, True
        self.first.setdefault(pledge.who, seq)
        for milestone in self.milestones:
            if self._due(milestone):
                milestone.reached = seq  # C4; and nothing ever takes it back (C5)
                # who backed before gets it from the granting at the reach, in order
                milestone.judged = 0 if milestone.audience == "all_backers" else FOR_EVER

    def reach_at_once(self, milestone: PlainMilestone) -> None:
        """A10, A11: at or below the present total, at the present seq."""
        if self.entries and self._due(milestone):
            milestone.reached, milestone.judged = self.seq(), 0

    def _due(self, milestone: PlainMilestone) -> bool:
        ahead = milestone.reached is None and not milestone.archived
        return ahead and self.total() >= milestone.target

    # Promises

    def _owed(
        self, m: PlainMilestone, who: str, pledges: list[PlainPledge]
    ) -> tuple[str | None, int, int]:
        """What the rules want for a backer by these pledges: a state, or nothing; how many, and
        which of the pledges it travels with."""
        nothing = None, 1, 0
        if m.reached is None or who not in self.first:
            return nothing
        first = self.first[who]
        if m.audience == "new_backers":
            if first < m.reached:
                return nothing  # A2, A3, A4
            if first == m.reached and not m.include_crossing:
                return nothing
        good = []
        for pledge in pledges:
            if m.exclude_late and pledge.late:
                continue  # A1
            if m.tiers and not (m.tiers & pledge.tiers):
                continue  # A7
            if m.per == "unit" and pledge.units == 0:
                continue  # A6: no unit, no reward
            good.append(pledge)
        quantity = good[0].units if good and m.per == "unit" else 1
        standing = [p for p in good if p.stands()]
        if standing:
            charged = [p for p in standing if p.state() == "charged"]
            if self.all_or_nothing and not charged:
                return "provisional", quantity, standing[0].id  # A9
            return "owed", quantity, (charged or standing)[0].id
        disputed = [p for p in good if p.in_dispute()]
        if disputed:
            return "held", quantity, disputed[0].id  # A8
        return nothing

    def _judge(self, m: PlainMilestone, who: str) -> None:
        if m.reached is None or who not in self.first:
            return
        if m.per == "backer":
            self._bring(m, who, who, self.pledges_of(who))
        else:
            for pledge in self.pledges_of(who):
                self._bring(m, pledge.id, who, [pledge])

    def _bring(
        self, m: PlainMilestone, beneficiary: Hashable, who: str, pledges: list[PlainPledge]
    ) -> None:
        wanted, quantity, pledge = self._owed(m, who, pledges)
        grant = m.grants.get(beneficiary)
        if grant is None:
            if wanted in (None, "held"):
                return  # a dispute makes nothing new
            if m.archived or self.first[who] > m.judged:
                return
            if m.cap is not None and len(m.grants) >= m.cap:
                return  # A14: the first so many; who lost it keeps the place
            assert wanted is not None
            m.grants[beneficiary] = PlainGrant(who, pledge, wanted, quantity, m.reward, self.seq())
        elif grant.state == "fulfilled":
            grant.flagged = wanted is None  # A8
        elif wanted is None:
            grant.state = "void"
        else:
            grant.state, grant.quantity, grant.pledge = wanted, quantity, pledge

    def fan_out(self, m: PlainMilestone, most: int) -> None:
        """The granting at the reach comes to the next backers, by their first entry (A1)."""
        if m.reached is None or m.judged == FOR_EVER:
            return
        coming = sorted((seq, who) for who, seq in self.first.items() if seq > m.judged)[:most]
        m.judged = coming[-1][0] if coming else FOR_EVER
        for _, who in coming:
            self._judge(m, who)
        self.hand_out()

    def change_reward(self, m: PlainMilestone, reward: PlainReward, also_granted: bool) -> None:
        """A12: those made keep theirs, unless the creator says so; what is shipped, always."""
        m.reward = reward
        for grant in m.grants.values():
            if also_granted and grant.state != "fulfilled":
                self._put_back(grant)
                grant.reward, grant.waits, grant.before = reward, False, (False, 0)
        self.hand_out()

    # What can run out (A14, R2)

    def hand_out(self) -> None:
        """Stock and codes go to whoever waits for them, first come first served."""
        for m in self.milestones:
            for grant in m.grants.values():
                now = (grant.state in LIVE, grant.quantity)
                if grant.state == "fulfilled" or now == grant.before:
                    continue
                grant.before = now
                self._put_back(grant)
                grant.waits = now[0] and (grant.reward.pool or grant.reward.product in self.finite)
        for m in sorted(self.milestones, key=lambda m: m.id):
            queue = sorted(
                (g.seq, self.first[g.who], key)
                for key, g in m.grants.items()
                if g.waits and g.state in LIVE
            )
            for product in self.stock:
                for _, _, key in queue:
                    grant = m.grants[key]
                    if grant.reward.product == product:
                        if grant.quantity > self.stock[product]:
                            break
                        self.stock[product] -= grant.quantity
                        grant.aside, grant.waits = grant.quantity, False
            for _, _, key in queue:
                if m.grants[key].reward.pool:
                    if key not in m.codes and m.pool:
                        m.codes[key] = m.pool.pop(0)  # for good: a code once shown is spent
                    m.grants[key].waits = key not in m.codes

    def _put_back(self, grant: PlainGrant) -> None:
        if grant.aside and grant.reward.product is not None:
            self.stock[grant.reward.product] += grant.aside
        grant.aside = 0


def _kind(fact: Fact, pledge: PlainPledge) -> str:
    """C2's word for what a fact does to a pledge that has counted before."""
    falls = (pledge.worth()[1], pledge.worth()[0]) < (pledge.counted[1], pledge.counted[0])
    if fact.kind in ("refund", "refunded_total"):
        return "refunded" if falls else "reinstated"
    if fact.kind == "paid":
        return pledge.outran()
    if fact.kind == "released":
        return "reinstated"
    if fact.kind in ("changed", "topped_up"):
        return "decreased" if falls else "increased"
    words = {
        "disputed": "disputed",
        "dispute_lost": "disputed",
        "dispute_won": "reinstated",
        "cancelled": "decreased",
        "dropped": "dropped",
    }
    return words[fact.kind]
