"""A campaign's pledges as the studio lists and shows them, by key and never by offset."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from milepost.domain.facts import Fact
from milepost.domain.numbers import number_in
from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("pledge_list")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which pledges: in a state, held, … ; None and False want nothing. `found` are their ids."""

    state: str | None = None
    held: bool = False
    disputed: bool = False
    refunded: bool = False
    homeless: bool = False
    unanswered: bool = False
    country: str | None = None
    tier_id: int | None = None
    found: tuple[int, ...] | None = None

    @property
    def _walk(self) -> dict[str, Any]:
        return {
            "state": self.state,
            "held": self.held or None,
            "disputed": self.disputed or None,
            "refunded": self.refunded or None,
            "found": None if self.found is None else list(self.found),
        }

    def among(self, ids: Sequence[int]) -> "Filters":
        """The same, of these pledges alone."""
        kept = ids if self.found is None else set(ids) & set(self.found)
        return replace(self, found=tuple(sorted(kept)))


async def some(
    db: Connection,
    campaign_id: int,
    wanted: Filters,
    before: int | None,
    window: int,
    most: int,
    mails: bool,
) -> list[Any]:
    """The next `most` that are wanted among the next `window` pledges, newest first."""
    rows: list[Any] = await rows_of(
        _sql.pledges_in_studio(
            db,
            campaign_id=campaign_id,
            before=before,
            window=window,
            most=most,
            mails=mails,
            country=wanted.country,
            tier_id=wanted.tier_id,
            homeless=wanted.homeless or None,
            unanswered=wanted.unanswered or None,
            **wanted._walk,
        )
    )
    return rows


async def floor(
    db: Connection, campaign_id: int, wanted: Filters, before: int | None, window: int
) -> int | None:
    """The lowest of the next `window` pledges; None when no other comes after them."""
    found: int | None = await _sql.floor_of_pledges(
        db, campaign_id=campaign_id, before=before, window=window, **wanted._walk
    )
    return found


async def search(
    db: Connection, store_id: int, campaign_id: int, said: str, mails: bool
) -> list[int]:
    """Pledges of this number, this mail address, or a backer whose name begins so."""
    begins = said.lower().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    rows = await rows_of(
        _sql.pledges_found(
            db,
            store_id=store_id,
            campaign_id=campaign_id,
            number=number_in(said.removeprefix("#")) or 0,
            said=said.lower(),
            beginning=f"{begins}%",
            mails=mails,
        )
    )
    return [row["id"] for row in rows]


async def flagged(db: Connection, track_id: int) -> list[int]:
    """Pledges whose reward was sent and is no longer owed (A8)."""
    return [row["id"] for row in await rows_of(_sql.pledges_flagged(db, track_id=track_id))]


async def apart(db: Connection, campaign_id: int, track_id: int) -> Any:
    """How many are held, disputed, past due, flagged; each at most a thousand."""
    return await _sql.apart_in_studio(db, campaign_id=campaign_id, track_id=track_id)


async def choices(db: Connection, campaign_id: int) -> list[Any]:
    """The campaign's tiers and add-ons."""
    rows: list[Any] = await rows_of(_sql.choices_of_campaign(db, campaign_id=campaign_id))
    return rows


async def rewards(
    db: Connection, track_id: int, pledge_ids: Sequence[int], customer_ids: Sequence[int]
) -> dict[int, str]:
    """What the milestones give with each of these pledges, in words."""
    rows = await rows_of(
        _sql.rewards_of_pledges(
            db,
            track_id=track_id,
            pledge_ids=pledge_ids,
            beneficiaries=[*pledge_ids, *customer_ids],
        )
    )
    return {row["pledge_id"]: row["rewards"] for row in rows}


async def answers(db: Connection, pledge_ids: Sequence[int]) -> dict[tuple[int, int], str]:
    """What was answered: pledge and question → answer."""
    rows = await rows_of(_sql.answers_of_pledges(db, pledge_ids=pledge_ids))
    return {(row["pledge_id"], row["question_id"]): row["answer"] for row in rows}


async def questions(db: Connection, campaign_id: int) -> list[Any]:
    """What the campaign asks, in order."""
    rows: list[Any] = await rows_of(_sql.questions_of_campaign(db, campaign_id=campaign_id))
    return rows


async def one(db: Connection, campaign_id: int, pledge_id: int) -> Any | None:
    """One pledge of the campaign, with its backer."""
    return await _sql.pledge_in_studio(db, campaign_id=campaign_id, pledge_id=pledge_id)


async def history(db: Connection, store_id: int, campaign_id: int, pledge_id: int) -> list[Any]:
    """The hundred latest things that happened to it, newest first."""
    rows: list[Any] = await rows_of(
        _sql.history_of_pledge(db, store_id=store_id, campaign_id=campaign_id, pledge_id=pledge_id)
    )
    return rows


async def notes(db: Connection, pledge_id: int) -> list[Any]:
    """What creators wrote down about it, newest first."""
    rows: list[Any] = await rows_of(_sql.notes_of_pledge(db, pledge_id=pledge_id))
    return rows


async def add_note(
    db: Connection, pledge_id: int, creator_id: int, text: str, now: datetime
) -> None:
    """Somebody wrote this down about it."""
    await _sql.add_note_on_pledge(
        db, pledge_id=pledge_id, creator_id=creator_id, text=text, now=now
    )


async def disputes(
    db: Connection, campaign_id: int, track_id: int, every: bool, before: int | None, most: int
) -> list[Any]:
    """Pledges in dispute, or with `every` those that ever were, newest first."""
    rows: list[Any] = await rows_of(
        _sql.disputes_in_studio(
            db, campaign_id=campaign_id, track_id=track_id, every=every, before=before, most=most
        )
    )
    return rows


async def known_disputes(db: Connection, pledge_ids: Sequence[int]) -> dict[str, Any]:
    """What the banks said of these pledges' disputes, by Stripe's id."""
    return {
        row["ref"]: row for row in await rows_of(_sql.known_disputes(db, pledge_ids=pledge_ids))
    }


async def note_disputes(db: Connection, facts: Sequence[Fact]) -> None:
    """Keep what is said when disputes open."""
    due = [f.detail.get("due_by") for f in facts]
    await _sql.note_disputes(
        db,
        refs=[f.ref for f in facts],
        pledge_ids=[f.pledge_id for f in facts],
        amounts=[f.amount for f in facts],
        reasons=[str(f.detail.get("reason", "")) for f in facts],
        due_bys=[datetime.fromtimestamp(at, UTC) if at else None for at in due],
    )
