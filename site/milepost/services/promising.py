"""Promising: each change of what a campaign promises is a link of its chain, made with it (N6).

Whoever appends holds the campaign's row. A campaign that is not published promises nothing yet;
its chain begins when it is published, or with its next change, and then says how all stands.
"""

from collections.abc import Container
from datetime import datetime
from typing import Any

from milepost.domain.promised import differences, faults
from milepost.domain.promises import (
    Kind,
    Link,
    Statement,
    campaign_statement,
    forged,
    milestone_statement,
    reveal_statement,
    reward_statement,
)
from milepost.services.clock import Clock
from milepost.storage import ledger, promises
from milepost.storage.database import Connection, Database, reading, unit

MILEPOST = "milepost"  # who made a link that no person made


async def begin_all(database: Database, clock: Clock) -> int:
    """Begin the chain of each published campaign that has none; returns how many."""
    async with reading(database) as db:
        missing = await promises.missing(db)
    for campaign_id in missing:
        async with unit(database) as db:
            await ledger.lock_campaign(db, campaign_id)
            await begin(db, campaign_id, MILEPOST, clock())
    return len(missing)


async def begin(db: Connection, campaign_id: int, by: str, now: datetime) -> None:
    """Begin a published campaign's chain with all that it promises as it stands; once."""
    campaign = await promises.campaign(db, campaign_id)
    if not campaign["published"] or await promises.last(db, campaign_id) is not None:
        return
    track = await promises.milestones(db, campaign["track_id"])
    said = campaign_statement(campaign, track)
    link = forged(campaign["slug"], None, "begun", None, said, now)
    await promises.add(db, campaign_id, link, by)
    for row in track:
        if row["revealed_at"] is not None:
            said = reveal_statement(row)
            await promise(db, campaign_id, "revealed", said, by, now, about=row["id"])


async def promise(
    db: Connection,
    campaign_id: int,
    kind: Kind,
    statement: Statement,
    by: str,
    now: datetime,
    *,
    about: int | None = None,
) -> bool:
    """Append what holds from now on, `about` a milestone or the campaign itself.

    False when that is said already: by a chain that has just begun with how everything stands.
    """
    last = await promises.last(db, campaign_id)
    if last is None:
        await begin(db, campaign_id, by, now)
        return False
    link = forged(last["slug"], (last["number"], last["hash"]), kind, about, statement, now)
    await promises.add(db, campaign_id, link, by)
    return True


async def promise_milestone(
    db: Connection, campaign: Any, milestone_id: int, by: str, now: datetime
) -> None:
    """A milestone is promised; where it has opened at once, so is what it showed."""
    row = await _row(db, campaign, milestone_id)
    said = milestone_statement(row)
    # as it was promised, before it opened in the same moment
    said["reward"] = reward_statement({**row, "revealed_at": None})
    told = await promise(db, campaign["id"], "added", said, by, now, about=milestone_id)
    if told and row["revealed_at"] is not None:
        await promise_reveals(db, campaign, {milestone_id}, by, now)


async def promise_reward(
    db: Connection, campaign: Any, milestone_id: int, also_granted: bool, by: str, now: datetime
) -> None:
    """Another version of a reward is promised (A12); an open one shows it at once."""
    row = await _row(db, campaign, milestone_id)
    if row is None:  # archived: it gives nothing new
        return
    said = {"reward": reward_statement(row), "also_granted": also_granted}
    told = await promise(db, campaign["id"], "reward", said, by, now, about=milestone_id)
    if told and row["revealed_at"] is not None:
        await promise_reveals(db, campaign, {milestone_id}, by, now)


async def promise_reveals(
    db: Connection, campaign: Any, milestone_ids: Container[int], by: str, now: datetime
) -> None:
    """Tell what those of these milestones that are open have shown, and the salt of its seal."""
    for row in await promises.milestones(db, campaign["track_id"]):
        if row["id"] in milestone_ids and row["revealed_at"] is not None:
            said = reveal_statement(row)
            if not await promise(db, campaign["id"], "revealed", said, by, now, about=row["id"]):
                return


async def _row(db: Connection, campaign: Any, milestone_id: int) -> Any:
    track = await promises.milestones(db, campaign["track_id"])
    return next((row for row in track if row["id"] == milestone_id), None)


async def broken_promises(db: Connection, campaign_id: int) -> list[str]:
    """Where the chain does not hold, and where what is there is not what it said last."""
    campaign = await promises.campaign(db, campaign_id)
    links = await promises.chain(db, campaign_id)
    if not links:
        told = "its promises are in no chain yet; milepost migrate begins it"
        return [told] if campaign["published"] else []
    present = campaign_statement(campaign, await promises.milestones(db, campaign["track_id"]))
    versions = [
        {"id": str(row["id"]), **reward_statement(row)}
        for row in await promises.rewards(db, campaign["track_id"])
    ]
    return [*faults(links), *differences(links, present, versions)]


async def history(db: Connection, campaign_id: int) -> list[Link]:
    """The campaign's chain, the first link first."""
    return await promises.chain(db, campaign_id)
