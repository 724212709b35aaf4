"""Surveys: what a creator asks, whom it concerns, the answers, the lock (B9)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("surveys")


async def campaign(db: Connection, slug: str) -> Any | None:
    """The campaign's id, title, zone and lock."""
    return await _sql.campaign_to_ask(db, slug=slug)


async def lock_campaign(db: Connection, campaign_id: int) -> Any | None:
    """The same, held until the transaction ends."""
    return await _sql.lock_campaign_to_ask(db, campaign_id=campaign_id)


async def strange_tiers(db: Connection, campaign_id: int, tier_ids: Sequence[int]) -> list[int]:
    """Those that are none of the campaign's."""
    found: list[int] = await _sql.tiers_not_of(db, campaign_id=campaign_id, tier_ids=tier_ids)
    return found


async def strange_milestones(
    db: Connection, track_id: int, milestone_ids: Sequence[int]
) -> list[int]:
    """Those that are none of the track's."""
    found: list[int] = await _sql.milestones_not_of(
        db, track_id=track_id, milestone_ids=milestone_ids
    )
    return found


async def add(db: Connection, campaign_id: int, now: datetime, **columns: Any) -> int:
    """A new question, the last in its campaign's list; its id."""
    made: int = await _sql.add_question(db, campaign_id=campaign_id, now=now, **columns)
    return made


async def of_pledge(db: Connection, pledge_id: int) -> list[Any]:
    """The questions that concern this pledge, each with its answer or None."""
    rows: list[Any] = await rows_of(_sql.questions_for_pledge(db, pledge_id=pledge_id))
    return rows


async def may_answer(db: Connection, pledge_id: int, now: datetime) -> bool:
    """True until the lock, while the pledge stands."""
    return bool(await _sql.may_answer(db, pledge_id=pledge_id, now=now))


async def keep(
    db: Connection, pledge_id: int, answers: Mapping[int, str], gone: Sequence[int], now: datetime
) -> None:
    """Keep these answers by their questions' ids; those of `gone` are taken back."""
    await _sql.keep_answers(
        db,
        pledge_id=pledge_id,
        question_ids=list(answers),
        answers=list(answers.values()),
        now=now,
    )
    await _sql.take_answers_back(db, pledge_id=pledge_id, question_ids=gone)


async def concerned(
    db: Connection, campaign_id: int, question_ids: Sequence[int] | None, after: int, most: int
) -> list[Any]:
    """The next live pledges that these questions concern, or any question or parcel when None.

    Each with `asked_at`, whether it is `unanswered` and whether it is `homeless`: without the
    address that it needs.
    """
    rows: list[Any] = await rows_of(
        _sql.concerned_pledges(
            db, campaign_id=campaign_id, question_ids=question_ids, after=after, most=most
        )
    )
    return rows


async def to_remind(db: Connection, now: datetime) -> list[Any]:
    """The campaigns in which somebody may have to be reminded, with their locks."""
    rows: list[Any] = await rows_of(_sql.campaigns_to_remind(db, now=now))
    return rows


async def announce(db: Connection, campaign_id: int, locks_at: datetime) -> None:
    """Addresses and answers can be changed until then."""
    await _sql.announce_lock(db, campaign_id=campaign_id, locks_at=locks_at)


async def hold(db: Connection, campaign_id: int, question_id: int) -> Any | None:
    """One question of the campaign with what was `answered`, held until the transaction ends."""
    return await _sql.hold_question(db, campaign_id=campaign_id, question_id=question_id)


async def change(
    db: Connection,
    question_id: int,
    prompt: str,
    options: Sequence[str],
    required: bool,
    translations: Mapping[str, Mapping[str, Any]],
) -> None:
    """The question reads so from here on."""
    await _sql.change_question(
        db,
        question_id=question_id,
        prompt=prompt,
        options=options,
        required=required,
        translations=translations,
    )


async def lock_of(db: Connection, campaign_id: int) -> Any:
    """When addresses and answers lock, if that is known, and the campaign's own zone."""
    return await _sql.lock_of_campaign(db, campaign_id=campaign_id)
