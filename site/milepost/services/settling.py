"""Settling: the inbox becomes entries, totals, reaches and grants, in one transaction."""

import logging
from collections.abc import Iterable, Sequence, Set
from datetime import datetime
from typing import Any

from milepost.domain.facts import Fact
from milepost.domain.lines import Line
from milepost.domain.pledges import Pledge
from milepost.domain.settlement import (
    Backer,
    Granted,
    GrantKey,
    Outcome,
    Standing,
    gather,
    settle,
)
from milepost.domain.tracks import Milestone
from milepost.services.clock import Clock
from milepost.services.doings import note_pledges
from milepost.services.following import Was, complete, follow, let_go, note_payments
from milepost.services.judging import judge_waiting
from milepost.services.promising import MILEPOST, promise_reveals
from milepost.services.settling_batches import BREAKS
from milepost.services.settling_orders import settle_orders
from milepost.services.settling_subscriptions import settle_subscriptions
from milepost.storage import grants, inbox, ledger, milestones, notices, pledges, refunds
from milepost.storage.database import Connection, Database, enqueue, unit

log = logging.getLogger("milepost.settling")
BATCH = 1000
MOVED_RARELY = {
    "refund",
    "refunded_total",
    "disputed",
    "dispute_won",
    "dispute_lost",
    "changed",
    "topped_up",
}


async def settle_all(database: Database, clock: Clock) -> int:
    """Settle until nothing waits that no other worker holds; how many facts and customers."""
    settled = 0
    while True:
        async with unit(database) as db:
            await inbox.route(db)
        before = settled
        while count := await settle_next(database, clock):
            settled += count
        settled += await settle_subscriptions(database, clock)
        settled += await settle_orders(database, clock)
        settled += await judge_waiting(database, clock)
        if settled == before:
            return settled


async def settle_next(database: Database, clock: Clock) -> int:
    """Settle one batch of one campaign under its row lock; returns how many facts it took.

    Safe with any number of workers: a campaign that another one holds is passed over (C3).
    """
    campaign_id = None
    try:
        async with unit(database) as db:
            campaign_id = await ledger.lock_next_campaign(db)
            if campaign_id is None:
                return 0
            return await settle_campaign(db, campaign_id, clock())
    except BREAKS:
        if campaign_id is None:
            raise
        log.exception("campaign %s: a batch could not be settled; one by one now", campaign_id)
        return await _settle_one_by_one(database, campaign_id, clock)


async def _settle_one_by_one(database: Database, campaign_id: int, clock: Clock) -> int:
    """A batch of facts, each by itself: one that breaks is kept with its reason, the rest go on."""
    settled = 0
    while settled < BATCH:
        async with unit(database) as db:
            await ledger.lock_campaign(db, campaign_id)
            waiting = await ledger.waiting_facts(db, campaign_id, 1)
            if not waiting:
                break
            try:
                async with db.transaction():
                    await settle_campaign(db, campaign_id, clock(), most=1)
            except BREAKS as error:
                await let_go(db, waiting[0])
                reason = f"it can't be settled: {error!r}"
                await ledger.mark_refused(db, {waiting[0].inbox_id: reason})
        settled += 1
    return settled


async def settle_campaign(
    db: Connection, campaign_id: int, now: datetime, most: int | None = None
) -> int:
    """One batch of the campaign's waiting facts, inside the caller's transaction."""
    campaign = await ledger.lock_campaign(db, campaign_id)
    facts = await ledger.waiting_facts(db, campaign_id, most or BATCH)
    if campaign is None or not facts:
        return 0
    track = await milestones.promised_on(db, campaign["track_id"])
    pledges = await ledger.pledges_by_id(db, campaign_id, list({f.pledge_id for f in facts}))
    strangers = {
        f.inbox_id: f"no pledge {f.pledge_id} in campaign {campaign_id} here"
        for f in facts
        if f.pledge_id not in pledges
    }
    known = [f for f in facts if f.inbox_id not in strangers]
    strangers |= await note_payments(db, campaign_id, known)
    known = [f for f in known if f.inbox_id not in strangers]
    was = {p.id: Was.of(p) for p in pledges.values()}
    await complete(db, campaign, known)
    backers = await _gather_backers(db, campaign, known, pledges, now)
    granted = await _gather_grants(db, track, backers)
    standing = standing_of(campaign)
    before = (standing.seq, standing.backers, {p.id: p.claiming for p in pledges.values()})
    outcome = settle(standing, track, backers, pledges, known, granted)
    outcome.refused |= strangers
    touched = [pledges[key] for key in {f.pledge_id for f in known}]
    await _write(db, campaign, standing, track, outcome, touched, backers, known, now)
    await follow(db, campaign, known, outcome, touched, was, now)
    if campaign["counts_for_loyalty"]:
        await note_pledges(db, [pledge.id for pledge in touched])
    await ledger.take_settled(db, [f.inbox_id for f in facts if f.inbox_id not in outcome.refused])
    if outcome.refused:
        await ledger.mark_refused(db, outcome.refused)
    freed = any(f.kind in ("changed", "topped_up", "turned_back") for f in facts) or any(
        was and not pledges[key].claiming for key, was in before[2].items()
    )
    if (standing.seq, standing.backers) != before[:2] or freed or outcome.reached:
        version = await ledger.write_standing(
            db, campaign_id, standing.seq, standing.units, standing.money, standing.backers
        )
        await notices.campaign_moved(db, campaign_id, version)
    return len(facts)


def standing_of(campaign: Any) -> Standing:
    """The campaign's meter as its row has it."""
    return Standing(
        basis=campaign["basis"],
        funding_model=campaign["funding_model"],
        failed=campaign["outcome"] == "failed" and campaign["funding_model"] == "all_or_nothing",
        review_limit=campaign["review_limit"],
        seq=campaign["seq"],
        units=campaign["units"],
        money=campaign["money"],
        backers=campaign["backers"],
    )


async def _gather_backers(
    db: Connection,
    campaign: Any,
    facts: Iterable[Fact],
    pledges: dict[int, Pledge],
    now: datetime,
) -> dict[int, Backer]:
    """Every backer whom the facts touch, with all of that backer's pledges in the campaign."""
    arriving = {
        f.pledge_id: f
        for f in facts
        if f.detail.get("email") and pledges[f.pledge_id].customer_id is None
    }
    people = {
        f.detail["email"]: (f.detail.get("name", ""), f.detail.get("locale", "en"))
        for f in arriving.values()
    }
    ids = await ledger.know_customers(db, campaign["store_id"], people, now) if people else {}
    for pledge_id, fact in arriving.items():
        pledges[pledge_id].customer_id = ids[fact.detail["email"]][0]
    fresh = {customer_id for customer_id, is_new in ids.values() if is_new}
    seqs: dict[int, int | None] = {
        p.customer_id: None for p in pledges.values() if p.customer_id is not None
    }
    returning = [customer_id for customer_id in seqs if customer_id not in fresh]
    if returning:
        others = await ledger.other_pledges_of(db, campaign["id"], returning, list(pledges))
        pledges |= {p.id: p for p in others}
        seqs |= await ledger.first_seqs(db, campaign["id"], returning)
    return gather(seqs, pledges.values())


async def _gather_grants(
    db: Connection, track: Sequence[Milestone], backers: dict[int, Backer]
) -> dict[GrantKey, Granted]:
    """The grants that the touched backers have already."""
    reached = [m for m in track if m.is_reached]
    back = [b for b in backers.values() if b.first_seq is not None]
    if not reached or not back:
        return {}
    beneficiaries = {b.customer_id for b in back}
    if any(m.audience.per != "backer" for m in reached):
        beneficiaries |= {p.id for b in back for p in b.pledges}
    return await grants.granted_to(db, [m.id for m in reached], list(beneficiaries))


async def _change_lines(db: Connection, facts: Iterable[Fact], changed: Set[int]) -> None:
    """Changed lines come about, or the slots that they claimed are free again (P1, P3)."""
    for fact in facts:
        detail = fact.detail
        if fact.inbox_id in changed:
            lines = [Line(**line) for line in detail["lines"]]
            claiming = bool(detail.get("claiming"))
            await pledges.change_lines(
                db, fact.pledge_id, lines, detail["claims"], detail.get("country"), claiming
            )
            await refunds.forget_lines_returned(db, fact.pledge_id)
        elif fact.kind == "changed":
            await pledges.free_claims(db, detail["claims"])


async def _write(
    db: Connection,
    campaign: Any,
    standing: Standing,
    track: Sequence[Milestone],
    outcome: Outcome,
    touched: Sequence[Pledge],
    backers: dict[int, Backer],
    facts: Sequence[Fact],
    now: datetime,
) -> None:
    """All that follows from the batch, set-wise: as few statements for one fact as for many."""
    campaign_id = campaign["id"]
    if outcome.entries:
        await ledger.write_entries(db, campaign_id, outcome.entries, now)
    await _change_lines(db, facts, outcome.changed)
    over = [p for p in touched if p.claiming and p.state in ("expired", "cancelled", "dropped")]
    if over:
        await pledges.free_slots(db, [p.id for p in over])
        for pledge in over:
            pledge.claiming = False
    await ledger.write_pledges(db, touched, now)
    moved = {f.pledge_id for f in facts if f.kind in MOVED_RARELY}
    if moved:
        await ledger.write_pledge_history(db, [p for p in touched if p.id in moved])
    ended = [p.id for p in touched if p.state != "started" and not p.processing]
    await ledger.close_checkouts(db, ended, [p.id for p in touched if p.state == "expired"])
    await ledger.write_backers(db, campaign_id, backers.values(), campaign["seq"])
    if outcome.reached:
        await milestones.write_reaches(db, outcome.reached, now)
        reached = {milestone.id for milestone in outcome.reached}
        await promise_reveals(db, campaign, reached, MILEPOST, now)
        for milestone in outcome.reached:
            await enqueue(db, "fan_out", {"milestone_id": milestone.id}, f"fan_out:{milestone.id}")
            await enqueue(db, "announce", {"milestone_id": milestone.id})
    if outcome.grants:
        await grants.write(db, campaign_id, outcome.grants, track)
