"""Tokens of the API: made and revoked in the studio, shown once, kept as a hash."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.messages import N_
from milepost.domain.roles import MAY, Deed
from milepost.domain.scopes import SCOPES
from milepost.services.author import Author
from milepost.services.noting import note
from milepost.storage import api
from milepost.storage.database import Database, unit

PREFIX = "mp_"  # so that scanners for leaked secrets know it
LONGEST_NAME, MOST_TOKENS = 80, 50
MINUTE, MOST_REQUESTS = timedelta(minutes=1), 600  # of one token


@dataclass(frozen=True, slots=True)
class Opened:
    """A token that works: on whose behalf, for what, and how often it has asked until `ends`."""

    id: int
    author: Author
    scopes: frozenset[str]
    asked: int
    ends: datetime

    @property
    def store_id(self) -> int:
        """The store that it opens."""
        return self.author.store_id


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


async def make_token(
    database: Database, author: Author, name: str, scopes: Collection[str], now: datetime
) -> str:
    """A token that may do what its `scopes` say; it is in no table, so it is shown now or never.

    Raises Invalid, and Conflict where a store has too many.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(
            N_("Give it a name of up to %(most)s characters."), about="name", most=LONGEST_NAME
        )
    if not scopes or not SCOPES.keys() >= set(scopes):
        raise Invalid(N_("Choose what it may do."), about="scopes")
    token = PREFIX + secrets.token_urlsafe(32)
    async with unit(database) as db:
        if await api.working(db, author.store_id) >= MOST_TOKENS:
            raise Conflict(
                N_("A store has %(most)s tokens at most. Revoke one first."),
                about="name",
                most=MOST_TOKENS,
            )
        await api.add_token(
            db,
            store_id=author.store_id,
            name=name,
            scopes=[scope for scope in SCOPES if scope in scopes],
            hash=_hash(token),
            creator_id=author.creator_id,
            now=now,
        )
        await note(db, author.store_id, author.creator_id, "token_made", now, name)
    return token


async def revoke_token(database: Database, author: Author, token_id: int, now: datetime) -> None:
    """It opens nothing from now on. Raises NotFound."""
    async with unit(database) as db:
        name = await api.revoke(db, author.store_id, token_id, now)
        if name is None:
            raise NotFound(N_("There is no such token, or it was revoked already."))
        await note(db, author.store_id, author.creator_id, "token_revoked", now, name)


async def open_with(database: Database, token: str, now: datetime) -> Opened | None:
    """What the token opens; None for one that nobody made, that was revoked, or whose maker may
    make none any more.
    """
    if not token.startswith(PREFIX) or len(token) > 100:
        return None
    async with unit(database) as db:
        row: Any = await api.opened(db, _hash(token), MAY[Deed.EDIT_CAMPAIGN], now)
    if row is None:
        return None
    author = Author(row["made_by"], row["email"], row["store_id"], 0)
    ends = now.replace(second=0, microsecond=0) + MINUTE
    return Opened(row["id"], author, frozenset(row["scopes"]), row["asked"], ends)
