"""Batches and parcels: owed, ready, shipped; each step under the campaign's lock (R1, A8, A15)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from milepost.domain.carriers import tracking_link
from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.messages import N_
from milepost.domain.tracking import LONGEST_CELL
from milepost.services.clock import Clock
from milepost.services.noting import note
from milepost.storage import ledger, mails, parcels
from milepost.storage.database import Connection, Database, unit
from milepost.storage.mails import Letter
from milepost.storage.parcels import GOODS, Wanted

LARGE = 5_000  # parcels beyond which what was counted is kept
FRESH = timedelta(minutes=1)  # how long
STANDINGS = ("owed", "ready", "shipped", "backordered", "held", "provisional", "void")
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Content:
    """Something that is sent: own goods (`milestone_id` 0) or a milestone's reward; its counts."""

    milestone_id: int
    row: Any
    counts: Mapping[str, int]
    flagged: int

    def __getitem__(self, standing: str) -> int:
        return self.counts.get(standing, 0)

    @property
    def total(self) -> int:
        """How many parcels it is that are or were owed."""
        return sum(count for standing, count in self.counts.items() if standing != "void")


@dataclass(frozen=True, slots=True)
class Overview:
    """Each content of a campaign, own goods first; `counted_at` for what was counted earlier."""

    contents: list[Content]
    counted_at: datetime | None


async def overview(db: Connection, campaign_id: int, track_id: int, now: datetime) -> Overview:
    """What the campaign owes and how far it is; where it is much, as the worker counted it."""
    rows = await parcels.contents(db, track_id)
    known = await parcels.tallied(db, campaign_id)
    if known is not None:
        counts, counted_at = known["counts"], known["counted_at"]
        if now - counted_at > FRESH:
            await parcels.forget_tally(db, campaign_id)
    else:
        counts, counted_at = await _count(db, campaign_id, rows, now), None
    return Overview([_content(GOODS, None, counts), *(_content(r["id"], r, counts) for r in rows)],
                    counted_at)  # fmt: skip


async def _count(
    db: Connection, campaign_id: int, rows: Sequence[Any], now: datetime
) -> list[dict[str, Any]]:
    """Count, and keep it where counting takes long."""
    found = await parcels.count(db, campaign_id, [row["id"] for row in rows])
    counts = [dict(row) for row in found]
    if sum(row["count"] for row in counts) > LARGE:
        await parcels.keep_tally(db, campaign_id, counts, now)
    else:
        await parcels.drop_tally(db, campaign_id)
    return counts


async def recount(database: Database, campaign_id: int, clock: Clock) -> None:
    """Count anew what a large campaign owes, in the worker's time."""
    async with unit(database) as db:
        track_id = await parcels.track_of(db, campaign_id)
        await _count(db, campaign_id, await parcels.contents(db, track_id), clock())


def _content(milestone_id: int, row: Any, counts: Sequence[Mapping[str, Any]]) -> Content:
    own = [c for c in counts if c["milestone_id"] == milestone_id]
    by_state = {c["state"]: int(c["count"]) for c in own}
    return Content(milestone_id, row, by_state, sum(int(c["flagged"]) for c in own))


async def make_batch(
    database: Database,
    store_id: int,
    campaign_id: int,
    name: str,
    wanted: Wanted,
    by: int | None,
    now: datetime,
) -> int:
    """Make a batch of all that is owed, paid, in stock and wanted; its id.

    Who is in it stays. Raises Invalid without a name or a content, Conflict when it would be empty.
    """
    name = " ".join(name.split())
    if not name:
        raise Invalid(N_("Give the batch a name, such as “Europe, first 500”."), about="name")
    if len(name) > LONGEST_NAME:
        raise Invalid(
            N_("That is too long. Up to %(most)s characters fit."), about="name", most=LONGEST_NAME
        )
    if not wanted.contents:
        raise Invalid(N_("Choose what is sent."), about="contents")
    async with unit(database) as db:
        campaign = await ledger.lock_campaign(db, campaign_id)
        assert campaign is not None
        batch_id, boxes, count = await parcels.make_batch(
            db, campaign_id, campaign["track_id"], name, wanted, by, now
        )
        if not count:
            homeless, silent = await parcels.left_out(
                db, campaign_id, campaign["track_id"], batch_id, wanted
            )
            raise _nothing_fits(homeless, silent)
        await parcels.forget_tally(db, campaign_id)
        after = {"boxes": boxes, "parcels": count}
        await note(db, store_id, by, "batch_made", now, name, after=after)
    return batch_id


def _nothing_fits(homeless: int, silent: int) -> Conflict:
    if homeless or silent:
        return Conflict(
            N_(
                "Nothing fits. “Only with an address” leaves out %(homeless)s, “Only with the"
                " questions answered” %(silent)s."
            ),
            homeless=homeless,
            silent=silent,
        )
    return Conflict(
        N_("Nothing fits: what is owed is in a batch already, waits for stock, or goes elsewhere.")
    )


async def dissolve_batch(
    database: Database, store_id: int, campaign_id: int, batch_id: int, by: int, now: datetime
) -> int:
    """What of the batch is not sent is in none any more; how many parcels. Raises NotFound."""
    async with unit(database) as db:
        await ledger.lock_campaign(db, campaign_id)
        batch = await parcels.batch(db, campaign_id, batch_id)
        if batch is None:
            raise NotFound(N_("There is no such batch."))
        gone = await parcels.dissolve(db, batch_id)
        await parcels.forget_tally(db, campaign_id)
        await note(db, store_id, by, "batch_dissolved", now, batch["name"], after={"parcels": gone})
    return gone


async def ship_pledge(
    database: Database,
    store_id: int,
    campaign_id: int,
    pledge_id: int,
    carrier: str,
    tracking: str,
    by: int,
    now: datetime,
) -> int:
    """Send all that is owed to one pledge and may go, in a batch or not; how many parcels.

    Raises Invalid for what is no carrier or number, Conflict when nothing of it may go.
    """
    carrier, tracking = read_parcel(carrier, tracking)
    async with unit(database) as db:
        campaign = await ledger.lock_campaign(db, campaign_id)
        assert campaign is not None
        await parcels.ready_all(db, campaign_id, campaign["track_id"], pledge_id)
        due = [(pledge_id, carrier, tracking)]
        sent = await parcels.ship(db, campaign_id, None, due, by, now)
        if not sent:
            raise Conflict(N_("Nothing of this pledge may be sent now. Its parcels say why."))
        await tell_shipped(db, sent, now)
        await parcels.forget_tally(db, campaign_id)
        after = {"carrier": carrier, "parcels": len(sent)}  # no number: deeds outlive an erasure
        await note(db, store_id, by, "pledge_shipped", now, f"pledge {pledge_id}", after=after)
    return len(sent)


async def correct_parcel(
    database: Database,
    store_id: int,
    campaign_id: int,
    pledge_id: int,
    milestone_id: int,
    by: int,
    now: datetime,
) -> None:
    """A parcel was marked as sent by mistake: it is ready again, and noted (A8).

    What a refund has flagged since was sent, and stays so. Raises NotFound or Conflict.
    """
    async with unit(database) as db:
        await ledger.lock_campaign(db, campaign_id)
        parcel = await parcels.lock(db, campaign_id, pledge_id, milestone_id)
        if parcel is None or parcel["state"] != "shipped":
            raise NotFound(N_("There is no such parcel that was sent."))
        if parcel["flagged"] or parcel["pledge_state"] != "charged" or parcel["held"]:
            raise Conflict(
                N_(
                    "This pledge does not stand as it did when the parcel was sent. What was sent"
                    " stays sent."
                )
            )
        await parcels.unship(db, parcel)
        await parcels.forget_tally(db, campaign_id)
        before = {"carrier": parcel["carrier"]}
        await note(
            db, store_id, by, "shipping_corrected", now, f"pledge {pledge_id}", before=before
        )


def read_parcel(carrier: str, tracking: str) -> tuple[str, str]:
    """Carrier and number as they are kept. Raises Invalid."""
    carrier, tracking = " ".join(carrier.split()), " ".join(tracking.split())
    for field, value in (("carrier", carrier), ("tracking", tracking)):
        if len(value) > LONGEST_CELL:
            raise Invalid(
                N_("That is too long. Up to %(most)s characters fit."),
                about=field,
                most=LONGEST_CELL,
            )
    if tracking and not carrier:
        raise Invalid(N_("Say who carries it."), about="carrier")
    return carrier, tracking


async def tell_shipped(db: Connection, sent: Sequence[Any], now: datetime) -> None:
    """Promise one mail for each box that was sent: own goods and rewards travel together (A15)."""
    first: dict[tuple[int, str], Any] = {}
    for row in sent:
        box = (row["pledge_id"], row["tracking"])
        if box not in first or row["milestone_id"] < first[box]["milestone_id"]:
            first[box] = row
    letters = [
        Letter(
            "shipped",
            f"shipped:{row['milestone_id']}:{row['beneficiary']}"
            + (f":{row['corrected']}" if row["corrected"] else ""),
            row["pledge_id"],
            row["milestone_id"] or None,
            {
                "carrier": row["carrier"],
                "tracking": row["tracking"],
                "url": tracking_link(row["carrier"], row["tracking"]),
            },
        )
        for row in first.values()
    ]
    await mails.promise(db, letters, now)
