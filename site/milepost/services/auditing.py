"""The proof of the books: totals, reaches and grants equal the ledger and the rules (C7)."""

from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from milepost.domain.settlement import Grant, Granted, gather, regrant
from milepost.domain.tracks import Milestone
from milepost.services.promising import broken_promises
from milepost.services.settling import standing_of
from milepost.storage import audit, campaigns, course, grants, ledger, milestones
from milepost.storage.database import Connection, Database, enqueue, reading, unit

CHUNK = 5000
Proof = Callable[[Connection, Any, bool], Coroutine[Any, Any, list[str]]]


@dataclass(frozen=True, slots=True)
class Audited:
    """One campaign: the differences found, and how many grants are still on their way."""

    slug: str
    entries: int
    differences: list[str]
    pending: int


async def audit_all(database: Database, *, repair: bool = False) -> AsyncIterator[Audited]:
    """Prove each campaign's books under its own lock; with `repair`, mend derived rows only."""
    async with reading(database) as db:
        known = await campaigns.all_of_them(db)
    for row in known:
        async with unit(database) as db:
            yield await audit_campaign(db, row["id"], repair=repair)


async def audit_campaign(db: Connection, campaign_id: int, *, repair: bool = False) -> Audited:
    """One campaign's proof, in the caller's transaction; repairs come before what rests on them."""
    campaign = await ledger.lock_campaign(db, campaign_id)
    assert campaign is not None
    differences: list[str] = []
    proofs: tuple[Proof, ...] = (
        _counts,
        _backers,
        _totals,
        _reaches,
        _slots,
        _strangers,
        _overview,
    )
    for proof in proofs:
        differences += await proof(db, campaign, repair)
    if repair and differences:
        campaign = await ledger.lock_campaign(db, campaign_id)
        assert campaign is not None
    wrong, pending = await _grants(db, campaign, repair)
    wrong += await broken_promises(db, campaign_id)  # never mended: they are facts
    wrong += await _parcels(db, campaign_id)  # nor these: what was sent was sent
    return Audited(campaign["slug"], campaign["seq"], differences + wrong, pending)


async def _counts(db: Connection, campaign: Any, repair: bool) -> list[str]:
    wrong = await audit.wrong_counts(db, campaign["id"])
    if wrong and repair:
        await audit.mend_counts(db, campaign["id"])
    return [
        f"pledge {r['id']} counts for {r['counted_units']} units and {r['counted_money']};"
        f" its entries say {r['units']} and {r['money']}"
        for r in wrong
    ]


async def _backers(db: Connection, campaign: Any, repair: bool) -> list[str]:
    wrong = await audit.wrong_backers(db, campaign["id"])
    if wrong and repair:
        await audit.mend_backers(db, campaign["id"])
    return [
        f"backer {r['customer_id']} has first entry {r['first_seq']} and live {r['live']};"
        f" the ledger says {r['expected_seq']} and {r['expected_live']}"
        for r in wrong
    ]


async def _totals(db: Connection, campaign: Any, repair: bool) -> list[str]:
    wrong = await audit.wrong_totals(db, campaign["id"])
    if wrong and repair:
        await audit.mend_totals(db, campaign["id"])
    told = []
    for row in wrong:
        if row["gaps"]:
            told.append(f"the ledger lacks {row['gaps']} of its {row['expected_seq']} entries")
        for name in ("seq", "units", "money", "backers"):
            if row[name] != row[f"expected_{name}"]:
                told.append(f"{name} is {row[name]}; the ledger says {row[f'expected_{name}']}")
    return told


async def _reaches(db: Connection, campaign: Any, repair: bool) -> list[str]:
    wrong = await audit.wrong_reaches(db, campaign["id"], campaign["track_id"], campaign["basis"])
    if repair:
        for row in wrong:
            await audit.mend_reach(db, campaign["id"], row["id"], row["expected"])
            if row["expected"] is not None:
                key = f"fan_out:{row['id']}"
                await enqueue(db, "fan_out", {"milestone_id": row["id"]}, key)
    return [
        f"milestone {r['id']} at {r['target']} is reached by entry {r['reached_seq']};"
        f" the ledger says {r['expected']}"
        for r in wrong
    ]


async def _slots(db: Connection, campaign: Any, repair: bool) -> list[str]:
    wrong = await audit.wrong_slots(db, campaign["id"])
    if repair:
        for row in wrong:
            await audit.mend_slots(db, row["id"], row["expected"])
    return [
        f"tier {r['id']} “{r['title']}” has {r['claimed']} slots claimed;"
        f" its pledges hold {r['expected']}"
        for r in wrong
    ]


async def _strangers(db: Connection, campaign: Any, repair: bool) -> list[str]:
    strange = await audit.strange_grants(db, campaign["id"], campaign["track_id"])
    if strange and repair:
        await audit.void_grants(db, strange)
    return [
        f"milestone {r['milestone_id']} is {r['state']} to {r['beneficiary']}, who is no backer"
        for r in strange
    ]


async def _parcels(db: Connection, campaign_id: int) -> list[str]:
    return [
        f"milestone {r['milestone_id']} was sent to pledge {r['pledge_id']}, and its grant is"
        f" {r['state']}"
        for r in await audit.unfulfilled_parcels(db, campaign_id)
    ]


async def _overview(db: Connection, campaign: Any, repair: bool) -> list[str]:
    """What the studio's overview has rolled up; the worker reckons anew what was wrong."""
    wrong = await course.differences(db, campaign["id"])
    if wrong and repair:
        await course.forget(db, campaign["id"])
    return [f"{what} differs from what the ledger and the pledges say" for what in wrong]


async def _grants(db: Connection, campaign: Any, repair: bool) -> tuple[list[str], int]:
    """Every backer judged anew by the rules; what the fan-out has not come to yet is pending."""
    track = await milestones.promised_on(db, campaign["track_id"])
    reached = [m for m in track if m.is_reached]
    if not reached:
        return [], 0
    told: list[str] = []
    pending = after = 0
    while seqs := await grants.backers_after(db, campaign["id"], after, CHUNK):
        after = max(seqs.values())
        pledges = await ledger.other_pledges_of(db, campaign["id"], list(seqs), [])
        backers = gather(seqs, pledges)
        told += [
            f"pledge {p.id} is {p.state} and worth {p.worth}; it counts for"
            f" {(p.counted_units, p.counted_money)}"
            for p in pledges
            if p.worth != (p.counted_units, p.counted_money)
        ]
        keys = list(seqs) + [p.id for p in pledges]
        granted = await grants.granted_to(db, [m.id for m in reached], keys)
        standing = standing_of(campaign)
        due = [
            g for backer in backers.values() for g in regrant(standing, reached, backer, granted)
        ]
        due = await grants.within_caps(db, due, reached)
        told += [_told(g, granted.get((g.milestone_id, g.beneficiary))) for g in due]
        if due and repair:
            await grants.write(db, campaign["id"], due, reached)
        pending += _pending(reached, seqs, granted)
    return told, pending


def _told(grant: Grant, present: Granted | None) -> str:
    has, says = "none", f"{grant.state} × {grant.quantity}"
    if present is not None:
        has = f"{present.state} × {present.quantity}"
        if present.flagged != grant.flagged:
            has, says = (f"{x}{' and flagged' * y}" for x, y in
                         ((has, present.flagged), (says, grant.flagged)))  # fmt: skip
        elif has == says:
            has += f" with pledge {present.pledge_id}"
            says += f" with pledge {grant.pledge_id}"
    return (
        f"milestone {grant.milestone_id}, backer {grant.beneficiary}: the grant is {has};"
        f" the rules say {says}"
    )


def _pending(
    reached: list[Milestone], seqs: dict[int, int], granted: dict[tuple[int, int], Any]
) -> int:
    return sum(
        1
        for milestone in reached
        for customer_id, seq in seqs.items()
        if seq > (milestone.granted_through or 0) and (milestone.id, customer_id) not in granted
    )
