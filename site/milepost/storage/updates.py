"""Updates: what a creator tells along the road, from the first draft on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("updates")
Translations = Mapping[str, Mapping[str, str]]


async def add(db: Connection, key: str, **columns: Any) -> Any | None:
    """A draft's `id` and `revision`; None when this form has made one already."""
    return await _sql.add_update(db, key=key, **columns)


async def of_key(db: Connection, campaign_id: int, key: str) -> Any | None:
    """The `id` and `revision` of what this form has made."""
    return await _sql.update_of_key(db, campaign_id=campaign_id, key=key)


async def for_studio(db: Connection, campaign_id: int, update_id: int) -> Any | None:
    """One update of the campaign with whoever saved it last, and its mails counted."""
    return await _sql.update_for_studio(db, campaign_id=campaign_id, update_id=update_id)


async def lock(db: Connection, campaign_id: int, update_id: int) -> Any | None:
    """The update's row, locked; the campaign's own is locked before it."""
    return await _sql.lock_update(db, campaign_id=campaign_id, update_id=update_id)


async def save(
    db: Connection,
    update_id: int,
    title: str,
    text: str,
    audience: str,
    translations: Translations,
    creator_id: int,
    now: datetime,
) -> None:
    """The update says this from here on: its next revision."""
    await _sql.save_update(
        db,
        update_id=update_id,
        title=title,
        text=text,
        audience=audience,
        translations=translations,
        creator_id=creator_id,
        now=now,
    )


async def edited(db: Connection, update_id: int, now: datetime) -> None:
    """What was published says something else since now."""
    await _sql.edited_update(db, update_id=update_id, now=now)


async def publish(db: Connection, campaign_id: int, update_id: int, now: datetime) -> int | None:
    """The update's number, the campaign's next; None when it has one already."""
    number: int | None = await _sql.number_update(
        db, campaign_id=campaign_id, update_id=update_id, now=now
    )
    return number


async def withdraw(db: Connection, update_id: int, now: datetime) -> None:
    """Nobody outside the studio sees it any more."""
    await _sql.withdraw_update(db, update_id=update_id, now=now)


async def discard(db: Connection, update_id: int) -> None:
    """A draft that is not wanted is gone."""
    await _sql.discard_update(db, update_id=update_id)


async def drafts(db: Connection, campaign_id: int, most: int) -> list[Any]:
    """The drafts, the one that was saved last first."""
    rows: list[Any] = await rows_of(_sql.drafts_of_campaign(db, campaign_id=campaign_id, most=most))
    return rows


async def published(db: Connection, campaign_id: int, before: int | None, most: int) -> list[Any]:
    """The next published ones, newest first, those with a number below `before`."""
    rows: list[Any] = await rows_of(
        _sql.published_in_studio(db, campaign_id=campaign_id, before=before, most=most)
    )
    return rows


async def readers(db: Connection, campaign_id: int) -> int:
    """How many backers want news, each counted once."""
    count: int = await _sql.count_readers(db, campaign_id=campaign_id)
    return count


async def untold(db: Connection, track_id: int) -> list[Any]:
    """The milestones reached last about which nothing was told."""
    rows: list[Any] = await rows_of(_sql.untold_milestones(db, track_id=track_id))
    return rows


async def to_tell(db: Connection, campaign_id: int, milestone_id: int) -> Any | None:
    """What may be told of a reached milestone of the campaign; nothing that still waits (R2)."""
    return await _sql.milestone_to_tell(db, campaign_id=campaign_id, milestone_id=milestone_id)


async def locale_of(db: Connection, campaign_id: int) -> str:
    """The language in which the campaign's store writes first."""
    found: str = await _sql.locale_of_campaign(db, campaign_id=campaign_id)
    return found


async def talk(db: Connection, campaign_id: int) -> Any:
    """What the campaign's page says of its updates and questions, in one query."""
    return await _sql.talk_of_campaign(db, campaign_id=campaign_id)


async def campaign(db: Connection, slug: str) -> Any | None:
    """A published campaign with its store, for the pages of its updates and comments."""
    return await _sql.campaign_to_read(db, slug=slug)


async def reader(
    db: Connection, campaign_id: int, store_id: int, token_hash: bytes, now: datetime
) -> Any | None:
    """Who reads there, by the token of their visit; None when nobody is signed in."""
    return await _sql.reader_of_campaign(
        db, campaign_id=campaign_id, store_id=store_id, token_hash=token_hash, now=now
    )


async def public(
    db: Connection, campaign_id: int, is_backer: bool, before: int | None, most: int
) -> list[Any]:
    """The next updates, newest first; texts for backers only when the reader is one."""
    rows: list[Any] = await rows_of(
        _sql.public_updates(
            db, campaign_id=campaign_id, is_backer=is_backer, number=None, before=before, most=most
        )
    )
    return rows


async def public_one(db: Connection, campaign_id: int, is_backer: bool, number: int) -> Any | None:
    """The update of this number, by the same rule; None when there is none to be seen."""
    rows = await rows_of(
        _sql.public_updates(
            db, campaign_id=campaign_id, is_backer=is_backer, number=number, before=None, most=1
        )
    )
    return rows[0] if rows else None


async def is_withdrawn(db: Connection, campaign_id: int, number: int) -> bool:
    """True when an update of this number was taken back."""
    return bool(await _sql.is_withdrawn(db, campaign_id=campaign_id, number=number))


async def last_withdrawal(db: Connection, campaign_id: int) -> datetime | None:
    """When an update was taken back last."""
    found: datetime | None = await _sql.last_withdrawal(db, campaign_id=campaign_id)
    return found
