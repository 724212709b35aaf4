"""Granting at the reach: all who backed before, in order, in chunks, exactly once (A1, A15)."""

from typing import Any

from milepost.domain.settlement import gather, regrant
from milepost.domain.tracks import EVERYBODY, Milestone
from milepost.services.settling import standing_of
from milepost.services.telling import announce_soon
from milepost.storage import grants, ledger, milestones
from milepost.storage.database import Connection, Database, unit

CHUNK = 20_000  # backers whom one statement grants: about a tenth of a second of the lock
JUDGED = CHUNK // 5  # the same where the rules judge each of them


async def fan_out(database: Database, milestone_id: int) -> int:
    """Grant a reached milestone to its earlier backers; returns how many were judged.

    Each chunk is one short transaction under the campaign's lock and moves a cursor with it: a
    crash loses nothing, a second run repeats nothing, and settling goes on in between.
    """
    judged = 0
    while count := await _fan_out_chunk(database, milestone_id):
        judged += count
    return judged


async def _fan_out_chunk(database: Database, milestone_id: int) -> int:
    async with unit(database) as db:
        campaign_id = await milestones.campaign_of(db, milestone_id)
        campaign = None if campaign_id is None else await ledger.lock_campaign(db, campaign_id)
        if campaign is None:
            return 0
        track = await milestones.of_track(db, campaign["track_id"])
        milestone = next((m for m in track if m.id == milestone_id), None)
        if milestone is None or milestone.granted_through in (None, EVERYBODY):
            return 0
        if _is_plain(milestone) and campaign["funding_model"] == "keep_it_all":
            last = await grants.fan_out(
                db, campaign["id"], milestone, campaign["seq"], "owed", campaign["seq"], CHUNK
            )
        else:
            last = await _judge_chunk(db, campaign, milestone)
        if milestone.reward.finite:
            await grants.allot(db, campaign["id"], milestone_id)
        await grants.advance(db, milestone_id, EVERYBODY if last is None else last)
        if last is None:
            await announce_soon(db, milestone_id)
        return 0 if last is None else CHUNK


def _is_plain(milestone: Milestone) -> bool:
    """True when every live backer is owed one grant, which a single statement can say."""
    audience = milestone.audience
    return (
        audience.kind == "all_backers"
        and audience.per == "backer"
        and not audience.tiers
        and not audience.exclude_late
        and audience.cap is None
    )


async def _judge_chunk(db: Connection, campaign: Any, milestone: Milestone) -> int | None:
    """The next backers, each judged by the rules; the last first entry, None when none is left."""
    assert milestone.granted_through is not None
    seqs = await grants.backers_after(db, campaign["id"], milestone.granted_through, JUDGED)
    if not seqs:
        return None
    last = max(seqs.values())
    pledges = await ledger.other_pledges_of(db, campaign["id"], list(seqs), [])
    backers = gather(seqs, pledges)
    milestone.granted_through = last
    beneficiaries = list(seqs) + [p.id for p in pledges]
    granted = await grants.granted_to(db, [milestone.id], beneficiaries)
    standing = standing_of(campaign)
    due = [g for b in backers.values() for g in regrant(standing, [milestone], b, granted)]
    if due:
        await grants.write(db, campaign["id"], due, [milestone])
    return last


async def unfinished(db: Connection) -> list[int]:
    """Reached milestones whose earlier backers are not all granted yet."""
    return await milestones.unfinished(db)
