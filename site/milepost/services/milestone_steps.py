"""The steps that milestones take inside a transaction, each with its change, promise and deed.

Whoever takes one holds the campaign's row, then the milestone's: the order in which all lock them.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from milepost.domain.audience import Audience
from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.messages import N_
from milepost.domain.promises import audience_statement
from milepost.domain.rewards import Reveal
from milepost.domain.tracks import Milestone
from milepost.services.milestone_wishes import NewReward
from milepost.services.noting import note
from milepost.services.promising import promise, promise_reveals, promise_reward
from milepost.services.settling import standing_of
from milepost.services.telling import announce_soon
from milepost.storage import grants, ledger, milestones, notices, parcels, promises
from milepost.storage.database import Connection, enqueue

REACHED = N_("This milestone is reached, and what was promised stands. Add another one.")


@dataclass(frozen=True, slots=True)
class Maker:
    """Who changes something, and when; without `creator_id` it is no creator's deed."""

    name: str
    now: datetime
    creator_id: int | None = None


def check_target(target: int) -> None:
    """Raises Invalid for what can't be a target."""
    if not 0 < target < 2**53:
        raise Invalid(N_("A target is a whole number above zero."), about="target")


async def lock_campaign(db: Connection, campaign_id: int) -> Any:
    """The campaign's row, locked. Raises NotFound."""
    campaign = await ledger.lock_campaign(db, campaign_id)
    if campaign is None:
        raise NotFound(N_("There is no such campaign."))
    return campaign


async def lock_milestone(db: Connection, milestone_id: int) -> tuple[Any, Any]:
    """The campaign first, then its milestone: both rows, locked. Raises NotFound."""
    campaign_id = await milestones.campaign_of(db, milestone_id)
    if campaign_id is None:
        raise NotFound(N_("There is no such milestone."))
    campaign = await lock_campaign(db, campaign_id)
    return campaign, await milestones.lock(db, milestone_id)


async def move_target(db: Connection, campaign: Any, row: Any, target: int, maker: Maker) -> None:
    """Another target; at or below the present total it is reached at once (A10, A11)."""
    _refuse_reached(row)
    milestone_id = row["id"]
    await milestones.move_target(db, milestone_id, target, campaign["seq"])
    was, said = {"target": row["target"]}, {"target": target}
    await _note(db, campaign, row, maker, "target", was, said)
    if row["archived_at"] is None:
        await promise(db, campaign["id"], "target", said, maker.name, maker.now, about=milestone_id)
    track = await milestones.of_track(db, campaign["track_id"])
    moved = next((m for m in track if m.id == milestone_id), None)
    if moved is not None:
        await reach_if_due(db, campaign, moved, maker.now)
        await promise_reveals(db, campaign, {milestone_id}, maker.name, maker.now)


async def change_audience(
    db: Connection, campaign: Any, row: Any, audience: Audience, maker: Maker
) -> None:
    """Another audience for an unreached milestone (A11)."""
    _refuse_reached(row)
    await promises.change_audience(db, row["id"], audience)
    was = {"audience": audience_statement(row)}
    said = {"audience": audience_statement(asdict(audience) | {"audience": audience.kind})}
    await _note(db, campaign, row, maker, "audience", was, said)
    if row["archived_at"] is None:
        await promise(db, campaign["id"], "audience", said, maker.name, maker.now, about=row["id"])


async def change_opening(
    db: Connection, campaign: Any, row: Any, reveal: Reveal, mystery: bool, maker: Maker
) -> None:
    """Another way for an unreached milestone to open (R3)."""
    _refuse_reached(row)
    await milestones.change_opening(db, row["id"], reveal, mystery)
    was = {"reveal": row["reveal"], "mystery": row["mystery"]}
    said = {"reveal": reveal, "mystery": mystery}
    await _note(db, campaign, row, maker, "opening", was, said)
    if row["archived_at"] is None:
        await promise(db, campaign["id"], "opening", said, maker.name, maker.now, about=row["id"])


async def change_reward(
    db: Connection, campaign: Any, row: Any, reward: NewReward, maker: Maker, also_granted: bool
) -> int:
    """The next version of the reward, for future grants or for those made too (A12); its id."""
    milestone_id = row["id"]
    reward_id = await milestones.add_reward(db, milestone_id, **reward.columns)
    if also_granted:
        await grants.take_back(db, campaign["id"], milestone_id)
        await milestones.apply_reward_to_granted(db, campaign["id"], milestone_id, reward_id)
        track = await milestones.promised_on(db, campaign["track_id"])
        await grants.allot_all(db, campaign["id"], track)
        await parcels.forget_tally(db, campaign["id"])
    before = {"reward": row["reward_id"]}
    after = {"reward": reward_id, "title": reward.title, "also_granted": also_granted}
    await _note(db, campaign, row, maker, "reward", before, after)
    await promise_reward(db, campaign, milestone_id, also_granted, maker.name, maker.now)
    return reward_id


async def add_codes(
    db: Connection, campaign: Any, row: Any, codes: list[str], maker: Maker
) -> None:
    """More codes for the pool; whoever waits for one gets it (A14, R2).

    Raises Invalid for empty ones, and names those that are there twice.
    """
    cleaned = cleaned_codes(codes)
    known = await milestones.codes_known(db, row["id"], cleaned)
    if known:
        raise _repeated(known)
    await milestones.add_codes(db, row["id"], cleaned)
    await grants.allot(db, campaign["id"], row["id"])
    await parcels.forget_tally(db, campaign["id"])
    await note_deed(db, campaign, maker, "codes_added", row["title"], {}, {"count": len(cleaned)})


def cleaned_codes(codes: list[str]) -> list[str]:
    """The codes without the spaces around them. Raises Invalid for empty and repeated ones."""
    cleaned = [code.strip() for code in codes]
    if not all(cleaned):
        raise Invalid(
            N_("Each code must be there once. Remove empty and repeated lines."), about="codes"
        )
    if twice := [code for code, times in Counter(cleaned).items() if times > 1]:
        raise _repeated(twice)
    return cleaned


def _repeated(codes: list[str]) -> Invalid:
    """Names the first of them: the rest is found in the same way."""
    told = list(dict.fromkeys(codes))
    return Invalid(
        N_("Each code must be there once. These are there already, or twice: %(codes)s"),
        about="codes",
        codes=", ".join(told[:5]) + (" …" if len(told) > 5 else ""),
    )


async def reach_if_due(db: Connection, campaign: Any, milestone: Milestone, now: datetime) -> None:
    """Reach it at the present seq where the present total is its target or more (A10)."""
    standing = standing_of(campaign)
    if standing.seq == 0 or standing.total < milestone.target:
        return
    milestone.reached_seq, milestone.granted_through = standing.seq, 0
    await milestones.write_reaches(db, [milestone], now)
    await enqueue(db, "fan_out", {"milestone_id": milestone.id}, f"fan_out:{milestone.id}")


async def announce(db: Connection, milestone_id: int) -> None:
    """Tell the backers what is open now; whoever was told already is not told again."""
    await announce_soon(db, milestone_id)


async def tell(db: Connection, campaign_id: int) -> None:
    """Let every open page know."""
    version = await ledger.bump_version(db, campaign_id)
    await notices.campaign_moved(db, campaign_id, version)


async def note_deed(
    db: Connection,
    campaign: Any,
    maker: Maker,
    what: str,
    about: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    """A creator's deed, in the store's log; amounts on the meter come with their campaign."""
    if maker.creator_id is not None:
        meter = {name: campaign[name] for name in ("basis", "currency")}
        await note(
            db,
            campaign["store_id"],
            maker.creator_id,
            what,
            maker.now,
            about,
            {**before, "campaign": meter} if before else before,
            {**after, "campaign": meter} if after else after,
        )


async def _note(
    db: Connection,
    campaign: Any,
    row: Any,
    maker: Maker,
    what: str,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    """The change, for the milestone's own history and for the store's log (A11)."""
    await milestones.note_change(db, row["id"], maker.name, what, before, after, maker.now)
    await note_deed(db, campaign, maker, f"milestone_{what}", row["title"], before, after)


def _refuse_reached(row: Any) -> None:
    if row["reached_seq"] is not None:
        raise Conflict(REACHED)
