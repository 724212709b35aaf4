"""Asking from the studio: questions, reminders by hand, the lock; each noted (B9, B5)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.messages import N_
from milepost.services import surveying
from milepost.services.noting import note
from milepost.services.surveying import CHUNK, NewQuestion
from milepost.storage import mails, surveys
from milepost.storage.database import Database, unit
from milepost.storage.mails import Letter

LONGEST_PROMPT = 300
LONGEST_OPTION = 100
MOST_OPTIONS = 50


async def ask(
    database: Database,
    store_id: int,
    campaign_id: int,
    question: NewQuestion,
    by: int,
    now: datetime,
) -> int:
    """Ask it, and promise a mail to everybody whom it concerns; how many pledges that is."""
    _check(question.prompt, question.options)
    async with unit(database) as db:
        told = await surveying.ask(db, campaign_id, [question], now)
        await note(
            db, store_id, by, "questions_asked", now, question.prompt, after={"pledges": told}
        )
    return told


async def change_question(
    database: Database,
    store_id: int,
    campaign_id: int,
    question_id: int,
    prompt: str,
    options: Sequence[str],
    required: bool,
    by: int,
    now: datetime,
) -> None:
    """Word it otherwise; what somebody has chosen stays to be chosen. Raises NotFound, Invalid."""
    _check(prompt, options)
    async with unit(database) as db:
        row = await surveys.hold(db, campaign_id, question_id)
        if row is None:
            raise NotFound(N_("There is no such question."))
        if row["kind"] == "text":
            options = []
        elif not options:
            raise Invalid(N_("Write at least one option, each on a line."), about="options")
        if gone := [answer for answer in row["answered"] if answer not in options]:
            raise Conflict(
                N_("Somebody has chosen “%(option)s”, so it stays an option."),
                about="options",
                option=gone[0],
            )
        prompt = prompt.strip()
        translations = _still_true(row, prompt, options)
        await surveys.change(db, question_id, prompt, list(options), required, translations)
        before = {name: row[name] for name in ("prompt", "options", "required")}
        after = {"prompt": prompt, "options": list(options), "required": required}
        await note(db, store_id, by, "question_changed", now, row["prompt"], before, after)


def _still_true(row: Any, prompt: str, options: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The question's translations without what they no longer translate.

    Each option keeps its own words wherever it stands now; a new one has none but its own.
    """
    kept = {}
    for locale, words in row["translations"].items():
        named = dict(zip(row["options"], words.get("options", ()), strict=False))
        kept[locale] = {k: v for k, v in words.items() if k != "prompt" or prompt == row["prompt"]}
        if named:
            kept[locale]["options"] = [named.get(option, option) for option in options]
    return kept


def _check(prompt: str, options: Sequence[str]) -> None:
    if not prompt.strip():
        raise Invalid(N_("A question needs its words."), about="prompt")
    if len(prompt) > LONGEST_PROMPT:
        raise Invalid(
            N_("That is too long. Up to %(most)s characters fit."),
            about="prompt",
            most=LONGEST_PROMPT,
        )
    if len(set(options)) != len(options):
        raise Invalid(N_("Each option must be another one."), about="options")
    if len(options) > MOST_OPTIONS or any(len(o) > LONGEST_OPTION for o in options):
        raise Invalid(
            N_("Up to %(count)s options of up to %(most)s characters fit."),
            about="options",
            count=MOST_OPTIONS,
            most=LONGEST_OPTION,
        )


async def remind_now(
    database: Database, store_id: int, campaign_id: int, by: int, now: datetime
) -> int:
    """Remind whoever has not answered or has no address, once a day at most; how many are told.

    Raises Conflict when the answers are locked, so that nobody could give one.
    """
    told, after = 0, 0
    async with unit(database) as db:
        campaign = await surveys.lock_campaign(db, campaign_id)
        assert campaign is not None
        if campaign["locks_at"] is not None and campaign["locks_at"] <= now:
            raise Conflict(N_("“%(title)s” is locked already."), title=campaign["title"])
        while rows := await surveys.concerned(db, campaign_id, None, after, CHUNK):
            letters = [
                Letter("survey_reminder", f"survey_reminder:{row['id']}:{now:%Y-%m-%d}", row["id"])
                for row in rows
                if row["unanswered"] or row["homeless"]
            ]
            await mails.promise(db, letters, now)
            told, after = told + len(letters), rows[-1]["id"]
        await note(db, store_id, by, "reminded", now, after={"pledges": told})
    return told


async def lock(
    database: Database,
    store_id: int,
    campaign_id: int,
    locks_at: datetime,
    by: int,
    now: datetime,
) -> int:
    """Announce the lock of addresses and answers; how many pledges get a mail."""
    async with unit(database) as db:
        known = await surveys.lock_of(db, campaign_id)
        told = await surveying.announce_lock(database, campaign_id, locks_at, now)
        before = {"at": known["locks_at"].isoformat()} if known["locks_at"] else {}
        after = {"at": locks_at.isoformat(), "pledges": told}
        await note(db, store_id, by, "addresses_locked", now, "", before, after)
    return told
