"""The same campaign twice: a real one behind its public doors, and a plain one."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from milepost.domain.audience import Audience
from milepost.domain.errors import Conflict, SoldOut
from milepost.domain.facts import Fact, FactKind
from milepost.domain.lines import Line
from milepost.services import deciding, granting, milestones, settling
from milepost.services.auditing import audit_campaign
from milepost.services.milestones import NewMilestone, NewReward
from milepost.services.preparing import NewStore, create_store
from milepost.services.receiving import keep_events
from milepost.storage import grants, pledges
from milepost.storage.database import unit
from milepost.storage.inbox import Arrival
from tests.model import FOR_EVER, PlainCampaign, PlainMilestone, PlainPledge, PlainReward
from tests.services.books import Books, expected_books, read_books
from tests.services.ground import Ground
from tests.world import NOON

CHUNK, JUDGED = 2, 1  # backers granted at once: by one statement, and where each is judged


class BothCampaigns:
    """A fresh store and campaign on `ground`; each act is done to the real and to the plain one."""

    def __init__(self, ground: Ground, basis: str, funding_model: str, limit: int | None) -> None:
        self.ground, self.world = ground, ground.world
        self.run, self.database = ground.run, ground.world.database
        self.plain = PlainCampaign(basis, funding_model == "all_or_nothing", limit)
        self.inbox: list[Fact] = []  # kept, not settled; in order
        self.unrouted: list[Fact] = []
        self.paid_with: set[str] = set()  # payments that are known to be a pledge's
        self.run(self._prepare(basis, funding_model, limit))

    async def _prepare(self, basis: str, funding_model: str, limit: int | None) -> None:
        number = next(self.ground.serial)
        async with unit(self.database) as db:
            # a run that failed has left facts behind, and this one must not meet them
            await db.execute("delete from facts where state = 'waiting'")
            self.world.store_id = await create_store(db, NewStore(f"store-{number}", "S"), NOON)
        self.id = await self.world.campaign(
            slug=f"road-{number}", basis=basis, funding_model=funding_model, review_limit=limit
        )
        self.tiers: list[tuple[int, int, int]] = []  # id, price, units
        for price, units, slots in ((3000, 1, None), (4500, 2, 4), (6000, 0, None)):
            made = await self.world.tier(self.id, price=price, units=units, slots=slots)
            self.tiers.append((made, price, units))
        self.limited = self.tiers[1][0]

    def product(self, stock: int | None) -> int:
        """A product of the store."""
        made = self.run(self.world.product(stock=stock))
        if stock is not None:
            self.plain.finite.add(made)
            self.plain.stock[made] = stock
        return made

    # Pledges

    def lines(self, tier: int, quantity: int, bonus: int) -> tuple[Line, ...]:
        """A tier's line, or an own amount without one, and a bonus."""
        chosen = Line("own_amount", "", 1, 2000)
        if tier < len(self.tiers):
            tier_id, price, units = self.tiers[tier]
            chosen = Line("tier", "A tier", quantity, price, units * quantity, tier_id)
        return (chosen, Line("bonus", "", 1, bonus)) if bonus else (chosen,)

    def start(self, who: str, lines: Sequence[Line], late: bool) -> PlainPledge | None:
        """A pledge whose checkout is open; None when a limited tier has nothing left (P3)."""
        pledge_id = self.run(self._start(lines, late))
        if pledge_id is None:
            return None
        made = PlainPledge(pledge_id, who, late=late, **self._worth(lines))
        self.plain.pledges[pledge_id] = made
        return made

    async def _start(self, lines: Sequence[Line], late: bool) -> int | None:
        limited = [line for line in lines if line.tier_id == self.limited]
        async with unit(self.database) as db:
            for line in limited:
                if not await pledges.claim_slots(db, line.tier_id or 0, line.quantity):
                    return None
            return await pledges.add(
                db,
                key=f"road-{next(self.ground.serial)}",
                campaign_id=self.id,
                locale="en",
                lines=lines,
                late=late,
                claiming=bool(limited),
                now=NOON,
                expires_at=NOON,
            )

    def decide(self, kind: FactKind, pledge_id: int, lines: Sequence[Line] = ()) -> bool:
        """A decision of ours travels the same road; False when it is refused at the door."""
        decisions = {
            "cancelled": deciding.cancel_pledge,
            "released": deciding.release_pledge,
            "changed": partial(deciding.change_pledge, lines=lines),
        }
        try:
            self.run(decisions[kind](self.database, pledge_id, by="alice", now=NOON))
        except (Conflict, SoldOut):
            return False
        worth = self._worth(lines)
        more = max(0, worth["slots"] - self.plain.pledges[pledge_id].slots)
        self._keep(self.inbox, Fact(kind, pledge_id, detail=worth | {"more": more}))
        return True

    def is_changing(self, pledge_id: int) -> bool:
        """Whether a decision about the pledge is heard and not settled yet."""
        kinds = ("changed", "cancelled", "topped_up", "dropped")
        return any(f.pledge_id == pledge_id and f.kind in kinds for f in self.inbox)

    def new_lines(self, lines: Sequence[Line]) -> dict[str, Any]:
        """New lines as the payment for them brings them along."""
        worth = self._worth(lines) | {"tiers": sorted(self._worth(lines)["tiers"])}
        return worth | {"lines": [asdict(line) for line in lines], "claims": {}}

    def _worth(self, lines: Sequence[Line]) -> dict[str, Any]:
        return {
            "units": sum(line.units for line in lines),
            "money": sum(line.amount for line in lines),
            "tiers": {line.tier_id for line in lines if line.tier_id},
            "slots": sum(line.quantity for line in lines if line.tier_id == self.limited),
        }

    def _keep(self, kept: list[Fact], fact: Fact) -> None:
        kept.append(replace(fact, inbox_id=next(self.ground.serial)))

    # The road

    def hear(self, events: Sequence[tuple[str, Fact, bool]], again: set[str]) -> None:
        """Events arrive: each with its id, its fact, and whether it names only a payment.

        Those told `again` are known already.
        """
        arrivals = []
        for event_id, fact, only_payment in events:
            told, campaign_id = fact, self.id
            if only_payment:
                told, campaign_id = replace(fact, pledge_id=0), 0
            arrivals.append(Arrival(event_id, "test", NOON, "{}", told, campaign_id))
            if event_id not in again:
                self._keep(self.unrouted if only_payment else self.inbox, fact)
        self.run(keep_events(self.database, arrivals, NOON))

    def settle(self, batch: int, batches: int | None) -> None:
        """So many batches are settled, or (None) everything, payments routed on the way."""
        settling.BATCH = batch
        if batches is None:
            self.run(settling.settle_all(self.database, self.world.clock))
            while True:
                self._route()
                if not self.inbox:
                    return
                while self.inbox:
                    self._settle_plainly(batch)
        for _ in range(batches):
            self.run(settling.settle_next(self.database, self.world.clock))
            self._settle_plainly(batch)

    def _route(self) -> None:
        found = [fact for fact in self.unrouted if fact.payment in self.paid_with]
        self.unrouted = [fact for fact in self.unrouted if fact.payment not in self.paid_with]
        self.inbox = sorted(self.inbox + found, key=lambda fact: fact.inbox_id)

    def _settle_plainly(self, batch: int) -> None:
        facts, self.inbox = self.inbox[:batch], self.inbox[batch:]
        self.plain.settle(facts)
        self.paid_with |= {fact.payment for fact in facts if fact.payment}

    def fan_out(self, milestone: PlainMilestone, chunks: int, crash: bool) -> None:
        """Some chunks are granted; with `crash`, then one more that never commits (A15)."""
        if milestone.archived:
            return
        plainly = (
            milestone.audience == "all_backers"
            and milestone.per == "backer"
            and not (milestone.tiers or milestone.exclude_late or milestone.cap)
            and not self.plain.all_or_nothing
        )
        for _ in range(chunks):
            self.run(granting._fan_out_chunk(self.database, milestone.id))
            self.plain.fan_out(milestone, CHUNK if plainly else JUDGED)
        if crash and milestone.reached is not None and milestone.judged != FOR_EVER:
            self.run(self._crash(milestone.id))

    async def _crash(self, milestone_id: int) -> None:
        class Lightning(Exception):
            pass

        async def strike(*_: object) -> None:
            raise Lightning

        advance, grants.advance = grants.advance, strike  # type: ignore[assignment]
        try:
            await granting._fan_out_chunk(self.database, milestone_id)
        except Lightning:
            pass
        finally:
            grants.advance = advance

    # The creator

    def add_milestone(
        self, target: int, audience: Audience, product: int | None, codes: tuple[str, ...]
    ) -> PlainMilestone:
        """Added at any time; at or below the total it is reached at once (A10)."""
        reward = _reward(product, bool(codes))
        new = NewMilestone(target, reward, audience, codes=codes)
        made = self.run(milestones.add_milestone(self.database, self.id, new, "alice", NOON))
        milestone = PlainMilestone(
            made,
            target,
            PlainReward(self._newest_reward(made), product, bool(codes)),
            audience.kind,
            audience.include_crossing,
            audience.exclude_late,
            audience.per,
            audience.tiers,
            audience.cap,
            pool=list(codes),
        )
        self.plain.milestones.append(milestone)
        self.plain.reach_at_once(milestone)
        return milestone

    def change_reward(
        self, milestone: PlainMilestone, product: int | None, pool: bool, also_granted: bool
    ) -> None:
        """Another version of the reward (A12)."""
        made = self.run(
            milestones.change_reward(
                self.database,
                milestone.id,
                _reward(product, pool),
                "alice",
                NOON,
                also_granted=also_granted,
            )
        )
        self.plain.change_reward(milestone, PlainReward(made, product, pool), also_granted)

    def ship(self, index: int) -> None:
        """Carol ships something that is owed: it can't be taken back (A8)."""
        owed = [
            (m, key, grant)
            for m in self.plain.milestones
            for key, grant in m.grants.items()
            if grant.state == "owed" and not grant.waits
        ]
        if owed:
            milestone, key, grant = owed[index % len(owed)]
            grant.state = "fulfilled"
            self.run(self._ship(milestone, str(key)))

    async def _ship(self, milestone: PlainMilestone, key: str) -> None:
        named = "p.name" if milestone.per == "backer" else "g.beneficiary::text"
        async with unit(self.database) as db:
            shipped = await db.execute(
                "update grants g set state = 'fulfilled' from customers p"
                f" where p.id = g.customer_id and g.milestone_id = $1 and {named} = $2"
                " and g.state = 'owed'",
                milestone.id,
                key,
            )
        assert shipped == "UPDATE 1"

    def _newest_reward(self, milestone_id: int) -> int:
        row = self.run(
            self.world.row("select reward_id from milestones where id = $1", milestone_id)
        )
        return int(row[0])

    # Comparing

    def real(self) -> Books:
        """The books and promises as they stand in the database."""
        return self.run(read_books(self.database, self.id))

    def expected(self) -> Books:
        """The same as the plain campaign has them."""
        held = sum(f.detail["more"] for f in self.inbox if f.kind == "changed")
        return expected_books(self.plain, held)

    def audited(self) -> list[str]:
        """What the product's own proof finds wrong (C7)."""
        return self.run(self._audited())

    async def _audited(self) -> list[str]:
        async with unit(self.database) as db:
            return (await audit_campaign(db, self.id)).differences


def _reward(product: int | None, pool: bool) -> NewReward:
    return NewReward("A reward", product, code_kind="pool" if pool else "none")
