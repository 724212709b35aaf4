"""Minding pledges: what creators decide about one, foreseen by the rules and noted with who it was.

What is foreseen is judged by the kernel that will judge the fact itself, so that it can't lie.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.facts import Fact
from milepost.domain.messages import N_
from milepost.domain.moves import apply, count
from milepost.domain.pledges import GOES_BACK
from milepost.domain.settlement import gather, regrant
from milepost.services.author import Author
from milepost.services.deciding import cancel_pledge, release_pledge
from milepost.services.noting import note
from milepost.services.refunding import Refunded, Returned, refund_pledge
from milepost.services.settling import standing_of
from milepost.storage import grants, ledger, milestones, parcels, pledge_list
from milepost.storage.database import Connection, Database, unit

LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would become of a reward: the milestone, the grant's state before and after.

    A fulfilled one that would no longer be owed is `flagged`: it is kept (A8).
    """

    milestone_id: int
    before: str | None
    after: str
    flagged: bool


class _Undone(Exception):
    """What was tried is taken back, whole."""


async def foresee_refund(
    database: Database,
    author: Author,
    pledge_id: int,
    now: datetime,
    *,
    amount: int | None = None,
    returned: Returned | None = None,
) -> tuple[Refunded, list[Foreseen]]:
    """What a refund would give back and do to rewards; nothing of it happens.

    Raises whatever the refund itself would.
    """
    told: tuple[Refunded, list[Foreseen]] | None = None
    try:
        async with unit(database) as db:
            await _belongs(db, author.campaign_id, pledge_id)
            refunded = await refund_pledge(
                database, pledge_id, author.email, now, amount=amount, returned=returned
            )
            detail: dict[str, Any] = {}
            if refunded.parts is not None:
                parts = refunded.parts
                detail = {name: parts[name] for name in GOES_BACK}
            fact = Fact("refund", pledge_id, amount=refunded.amount, ref="foreseen", detail=detail)
            told = refunded, await foresee(db, author.campaign_id, fact)
            raise _Undone
    except _Undone:
        assert told is not None
        return told


async def foresee(db: Connection, campaign_id: int, fact: Fact) -> list[Foreseen]:
    """The backer's rewards whose state would change with `fact`, by the rules themselves."""
    campaign = await ledger.lock_campaign(db, campaign_id)
    assert campaign is not None
    known = await ledger.pledges_by_id(db, campaign_id, [fact.pledge_id])
    customer_id = known[fact.pledge_id].customer_id
    if customer_id is None:
        return []
    own = await ledger.other_pledges_of(db, campaign_id, [customer_id], [])
    seqs = await ledger.first_seqs(db, campaign_id, [customer_id])
    track = [m for m in await milestones.promised_on(db, campaign["track_id"]) if m.is_reached]
    people = [customer_id, *(p.id for p in own)]
    granted = await grants.granted_to(db, [m.id for m in track], people) if track else {}
    backer = gather({customer_id: seqs.get(customer_id)}, own)[customer_id]
    pledge = next(p for p in backer.pledges if p.id == fact.pledge_id)
    standing = standing_of(campaign)
    moved = apply(pledge, fact, standing.review_limit)
    if isinstance(moved, str):
        return []
    for _, units, money in count(pledge, moved):
        standing.units, standing.money = standing.units + units, standing.money + money
        standing.seq += 1
        if backer.first_seq is None:
            backer.first_seq = standing.seq
    found = []
    for grant in regrant(standing, track, backer, granted):
        before = granted.get((grant.milestone_id, grant.beneficiary), (None, 0, 0))[0]
        kept = before == "fulfilled"
        after = "fulfilled" if kept else grant.state
        if kept or after != before:
            found.append(Foreseen(grant.milestone_id, before, after, kept))
    return found


async def refund(
    database: Database,
    author: Author,
    pledge_id: int,
    now: datetime,
    *,
    amount: int | None = None,
    returned: Returned | None = None,
    reason: str = "",
    expected: int | None = None,
    seen_left: int | None = None,
) -> Refunded:
    """Give money back. Raises Conflict when it is not what was `expected`, or less is left."""
    async with _deciding(database, author, pledge_id) as (db, _):
        done = await refund_pledge(
            database,
            pledge_id,
            author.email,
            now,
            amount=amount,
            returned=returned,
            reason=reason,
            seen_left=seen_left,
        )
        if expected is not None and done.amount != expected:
            raise Conflict(N_("Something has changed meanwhile. Look at it again."))
        after = {"amount": done.amount, "currency": done.currency, "reason": reason}
        await _note(db, author, "pledge_refunded", pledge_id, now, after)
    return done


async def cancel(database: Database, author: Author, pledge_id: int, now: datetime) -> None:
    """Cancel a pledge that is not charged."""
    async with _deciding(database, author, pledge_id) as (db, _):
        await cancel_pledge(database, pledge_id, author.email, now)
        await _note(db, author, "pledge_cancelled", pledge_id, now)


async def release(database: Database, author: Author, pledge_id: int, now: datetime) -> None:
    """Let a held pledge count (C6)."""
    async with _deciding(database, author, pledge_id) as (db, _):
        await release_pledge(database, pledge_id, author.email, now)
        await _note(db, author, "pledge_released", pledge_id, now)


async def refuse(database: Database, author: Author, pledge_id: int, now: datetime) -> None:
    """A held pledge shall not count: what was charged goes back, else it is cancelled (C6)."""
    async with _deciding(database, author, pledge_id) as (db, row):
        if not row["held"]:
            raise Conflict(N_("This pledge is not held, so there is nothing to refuse."))
        if row["paid"]:
            await refund_pledge(database, pledge_id, author.email, now, reason="refused")
        else:
            await cancel_pledge(database, pledge_id, author.email, now)
        await _note(db, author, "pledge_refused", pledge_id, now)


async def write_note(
    database: Database, author: Author, pledge_id: int, text: str, now: datetime
) -> None:
    """Write something down about a pledge, for the others. Raises NotFound or Invalid."""
    text = text.strip()
    if not text:
        raise Invalid(N_("There is nothing to write down yet."), about="text")
    if len(text) > LONGEST_NOTE:
        raise Invalid(
            N_("That is too long. Up to %(most)s characters fit."), about="text", most=LONGEST_NOTE
        )
    async with unit(database) as db:
        await _belongs(db, author.campaign_id, pledge_id)
        await pledge_list.add_note(db, pledge_id, author.creator_id, text, now)


@asynccontextmanager
async def _deciding(
    database: Database, author: Author, pledge_id: int
) -> AsyncIterator[tuple[Connection, Any]]:
    """One transaction about the author's own pledge, after which parcels are counted anew."""
    async with unit(database) as db:
        yield db, await _belongs(db, author.campaign_id, pledge_id)
        await parcels.forget_tally(db, author.campaign_id)


async def _belongs(db: Connection, campaign_id: int, pledge_id: int) -> Any:
    row = await pledge_list.one(db, campaign_id, pledge_id)
    if row is None:
        raise NotFound(N_("There is no such pledge."))
    return row


async def _note(
    db: Connection,
    author: Author,
    what: str,
    pledge_id: int,
    now: datetime,
    after: dict[str, Any] | None = None,
) -> None:
    about = f"pledge {pledge_id}"
    await note(db, author.store_id, author.creator_id, what, now, about, after=after)
