"""Updates: drafted, saved without losing what anybody typed, published once, edited, withdrawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.messages import N_
from milepost.domain.talking import LONGEST_TITLE, LONGEST_UPDATE, Readers
from milepost.services.author import Author
from milepost.services.noting import note
from milepost.services.publishing import in_language, page_moved
from milepost.storage import ledger, updates
from milepost.storage.database import Connection, Database, enqueue, unit
from milepost.wording.format import written_in
from milepost.wording.languages import LOCALES, translator


class Stale(Conflict):
    """Somebody else has saved the update since this form was made; nothing was overwritten."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What an update says; `translations` hold `title` and `text` by language, where there are."""

    title: str = ""
    text: str = ""
    audience: str = Readers.EVERYBODY
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


async def start(
    database: Database,
    author: Author,
    key: str,
    draft: Draft,
    milestone_id: int | None,
    now: datetime,
) -> tuple[int, int]:
    """A draft from the form `key`, which makes one only; its id and revision."""
    _check_length(draft)
    async with unit(database) as db:
        made = await updates.add(
            db,
            key,
            campaign_id=author.campaign_id,
            title=draft.title,
            text=draft.text,
            audience=draft.audience,
            translations=_told(draft),
            milestone_id=milestone_id,
            creator_id=author.creator_id,
            now=now,
        )
        if made is not None:
            return made["id"], made["revision"]
        made = await updates.of_key(db, author.campaign_id, key)
        assert made is not None
        return made["id"], await _save(db, author, made["id"], draft, made["revision"], now)


async def save(
    database: Database, author: Author, update_id: int, draft: Draft, revision: int, now: datetime
) -> int:
    """The update says this from here on; its new revision. A draft may be half a draft.

    What is published already is edited by it, for everybody to see. Raises Stale when `revision`
    is not the one that stands, unless that says the same.
    """
    _check_length(draft)
    async with unit(database) as db:
        return await _save(db, author, update_id, draft, revision, now)


async def _save(
    db: Connection, author: Author, update_id: int, draft: Draft, revision: int, now: datetime
) -> int:
    row = await _lock(db, author, update_id)
    if _same(row, draft):
        return int(row["revision"])
    if row["revision"] != revision:
        raise Stale(
            N_("Somebody else has saved this update meanwhile. Yours is still here, not saved.")
        )
    if row["published_at"] is not None:
        _check_whole(draft)
        await updates.edited(db, update_id, now)
        before, after = {"title": row["title"]}, {"title": draft.title}
        if row["audience"] != draft.audience:
            before["audience"], after["audience"] = row["audience"], draft.audience
        about = str(row["number"])
        await note(
            db, author.store_id, author.creator_id, "update_edited", now, about, before, after
        )
        await page_moved(db, author.campaign_id)
    await updates.save(
        db, update_id, draft.title, draft.text, draft.audience, _told(draft), author.creator_id, now
    )
    return int(row["revision"]) + 1


async def publish_update(
    database: Database, author: Author, update_id: int, revision: int, now: datetime
) -> int:
    """Publish what `revision` says, and promise it to the backers; the update's number.

    Pressing twice, or two editors together, publish once. Raises Stale when somebody has saved
    something else since, Invalid while it is not whole.
    """
    async with unit(database) as db:
        row = await _lock(db, author, update_id)
        if row["published_at"] is not None:
            return int(row["number"])
        if not row["is_open"]:
            raise Conflict(N_("The campaign is not published yet, so nobody could read it."))
        if row["revision"] != revision:
            raise Stale(N_("Somebody else has saved this draft meanwhile. Look at it once more."))
        _check_whole(Draft(row["title"], row["text"], row["audience"]))
        number = await updates.publish(db, author.campaign_id, update_id, now)
        assert number is not None
        await enqueue(db, "tell_update", {"update_id": update_id}, f"tell_update:{update_id}")
        after = {"title": row["title"], "audience": row["audience"]}
        await note(
            db, author.store_id, author.creator_id, "update_published", now, str(number), {}, after
        )
        await page_moved(db, author.campaign_id)
        return number


async def withdraw_update(
    database: Database, author: Author, update_id: int, now: datetime
) -> None:
    """Take a published update back: its number and its words stay in the studio."""
    async with unit(database) as db:
        row = await _lock(db, author, update_id)
        if row["published_at"] is None:
            raise Conflict(N_("This update is not published."))
        if row["withdrawn_at"] is not None:
            return
        await updates.withdraw(db, update_id, now)
        before = {"title": row["title"]}
        about = str(row["number"])
        await note(db, author.store_id, author.creator_id, "update_withdrawn", now, about, before)
        await page_moved(db, author.campaign_id)


async def discard_draft(database: Database, author: Author, update_id: int, now: datetime) -> None:
    """Throw a draft away. Raises Conflict for what is published: that can be withdrawn."""
    async with unit(database) as db:
        row = await _lock(db, author, update_id)
        if row["published_at"] is not None:
            raise Conflict(N_("This update is published by now. Withdraw it instead."))
        await updates.discard(db, update_id)
        await note(db, author.store_id, author.creator_id, "draft_discarded", now, row["title"])


async def from_milestone(
    db: Connection, campaign_id: int, milestone_id: int
) -> tuple[Draft, int] | None:
    """A draft about a reached milestone, in every language; None where there is no such one.

    What waits for its reveal is not in it (R2): then it tells the reach and no more.
    """
    row = await updates.to_tell(db, campaign_id, milestone_id)
    if row is None:
        return None
    told = {locale: _about(row, locale) for locale in LOCALES}
    first = told.pop(row["store_locale"] if row["store_locale"] in told else LOCALES[0])
    return Draft(first["title"], first["text"], Readers.EVERYBODY, told), milestone_id


def _about(row: Any, locale: str) -> dict[str, str]:
    _ = translator(locale).gettext
    target = written_in(locale).amount(row["target"], row)
    campaign = in_language(row, locale, "campaign_")("title")
    said = _("“%(title)s” has reached %(target)s. Thank you, all of you.") % {
        "title": campaign,
        "target": target,
    }
    if not row["is_open"]:
        return {"title": _("We have reached %(target)s") % {"target": target}, "text": said}
    text = in_language(row, locale)
    parts = [said, _("This has opened: **%(title)s**") % {"title": text("title")}]
    if row["image"]:
        alt = " ".join(text("image_alt").split()).replace("]", "")
        parts.append(f"![{alt}]({row['image']})")
    if row["text_after"]:
        parts.append(text("text_after"))
    return {
        "title": _("“%(title)s” is open") % {"title": text("title")},
        "text": "\n\n".join(parts),
    }


async def _lock(db: Connection, author: Author, update_id: int) -> Any:
    """The campaign first, then its update: the order in which everyone locks them."""
    await ledger.lock_campaign(db, author.campaign_id)
    row = await updates.lock(db, author.campaign_id, update_id)
    if row is None:
        raise NotFound(N_("There is no such update."))
    return row


def _told(draft: Draft) -> dict[str, dict[str, str]]:
    """The translations that say something."""
    found = {
        locale: {name: text for name, text in texts.items() if text}
        for locale, texts in draft.translations.items()
    }
    return {locale: texts for locale, texts in found.items() if texts}


def _same(row: Any, draft: Draft) -> bool:
    now = (draft.title, draft.text, draft.audience, _told(draft))
    return now == (row["title"], row["text"], row["audience"], row["translations"])


def _check_length(draft: Draft) -> None:
    if draft.audience not in set(Readers):
        raise Invalid(N_("Choose who may read it."), about="audience")
    said = {"": {"title": draft.title, "text": draft.text}, **draft.translations}
    for locale, texts in said.items():
        for name, most in (("title", LONGEST_TITLE), ("text", LONGEST_UPDATE)):
            if len(texts.get(name, "")) > most:
                about = f"{name}-{locale}" if locale else name
                raise Invalid(N_("This may have %(most)s characters."), about=about, most=most)


def _check_whole(draft: Draft) -> None:
    if not draft.title:
        raise Invalid(N_("Give it a title."), about="title")
    if not draft.text:
        raise Invalid(N_("Write something first."), about="text")
