"""Fulfilling: what is owed is sent, once, and its owner is told (R1, A8)."""

from collections.abc import Sequence
from datetime import datetime

from milepost.domain.errors import Conflict, NotFound
from milepost.domain.messages import N_
from milepost.storage import grants, ledger, mails, milestones, parcels
from milepost.storage.database import Database, unit
from milepost.storage.mails import Letter


async def ship(
    database: Database,
    milestone_id: int,
    now: datetime,
    *,
    pledges: Sequence[int] | None = None,
    carrier: str = "",
    tracking: str = "",
) -> int:
    """Mark a milestone's owed rewards as sent, all or those of some `pledges`; how many were.

    What waits for stock, is held, provisional or void is left alone. Raises NotFound, or Conflict
    when nothing of it is to be sent.
    """
    async with unit(database) as db:
        campaign_id = await milestones.campaign_of(db, milestone_id)
        if campaign_id is None:
            raise NotFound(N_("There is no such milestone."))
        await ledger.lock_campaign(db, campaign_id)
        sent = await grants.fulfil(db, milestone_id, pledges)
        if not sent:
            raise Conflict(N_("Nothing of this milestone is owed and in stock, so none was sent."))
        detail = {"carrier": carrier, "tracking": tracking}
        letters = [
            Letter(
                "shipped",
                f"shipped:{milestone_id}:{row['beneficiary']}",
                row["pledge_id"],
                milestone_id,
                detail,
            )
            for row in sent
        ]
        await mails.promise(db, letters, now)
        await parcels.note_shipped(db, campaign_id, milestone_id, sent, carrier, tracking, now)
        await parcels.forget_tally(db, campaign_id)
    return len(sent)
