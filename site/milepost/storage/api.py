"""Tokens of the API, and what was told with them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("api")


async def add_token(db: Connection, **columns: Any) -> int:
    """A new token of the store; its id."""
    return int(await _sql.add_api_token(db, **columns))


async def tokens(db: Connection, store_id: int, most: int) -> list[Any]:
    """The store's tokens, those that work first."""
    return await rows_of(_sql.api_tokens_of_store(db, store_id=store_id, most=most))


async def working(db: Connection, store_id: int) -> int:
    """How many of its tokens work."""
    return int(await _sql.count_api_tokens(db, store_id=store_id))


async def revoke(db: Connection, store_id: int, token_id: int, now: datetime) -> str | None:
    """It opens nothing any more; its name, None where there was none that worked."""
    found: str | None = await _sql.revoke_api_token(
        db, store_id=store_id, token_id=token_id, now=now
    )
    return found


async def revoke_all_of(db: Connection, store_id: int, creator_id: int, now: datetime) -> list[str]:
    """What this creator has made for the store opens nothing any more; the names."""
    gone = _sql.revoke_api_tokens_of(db, store_id=store_id, creator_id=creator_id, now=now)
    return sorted(row["name"] for row in await rows_of(gone))


async def opened(db: Connection, hash_: str, roles: Collection[str], now: datetime) -> Any | None:
    """The token with this hash, where it works for a member of these roles; it has asked again."""
    return await _sql.open_with_token(db, hash=hash_, roles=list(roles), now=now)


async def claim_call(
    db: Connection, caller: str, key: str, hash_: bytes, token: int | None, now: datetime
) -> bool:
    """True for the first call under this key; else the one before has ended."""
    claimed = await _sql.claim_call(
        db, caller=caller, key=key, hash=hash_, token=token and str(token), now=now
    )
    return claimed is not None


async def answered_call(db: Connection, caller: str, key: str) -> Any:
    """What was sent under this key, by its hash, and the answer that it got."""
    return await _sql.answered_call(db, caller=caller, key=key)


async def keep_answer(
    db: Connection, caller: str, key: str, status: int, headers: dict[str, str], body: bytes
) -> None:
    """Keep the answer to a call that was claimed."""
    await _sql.keep_answer(db, caller=caller, key=key, status=status, headers=headers, body=body)


async def forget_calls(db: Connection, before: datetime) -> None:
    """Calls from before that moment may be made anew."""
    await _sql.forget_calls(db, before=before)


async def hold_sources(db: Connection, store_id: int, sources: Iterable[str]) -> None:
    """Nobody else tells of these sources until the transaction ends."""
    await _sql.hold_sources(db, store_id=store_id, sources=list(sources))


async def keep(
    db: Connection, store_id: int, rows: Sequence[dict[str, Any]], now: datetime
) -> set[str]:
    """Keep what is new of these events; their keys."""
    names = {
        "keys": "key", "hashes": "hash", "types": "type", "sources": "source",
        "customer_ids": "customer_id", "ats": "at", "amounts": "amount", "currencies": "currency",
        "points": "points", "subscriptions": "subscription",
    }  # fmt: skip
    columns = {many: [row[one] for row in rows] for many, one in names.items()}
    kept = _sql.keep_told(db, store_id=store_id, now=now, **columns)
    return {row["key"] for row in await rows_of(kept)}


async def hashes(db: Connection, store_id: int, keys: Iterable[str]) -> dict[str, str]:
    """What was told before under these keys, by its hash."""
    found = await rows_of(_sql.told_before(db, store_id=store_id, keys=list(keys)))
    return {row["key"]: row["hash"] for row in found}


async def told_of(db: Connection, store_id: int, sources: Iterable[str]) -> list[Any]:
    """All that was told of these sources, in the order in which it came."""
    return await rows_of(_sql.told_of_sources(db, store_id=store_id, sources=list(sources)))


async def plan_for_filters(db: Connection) -> None:
    """What is asked in this transaction goes by the index that its own filters need."""
    await _sql.plan_for_filters(db)
