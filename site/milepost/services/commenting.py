"""Commenting: what backers say and take back, and what readers report of it (B7)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from milepost.domain.errors import Closed, Conflict, Invalid, NotFound
from milepost.domain.messages import N_
from milepost.domain.talking import (
    LONGEST_COMMENT,
    LONGEST_NAME,
    MOST_COMMENTS,
    MOST_REPORTS,
    Setting,
    is_shown_at_once,
)
from milepost.services.signing_in import TooOften
from milepost.storage import comments, updates, visits
from milepost.storage.database import Connection, Database, unit

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Thread:
    """Where it is said: on a campaign, or on one of its updates."""

    campaign_id: int
    update_id: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A comment as it was typed; `answers` another one of the same thread."""

    name: str
    text: str
    answers: int | None = None


async def reader_of(db: Connection, campaign: Any, token: str, now: datetime) -> Any | None:
    """Who reads the campaign's pages, by their visit's token; a visit is not prolonged by it."""
    hashed = sha256(token.encode()).digest()
    return await updates.reader(db, campaign["id"], campaign["store_id"], hashed, now)


async def comment(
    database: Database, thread: Thread, customer_id: int, said: Said, now: datetime
) -> bool:
    """Say it; True when everybody sees it at once, False while it waits for the creator.

    Whoever may not raises Closed; too often, TooOften; Invalid for what can't be shown.
    """
    _check(said)
    async with unit(database) as db:
        await visits.take_turns(db, f"comments:{customer_id}")
        if await comments.since(db, customer_id, now - HOUR) >= MOST_COMMENTS:
            raise TooOften(
                N_("You have written %(most)s comments within an hour. Go on in a while."),
                most=MOST_COMMENTS,
            )
        setting = Setting(await comments.setting(db, thread.campaign_id))
        if setting is Setting.CLOSED:
            raise Closed(N_("The creator takes no more comments here."))
        known = await comments.keep_commenter(db, thread.campaign_id, customer_id, said.name)
        if known["blocked_at"] is not None:
            raise Closed(N_("The creator takes no more comments from you."))
        if said.answers is not None and not await comments.can_be_answered(
            db, thread.campaign_id, thread.update_id, said.answers
        ):
            raise Conflict(N_("The comment that you answer is gone. Yours is not sent."))
        shown = is_shown_at_once(setting, known["trusted"])
        await comments.add(
            db,
            thread.campaign_id,
            thread.update_id,
            said.answers,
            said.text,
            "shown" if shown else "waiting",
            now,
            customer_id=customer_id,
            name=said.name,
        )
    return shown


async def withdraw_comment(
    database: Database, campaign_id: int, comment_id: int, customer_id: int
) -> None:
    """Take one's own comment back: its text is gone for everybody, the creator too."""
    async with unit(database) as db:
        if not await comments.withdraw(db, campaign_id, comment_id, customer_id):
            raise NotFound(N_("There is no such comment."))


async def report_comment(
    database: Database, campaign_id: int, comment_id: int, client: str, now: datetime
) -> None:
    """Tell the creator that something is wrong with it; once counted from one network a day.

    Who reports is kept only as a hash, as tries to sign in are, and forgotten with them.
    """
    who = f"report:{_told(client)}"
    this = f"report:{_told(f'{client}:{comment_id}')}"
    async with unit(database) as db:
        await visits.take_turns(db, who)
        if await visits.tries(db, who, now - HOUR) >= MOST_REPORTS:
            raise TooOften(
                N_("Your network has reported many comments in the last hour. Try again later.")
            )
        if await comments.shown_one(db, campaign_id, comment_id) is None:
            raise NotFound(N_("There is no such comment."))
        await visits.note_try(db, who, now)
        if not await visits.tries(db, this, now - 24 * HOUR):
            await visits.note_try(db, this, now)
            await comments.report(db, campaign_id, comment_id)


def _told(name: str) -> str:
    return sha256(name.encode()).hexdigest()


def _check(said: Said) -> None:
    if not said.name:
        raise Invalid(N_("Type the name under which others see you."), about="name")
    if "@" in said.name:
        raise Invalid(N_("Do not show your mail address. Type a name."), about="name")
    if len(said.name) > LONGEST_NAME:
        raise Invalid(N_("This may have %(most)s characters."), about="name", most=LONGEST_NAME)
    if not said.text:
        raise Invalid(N_("Write something first."), about="text")
    if len(said.text) > LONGEST_COMMENT:
        raise Invalid(N_("This may have %(most)s characters."), about="text", most=LONGEST_COMMENT)
