"""What a what-if says is what the rules say of each backer, and what the engine then does (N4)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from milepost.domain.audience import Audience
from milepost.domain.facts import Fact
from milepost.domain.lines import Line
from milepost.domain.rewards import Reward
from milepost.domain.settlement import gather, verdicts
from milepost.domain.tracks import EVERYBODY, Milestone
from milepost.domain.whatif import Foresight
from milepost.services.foreseeing import Wish, foresee_milestone, foresee_reissue
from milepost.services.granting import fan_out
from milepost.services.milestones import NewMilestone, NewReward, add_milestone, change_reward
from milepost.services.preparing import NewStore, create_store
from milepost.services.receiving import keep_events
from milepost.services.settling import settle_all, standing_of
from milepost.storage import grants, ledger, milestones, pledges, whatif
from milepost.storage.database import reading, unit
from milepost.storage.inbox import Arrival
from tests.services.ground import Ground
from tests.world import NOON, World, recorders

WHO = ("dana", "eli", "fay", "gus", "hal")
BEFALLS = ("", "", "", "part", "whole", "tier", "units", "dispute", "won", "lost")
Chosen = tuple[int, int, int, bool, str]

crowds = st.lists(
    st.tuples(
        st.integers(0, 4), st.integers(0, 3), st.integers(1, 3), st.booleans(),
        st.sampled_from(BEFALLS),
    ),
    max_size=9,
)  # fmt: skip
audiences = st.builds(
    Audience,
    kind=st.sampled_from(["all_backers", "all_backers", "new_backers"]),
    include_crossing=st.booleans(),
    exclude_late=st.booleans(),
    per=st.sampled_from(["backer", "pledge", "unit"]),
    cap=st.sampled_from([None, None, 1, 2, 4]),
)
supplies = st.sampled_from(["none", "plenty", "scarce", "codes"])


@pytest.fixture
def ground(database_url: str) -> Iterator[Ground]:
    """One database for all examples."""
    ground = Ground(database_url)
    yield ground
    ground.close()


class Example:
    """A campaign with a crowd in it, settled."""

    def __init__(self, ground: Ground, basis: str, model: str, limit: int | None) -> None:
        self.ground, self.world, self.basis, self.model = ground, ground.world, basis, model
        self.limit = limit

    async def open(self, crowd: list[Chosen]) -> None:
        number = next(self.ground.serial)
        async with unit(self.world.database) as db:
            slug = f"foreseen-{number}"
            self.world.store_id = await create_store(db, NewStore(slug, "S"), NOON)
        self.id = await self.world.campaign(
            slug=f"foreseen-{number}", basis=self.basis, funding_model=self.model,
            review_limit=self.limit,
        )  # fmt: skip
        self.tiers = [
            await self.world.tier(self.id, price=price, units=units)
            for price, units in ((3000, 1), (4500, 2), (6000, 0))
        ]
        for chosen in crowd:
            await self._pledges(*chosen)
        await settle_all(self.world.database, self.world.clock)

    async def _pledges(self, who: int, tier: int, count: int, late: bool, befalls: str) -> None:
        line = Line("own_amount", "", 1, 2000)
        if tier < 3:
            price, units = ((3000, 1), (4500, 2), (6000, 0))[tier]
            line = Line("tier", "A tier", count, price, units * count, self.tiers[tier])
        number = next(self.ground.serial)
        async with unit(self.world.database) as db:
            made = await pledges.add(
                db, key=f"foreseen-{number}", campaign_id=self.id, locale="en", lines=(line,),
                late=late, claiming=False, now=NOON, expires_at=NOON + timedelta(hours=1),
            )  # fmt: skip
        detail: dict[str, Any] = {"email": f"{WHO[who]}@example.org", "name": "", "locale": "en"}
        kind: Any = "paid" if self.model == "keep_it_all" or befalls == "won" else "saved"
        facts = [Fact(kind, made, amount=line.amount, payment=f"pi_{made}", detail=detail)]
        ref = f"re_{made}"
        if befalls in ("part", "whole"):
            amount = line.amount // (2 if befalls == "part" else 1)
            facts.append(Fact("refund", made, amount=amount, ref=ref))
        elif befalls in ("tier", "units"):
            gone = self.tiers[tier : tier + 1] if befalls == "tier" else []
            told = {"goods": 1000, "units": min(1, line.units), "tiers": gone}
            facts.append(Fact("refund", made, amount=1000, ref=ref, detail=told))
        elif befalls in ("dispute", "won", "lost"):
            facts.append(Fact("disputed", made, ref=ref))
            if befalls != "dispute":
                closed: Any = f"dispute_{befalls}"
                facts.append(Fact(closed, made, ref=ref))
        arrivals = [
            Arrival(f"evt_{next(self.ground.serial)}", "test", NOON, "{}", fact, self.id)
            for fact in facts
        ]
        await keep_events(self.world.database, arrivals, NOON)

    async def by_the_kernel(self, audience: Audience) -> list[int]:
        """The pieces of each grant that `verdicts` wants at a reach now, in order."""
        async with reading(self.world.database) as db:
            campaign = await ledger.lock_campaign(db, self.id)
            seqs = await grants.backers_after(db, self.id, 0, 1000)
            found = await ledger.other_pledges_of(db, self.id, list(seqs), [])
        standing = standing_of(campaign)
        milestone = Milestone(1, 1, audience, Reward(1, "reveal"), 0, standing.seq, EVERYBODY)
        wanted = [
            verdict.quantity
            for backer in gather(seqs, found).values()
            for _, verdict in verdicts(standing, milestone, backer)
            if verdict.wanted in ("owed", "provisional")
        ]
        return wanted[: audience.cap]

    async def standing(self) -> Any:
        return await self.world.row("select * from campaigns where id = $1", self.id)


@pytest.mark.parametrize("basis", ["units", "money"])
@pytest.mark.parametrize("model", ["keep_it_all", "all_or_nothing"])
def test_what_is_foreseen_is_what_the_kernel_judges_and_what_the_engine_then_grants(
    ground: Ground, basis: str, model: str
) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(crowds, audiences, st.integers(0, 7), supplies, st.integers(1, 8), st.booleans())
    def holds(
        crowd: list[Chosen], audience: Audience, tiers: int, supply: str, aim: int, low: bool
    ) -> None:
        ground.run(_holds(ground, basis, model, crowd, audience, tiers, supply, aim, low))

    holds()


async def _holds(
    ground: Ground,
    basis: str,
    model: str,
    crowd: list[Chosen],
    audience: Audience,
    tiers: int,
    supply: str,
    aim: int,
    low: bool,
) -> None:
    example = Example(ground, basis, model, 8000 if low else None)
    await example.open(crowd)
    database, world = example.world.database, example.world
    chosen = frozenset(t for bit, t in enumerate(example.tiers) if tiers >> bit & 1)
    audience = Audience(
        audience.kind, audience.include_crossing, audience.exclude_late, audience.per, chosen,
        audience.cap,
    )  # fmt: skip
    stock = {"plenty": 1000, "scarce": 2}.get(supply)
    product = None if supply in ("none", "codes") else await world.product(stock=stock)
    codes = tuple(f"C{n}" for n in range(3)) if supply == "codes" else ()
    row = await example.standing()
    total = row["units"] if basis == "units" else row["money"]
    target = max(1, total * aim // 6)
    wanted = await example.by_the_kernel(audience)
    new = NewMilestone(
        target,
        NewReward("A reward", product, code_kind="pool" if codes else "none", cost=250),
        audience,
        codes=codes,
    )
    async with reading(database) as db:
        counted = await whatif.entitled(db, example.id, audience, row["seq"])
        said = await foresee_milestone(db, example.id, new.wish(), NOON)
    assert (counted.grants, counted.pieces) == (len(wanted), sum(wanted))
    made = await add_milestone(database, example.id, new, "alice", NOON)
    await fan_out(database, made)
    await _engine_agrees(world, made, said, len(codes) or stock, bool(codes))
    event(
        f"reached={said.reached} grants={min(3, said.now.grants)} missing={bool(said.now.missing)}"
    )


async def _engine_agrees(
    world: World, made: int, said: Foresight, there: int | None, by_code: bool
) -> None:
    row = await world.row(
        "select m.reached_seq is not null as reached, count(g.*) as grants,"
        " coalesce(sum(g.quantity), 0)::bigint as pieces,"
        " count(*) filter (where g.backordered) as waiting"
        " from milestones m left join grants g on g.milestone_id = m.id"
        " and g.state in ('owed', 'provisional') where m.id = $1 group by m.id",
        made,
    )
    assert said.reached == row["reached"]
    assert (said.now.grants, said.now.pieces) == (row["grants"], row["pieces"])
    assert said.now.cost == 250 * row["pieces"]
    if there is None:
        assert said.now.missing is None and row["waiting"] == 0
        return
    assert (said.now.missing or 0) == max(0, (row["grants"] if by_code else row["pieces"]) - there)
    assert bool(said.now.missing) == bool(row["waiting"])


async def test_a_reissue_foretells_what_applying_it_then_does(world: World) -> None:
    """A12, A14."""
    campaign = await world.campaign()
    scarce, other = await world.product(stock=3), await world.product(stock=1)
    milestone = await world.milestone(campaign, 2, product_id=scarce)
    for who in ("dana", "eli", "fay", "gus"):
        await world.pledged(campaign, who, recorders(1))
    first = await world.row("select beneficiary from grants where not backordered limit 1")
    async with unit(world.database) as db:
        await db.execute(
            "update grants set state = 'fulfilled' where beneficiary = $1", first["beneficiary"]
        )
    wish = Wish(2, Audience("all_backers"), milestone, other, cost=300)
    async with reading(world.database) as db:
        said = await foresee_reissue(db, campaign, milestone, wish, world.now)
    assert (said.bill.grants, said.kept) == (3, 1)
    assert (said.bill.needed, said.bill.missing, said.bill.cost) == (3, 2, 900)
    assert await grants_with(world, milestone, other) == 0
    await change_reward(
        world.database, milestone, NewReward("Mug", other), "alice", world.now, also_granted=True
    )
    assert await grants_with(world, milestone, other) == said.bill.grants
    waiting = "select count(*) as n from grants where backordered and milestone_id = $1"
    assert (await world.row(waiting, milestone))["n"] == said.bill.missing
    shelf = await world.row("select stock from products where id = $1", scarce)
    assert shelf["stock"] == 2, "what was set aside is back, save what was shipped"


async def grants_with(world: World, milestone: int, product: int) -> int:
    """How many grants of the milestone give this product."""
    row = await world.row(
        "select count(*) as n from grants g join rewards r on r.id = g.reward_id"
        " where g.milestone_id = $1 and r.product_id = $2",
        milestone,
        product,
    )
    return int(row["n"])


async def test_reissuing_the_same_product_counts_what_is_set_aside_already(world: World) -> None:
    campaign, product = await world.campaign(), await world.product(stock=2)
    milestone = await world.milestone(campaign, 1, product_id=product)
    for who in ("dana", "eli", "fay"):
        await world.pledged(campaign, who, recorders(1))
    wish = Wish(1, Audience("all_backers"), milestone, product)
    async with reading(world.database) as db:
        said = await foresee_reissue(db, campaign, milestone, wish, world.now)
    assert (said.bill.needed, said.bill.missing) == (3, 1)


async def test_reissuing_from_the_pool_leaves_codes_with_their_owners(world: World) -> None:
    campaign = await world.campaign()
    milestone = await world.milestone(campaign, 1, codes=("A", "B"))
    for who in ("dana", "eli", "fay"):
        await world.pledged(campaign, who, recorders(1))
    wish = Wish(1, Audience("all_backers"), milestone, from_pool=True)
    async with reading(world.database) as db:
        said = await foresee_reissue(db, campaign, milestone, wish, world.now)
        assert (said.bill.needed, said.bill.missing) == (3, 1)
        assert len(await milestones.codes_known(db, milestone, ["A", "B", "C"])) == 2


async def test_the_trend_is_the_line_of_the_last_seven_days(world: World) -> None:
    campaign = await world.campaign(goal=100)
    opened = world.now - timedelta(days=31)
    world.now = opened + timedelta(days=1)
    await world.pledged(campaign, "dana", recorders(50))
    world.now = opened + timedelta(days=30)
    await world.pledged(campaign, "eli", recorders(14))
    world.now = opened + timedelta(days=31)
    wish = Wish(78, Audience("all_backers"), cost=100)
    async with reading(world.database) as db:
        said = await foresee_milestone(db, campaign, wish, world.now)
        far = await foresee_milestone(db, campaign, Wish(600, Audience()), world.now)
    assert said.pace is not None and (said.pace.gained, said.pace.per_day) == (14, 2)
    assert said.reached_at == world.now + timedelta(days=7) and said.in_time
    assert said.later is not None and said.later.grants == 3, "2 backers at 64 make 3 at 78"
    assert said.later.money == 78 * 4500
    assert not far.in_time, "not before the deadline"
