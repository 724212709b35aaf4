"""Passkeys: public keys of creators, and the challenges that they sign, each once."""

from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("passkeys")


async def add_challenge(
    db: Connection, challenge: bytes, creator_id: int | None, expires_at: datetime
) -> None:
    """Something to sign until then; with a creator, to add a passkey of theirs."""
    await _sql.add_challenge(db, challenge=challenge, creator_id=creator_id, expires_at=expires_at)


async def use_challenge(db: Connection, challenge: bytes, now: datetime) -> Any | None:
    """For whom it was made (`creator_id`), and it is gone; None when it is over or never was."""
    return await _sql.use_challenge(db, challenge=challenge, now=now)


async def add(
    db: Connection,
    credential_id: bytes,
    creator_id: int,
    public_key: bytes,
    sign_count: int,
    name: str,
    now: datetime,
) -> None:
    """A passkey of the creator's; one that is known already stays whose it is."""
    await _sql.add_passkey(
        db,
        credential_id=credential_id,
        creator_id=creator_id,
        public_key=public_key,
        sign_count=sign_count,
        name=name,
        now=now,
    )


async def held(db: Connection, credential_id: bytes) -> Any | None:
    """The passkey with its owner's `email`, held until the transaction ends."""
    return await _sql.passkey(db, credential_id=credential_id)


async def used(db: Connection, credential_id: bytes, sign_count: int, now: datetime) -> None:
    """It has signed so many times now."""
    await _sql.passkey_used(db, credential_id=credential_id, sign_count=sign_count, now=now)


async def of_creator(db: Connection, creator_id: int) -> list[Any]:
    """The creator's passkeys, the oldest first."""
    rows: list[Any] = await rows_of(_sql.passkeys_of_creator(db, creator_id=creator_id))
    return rows


async def remove(db: Connection, credential_id: bytes, creator_id: int) -> str | None:
    """It opens nothing any more; its name, None when the creator has no such passkey."""
    name: str | None = await _sql.remove_passkey(
        db, credential_id=credential_id, creator_id=creator_id
    )
    return name
