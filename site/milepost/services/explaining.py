"""Questions that backers ask again and again, answered once on the campaign's page (B7)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.messages import N_
from milepost.domain.talking import LONGEST_ANSWER, LONGEST_QUESTION, MOST_FAQS
from milepost.services.author import Author
from milepost.services.noting import note
from milepost.services.publishing import page_moved
from milepost.storage import faqs, ledger
from milepost.storage.database import Connection, Database, unit


@dataclass(frozen=True, slots=True)
class Faq:
    """A question and its answer in Markdown; `translations` hold both by language."""

    question: str
    answer: str
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def told(self) -> dict[str, dict[str, str]]:
        """The translations that say something."""
        found = {
            locale: {name: text for name, text in texts.items() if text}
            for locale, texts in self.translations.items()
        }
        return {locale: texts for locale, texts in found.items() if texts}


async def add_faq(database: Database, author: Author, new: Faq, now: datetime) -> int:
    """One more, below the others; its id. Raises Conflict when the list is full."""
    _check(new)
    async with unit(database) as db:
        await ledger.lock_campaign(db, author.campaign_id)
        if await faqs.count(db, author.campaign_id) >= MOST_FAQS:
            raise Conflict(
                N_("%(most)s questions are as many as anybody reads. Remove one first."),
                most=MOST_FAQS,
            )
        made = await faqs.add(db, author.campaign_id, new.question, new.answer, new.told())
        await _note(db, author, "faq_added", new.question, now)
    return made


async def change_faq(
    database: Database, author: Author, faq_id: int, faq: Faq, now: datetime
) -> None:
    """It asks and answers this from here on."""
    _check(faq)
    async with unit(database) as db:
        row = await _lock(db, author, faq_id)
        was = (row["question"], row["answer"], row["translations"])
        if was == (faq.question, faq.answer, faq.told()):
            return
        await faqs.change(db, author.campaign_id, faq_id, faq.question, faq.answer, faq.told())
        before = {"answer": row["answer"]} if row["answer"] != faq.answer else {}
        after = {"answer": faq.answer} if before else {}
        if row["question"] != faq.question:
            before, after = (
                before | {"question": row["question"]},
                after | {"question": faq.question},
            )
        await _note(db, author, "faq_changed", faq.question, now, before, after)


async def move_faq(
    database: Database, author: Author, faq_id: int, up: bool, now: datetime
) -> None:
    """One place up or down; at the end of the list nothing happens."""
    async with unit(database) as db:
        row = await _lock(db, author, faq_id)
        ids = [one["id"] for one in await faqs.of_campaign(db, author.campaign_id)]
        here = ids.index(faq_id)
        there = here - 1 if up else here + 1
        if not 0 <= there < len(ids):
            return
        ids[here], ids[there] = ids[there], ids[here]
        await faqs.put_in_order(db, author.campaign_id, ids)
        before, after = {"place": here + 1}, {"place": there + 1}
        await _note(db, author, "faq_moved", row["question"], now, before, after)


async def remove_faq(database: Database, author: Author, faq_id: int, now: datetime) -> None:
    """It is gone from the page; what it said stays in the log."""
    async with unit(database) as db:
        row = await _lock(db, author, faq_id)
        await faqs.remove(db, author.campaign_id, faq_id)
        before = {"answer": row["answer"]}
        await _note(db, author, "faq_removed", row["question"], now, before)


async def _lock(db: Connection, author: Author, faq_id: int) -> Any:
    await ledger.lock_campaign(db, author.campaign_id)
    row = await faqs.one(db, author.campaign_id, faq_id)
    if row is None:
        raise NotFound(N_("There is no such question."))
    return row


async def _note(
    db: Connection,
    author: Author,
    what: str,
    about: str,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    await note(db, author.store_id, author.creator_id, what, now, about, before, after)
    await page_moved(db, author.campaign_id)


def _check(faq: Faq) -> None:
    if not faq.question:
        raise Invalid(N_("Type the question."), about="question")
    if not faq.answer:
        raise Invalid(N_("Type the answer."), about="answer")
    said = {"": {"question": faq.question, "answer": faq.answer}, **faq.translations}
    for locale, texts in said.items():
        for name, most in (("question", LONGEST_QUESTION), ("answer", LONGEST_ANSWER)):
            if len(texts.get(name, "")) > most:
                about = f"{name}-{locale}" if locale else name
                raise Invalid(N_("This may have %(most)s characters."), about=about, most=most)
