"""Moving a campaign's own promises: its deadline and its goal, until it closes (A11, P7)."""

from datetime import datetime
from typing import Any

from milepost.domain.campaigns import instant
from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.messages import N_
from milepost.domain.promises import moment
from milepost.services.promising import promise
from milepost.storage import ledger, notices, promises
from milepost.storage.database import Connection, Database, unit


async def move_deadline(
    database: Database, campaign_id: int, closes_at: datetime, by: str, now: datetime
) -> None:
    """Move the deadline to a wall-clock time in the campaign's zone (P7); the change is kept.

    Later at any time before the close; earlier only while nobody has pledged. Raises Conflict, or
    Invalid for a time that is past or before the opening.
    """
    async with unit(database) as db:
        campaign = await _open_campaign(db, campaign_id, now)
        ends = instant(closes_at, campaign["zone"]).replace(microsecond=0)
        if ends <= max(now, campaign["opens_at"]):
            raise Invalid(N_("A deadline lies ahead, after the opening."), about="closes_at")
        if ends == campaign["closes_at"]:
            return
        if ends < campaign["closes_at"] and await promises.has_pledges(db, campaign_id):
            raise Conflict(
                N_("Backers count on this deadline, so it can't come earlier. It may move later."),
                about="closes_at",
            )
        await promises.move_deadline(db, campaign_id, ends)
        await promise(db, campaign_id, "deadline", {"closes_at": moment(ends)}, by, now)
        await _tell(db, campaign_id)


async def move_goal(
    database: Database, campaign_id: int, goal: int, by: str, now: datetime
) -> None:
    """Move the goal, in the campaign's basis; the change is kept.

    Down at any time before the close; up only while nobody has pledged. Raises Conflict, or Invalid
    for what is no goal.
    """
    if not 0 < goal < 2**53:
        raise Invalid(N_("A goal is a whole number above zero."), about="goal")
    async with unit(database) as db:
        campaign = await _open_campaign(db, campaign_id, now)
        if goal == campaign["goal"]:
            return
        if goal > campaign["goal"] and await promises.has_pledges(db, campaign_id):
            raise Conflict(
                N_("Backers count on this goal, so it can't rise. It may come down."), about="goal"
            )
        await promises.move_goal(db, campaign_id, goal)
        await promise(db, campaign_id, "goal", {"goal": goal}, by, now)
        await _tell(db, campaign_id)


async def _open_campaign(db: Connection, campaign_id: int, now: datetime) -> Any:
    """The campaign, its row locked. Raises NotFound, or Conflict once it has closed."""
    if await ledger.lock_campaign(db, campaign_id) is None:
        raise NotFound(N_("There is no such campaign."))
    campaign = await promises.campaign(db, campaign_id)
    if campaign["closed_at"] is not None or now >= campaign["closes_at"]:
        raise Conflict(N_("This campaign has closed, and what was promised stands."))
    return campaign


async def _tell(db: Connection, campaign_id: int) -> None:
    version = await ledger.bump_version(db, campaign_id)
    await notices.campaign_moved(db, campaign_id, version)
