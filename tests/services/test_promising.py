"""Promises: each change is a link of its own, and the audit holds the chain to what is (N6)."""

import asyncio
from datetime import datetime, timedelta

import asyncpg
import pytest

from milepost.domain.audience import Audience
from milepost.domain.errors import Conflict
from milepost.domain.promised import faults
from milepost.domain.promises import Link, seal
from milepost.services.auditing import audit_all
from milepost.services.closing import close_due
from milepost.services.milestones import (
    NewReward,
    archive_milestone,
    change_audience,
    change_reward,
    move_target,
    reveal_milestone,
)
from milepost.services.moving import move_deadline, move_goal
from milepost.services.preparing import NewCampaign, create_campaign
from milepost.services.promising import begin_all, history
from milepost.storage.database import reading, unit
from tests.world import World

LATER = datetime(2026, 8, 1)


async def chain(world: World, campaign: int) -> list[Link]:
    async with reading(world.database) as db:
        return await history(db, campaign)


async def differences(world: World, *, repair: bool = False) -> list[str]:
    return [d async for a in audit_all(world.database, repair=repair) for d in a.differences]


async def promised(world: World) -> tuple[int, int]:
    """A campaign with a milestone, and one link of each change that a creator may make."""
    campaign = await world.campaign(goal=3)
    milestone = await world.milestone(campaign, 5, reveal="manual", text_after="Here it is.")
    await move_goal(world.database, campaign, 2, "alice", world.now)
    await move_deadline(world.database, campaign, LATER, "alice", world.now)
    await move_target(world.database, milestone, 2, "alice", world.now)
    audience = Audience("all_backers", cap=100, tiers=frozenset({await world.tier(campaign)}))
    await change_audience(world.database, milestone, audience, "alice", world.now)
    reward = NewReward("A map", text_after="Here is the map.", exclusive="The key")
    await change_reward(world.database, milestone, reward, "alice", world.now)
    for who in ("Dana", "Eli"):
        await world.pledged(campaign, who)
    await reveal_milestone(world.database, milestone, "alice", world.now)
    other = await world.milestone(campaign, 50)
    await archive_milestone(world.database, other, "alice", world.now)
    world.now += timedelta(days=90)
    assert await close_due(world.database, world.clock) == 1
    return campaign, milestone


async def test_each_change_is_a_link_and_the_chain_agrees_with_what_is_there(world: World) -> None:
    campaign, milestone = await promised(world)
    links = await chain(world, campaign)
    assert [link.kind for link in links] == (
        "begun added goal deadline target audience reward revealed added archived outcome".split()
    )
    assert [link.number for link in links] == list(range(1, 12))
    assert list(faults(links)) == []
    assert await differences(world) == []
    subjects = [link.subject for link in links]
    assert subjects[:8] == [None, milestone, None, None, *[milestone] * 4]
    assert links[3].statement == {"closes_at": "2026-08-01T00:00:00Z"}
    assert links[-1].statement == {"outcome": "funded"}


async def test_who_made_a_change_is_kept_and_no_part_of_the_chain(world: World) -> None:
    """A11."""
    campaign, _ = await promised(world)
    rows = await world.rows("select distinct made_by from promises order by 1")
    assert [row["made_by"] for row in rows] == ["alice", "milepost"]
    assert "alice" not in repr(await chain(world, campaign))


async def test_a_reveal_is_what_was_sealed_and_its_exclusive_content_stays_sealed(
    world: World,
) -> None:
    campaign, _ = await promised(world)
    links = await chain(world, campaign)
    sealed = links[6].statement["reward"]
    said = links[7].statement
    assert said["shown"]["text_after"] == "Here is the map."
    assert seal(said["salt"], said["shown"]) == sealed["sealed"] != sealed["sealed_for_entitled"]
    assert "The key" not in repr(links)
    own_salt = (await world.row("select own_salt from rewards where version = 2"))[0]
    assert str(own_salt) not in repr(links)


async def test_a_mystery_has_no_title_in_the_chain_until_it_opens(world: World) -> None:
    """R3."""
    campaign = await world.campaign()
    german = {"de": {"title": "Geheim", "text_after": "Da"}}
    await world.milestone(campaign, 1, mystery=True, title="Secret", translations=german)
    links = await chain(world, campaign)
    assert "Secret" not in repr(links) and "Geheim" not in repr(links)
    await world.pledged(campaign, "Dana")
    opened = (await chain(world, campaign))[-1]
    assert opened.kind == "revealed"
    assert opened.statement["shown"]["title"] == "Secret"
    assert opened.statement["shown"]["translations"] == german


async def test_what_opens_by_itself_is_told_with_the_reach_even_when_it_is_added_below_the_total(
    world: World,
) -> None:
    """A10."""
    campaign = await world.campaign()
    await world.pledged(campaign, "Dana")
    added = await world.milestone(campaign, 1)
    moved = await world.milestone(campaign, 9)
    await move_target(world.database, moved, 1, "alice", world.now)
    await change_reward(world.database, moved, NewReward("Another"), "alice", world.now)
    told = [(link.kind, link.subject) for link in await chain(world, campaign)][1:]
    assert told == [
        ("added", added),
        ("revealed", added),
        ("added", moved),
        ("target", moved),
        ("revealed", moved),
        ("reward", moved),
        ("revealed", moved),
    ]
    assert await differences(world) == []


async def test_a_reached_milestone_keeps_its_audience(world: World) -> None:
    """A11."""
    campaign = await world.campaign()
    milestone = await world.milestone(campaign, 1)
    await world.pledged(campaign, "Dana")
    with pytest.raises(Conflict):
        await change_audience(world.database, milestone, Audience(), "alice", world.now)


async def test_an_archived_milestone_promises_nothing_more(world: World) -> None:
    campaign = await world.campaign()
    milestone = await world.milestone(campaign, 9)
    await archive_milestone(world.database, milestone, "alice", world.now)
    await move_target(world.database, milestone, 5, "alice", world.now)
    await change_audience(world.database, milestone, Audience(), "alice", world.now)
    await change_reward(world.database, milestone, NewReward("Another"), "alice", world.now)
    assert (await chain(world, campaign))[-1].kind == "archived"
    assert await differences(world) == []


async def test_a_draft_promises_nothing_until_it_is_published(world: World) -> None:
    campaign = await world.campaign(published=False)
    await world.milestone(campaign, 5)
    assert await chain(world, campaign) == []
    assert await differences(world) == []
    await world.rows("update campaigns set published = true returning id")
    assert await begin_all(world.database, world.clock) == 1
    assert await begin_all(world.database, world.clock) == 0
    (begun,) = await chain(world, campaign)
    assert [one["target"] for one in begun.statement["milestones"]] == [5]
    assert await differences(world) == []


async def test_a_campaign_from_before_begins_with_how_it_stands_and_with_what_is_open(
    world: World,
) -> None:
    async with unit(world.database) as db:
        new = NewCampaign("old", "Old", "units", "USD", 9, datetime(2026, 5, 1), LATER)
        campaign, _ = await create_campaign(db, world.store_id, new)
    assert "in no chain yet" in (await differences(world))[0]
    await world.rows("update campaigns set published = false returning id")
    open_one = await world.milestone(campaign, 1, mystery=True)
    await world.pledged(campaign, "Dana")
    await world.rows("update campaigns set published = true returning id")
    await move_goal(world.database, campaign, 8, "alice", world.now)
    begun, revealed = await chain(world, campaign)
    assert begun.statement["goal"] == 8
    assert (revealed.kind, revealed.subject) == ("revealed", open_one)
    assert await differences(world) == []


TAMPERED = {
    "promise 3 does not hold": "update promises set statement = '{\"goal\": 1}' where number = 3",
    "promise 2 does not hold": "update promises set made_at = now() where number = 2",
    "promise 5 is missing": "delete from promises where number = 5",
    "goal is 2; its promises say 3": "delete from promises where number >= 3",
    "in no chain yet": "delete from promises",
    "goal is 9": "update campaigns set goal = 9",
    "closes_at is 2030-01-01": "update campaigns set closes_at = '2030-01-01Z'",
    "its target is 1": "update milestones set target = 1 where target = 2",
    "its audience is": "update milestones set cap = 1 where archived_at is null",
    "its promises don't know it": "update milestones set archived_at = null",
    "is promised, and is not there": "update milestones set archived_at = now()",
    "version 2 of its reward is not": "update rewards set text_after = '' where version = 2",
    "version 1 of its reward is not": "update rewards set shared_code = 'X' where version = 1",
    "gives version 1": "update milestones set reward_id = 1 where id = 1",
}


@pytest.mark.parametrize(("told", "damage"), TAMPERED.items(), ids=list(TAMPERED))
async def test_whatever_is_tampered_with_is_told_and_no_repair_touches_a_promise(
    world: World, told: str, damage: str
) -> None:
    await promised(world)
    async with reading(world.database) as db:
        if "from promises" in damage or "update promises" in damage:
            with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
                await db.execute(damage)
        await db.execute("alter table promises disable trigger user")
        await db.execute(damage)
        await db.execute("alter table promises enable trigger user")
    found = await differences(world)
    assert any(told in difference for difference in found), found
    before = await world.rows("select * from promises order by number")
    await differences(world, repair=True)
    assert await world.rows("select * from promises order by number") == before


async def test_two_changes_at_once_are_two_links(world: World) -> None:
    campaign = await world.campaign(goal=1000)
    goals = (move_goal(world.database, campaign, 900 - n, "alice", world.now) for n in range(8))
    await asyncio.gather(*goals)
    links = await chain(world, campaign)
    assert [link.number for link in links] == list(range(1, 10))
    assert list(faults(links)) == []
