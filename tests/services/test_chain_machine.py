"""Whatever a creator changes in whatever order, the chain holds and comes to what is there."""

import contextlib
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from milepost.domain.audience import Audience
from milepost.domain.errors import Refusal
from milepost.domain.promised import faults, promised_by
from milepost.services import milestones, moving
from milepost.services.auditing import audit_campaign
from milepost.services.milestones import NewReward
from milepost.services.preparing import NewStore, create_store
from milepost.services.promising import history
from milepost.storage.database import unit
from tests.services.ground import Ground
from tests.world import NOON

KINDS = "add goal deadline target audience reward archive reveal pledge".split()
edits = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 7), st.booleans()), min_size=1, max_size=14
)


class Plain:
    """The same campaign, kept by hand."""

    def __init__(self) -> None:
        self.goal, self.days = 100, 0
        self.targets: dict[int, int] = {}
        self.caps: dict[int, int | None] = {}
        self.versions: dict[int, int] = {}


@pytest.mark.timeout(300)
def test_random_edits_agree_with_a_replay_of_the_chain(database_url: str) -> None:
    ground = Ground(database_url)

    @settings(
        max_examples=40,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(edits=edits)
    def drive(edits: list[tuple[str, int, bool]]) -> None:
        ground.run(_drive(ground, edits))

    try:
        drive()
    finally:
        ground.close()


async def _drive(ground: Ground, edits: list[tuple[str, int, bool]]) -> None:
    world, number = ground.world, next(ground.serial)
    async with unit(world.database) as db:
        world.store_id = await create_store(db, NewStore(f"store-{number}", "S"), NOON)
    campaign, plain = await world.campaign(slug=f"road-{number}"), Plain()
    for position, (kind, index, flag) in enumerate(edits):
        with contextlib.suppress(Refusal):  # what the rules refuse, the chain must not say
            await _edit(ground, campaign, plain, kind, index, flag)
        async with unit(world.database) as db:
            links = await history(db, campaign)
            audited = await audit_campaign(db, campaign)
        assert list(faults(links)) == [], (position, kind)
        assert audited.differences == [], (position, kind)
        promised = promised_by(links)
        assert promised["goal"] == plain.goal
        ends = NOON.replace(hour=0) + timedelta(days=30 + plain.days)
        assert promised["closes_at"] == ends.strftime("%Y-%m-%dT%H:%M:%SZ")
        said = promised["milestones"]
        assert {int(one): m["target"] for one, m in said.items()} == plain.targets
        assert {int(one): m["audience"]["cap"] for one, m in said.items()} == plain.caps
        assert {int(one): m["reward"]["version"] for one, m in said.items()} == plain.versions


async def _edit(
    ground: Ground, campaign: int, plain: Plain, kind: str, index: int, flag: bool
) -> None:
    """One change, noted by hand only when it was not refused."""
    world, database = ground.world, ground.world.database
    by: tuple[Any, ...] = ("alice", NOON)
    those = sorted(plain.targets)
    one = those[index % len(those)] if those else 0
    if kind == "add":
        reveal = "manual" if flag else "automatic"
        one = await world.milestone(campaign, index + 1, reveal=reveal, mystery=index % 2 == 0)
        plain.targets[one], plain.caps[one], plain.versions[one] = index + 1, None, 1
    elif kind == "goal":
        await moving.move_goal(database, campaign, 97 + index, *by)
        plain.goal = 97 + index
    elif kind == "deadline":
        ends = (NOON.replace(hour=0) + timedelta(days=30 + index - 3)).replace(tzinfo=None)
        await moving.move_deadline(database, campaign, ends, *by)
        plain.days = index - 3
    elif kind == "pledge":
        await world.pledged(campaign, f"who-{index}")
    elif those and kind == "target":
        await milestones.move_target(database, one, index + 1, *by)
        plain.targets[one] = index + 1
    elif those and kind == "audience":
        await milestones.change_audience(database, one, Audience(cap=index + 1), *by)
        plain.caps[one] = index + 1
    elif those and kind == "reward":
        reward = NewReward(f"Another {index}", text_after=f"After {index}")
        await milestones.change_reward(database, one, reward, *by, also_granted=flag)
        plain.versions[one] += 1
    elif those and kind == "reveal":
        await milestones.reveal_milestone(database, one, *by)
    elif those and kind == "archive":
        await milestones.archive_milestone(database, one, *by)
        del plain.targets[one], plain.caps[one], plain.versions[one]
