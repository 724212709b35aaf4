"""What a campaign owes whom, worked out once more from nothing but its ledger (C4, A1, A2, A6)."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.world import World

ENTRIES = """
select seq, kind, pledge_id, customer_id, units, money
from entries where campaign_id = $1 order by seq"""
MILESTONES = """
select m.id, m.target, m.audience, m.per, m.reached_seq, m.revealed_at is not null as revealed,
       r.code_kind, p.stock
from milestones m join campaigns c using (track_id)
join rewards r on r.id = m.reward_id left join products p on p.id = r.product_id
where c.id = $1"""
GRANTS = """
select g.milestone_id, g.beneficiary, g.state, g.quantity, g.backordered, r.code
from grants g join milestones m on m.id = g.milestone_id join campaigns c using (track_id)
left join reward_codes r on r.milestone_id = g.milestone_id and r.beneficiary = g.beneficiary
where c.id = $1"""


@dataclass
class Ledger:
    """A campaign's entries, and what follows from them; only the first entry of a pledge counts."""

    entries: list[Any]

    @property
    def units(self) -> int:
        return sum(e["units"] for e in self.entries)

    @property
    def money(self) -> int:
        return sum(e["money"] for e in self.entries)

    def first_seqs(self) -> dict[int, int]:
        """The seq of each backer's first entry."""
        return {e["customer_id"]: e["seq"] for e in reversed(self.entries)}

    def reached(self, target: int) -> int | None:
        """The seq of the entry that took the units to `target`."""
        total = 0
        for entry in self.entries:
            total += entry["units"]
            if total >= target:
                return int(entry["seq"])
        return None

    def owed(self, milestone: Any) -> Counter[int]:
        """Each beneficiary of a milestone, with how often the rules grant it."""
        reached = self.reached(milestone["target"])
        if reached is None:
            return Counter()
        after = reached if milestone["audience"] == "new_backers" else 0
        entitled = {who for who, first in self.first_seqs().items() if first > after}
        per = "customer_id" if milestone["per"] == "backer" else "pledge_id"
        return Counter({e[per]: 1 for e in self.entries if e["customer_id"] in entitled})


async def read_ledger(world: World, campaign: int) -> Ledger:
    """The campaign's ledger, which must count from one without a gap."""
    ledger = Ledger(await world.rows(ENTRIES, campaign))
    assert [e["seq"] for e in ledger.entries] == list(range(1, len(ledger.entries) + 1))
    return ledger


async def check_promises(
    world: World, campaign: int, ledger: Ledger, stock: dict[int, int]
) -> None:
    """Each milestone reached by the right entry, each grant once, stock and codes in order.

    `stock` has what stood on the shelf for a milestone, or how many codes were in its pool.
    """
    grants = await world.rows(GRANTS, campaign)
    for milestone in await world.rows(MILESTONES, campaign):
        assert milestone["reached_seq"] == ledger.reached(milestone["target"])
        own = [g for g in grants if g["milestone_id"] == milestone["id"]]
        assert Counter(g["beneficiary"] for g in own) == ledger.owed(milestone)
        assert {(g["state"], g["quantity"]) for g in own} <= {("owed", 1)}
        served = [g for g in own if not g["backordered"]]
        expected = min(len(own), stock.get(milestone["id"], len(own)))
        assert len(served) == expected, f"milestone {milestone['target']}"
        if milestone["stock"] is not None:
            assert milestone["stock"] == stock[milestone["id"]] - expected
        if milestone["code_kind"] == "pool":
            codes = [g["code"] for g in own if g["code"] is not None]
            assert len(codes) == len(set(codes)) == expected
            assert all(g["code"] is not None for g in served)
