"""Signing in: tries that are counted, links that work once, visits that can be ended."""

from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries

_sql = named_queries("visits")


async def take_turns(db: Connection, who: str) -> None:
    """Hold this name until the transaction ends, so that nobody counts beside it."""
    await _sql.take_turns(db, who=who)


async def tries(db: Connection, who: str, since: datetime) -> int:
    """How often `who` has asked for a link since then."""
    count: int = await _sql.count_sign_in_tries(db, who=who, since=since)
    return count


async def note_try(db: Connection, who: str, now: datetime) -> None:
    """`who` has asked for a link."""
    await _sql.note_sign_in_try(db, who=who, now=now)


async def add_link(
    db: Connection, token_hash: bytes, email: str, next_: str, now: datetime, expires_at: datetime
) -> None:
    """A link for this address, which leads to `next_` afterwards."""
    await _sql.add_sign_in_link(
        db, token_hash=token_hash, email=email, next=next_, now=now, expires_at=expires_at
    )


async def standing_link(db: Connection, token_hash: bytes, now: datetime) -> Any | None:
    """The link's `email` and `next`, while it can be used."""
    return await _sql.standing_link(db, token_hash=token_hash, now=now)


async def use_link(db: Connection, token_hash: bytes, now: datetime) -> Any | None:
    """The same, and from here on it can't be used any more."""
    return await _sql.use_link(db, token_hash=token_hash, now=now)


async def add(
    db: Connection, token_hash: bytes, email: str, now: datetime, expires_at: datetime
) -> None:
    """A visit of whoever reads this address."""
    await _sql.add_visit(db, token_hash=token_hash, email=email, now=now, expires_at=expires_at)


async def standing(db: Connection, token_hash: bytes, now: datetime) -> Any | None:
    """The visit's `email`, when it was `seen_at`, the person's `locale`; None when it is over."""
    return await _sql.standing_visit(db, token_hash=token_hash, now=now)


async def prolong(db: Connection, token_hash: bytes, now: datetime, expires_at: datetime) -> None:
    """The visit goes on until then."""
    await _sql.prolong_visit(db, token_hash=token_hash, now=now, expires_at=expires_at)


async def end(db: Connection, token_hash: bytes) -> None:
    """The visit is over."""
    await _sql.end_visit(db, token_hash=token_hash)


async def end_all_of(db: Connection, email: str) -> None:
    """Every visit of this address is over, and no link to it can be used."""
    await _sql.end_links_of(db, email=email)  # first: one being used now has then made its visit
    await _sql.end_visits_of(db, email=email)


async def forget_tries(db: Connection, *whos: str) -> None:
    """Nobody remembers how often these have tried."""
    await _sql.forget_tries_of(db, whos=whos)


async def forget_old(db: Connection, tries_before: datetime, over_before: datetime) -> None:
    """What has long been over is gone."""
    await _sql.forget_old_tries(db, before=tries_before)
    await _sql.forget_old_links(db, before=over_before)
    await _sql.forget_old_visits(db, before=over_before)
