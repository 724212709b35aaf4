"""Invitations into a store: open, accepted or withdrawn; one open to an address at a time."""

from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("invitations")


async def add(
    db: Connection,
    token_hash: bytes,
    store_id: int,
    email: str,
    role: str,
    invited_by: int,
    now: datetime,
    expires_at: datetime,
) -> None:
    """This address is invited as `role`; an earlier invitation of it is over."""
    await _sql.replace_invitation(db, store_id=store_id, email=email)
    await _sql.add_invitation(
        db,
        token_hash=token_hash,
        store_id=store_id,
        email=email,
        role=role,
        invited_by=invited_by,
        now=now,
        expires_at=expires_at,
    )


async def open_ones(db: Connection, store_id: int, now: datetime) -> list[Any]:
    """Who is invited and has not come yet, the latest first."""
    rows: list[Any] = await rows_of(_sql.open_invitations(db, store_id=store_id, now=now))
    return rows


async def standing(db: Connection, token_hash: bytes, now: datetime) -> Any | None:
    """The invitation with its store, while it can be accepted; `is_known`: a creator has it.

    It is held until the transaction ends.
    """
    return await _sql.standing_invitation(db, token_hash=token_hash, now=now)


async def accept(db: Connection, token_hash: bytes, now: datetime) -> None:
    """It is accepted, and can't be again."""
    await _sql.accept_invitation(db, token_hash=token_hash, now=now)


async def withdraw(db: Connection, store_id: int, email: str) -> str | None:
    """It can't be accepted any more; its role, None when there is no such open invitation."""
    role: str | None = await _sql.withdraw_invitation(db, store_id=store_id, email=email)
    return role
