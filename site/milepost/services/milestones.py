"""Milestones as a creator manages them: added, moved, rewarded, revealed (A10–A13, R3)."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from milepost.domain.audience import Audience
from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.messages import N_
from milepost.domain.promises import audience_statement
from milepost.domain.rewards import CodeKind, Reveal, Reward, RewardKind
from milepost.domain.tracks import EVERYBODY, Milestone
from milepost.services.promising import (
    promise,
    promise_milestone,
    promise_reveals,
    promise_reward,
)
from milepost.services.settling import standing_of
from milepost.storage import grants, ledger, milestones, notices, promises
from milepost.storage.database import Connection, Database, enqueue, unit


@dataclass(frozen=True, slots=True)
class NewReward:
    """What a milestone gives: a product of the store (R1), or a reveal (R2)."""

    title: str
    product_id: int | None = None
    image: str = ""
    image_alt: str = ""
    text_before: str = ""
    text_after: str = ""
    exclusive: str = ""
    code_kind: CodeKind = "none"
    shared_code: str = ""
    translations: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewMilestone:
    """A target in the campaign's basis, an audience, one reward, and how it opens (R3)."""

    target: int
    reward: NewReward
    audience: Audience = field(default_factory=Audience)
    reveal: Reveal = "automatic"
    mystery: bool = False
    codes: tuple[str, ...] = ()


async def add_milestone(
    database: Database, campaign_id: int, new: NewMilestone, by: str, now: datetime
) -> int:
    """Add a milestone, reached at once at or below the present total (A10). Returns its id."""
    _check_target(new.target)
    async with unit(database) as db:
        campaign = await _lock_campaign(db, campaign_id)
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
        reward_id = await milestones.add_reward(db, milestone_id, **_reward_columns(new.reward))
        if new.codes:
            await milestones.add_codes(db, milestone_id, new.codes)
        await milestones.note_change(
            db, milestone_id, by, "added", {}, {"target": new.target, **_said(new)}, now
        )
        reward = Reward(reward_id, _kind(new.reward))
        milestone = Milestone(milestone_id, new.target, new.audience, reward)
        await _reach_if_due(db, campaign, milestone, now)
        await promise_milestone(db, campaign, milestone_id, by, now)
        await _tell(db, campaign_id)
    return milestone_id


async def move_target(
    database: Database, milestone_id: int, target: int, by: str, now: datetime
) -> None:
    """Move the target of a milestone that is not reached; the change is kept (A11).

    Raises Conflict once it is reached. A target at or below the present total reaches it at once.
    """
    _check_target(target)
    async with unit(database) as db:
        campaign, row = await _lock_milestone(db, milestone_id)
        if row["reached_seq"] is not None:
            raise Conflict(
                N_("This milestone is reached, and what was promised stands. Add another one.")
            )
        await milestones.move_target(db, milestone_id, target, campaign["seq"])
        await milestones.note_change(
            db, milestone_id, by, "target", {"target": row["target"]}, {"target": target}, now
        )
        if row["archived_at"] is None:
            said = {"target": target}
            await promise(db, campaign["id"], "target", said, by, now, about=milestone_id)
        track = await milestones.of_track(db, campaign["track_id"])
        moved = next((m for m in track if m.id == milestone_id), None)
        if moved is not None:
            await _reach_if_due(db, campaign, moved, now)
            await promise_reveals(db, campaign, {milestone_id}, by, now)
        await _tell(db, campaign["id"])


async def change_audience(
    database: Database, milestone_id: int, audience: Audience, by: str, now: datetime
) -> None:
    """Promise an unreached milestone's reward to others; the change is kept (A11).

    Raises Conflict once it is reached.
    """
    async with unit(database) as db:
        campaign, row = await _lock_milestone(db, milestone_id)
        if row["reached_seq"] is not None:
            raise Conflict(
                N_("This milestone is reached, and what was promised stands. Add another one.")
            )
        await promises.change_audience(db, milestone_id, audience)
        was = {"audience": audience_statement(row)}
        said = {"audience": audience_statement(asdict(audience) | {"audience": audience.kind})}
        await milestones.note_change(db, milestone_id, by, "audience", was, said, now)
        if row["archived_at"] is None:
            await promise(db, campaign["id"], "audience", said, by, now, about=milestone_id)
        await _tell(db, campaign["id"])


async def change_reward(
    database: Database,
    milestone_id: int,
    reward: NewReward,
    by: str,
    now: datetime,
    *,
    also_granted: bool = False,
) -> int:
    """Give the milestone's future grants another reward; those made keep theirs (A12).

    With `also_granted`, those already granted and not shipped get it too. Returns the reward's id.
    """
    async with unit(database) as db:
        campaign, row = await _lock_milestone(db, milestone_id)
        reward_id = await milestones.add_reward(db, milestone_id, **_reward_columns(reward))
        if also_granted:
            await grants.take_back(db, milestone_id)
            await milestones.apply_reward_to_granted(db, milestone_id, reward_id)
            track = await milestones.promised_on(db, campaign["track_id"])
            await grants.allot_all(db, campaign["id"], track)
        before = {"reward": row["reward_id"]}
        after = {"reward": reward_id, "title": reward.title, "also_granted": also_granted}
        await milestones.note_change(db, milestone_id, by, "reward", before, after, now)
        await promise_reward(db, campaign, milestone_id, also_granted, by, now)
        await _tell(db, campaign["id"])
    return reward_id


async def reveal_milestone(database: Database, milestone_id: int, by: str, now: datetime) -> None:
    """Open a reached milestone's reveal on every page; opening it twice changes nothing (R3).

    Raises Conflict before the reach.
    """
    async with unit(database) as db:
        campaign, row = await _lock_milestone(db, milestone_id)
        if row["reached_seq"] is None:
            raise Conflict(N_("This milestone is not reached yet, so it can't be revealed."))
        if row["revealed_at"] is not None:
            return
        await milestones.reveal(db, milestone_id, now)
        await milestones.note_change(db, milestone_id, by, "revealed", {}, {}, now)
        await promise_reveals(db, campaign, {milestone_id}, by, now)
        await _announce(db, milestone_id)
        await _tell(db, campaign["id"])


async def archive_milestone(database: Database, milestone_id: int, by: str, now: datetime) -> None:
    """Take a milestone off the trail; its grants and its history stay (A13).

    Raises Conflict while it is being granted to those who backed before its reach.
    """
    async with unit(database) as db:
        campaign, row = await _lock_milestone(db, milestone_id)
        if row["granted_through"] not in (None, EVERYBODY):
            raise Conflict(
                N_("The rewards of this milestone are just being given. Archive it in a moment.")
            )
        if row["archived_at"] is None:
            await milestones.archive(db, milestone_id, now)
            await milestones.note_change(db, milestone_id, by, "archived", {}, {}, now)
            await promise(db, campaign["id"], "archived", {}, by, now, about=milestone_id)
            await _tell(db, campaign["id"])


async def add_codes(database: Database, milestone_id: int, codes: list[str]) -> None:
    """More codes for the pool; whoever waits for one gets it (A14, R2).

    Raises Invalid when a code is empty or repeated.
    """
    cleaned = [code.strip() for code in codes]
    if not all(cleaned) or len(set(cleaned)) != len(cleaned):
        raise Invalid(N_("Each code must be there once. Remove empty and repeated lines."))
    async with unit(database) as db:
        campaign, _ = await _lock_milestone(db, milestone_id)
        await milestones.add_codes(db, milestone_id, cleaned)
        await grants.allot(db, campaign["id"], milestone_id)
        await _announce(db, milestone_id)


def _check_target(target: int) -> None:
    if not 0 < target < 2**53:
        raise Invalid(N_("A target is a whole number above zero."), about="target")


async def _lock_campaign(db: Connection, campaign_id: int) -> Any:
    campaign = await ledger.lock_campaign(db, campaign_id)
    if campaign is None:
        raise NotFound(N_("There is no such campaign."))
    return campaign


async def _lock_milestone(db: Connection, milestone_id: int) -> tuple[Any, Any]:
    """The campaign first, then its milestone: the order in which everyone locks them."""
    campaign_id = await milestones.campaign_of(db, milestone_id)
    if campaign_id is None:
        raise NotFound(N_("There is no such milestone."))
    campaign = await _lock_campaign(db, campaign_id)
    return campaign, await milestones.lock(db, milestone_id)


async def _reach_if_due(db: Connection, campaign: Any, milestone: Milestone, now: datetime) -> None:
    standing = standing_of(campaign)
    if standing.seq == 0 or standing.total < milestone.target:
        return
    milestone.reached_seq, milestone.granted_through = standing.seq, 0
    await milestones.write_reaches(db, [milestone], now)
    await enqueue(db, "fan_out", {"milestone_id": milestone.id}, f"fan_out:{milestone.id}")


async def _announce(db: Connection, milestone_id: int) -> None:
    """Tell the backers what is open now; whoever was told already is not told again."""
    await enqueue(db, "announce", {"milestone_id": milestone_id})


async def _tell(db: Connection, campaign_id: int) -> None:
    version = await ledger.bump_version(db, campaign_id)
    await notices.campaign_moved(db, campaign_id, version)


def _reward_columns(reward: NewReward) -> dict[str, Any]:
    return {"kind": _kind(reward), **asdict(reward)}


def _kind(reward: NewReward) -> RewardKind:
    return "reveal" if reward.product_id is None else "product"


def _said(new: NewMilestone) -> dict[str, Any]:
    return {"audience": new.audience.kind, "reward": new.reward.title, "reveal": new.reveal}
