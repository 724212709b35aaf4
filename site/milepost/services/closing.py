"""Closing: at its deadline a campaign closes by itself, once: funded, or failed (P2, P7)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from milepost.domain.errors import NotFound
from milepost.domain.messages import N_
from milepost.services.clock import Clock
from milepost.services.promising import MILEPOST, promise
from milepost.services.purses import close_purses
from milepost.storage import (
    campaigns,
    charges,
    closings,
    grants,
    ledger,
    mails,
    milestones,
    notices,
)
from milepost.storage.database import Connection, Database, reading, unit

Outcome = Literal["funded", "failed"]


async def close_due(database: Database, clock: Clock) -> int:
    """Close and decide every campaign whose time has come; how many moved.

    Safe with any number of workers, and to be called again until the outcome is known: a campaign
    below its goal waits for the checkouts that were begun in time (P7).
    """
    now = clock()
    async with reading(database) as db:
        due = await closings.due(db, now)
    moved = 0
    for campaign_id in due:
        async with unit(database) as db:
            moved += await _close(db, campaign_id, now)
    return moved


async def _close(db: Connection, campaign_id: int, now: datetime) -> bool:
    campaign = await ledger.lock_campaign(db, campaign_id)
    if campaign is None or campaign["outcome"] is not None or now < campaign["closes_at"]:
        return False
    outcome = await _outcome(db, campaign)
    if campaign["closed_at"] is not None and outcome is None:
        return False
    await closings.close(db, campaign_id, campaign["closes_at"])
    if outcome is not None:
        await closings.decide(db, campaign_id, outcome)
        await promise(db, campaign_id, "outcome", {"outcome": outcome}, MILEPOST, now)
        await _carry_out(db, campaign, outcome, now)
    version = await ledger.bump_version(db, campaign_id)
    await notices.campaign_moved(db, campaign_id, version)
    return True


async def _outcome(db: Connection, campaign: Any) -> Outcome | None:
    """What the campaign has come to; None while that is open."""
    if await closings.has_waiting_facts(db, campaign["id"]):
        return None
    total = campaign["units"] if campaign["basis"] == "units" else campaign["money"]
    if total >= campaign["goal"]:
        return "funded"
    return None if await closings.is_undecided(db, campaign["id"]) else "failed"


async def _carry_out(db: Connection, campaign: Any, outcome: Outcome, now: datetime) -> None:
    """What the outcome means for cards, rewards and letters (A9, P2)."""
    saved_cards = campaign["funding_model"] == "all_or_nothing"
    if outcome == "funded" and saved_cards:
        await charges.add_all(db, campaign["id"], now)
        await mails.promise_to_all(db, campaign["id"], "charge_due", now)
        return
    if saved_cards:
        for milestone in await milestones.promised_on(db, campaign["track_id"]):
            await grants.take_back(db, campaign["id"], milestone.id)
        await grants.void_all(db, campaign["track_id"])
        await close_purses(db, campaign, now)
        await charges.forget_cards(db, campaign["id"])
    await mails.promise_to_all(db, campaign["id"], outcome, now)


@dataclass(frozen=True, slots=True)
class Closing:
    """How far a campaign is after its deadline; `money_…` in minor units of `currency`."""

    slug: str
    closes_at: datetime
    outcome: Outcome | None
    currency: str
    pledges: int
    charged: int
    waiting: int
    past_due: int
    dropped: int
    money_charged: int
    money_waiting: int


async def show_closing(db: Connection, slug: str) -> Closing:
    """The campaign's outcome, and how far its charges are. Raises NotFound."""
    row = await campaigns.by_slug(db, slug)
    if row is None:
        raise NotFound(N_("There is no campaign at “%(slug)s”."), slug=slug)
    progress = await charges.progress(db, row["id"])
    return Closing(slug, row["closes_at"], row["outcome"], row["currency"], **progress)
