"""What follows a settled batch beyond the ledger: attempts end, cards are kept, charges fall due,
money goes back, and each backer is told. In the same transaction, set-wise.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from milepost.domain.errors import Conflict
from milepost.domain.facts import Fact
from milepost.domain.pledges import Pledge
from milepost.domain.settlement import Outcome
from milepost.services.keeping import keep_own
from milepost.services.purses import follow_purses
from milepost.services.refunding import give_back, give_credit_back
from milepost.services.telling import about_pledges, tell_codes
from milepost.storage import attempts, charges, ledger, mails, pledge_list, pledges, refunds
from milepost.storage.database import Connection
from milepost.storage.mails import Letter

log = logging.getLogger("milepost.settling")
SUCCEEDS = {"saved", "paid", "card", "topped_up"}
FAILS = {"declined", "turned_back", "failed", "expired"}


@dataclass(frozen=True, slots=True)
class Was:
    """How a pledge stood before the batch."""

    state: str
    held: bool

    @classmethod
    def of(cls, pledge: Pledge) -> "Was":
        """How it stands now, kept for later."""
        return cls(pledge.state, pledge.held)


async def follow(
    db: Connection,
    campaign: Any,
    facts: Sequence[Fact],
    outcome: Outcome,
    touched: Sequence[Pledge],
    was: Mapping[int, Was],
    now: datetime,
) -> None:
    """All that the batch sets going; nothing of it moves the meter."""
    known = {p.id: p for p in touched}
    declined = await _end_attempts(db, facts, outcome.refused, was)
    letters = about_pledges(facts, outcome, touched, {key: w.state for key, w in was.items()})
    await _keep_cards(db, facts, known, now)
    if campaign["outcome"] == "funded" and campaign["funding_model"] == "all_or_nothing":
        letters += await _charge(db, campaign, touched, was, declined, now)
    for key in {f.pledge_id for f in facts if f.inbox_id in outcome.changed}:
        pledge = known[key]
        if pledge.overpaid and pledge.state == "charged":
            await _give_back_what_is_over(db, pledge, now)
    for pledge in touched:
        paid_so = pledge.credit_payment in pledge.paid
        if paid_so and pledge.state == "refunded" and "lost" in pledge.disputes.values():
            await give_credit_back(db, pledge, "disputed", now)  # a lost dispute is a refund (A8)
    failed = campaign["outcome"] == "failed" and campaign["funding_model"] == "all_or_nothing"
    await follow_purses(db, campaign["currency"], touched, now, failed)
    bounced = [f.ref for f in facts if f.kind == "refund" and not f.amount]
    if bounced:
        await refunds.failed_at_the_bank(db, bounced)
    opened = [f for f in facts if f.kind == "disputed" and f.ref]
    if opened:
        await pledge_list.note_disputes(db, opened)
    if letters:
        await mails.promise(db, letters, now)
    earned = [g for g in outcome.grants if g.state == "owed"]
    if earned:
        await tell_codes(db, earned, now)


async def _give_back_what_is_over(db: Connection, pledge: Pledge, now: datetime) -> None:
    """The difference of a change goes back, save for what is on its way back already."""
    asked = sum((await refunds.requested(db, pledge.id)).values())
    over = pledge.overpaid - max(0, asked - pledge.refunded)
    if over > 0:
        try:
            await give_back(db, pledge, over, None, "changed", "backer", now)
        except Conflict as refusal:  # not paid through Stripe: the change stands
            log.warning("pledge %s is overpaid by %s: %s", pledge.id, over, refusal)


async def _end_attempts(
    db: Connection, facts: Sequence[Fact], refused: Mapping[int, str], was: Mapping[int, Was]
) -> dict[int, tuple[int, str]]:
    """The attempts that the facts answer are over; declined charges: pledge → attempt, reason."""
    answers: dict[int, tuple[str, str]] = {}
    for fact in facts:
        attempt = fact.detail.get("attempt")
        if was[fact.pledge_id].state == "started":
            continue  # its checkout ends with it
        if attempt and fact.kind in SUCCEEDS:
            lost = fact.kind == "topped_up" and fact.inbox_id in refused
            answers[attempt] = ("failed" if lost else "done", refused.get(fact.inbox_id, ""))
        elif attempt and fact.kind in FAILS:
            state = "declined" if fact.kind == "declined" else "failed"
            answers.setdefault(attempt, (state, fact.detail.get("code") or fact.kind))
    if not answers:
        return {}
    declined = {}
    for over in await attempts.close(db, answers):
        if over["state"] == "failed" and over["purpose"] == "change":
            await pledges.free_claims(db, over["detail"].get("claims", {}))
        if over["state"] == "failed" and over["purpose"] == "charge":
            declined[over["pledge_id"]] = over["id"], answers[over["id"]][1]
    return declined


async def _keep_cards(
    db: Connection, facts: Sequence[Fact], known: Mapping[int, Pledge], now: datetime
) -> None:
    cards = {
        f.pledge_id: (f.detail["customer"], f.detail["method"])
        for f in facts
        if f.kind == "card" and f.detail.get("method") and f.detail.get("customer")
    }
    if not cards:
        return
    await charges.keep_cards(db, cards)
    mended = [key for key in cards if known[key].state == "past_due"]
    if mended:
        await charges.due_now(db, mended, now)


async def _charge(
    db: Connection,
    campaign: Any,
    touched: Sequence[Pledge],
    was: Mapping[int, Was],
    declined: Mapping[int, tuple[int, str]],
    now: datetime,
) -> list[Letter]:
    """After a funded close: the newly confirmed are due, the declined are due again or dropped."""
    late = [p.id for p in touched if p.state == "confirmed" and not p.held]
    fresh = [key for key in late if was[key] != Was("confirmed", False)]
    if fresh:
        await charges.add(db, fresh, now)
    still = {p.id for p in touched if p.state == "past_due"}
    failed = {key: reason for key, (_, reason) in declined.items() if key in still}
    if not failed:
        return []
    letters = []
    for row in await charges.failed(db, failed, campaign["dunning_days"], now):
        pledge_id, attempt = row["pledge_id"], declined[row["pledge_id"]][0]
        if row["due_at"] is None:
            fact = Fact("dropped", pledge_id, detail={"code": row["reason"]})
            await keep_own(db, "pledge.dropped", campaign["id"], fact, now, "dunning")
            continue
        last = row["failed_at"] + timedelta(days=campaign["dunning_days"][-1])
        detail = {
            "code": row["reason"],
            "next_at": row["due_at"].isoformat(),
            "drop_at": last.isoformat(),
        }
        letters.append(
            Letter("charge_failed", f"charge_failed:{attempt}", pledge_id, detail=detail)
        )
    return letters


async def let_go(db: Connection, fact: Fact) -> None:
    """A fact that can't be settled holds no slot and stands in nobody's way."""
    if fact.kind == "changed":
        await pledges.free_claims(db, fact.detail.get("claims", {}))
    attempt = fact.detail.get("attempt")
    if attempt:
        for over in await attempts.close(db, {attempt: ("failed", "it can't be settled")}):
            await pledges.free_claims(db, over["detail"].get("claims", {}))


async def complete(db: Connection, campaign: Any, facts: Sequence[Fact]) -> None:
    """What our own attempts were made for is told to the facts that answer them.

    A payment for a change learns its new lines; a charge, the tax that it was made with.
    """
    kinds = {"topped_up", "paid"} if campaign["tax"] else {"topped_up"}
    answers = {f.detail["attempt"]: f for f in facts if f.kind in kinds and f.detail.get("attempt")}
    if answers:
        for key, detail in (await attempts.details_of(db, list(answers))).items():
            answers[key].detail |= detail


async def note_payments(db: Connection, campaign_id: int, facts: Sequence[Fact]) -> dict[int, str]:
    """Note which pledge each payment belongs to; the facts that give it to another are refused."""
    named: dict[str, int] = {}
    for fact in facts:
        if fact.payment:
            named.setdefault(fact.payment, fact.pledge_id)
    if not named:
        return {}
    owners = await ledger.know_payments(db, campaign_id, named)
    return {
        f.inbox_id: f"payment {f.payment} belongs to pledge {owners[f.payment]}"
        for f in facts
        if f.payment and owners[f.payment] != f.pledge_id
    }
