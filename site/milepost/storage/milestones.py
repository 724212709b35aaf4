"""Milestones of a track, with their audience and reward, as the rules look at them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from milepost.domain.audience import Audience
from milepost.domain.rewards import Reward
from milepost.domain.tracks import Milestone
from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("milestones")


async def of_track(db: Connection, track_id: int) -> list[Milestone]:
    """The track's milestones that are not archived, lowest target first."""
    found = _sql.milestones_of_track(db, track_id=track_id, archived_too=False)
    return [_milestone(row) for row in await rows_of(found)]


async def promised_on(db: Connection, track_id: int) -> list[Milestone]:
    """The same, and those archived after their reach: what they granted still stands (A13)."""
    found = _sql.milestones_of_track(db, track_id=track_id, archived_too=True)
    return [_milestone(row) for row in await rows_of(found)]


def _milestone(row: Any) -> Milestone:
    return Milestone(
        id=row["id"],
        target=row["target"],
        audience=audience_of(row),
        reward=Reward(row["reward_id"], row["reward_kind"], bool(row["finite"])),
        since_seq=row["since_seq"],
        reached_seq=row["reached_seq"],
        granted_through=row["granted_through"],
        is_archived=row["is_archived"],
        is_rationed=row["is_rationed"],
    )


def audience_of(row: Any) -> Audience:
    """The audience in a milestone's row."""
    return Audience(
        kind=row["audience"],
        include_crossing=row["include_crossing"],
        exclude_late=row["exclude_late"],
        per=row["per"],
        tiers=frozenset(row["tiers"]),
        cap=row["cap"],
    )


async def write_reaches(db: Connection, reached: Sequence[Milestone], now: datetime) -> None:
    """Latch each reach with the seq that made it; automatic reveals open with it (C4, R3)."""
    await _sql.write_reaches(
        db,
        now=now,
        ids=[m.id for m in reached],
        reached_seqs=[m.reached_seq for m in reached],
        granted_through=[m.granted_through for m in reached],
    )


async def campaign_of(db: Connection, milestone_id: int) -> int | None:
    """The campaign whose track the milestone stands on."""
    found: int | None = await _sql.campaign_of_milestone(db, milestone_id=milestone_id)
    return found


async def lock(db: Connection, milestone_id: int) -> Any | None:
    """The milestone's row with its reward's kind and version, locked."""
    return await _sql.lock_milestone(db, milestone_id=milestone_id)


async def add(db: Connection, **columns: Any) -> int:
    """A new milestone without a reward yet; returns its id."""
    made: int = await _sql.add_milestone(db, **columns)
    return made


async def add_reward(db: Connection, milestone_id: int, **columns: Any) -> int:
    """The next version of the milestone's reward, in use from now on; returns its id (A12)."""
    reward_id: int = await _sql.add_reward(db, milestone_id=milestone_id, **columns)
    await _sql.use_reward(db, milestone_id=milestone_id, reward_id=reward_id)
    return reward_id


async def reward_of(db: Connection, reward_id: int) -> Any:
    """One version of a reward, the whole of it."""
    return await _sql.reward_by_id(db, reward_id=reward_id)


async def price_reward(db: Connection, reward_id: int, cost: int | None) -> None:
    """What one piece of it costs the creator, in minor units."""
    await _sql.price_reward(db, reward_id=reward_id, cost=cost)


async def change_opening(db: Connection, milestone_id: int, reveal: str, mystery: bool) -> None:
    """Another way to open for a milestone that is not reached (R3)."""
    await _sql.change_opening(db, milestone_id=milestone_id, reveal=reveal, mystery=mystery)


async def apply_reward_to_granted(
    db: Connection, campaign_id: int, milestone_id: int, reward_id: int
) -> None:
    """Those who have the reward get this version, save what was packed or shipped (A12)."""
    await _sql.apply_reward_to_granted(
        db, campaign_id=campaign_id, milestone_id=milestone_id, reward_id=reward_id
    )


async def move_target(db: Connection, milestone_id: int, target: int, since_seq: int) -> None:
    """Another target for an unreached milestone, standing from `since_seq` on (A11)."""
    await _sql.move_target(db, milestone_id=milestone_id, target=target, since_seq=since_seq)


async def reveal(db: Connection, milestone_id: int, now: datetime) -> None:
    """Open a reached milestone's reveal; opening it twice changes nothing (R3)."""
    await _sql.reveal_milestone(db, milestone_id=milestone_id, now=now)


async def archive(db: Connection, milestone_id: int, now: datetime) -> None:
    """Take the milestone off the trail and keep all its records (A13)."""
    await _sql.archive_milestone(db, milestone_id=milestone_id, now=now)


async def note_change(
    db: Connection,
    milestone_id: int,
    made_by: str,
    what: str,
    before: dict[str, Any],
    after: dict[str, Any],
    now: datetime,
) -> None:
    """Keep who changed what, when, from what, to what (A11)."""
    await _sql.note_change(
        db,
        milestone_id=milestone_id,
        made_by=made_by,
        what=what,
        before=before,
        after=after,
        now=now,
    )


async def changes_of(db: Connection, milestone_id: int) -> list[Any]:
    """Every kept change of the milestone, oldest first."""
    rows: list[Any] = await rows_of(_sql.changes_of_milestone(db, milestone_id=milestone_id))
    return rows


async def add_codes(db: Connection, milestone_id: int, codes: Sequence[str]) -> None:
    """More codes for the milestone's pool; one that is there already is an error (R2)."""
    await _sql.add_codes(db, milestone_id=milestone_id, codes=list(codes))


async def codes_known(db: Connection, milestone_id: int, codes: Sequence[str]) -> list[str]:
    """Those of the codes that the milestone's pool has already."""
    found = _sql.codes_known(db, milestone_id=milestone_id, codes=list(codes))
    return [row["code"] for row in await rows_of(found)]


async def revealed(db: Connection) -> list[int]:
    """Every milestone whose reveal is open."""
    return [row["id"] for row in await rows_of(_sql.revealed_milestones(db))]


async def unfinished(db: Connection) -> list[int]:
    """Reached milestones whose fan-out has not come to its end."""
    return [row["id"] for row in await rows_of(_sql.unfinished_fan_outs(db))]
