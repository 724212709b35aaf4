"""The audit: clean books are clean, each damage is told, and repair mends what is derived."""

import pytest

from milepost.domain.errors import Invalid
from milepost.domain.facts import Fact
from milepost.services.auditing import audit_all
from milepost.services.replaying import replay
from milepost.storage.database import reading
from tests.world import World, recorders

DAMAGE = {
    "units is": "update campaigns set units = units + 1",
    "backers is": "update campaigns set backers = backers - 1",
    "counts for": "update pledges set counted_money = counted_money - 1 where state = 'charged'",
    "has first entry": "update backers set first_seq = first_seq + 100",
    "reached by entry": "update milestones set reached_seq = reached_seq + 1",
    "the grant is none": "delete from grants where beneficiary = 1",
    "the grant is void": "update grants set state = 'void'",
    "who is no backer": "insert into grants values (1, 999, 999, 1, 1, 1, 1, 'owed')",
    "slots claimed": "update tiers set claimed = claimed + 1",
}


async def lived(world: World) -> int:
    campaign = await world.campaign()
    await world.tier(campaign, slots=50)
    await world.milestone(campaign, 3)
    await world.milestone(campaign, 4, "new_backers")
    for who in ("Dana", "Eli", "Fay", "Gus"):
        pledge = await world.pledged(campaign, who, recorders(2))
    await world.hear(campaign, Fact("refund", pledge, amount=9000, ref="re_1"))
    await world.settle()
    return campaign


async def differences(world: World, *, repair: bool = False) -> list[str]:
    return [d async for a in audit_all(world.database, repair=repair) for d in a.differences]


async def test_books_that_were_lived_are_clean(world: World) -> None:
    await lived(world)
    assert await differences(world) == []


@pytest.mark.parametrize(("told", "damage"), DAMAGE.items(), ids=list(DAMAGE))
async def test_each_damage_is_told_and_mended(world: World, told: str, damage: str) -> None:
    await lived(world)
    async with reading(world.database) as db:
        await db.execute(damage)
    found = await differences(world)
    assert any(told in difference for difference in found), found
    await differences(world, repair=True)
    await world.settle()
    assert await differences(world) == []


async def test_what_was_sent_and_is_not_fulfilled_is_told_and_left(world: World) -> None:
    """A8."""
    campaign = await lived(world)
    async with reading(world.database) as db:
        await db.execute(
            "insert into parcels (campaign_id, milestone_id, beneficiary, pledge_id, state,"
            f" shipped_at) select {campaign}, milestone_id, beneficiary, 1, 'shipped', now()"
            " from grants where state = 'owed' limit 1"
        )
    (found,) = await differences(world, repair=True)
    assert "was sent to pledge 1, and its grant is owed" in found
    async with reading(world.database) as db:
        await db.execute("update grants set state = 'fulfilled' where state = 'owed'")
    assert await differences(world) == []


async def test_repair_never_touches_an_entry(world: World) -> None:
    await lived(world)
    before = await world.rows("select * from entries order by seq")
    async with reading(world.database) as db:
        await db.execute("update campaigns set units = units + 1")
    await differences(world, repair=True)
    assert await world.rows("select * from entries order by seq") == before


async def test_replay_shows_the_campaign_as_it_stood_at_an_entry(world: World) -> None:
    await lived(world)
    slug = (await world.row("select slug from campaigns"))[0]
    then = await replay(world.database, slug, 2)
    assert (then.units, then.money, then.backers) == (4, 18_000, 2)
    assert [(target, seq) for _, target, seq in then.milestones] == [(3, 2), (4, 2)]
    now = await replay(world.database, slug, None)
    assert (now.seq, now.units, now.backers) == (5, 6, 3)
    with pytest.raises(Invalid):
        await replay(world.database, slug, 6)
