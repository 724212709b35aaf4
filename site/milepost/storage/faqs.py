"""Questions that backers ask again and again, with their answers, in the creator's order."""

from collections.abc import Mapping, Sequence
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("faqs")
Translations = Mapping[str, Mapping[str, str]]


async def of_campaign(db: Connection, campaign_id: int) -> list[Any]:
    """All of them, in order."""
    rows: list[Any] = await rows_of(_sql.faqs_of_campaign(db, campaign_id=campaign_id))
    return rows


async def one(db: Connection, campaign_id: int, faq_id: int) -> Any | None:
    """The campaign's question with this id."""
    return await _sql.faq_of_campaign(db, campaign_id=campaign_id, faq_id=faq_id)


async def count(db: Connection, campaign_id: int) -> int:
    """How many there are."""
    found: int = await _sql.count_faqs(db, campaign_id=campaign_id)
    return found


async def add(
    db: Connection, campaign_id: int, question: str, answer: str, translations: Translations
) -> int:
    """One more, the last; its id."""
    made: int = await _sql.add_faq(
        db, campaign_id=campaign_id, question=question, answer=answer, translations=translations
    )
    return made


async def change(
    db: Connection,
    campaign_id: int,
    faq_id: int,
    question: str,
    answer: str,
    translations: Translations,
) -> None:
    """It asks and answers this from here on."""
    await _sql.change_faq(
        db,
        campaign_id=campaign_id,
        faq_id=faq_id,
        question=question,
        answer=answer,
        translations=translations,
    )


async def remove(db: Connection, campaign_id: int, faq_id: int) -> None:
    """It is gone."""
    await _sql.remove_faq(db, campaign_id=campaign_id, faq_id=faq_id)


async def put_in_order(db: Connection, campaign_id: int, faq_ids: Sequence[int]) -> None:
    """They stand in this order."""
    await _sql.order_faqs(db, campaign_id=campaign_id, faq_ids=faq_ids)
