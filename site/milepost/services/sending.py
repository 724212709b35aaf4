"""Sending by thousands: what a fulfilment house has shipped, in one transaction (A8, A15, R1).

What can be sent is sent, for it is on its way already; of the rest each is refused by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from milepost.domain.errors import NotFound
from milepost.domain.messages import N_
from milepost.services.author import Author
from milepost.services.batching import correct_parcel, tell_shipped
from milepost.services.noting import note
from milepost.storage import api_campaigns, ledger, parcels, shipments
from milepost.storage.database import Connection, Database, unit
from milepost.storage.shipments import Shipment

NO_CAMPAIGN = N_("There is no such campaign.")
NOT_SENT = N_("There is no such parcel that was sent.")
REFUSALS: Mapping[str, str] = {
    "unknown": N_("There is no such grant or pledge in this store."),
    "elsewhere": N_("It belongs to another campaign."),
    "otherwise": N_("It was sent already, and not with this number."),
    "backordered": N_("It waits for stock."),
    "disputed": N_("Its payment is disputed at the backer's bank."),
    "held": N_("The pledge is held for review, or its payment is disputed."),
    "moving": N_("Money of this pledge is on its way back, or a change of it is being worked on."),
    "over": N_("It is not owed, or not any more."),
    "no_parcel": N_("This reward is in no parcel: its owner reads it on their own page."),
    "unpaid": N_("The pledge is not paid yet."),
    "unrevealed": N_("Its milestone is not revealed yet."),
}
ALREADY = "already"


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of shipments: how many `parcels` left with `shipments` of them; how many had
    left before with the same number; the others, by their place, each with a key of `REFUSALS`.
    """

    shipments: int
    parcels: int
    already: int
    refused: list[tuple[int, str]]


async def send_shipments(
    database: Database, author: Author, slug: str, sending: Sequence[Shipment], now: datetime
) -> Sent:
    """Mark as sent what of these may go, as if one after the other; a mail for each box.

    The same few statements for one and for ten thousand. Raises NotFound for another's campaign.
    """
    async with unit(database) as db:
        campaign_id = await _campaign(db, author, slug)
        campaign = await ledger.lock_campaign(db, campaign_id)
        judged = await shipments.judge(db, campaign, sending)
        sent = await shipments.send(db, campaign_id, sending, judged, author.creator_id, now)
        await tell_shipped(db, sent, now)
        await parcels.forget_tally(db, campaign_id)
        done = sum(row["problem"] is None for row in judged)
        if done:
            after = {"boxes": done, "parcels": len(sent)}  # no numbers: deeds outlive an erasure
            await note(
                db, author.store_id, author.creator_id, "shipments_sent", now, slug, after=after
            )
    already = sum(row["problem"] == ALREADY for row in judged)
    refused = [
        (place, row["problem"])
        for place, row in enumerate(judged)
        if row["problem"] not in (None, ALREADY)
    ]
    return Sent(done, len(sent), already, refused)


async def correct_shipment(
    database: Database,
    author: Author,
    slug: str,
    pledge_id: int | None,
    grant: tuple[int, int] | None,
    now: datetime,
) -> None:
    """A pledge's own goods, or a grant's reward, were marked as sent by mistake (A8).

    Raises NotFound or Conflict.
    """
    async with unit(database) as db:
        campaign_id = await _campaign(db, author, slug)
        milestone_id, beneficiary = grant or (parcels.GOODS, pledge_id or 0)
        of = await shipments.pledge_of(db, campaign_id, milestone_id, beneficiary)
        if of is None:
            raise NotFound(NOT_SENT)
        await correct_parcel(
            database, author.store_id, campaign_id, of, milestone_id, author.creator_id, now
        )


async def _campaign(db: Connection, author: Author, slug: str) -> int:
    row = await api_campaigns.campaign(db, author.store_id, slug)
    if row is None:
        raise NotFound(NO_CAMPAIGN)
    return int(row["id"])
