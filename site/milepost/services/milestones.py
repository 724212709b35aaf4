"""Milestones as a creator manages them: added, moved, rewarded, revealed (A10–A13, R3)."""

from datetime import datetime
from typing import Any

from milepost.domain.audience import Audience
from milepost.domain.errors import Conflict
from milepost.domain.messages import N_
from milepost.domain.rewards import Reward
from milepost.domain.tracks import EVERYBODY, Milestone
from milepost.domain.whatif import Seen
from milepost.services import milestone_steps as steps
from milepost.services.foreseeing import foresee_milestone
from milepost.services.milestone_steps import Maker
from milepost.services.milestone_wishes import (
    NewMilestone,
    NewReward,
    check_parts,
    must_be_seen,
    wish_of,
    with_product,
)
from milepost.services.promising import promise, promise_milestone, promise_reveals
from milepost.storage import milestones
from milepost.storage.database import Database, unit

__all__ = [
    "NewMilestone",
    "NewReward",
    "add_codes",
    "add_milestone",
    "archive_milestone",
    "change_audience",
    "change_reward",
    "move_target",
    "reveal_milestone",
]


async def add_milestone(
    database: Database,
    campaign_id: int,
    new: NewMilestone,
    by: str,
    now: datetime,
    *,
    creator_id: int | None = None,
    ask: bool = False,
    seen: Seen | None = None,
) -> int:
    """Add a milestone, reached at once at or below the present total (A10). Returns its id.

    With `ask` what it would grant at once must have been seen. Raises NotSeen.
    """
    steps.check_target(new.target)
    maker = Maker(by, now, creator_id)
    async with unit(database) as db:
        campaign = await steps.lock_campaign(db, campaign_id)
        await check_parts(db, campaign, new)
        if ask:
            foreseen = await foresee_milestone(db, campaign_id, new.wish(), now)
            if foreseen.reached:
                must_be_seen(foreseen, seen)
        reward = await with_product(db, campaign, new)
        codes = steps.cleaned_codes(list(new.codes))
        milestone_id = await milestones.add(
            db,
            track_id=campaign["track_id"],
            target=new.target,
            audience=new.audience.kind,
            include_crossing=new.audience.include_crossing,
            exclude_late=new.audience.exclude_late,
            per=new.audience.per,
            tiers=sorted(new.audience.tiers),
            cap=new.audience.cap,
            reveal=new.reveal,
            mystery=new.mystery,
            since_seq=campaign["seq"],
        )
        reward_id = await milestones.add_reward(db, milestone_id, **reward.columns)
        if codes:
            await milestones.add_codes(db, milestone_id, codes)
        said = {"target": new.target, **_said(new)}
        await milestones.note_change(db, milestone_id, by, "added", {}, said, now)
        await steps.note_deed(db, campaign, maker, "milestone_added", reward.title, {}, said)
        milestone = Milestone(
            milestone_id, new.target, new.audience, Reward(reward_id, reward.kind)
        )
        await steps.reach_if_due(db, campaign, milestone, now)
        await promise_milestone(db, campaign, milestone_id, by, now)
        await steps.tell(db, campaign_id)
    return milestone_id


async def move_target(
    database: Database,
    milestone_id: int,
    target: int,
    by: str,
    now: datetime,
    *,
    creator_id: int | None = None,
    ask: bool = False,
    seen: Seen | None = None,
) -> None:
    """Move the target of a milestone that is not reached; the change is kept (A11).

    Raises Conflict once it is reached. A target at or below the present total reaches it at once;
    with `ask` what that grants must have been seen. Raises NotSeen.
    """
    steps.check_target(target)
    async with unit(database) as db:
        campaign, row = await steps.lock_milestone(db, milestone_id)
        if ask and row["reached_seq"] is None:
            reward = await milestones.reward_of(db, row["reward_id"])
            wish = wish_of(row, reward, target)
            foreseen = await foresee_milestone(db, campaign["id"], wish, now)
            if foreseen.reached or seen is None:
                must_be_seen(foreseen, seen)
        await steps.move_target(db, campaign, row, target, Maker(by, now, creator_id))
        await steps.tell(db, campaign["id"])


async def change_audience(
    database: Database,
    milestone_id: int,
    audience: Audience,
    by: str,
    now: datetime,
    *,
    creator_id: int | None = None,
) -> None:
    """Promise an unreached milestone's reward to others; the change is kept (A11).

    Raises Conflict once it is reached.
    """
    async with unit(database) as db:
        campaign, row = await steps.lock_milestone(db, milestone_id)
        await steps.change_audience(db, campaign, row, audience, Maker(by, now, creator_id))
        await steps.tell(db, campaign["id"])


async def change_reward(
    database: Database,
    milestone_id: int,
    reward: NewReward,
    by: str,
    now: datetime,
    *,
    also_granted: bool = False,
    creator_id: int | None = None,
) -> int:
    """Give the milestone's future grants another reward; those made keep theirs (A12).

    With `also_granted`, those already granted and not shipped get it too. Returns the reward's id.
    """
    async with unit(database) as db:
        campaign, row = await steps.lock_milestone(db, milestone_id)
        maker = Maker(by, now, creator_id)
        reward_id = await steps.change_reward(db, campaign, row, reward, maker, also_granted)
        await steps.tell(db, campaign["id"])
    return reward_id


async def reveal_milestone(
    database: Database, milestone_id: int, by: str, now: datetime, *, creator_id: int | None = None
) -> None:
    """Open a reached milestone's reveal on every page; opening it twice changes nothing (R3).

    Raises Conflict before the reach.
    """
    async with unit(database) as db:
        campaign, row = await steps.lock_milestone(db, milestone_id)
        if row["reached_seq"] is None:
            raise Conflict(N_("This milestone is not reached yet, so it can't be revealed."))
        if row["revealed_at"] is not None:
            return
        maker = Maker(by, now, creator_id)
        await milestones.reveal(db, milestone_id, now)
        await milestones.note_change(db, milestone_id, by, "revealed", {}, {}, now)
        await steps.note_deed(db, campaign, maker, "milestone_revealed", row["title"], {}, {})
        await promise_reveals(db, campaign, {milestone_id}, by, now)
        await steps.announce(db, milestone_id)
        await steps.tell(db, campaign["id"])


async def archive_milestone(
    database: Database, milestone_id: int, by: str, now: datetime, *, creator_id: int | None = None
) -> None:
    """Take a milestone off the trail; its grants and its history stay (A13).

    Raises Conflict while it is being granted to those who backed before its reach.
    """
    async with unit(database) as db:
        campaign, row = await steps.lock_milestone(db, milestone_id)
        if row["granted_through"] not in (None, EVERYBODY):
            raise Conflict(
                N_("The rewards of this milestone are just being given. Archive it in a moment.")
            )
        if row["archived_at"] is None:
            maker = Maker(by, now, creator_id)
            await milestones.archive(db, milestone_id, now)
            await milestones.note_change(db, milestone_id, by, "archived", {}, {}, now)
            await steps.note_deed(db, campaign, maker, "milestone_archived", row["title"], {}, {})
            await promise(db, campaign["id"], "archived", {}, by, now, about=milestone_id)
            await steps.tell(db, campaign["id"])


async def add_codes(
    database: Database,
    milestone_id: int,
    codes: list[str],
    by: str,
    now: datetime,
    *,
    creator_id: int | None = None,
) -> None:
    """More codes for the pool; whoever waits for one gets it (A14, R2).

    Raises Invalid when a code is empty or repeated.
    """
    cleaned = steps.cleaned_codes(codes)
    async with unit(database) as db:
        campaign, row = await steps.lock_milestone(db, milestone_id)
        maker = Maker(by, now, creator_id)
        await steps.add_codes(db, campaign, row, cleaned, maker)
        await steps.announce(db, milestone_id)


def _said(new: NewMilestone) -> dict[str, Any]:
    return {"audience": new.audience.kind, "reward": new.reward.title, "reveal": new.reveal}
