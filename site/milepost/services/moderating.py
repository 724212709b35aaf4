"""Moderating: the creator shows, hides and answers comments, and blocks whoever spoils them (B7).

The log names a comment by its number alone: deeds are kept for ever, and people can be erased.
"""

from datetime import datetime
from typing import Any

from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.messages import N_
from milepost.domain.talking import LONGEST_COMMENT, REASONS, Setting
from milepost.services.author import Author
from milepost.services.noting import note
from milepost.services.publishing import page_moved
from milepost.storage import comments, ledger
from milepost.storage.database import Connection, Database, unit


async def show_comment(database: Database, author: Author, comment_id: int, now: datetime) -> None:
    """Everybody may see it; from a backer's first on, their next need no approval."""
    async with unit(database) as db:
        await _show(db, author, await _lock(db, author, comment_id), now)


async def hide_comment(
    database: Database, author: Author, comment_id: int, reason: str, now: datetime
) -> None:
    """Nobody but its writer and the studio sees it; their next one waits for approval again."""
    if reason not in REASONS:
        raise Invalid(N_("Choose why it is hidden."), about="reason")
    async with unit(database) as db:
        row = await _lock(db, author, comment_id)
        if row["state"] == "hidden" and row["reason"] == reason:
            return
        await comments.decide(db, comment_id, "hidden", reason, author.creator_id, now)
        if row["customer_id"] is not None:
            await comments.trust(db, author.campaign_id, row["customer_id"], False)
        before, after = {"state": row["state"]}, {"state": "hidden", "reason": reason}
        await _note(db, author, "comment_hidden", now, comment_id, before, after)


async def answer_comment(
    database: Database, author: Author, comment_id: int, text: str, now: datetime
) -> int:
    """The creator's answer, below it; one that waited is shown by that. The answer's id."""
    if not text:
        raise Invalid(N_("Write something first."), about="text")
    if len(text) > LONGEST_COMMENT:
        raise Invalid(N_("This may have %(most)s characters."), about="text", most=LONGEST_COMMENT)
    async with unit(database) as db:
        row = await _lock(db, author, comment_id)
        if row["state"] == "hidden":
            raise Conflict(N_("It is hidden. Show it before you answer."))
        await _show(db, author, row, now)
        made = await comments.add(
            db,
            author.campaign_id,
            row["update_id"],
            row["parent_id"] or comment_id,
            text,
            "shown",
            now,
            creator_id=author.creator_id,
        )
        await _note(db, author, "comment_answered", now, comment_id)
    return made


async def block_commenter(
    database: Database, author: Author, comment_id: int, now: datetime
) -> None:
    """Whoever wrote this comments in the campaign no more; what they wrote stays as it is."""
    async with unit(database) as db:
        row = await _lock(db, author, comment_id)
        if row["customer_id"] is None:
            raise Conflict(N_("This was written by the creator."))
        if await comments.block(db, author.campaign_id, row["customer_id"], now):
            await _note(db, author, "commenter_blocked", now, comment_id)


async def unblock_commenter(
    database: Database, author: Author, customer_id: int, now: datetime
) -> None:
    """A person of the list of those who are blocked may comment again."""
    async with unit(database) as db:
        await ledger.lock_campaign(db, author.campaign_id)
        if await comments.unblock(db, author.campaign_id, customer_id):
            await note(db, author.store_id, author.creator_id, "commenter_unblocked", now)


async def set_comments(database: Database, author: Author, setting: str, now: datetime) -> None:
    """Whose comments are shown when, from here on; what waits goes on waiting."""
    if setting not in set(Setting):
        raise Invalid(N_("Choose one of them."), about="setting")
    async with unit(database) as db:
        await ledger.lock_campaign(db, author.campaign_id)
        was = await comments.setting(db, author.campaign_id)
        if was == setting:
            return
        await comments.set_to(db, author.campaign_id, setting)
        before, after = {"comments": was}, {"comments": setting}
        await note(
            db, author.store_id, author.creator_id, "comments_set", now, before=before, after=after
        )
        await page_moved(db, author.campaign_id)


async def _lock(db: Connection, author: Author, comment_id: int) -> Any:
    """The campaign first, then its comment, if the creator may still see it."""
    await ledger.lock_campaign(db, author.campaign_id)
    row = await comments.lock(db, author.campaign_id, comment_id)
    if row is None or row["state"] in ("withdrawn", "erased"):
        raise NotFound(N_("This comment was taken back by whoever wrote it."))
    return row


async def _show(db: Connection, author: Author, row: Any, now: datetime) -> None:
    if row["state"] == "shown" and not row["reports"]:
        return
    await comments.decide(db, row["id"], "shown", "", author.creator_id, now)
    if row["customer_id"] is not None:
        await comments.trust(db, author.campaign_id, row["customer_id"], True)
    if row["state"] != "shown":
        before = {"state": row["state"]} | ({"reason": row["reason"]} if row["reason"] else {})
        await _note(db, author, "comment_shown", now, row["id"], before, {"state": "shown"})
    else:
        await _note(db, author, "reports_dismissed", now, row["id"], {"reports": row["reports"]})


async def _note(
    db: Connection,
    author: Author,
    what: str,
    now: datetime,
    comment_id: int,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    await note(db, author.store_id, author.creator_id, what, now, str(comment_id), before, after)
