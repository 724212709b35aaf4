"""Doings: what customers do becomes facts that programs count, kept in the same transaction.

A fact is told by its source as it stands now, again and again if need be; judging follows
(`services/judging.py`). Stores without programs keep none.
"""

from collections.abc import Sequence
from datetime import datetime

from milepost.storage import doings, loyalty, referrals
from milepost.storage.database import Connection, Database, unit
from milepost.storage.loyalty import LoyalFact

CHUNK = 1000


async def note_orders(db: Connection, order_ids: Sequence[int]) -> None:
    """These orders were paid, or money went back (L3)."""
    if order_ids:
        await loyalty.note_orders(db, order_ids)
        await referrals.tell(db, order_ids, ())


async def note_breaks(db: Connection, subscription_ids: Sequence[int]) -> None:
    """These subscriptions are over (L7)."""
    if subscription_ids:
        await loyalty.note_breaks(db, subscription_ids)


async def note_pledges(db: Connection, pledge_ids: Sequence[int]) -> None:
    """These pledges moved; a charged one is an order, where the store wants it so (L3)."""
    if pledge_ids:
        await loyalty.note_pledges(db, pledge_ids)
        await referrals.tell(db, (), pledge_ids)


async def note_review(
    db: Connection, store_id: int, review_id: int, customer_id: int, stands: bool, now: datetime
) -> None:
    """A review is approved, or is not any more."""
    if await loyalty.settings(db, store_id) is not None:
        fact = LoyalFact(customer_id, "review", f"review:{review_id}", now, stands)
        await loyalty.tell(db, store_id, [fact])


async def keep_past_facts(database: Database, store_id: int) -> None:
    """What customers did before the store kept facts, a chunk at a time."""
    for past in (doings.past_orders, doings.past_pledges):
        after = 0
        while True:
            async with unit(database) as db:
                ids = await past(db, store_id, after, CHUNK)
                if not ids:
                    break
                note = loyalty.note_orders if past is doings.past_orders else loyalty.note_pledges
                await note(db, ids)
                after = ids[-1]
    async with unit(database) as db:
        await loyalty.note_breaks(db, await doings.past_ends(db, store_id))
        reviews = await doings.past_reviews(db, store_id)
        facts = [
            LoyalFact(r["customer_id"], "review", f"review:{r['id']}", r["at"]) for r in reviews
        ]
        if facts:
            await loyalty.tell(db, store_id, facts)
