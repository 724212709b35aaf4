"""Amending a milestone: all that one form says, in one transaction, as little as differs (S56)."""

from datetime import datetime
from typing import Any

from milepost.domain.whatif import Seen
from milepost.services import milestone_steps as steps
from milepost.services.foreseeing import foresee_milestone, foresee_reissue
from milepost.services.milestone_steps import Maker
from milepost.services.milestone_wishes import (
    NewMilestone,
    check_parts,
    must_be_seen,
    with_product,
)
from milepost.storage import milestones
from milepost.storage.database import Connection, Database, unit


async def amend_milestone(
    database: Database,
    milestone_id: int,
    amended: NewMilestone,
    by: str,
    now: datetime,
    *,
    creator_id: int | None = None,
    also_granted: bool = False,
    seen: Seen | None = None,
) -> None:
    """Make a milestone what one form says: only what differs is changed, noted and promised (S56).

    A reached one keeps its target, its audience and its way to open, whatever is said of them
    (A11). What it would grant at once, or change for those who have it, must have been seen
    (A10, A12). Raises NotSeen.
    """
    maker = Maker(by, now, creator_id)
    async with unit(database) as db:
        campaign, row = await steps.lock_milestone(db, milestone_id)
        await check_parts(db, campaign, amended)
        if row["reached_seq"] is None:
            steps.check_target(amended.target)
            foreseen = await foresee_milestone(db, campaign["id"], amended.wish(milestone_id), now)
            if foreseen.reached:
                must_be_seen(foreseen, seen)
        elif also_granted:
            wish = amended.wish(milestone_id)
            had = await foresee_reissue(db, campaign["id"], milestone_id, wish, now)
            if had.bill.grants:
                must_be_seen(had, seen)
        if amended.codes:
            await steps.add_codes(db, campaign, row, list(amended.codes), maker)
        await _amend_reward(db, campaign, row, amended, maker, also_granted)
        if row["reached_seq"] is None:
            if (amended.reveal, amended.mystery) != (row["reveal"], row["mystery"]):
                opening = amended.reveal, amended.mystery
                await steps.change_opening(db, campaign, row, *opening, maker)
            if amended.audience != milestones.audience_of(row):
                await steps.change_audience(db, campaign, row, amended.audience, maker)
            if amended.target != row["target"]:
                await steps.move_target(db, campaign, row, amended.target, maker)
        if amended.codes:
            await steps.announce(db, milestone_id)
        await steps.tell(db, campaign["id"])


async def _amend_reward(
    db: Connection, campaign: Any, row: Any, amended: NewMilestone, maker: Maker, also_granted: bool
) -> None:
    """Another version where it differs; what it costs is no part of what is promised."""
    reward = await with_product(db, campaign, amended)
    present = await milestones.reward_of(db, row["reward_id"])
    cost = reward.cost
    if any(present[name] != value for name, value in reward.columns.items() if name != "cost"):
        await steps.change_reward(db, campaign, row, reward, maker, also_granted)
    elif also_granted:
        await steps.change_reward(db, campaign, row, reward, maker, True)
    elif present["cost"] != cost:
        await milestones.price_reward(db, row["reward_id"], cost)
        was, said = {"cost": present["cost"]}, {"cost": cost}
        await steps.note_deed(db, campaign, maker, "milestone_cost", row["title"], was, said)
