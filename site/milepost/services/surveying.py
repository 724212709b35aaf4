"""Surveys: what a creator asks, the answers, reminders, and the lock with its notice (B9, B5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from milepost.domain.errors import Closed, Conflict, Invalid, NotFound
from milepost.domain.messages import N_, Sentence
from milepost.services.clock import Clock
from milepost.storage import mails, surveys
from milepost.storage.database import Connection, Database, reading, unit
from milepost.storage.mails import Letter

NOTICE = timedelta(hours=48)
REMIND_AFTER = (3, 10)  # days after it was asked
LONGEST = 500  # characters of an answer
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """One question, to whoever has one of these `tiers` or add-ons, or the milestone's reward.

    Without either it goes to everybody. `translations` hold `prompt`, and `options` in the order
    of the original ones, by language.
    """

    prompt: str
    kind: Literal["choice", "text"] = "text"
    options: Sequence[str] = ()
    required: bool = True
    tiers: Sequence[int] = ()
    milestone_id: int | None = None
    translations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


async def ask(
    db: Connection, campaign_id: int, questions: Sequence[NewQuestion], now: datetime
) -> int:
    """Ask these, and promise a mail to everybody whom they concern; how many pledges that is.

    Raises NotFound, Closed when the campaign is locked, or Invalid.
    """
    campaign = await surveys.lock_campaign(db, campaign_id)
    if campaign is None:
        raise NotFound(N_("There is no such campaign."))
    if campaign["locks_at"] is not None and campaign["locks_at"] <= now:
        raise Closed(
            N_("“%(title)s” is locked: nobody could answer any more."), title=campaign["title"]
        )
    await _check(db, campaign, questions)
    ids = [
        await surveys.add(
            db,
            campaign_id,
            now,
            prompt=question.prompt,
            kind=question.kind,
            options=list(question.options),
            required=question.required,
            tiers=list(question.tiers),
            milestone_id=question.milestone_id,
            translations=dict(question.translations),
        )
        for question in questions
    ]
    concerned = await _concerned(db, campaign_id, ids)
    letters = [Letter("survey", f"survey:{row['id']}:{ids[0]}", row["id"]) for row in concerned]
    await mails.promise(db, letters, now)
    return len(letters)


async def _check(db: Connection, campaign: Any, questions: Sequence[NewQuestion]) -> None:
    if not questions:
        raise Invalid(N_("There is no question to ask."))
    for question in questions:
        if not question.prompt.strip():
            raise Invalid(N_("A question needs its words."))
        options = list(question.options)
        if (question.kind == "choice") != (len(options) > 0) or len(set(options)) != len(options):
            raise Invalid(
                N_("“%(prompt)s”: a choice needs options, each another one; a text has none."),
                prompt=question.prompt,
            )
        for words in question.translations.values():
            if "options" in words and len(words["options"]) != len(options):
                raise Invalid(
                    N_("“%(prompt)s”: a translation needs as many options as the original."),
                    prompt=question.prompt,
                )
    tiers = sorted({tier for question in questions for tier in question.tiers})
    if strange := await surveys.strange_tiers(db, campaign["id"], tiers):
        raise Invalid(N_("Tier %(id)s is not part of the campaign."), id=strange[0])
    named = sorted({q.milestone_id for q in questions if q.milestone_id is not None})
    if strange := await surveys.strange_milestones(db, campaign["track_id"], named):
        raise Invalid(N_("Milestone %(id)s is not part of the campaign."), id=strange[0])


async def _concerned(
    db: Connection, campaign_id: int, question_ids: Sequence[int] | None
) -> list[Any]:
    found: list[Any] = []
    after = 0
    while rows := await surveys.concerned(db, campaign_id, question_ids, after, CHUNK):
        found += rows
        after = rows[-1]["id"]
    return found


class WrongAnswers(Exception):
    """What was answered can't be kept: a sentence for each question that is wrong, by its id."""

    def __init__(self, errors: Mapping[int, Sentence]) -> None:
        self.errors = errors
        super().__init__(", ".join(map(str, errors)))


async def answer(
    database: Database, pledge_id: int, typed: Mapping[int, str], now: datetime
) -> None:
    """Keep what was answered, by the questions' ids; what does not concern the pledge is ignored.

    Raises WrongAnswers, and Closed once it is locked.
    """
    async with unit(database) as db:
        if not await surveys.may_answer(db, pledge_id, now):
            raise Closed(
                N_("The answers of this pledge can't be changed any more. They stay as they were.")
            )
        kept: dict[int, str] = {}
        gone: list[int] = []
        errors: dict[int, Sentence] = {}
        for question in await surveys.of_pledge(db, pledge_id):
            said = typed.get(question["id"], "").strip()
            if wrong := _wrong(question, said):
                errors[question["id"]] = wrong
            elif said:
                kept[question["id"]] = said
            else:
                gone.append(question["id"])
        if errors:
            raise WrongAnswers(errors)
        await surveys.keep(db, pledge_id, kept, gone, now)


def _wrong(question: Any, said: str) -> Sentence | None:
    """What is wrong with the answer, if anything."""
    if not said:
        if not question["required"]:
            return None
        if question["kind"] == "choice":
            return Sentence(N_("Choose one: the store can't go on without it."))
        return Sentence(N_("Type an answer: the store can't go on without it."))
    if question["kind"] == "choice" and said not in question["options"]:
        return Sentence(N_("Choose one from the list."))
    if len(said) > LONGEST:
        return Sentence(N_("That is too long. Up to %(most)s characters fit."), {"most": LONGEST})
    return None


async def remind(database: Database, clock: Clock) -> None:
    """Remind whoever has not answered or has no address: 3 and 10 days after, and before the lock.

    Once each, however often this runs.
    """
    now = clock()
    async with reading(database) as db:
        campaigns = await surveys.to_remind(db, now)
    for campaign in campaigns:
        after: int | None = 0
        while after is not None:
            async with unit(database) as db:
                rows = await surveys.concerned(db, campaign["id"], None, after, CHUNK)
                letters = [x for row in rows if (x := _reminder(row, campaign["locks_at"], now))]
                await mails.promise(db, letters, now)
            after = rows[-1]["id"] if rows else None


def _reminder(row: Any, locks_at: datetime | None, now: datetime) -> Letter | None:
    """The latest reminder that is due to this pledge."""
    if not (row["unanswered"] or row["homeless"]):
        return None
    if locks_at is not None and locks_at - NOTICE <= now:
        key = f"survey_reminder:{row['id']}:lock:{int(locks_at.timestamp())}"
        return Letter("survey_reminder", key, row["id"])
    asked_at = row["asked_at"]
    passed = [d for d in REMIND_AFTER if asked_at and asked_at + timedelta(days=d) <= now]
    if not passed:
        return None
    key = f"survey_reminder:{row['id']}:{int(asked_at.timestamp())}:{passed[-1]}"
    return Letter("survey_reminder", key, row["id"])


async def announce_lock(
    database: Database, campaign_id: int, locks_at: datetime, now: datetime
) -> int:
    """Lock addresses and answers then, and promise to tell everybody concerned; how many that is.

    A lock that is moved is told again. Raises NotFound; Invalid for less than 48 hours' notice;
    Conflict for what is locked already.
    """
    if locks_at - now < NOTICE:
        raise Invalid(N_("A lock needs 48 hours' notice. Choose a later time."), about="at")
    async with unit(database) as db:
        campaign = await surveys.lock_campaign(db, campaign_id)
        if campaign is None:
            raise NotFound(N_("There is no such campaign."))
        known = campaign["locks_at"]
        if known is not None and known <= now:
            raise Conflict(N_("“%(title)s” is locked already."), title=campaign["title"])
        await surveys.announce(db, campaign_id, locks_at)
        stamp, detail = int(locks_at.timestamp()), {"at": locks_at.isoformat()}
        letters = [
            Letter("locks_soon", f"locks_soon:{row['id']}:{stamp}", row["id"], detail=detail)
            for row in await _concerned(db, campaign_id, None)
        ]
        await mails.promise(db, letters, now)
    return len(letters)
