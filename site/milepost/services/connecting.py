"""Connecting a program in one step: a token for what it may do, an endpoint for what it hears."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from milepost.domain.errors import NotFound
from milepost.domain.messages import N_
from milepost.domain.roles import Role
from milepost.services.api_tokens import make_token
from milepost.services.author import Author
from milepost.services.hooking import checked_url, make_hook, resume_hook, rotate_secret, save_hook
from milepost.storage import creators, hooks
from milepost.storage.database import Connection, Database, unit


@dataclass(frozen=True, slots=True)
class Connected:
    """What the program is given, this once: its token, and the secret that signs what it hears."""

    store: str
    token: str
    secret: str = ""


async def connect(
    database: Database,
    slug: str,
    name: str,
    scopes: Collection[str],
    url: str,
    types: Sequence[str],
    now: datetime,
    *,
    plain: bool = False,
) -> Connected:
    """A token of the store's in the name of its first owner and, with a `url`, an endpoint there.

    An endpoint that is there already goes on, with another secret. Raises Invalid, NotFound or
    Conflict.
    """
    async with unit(database) as db:
        store = await creators.store_to_own(db, slug)
        if store is None and slug:
            raise NotFound(N_("There is no store “%(slug)s”."), slug=slug)
        if store is None:
            raise NotFound(N_("There is not exactly one store here. Name one with --store."))
        author = await _first_owner(db, store["id"])
        token = await make_token(database, author, name, scopes, now)
        if not url:
            return Connected(store["name"], token)
        url = checked_url(url, plain=plain)
        there = [row["id"] for row in await hooks.of_store(db, store["id"]) if row["url"] == url]
        if there:
            await save_hook(database, author, there[0], url, types, now, plain=plain)
            await resume_hook(database, author, there[0], now)
            secret = await rotate_secret(database, author, there[0], now)
        else:
            _, secret = await make_hook(database, author, url, types, now, plain=plain)
    return Connected(store["name"], token, secret)


async def _first_owner(db: Connection, store_id: int) -> Author:
    for row in await creators.members(db, store_id):
        if row["role"] == Role.OWNER:
            return Author(row["creator_id"], row["email"], store_id, 0)
    raise NotFound(N_("Nobody owns this store yet. Make an owner with: milepost create-owner"))
