"""Sittings: where creators are signed in, the links that let them in, tries that are counted."""

from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("sittings")


async def take_turns(db: Connection, who: str) -> None:
    """Hold this name until the transaction ends, so that nobody counts beside it."""
    await _sql.studio_turns(db, who=who)


async def tries(db: Connection, who: str, since: datetime) -> int:
    """How often `who` has tried since then."""
    count: int = await _sql.count_studio_tries(db, who=who, since=since)
    return count


async def note_try(db: Connection, who: str, now: datetime) -> None:
    """`who` has tried."""
    await _sql.note_studio_try(db, who=who, now=now)


async def forget_tries(db: Connection, who: str) -> None:
    """Nobody remembers the tries of `who`."""
    await _sql.forget_studio_tries(db, who=who)


async def add_link(
    db: Connection, token_hash: bytes, email: str, next_: str, now: datetime, expires_at: datetime
) -> None:
    """A link for this address, which leads to `next_` afterwards."""
    await _sql.add_studio_link(
        db, token_hash=token_hash, email=email, next=next_, now=now, expires_at=expires_at
    )


async def standing_link(db: Connection, token_hash: bytes, now: datetime) -> Any | None:
    """The link's `email` and `next`, while it can be used."""
    return await _sql.standing_studio_link(db, token_hash=token_hash, now=now)


async def use_link(db: Connection, token_hash: bytes, now: datetime) -> Any | None:
    """The same with its `creator_id`, and from here on it can't be used any more."""
    return await _sql.use_studio_link(db, token_hash=token_hash, now=now)


async def end_links(db: Connection, email: str) -> None:
    """No link that was made for this address can be used."""
    await _sql.end_studio_links(db, email=email)


async def add(
    db: Connection,
    token_hash: bytes,
    creator_id: int,
    client: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """The creator has just shown who they are, and is signed in."""
    await _sql.add_sitting(
        db,
        token_hash=token_hash,
        creator_id=creator_id,
        client=client,
        now=now,
        expires_at=expires_at,
    )


async def forget_over(db: Connection, tries_before: datetime, over_before: datetime) -> None:
    """What has long been over is gone."""
    await _sql.forget_old_studio_tries(db, before=tries_before)
    await _sql.forget_over_sittings(db, before=over_before)
    await _sql.forget_over_links(db, before=over_before)


async def prolong(db: Connection, sitting_id: int, now: datetime, expires_at: datetime) -> None:
    """The sitting goes on until then."""
    await _sql.prolong_sitting(db, sitting_id=sitting_id, now=now, expires_at=expires_at)


async def renew(db: Connection, sitting_id: int, token_hash: bytes, now: datetime) -> None:
    """The creator has just shown again who they are; the sitting's token is another one now."""
    await _sql.renew_sitting(db, sitting_id=sitting_id, token_hash=token_hash, now=now)


async def of_creator(db: Connection, creator_id: int, now: datetime) -> list[Any]:
    """Where the creator is signed in, the last seen first."""
    rows: list[Any] = await rows_of(_sql.sittings_of_creator(db, creator_id=creator_id, now=now))
    return rows


async def end(db: Connection, sitting_id: int, creator_id: int) -> None:
    """The creator's sitting is over; nobody else's is touched."""
    await _sql.end_sitting(db, sitting_id=sitting_id, creator_id=creator_id)


async def end_others(db: Connection, creator_id: int, kept: int = 0) -> None:
    """All of the creator's sittings are over, but the one of the id `kept`."""
    await _sql.end_other_sittings(db, creator_id=creator_id, kept=kept)


async def forget_challenges(db: Connection, before: datetime) -> None:
    """Challenges that were never answered are gone."""
    await _sql.forget_over_challenges(db, before=before)
