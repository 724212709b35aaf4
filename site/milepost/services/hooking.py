"""Hooking: where other programs are told of what happens; made, tried, paused, ended (B20)."""

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.hooks import OVERLAP, TAKEN, TEST, TYPES, new_secret
from milepost.domain.messages import N_
from milepost.services.author import Author
from milepost.services.noting import note
from milepost.storage import hooks
from milepost.storage.database import Connection, Database, unit

MOST_HOOKS = 20
MOST_SECRETS = 5  # that sign beside the newest
LONGEST_URL = 500


def checked_url(typed: str, *, plain: bool) -> str:
    """An address to send to, with TLS unless `plain` is allowed. Raises Invalid."""
    url = typed.strip()
    try:
        parts = urlsplit(url)
        wrong = not parts.hostname or (parts.port is not None and not parts.port)
    except ValueError:
        wrong = True
    if wrong or len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise Invalid(N_("Type a whole address, like https://example.org/hooks."), about="url")
    if parts.scheme != "https" and not (plain and parts.scheme == "http"):
        raise Invalid(N_("The address must begin with https://."), about="url")
    if parts.username or parts.password or parts.fragment:
        raise Invalid(N_("Leave out names, passwords and what follows a #."), about="url")
    return url


def _checked_types(types: Sequence[str]) -> list[str]:
    if unknown := [one for one in types if one not in TYPES]:
        raise Invalid(N_("There is no event “%(type)s”."), about="types", type=unknown[0][:40])
    return [one for one in TYPES if one in types]


async def make_hook(
    database: Database,
    author: Author,
    typed: str,
    types: Sequence[str],
    now: datetime,
    *,
    plain: bool = False,
) -> tuple[int, str]:
    """A new endpoint for these types, or for all: its id, and its secret, which is told this once.

    Raises Invalid or Conflict.
    """
    url, wanted, secret = checked_url(typed, plain=plain), _checked_types(types), new_secret()
    async with unit(database) as db:
        if len(await hooks.of_store(db, author.store_id)) >= MOST_HOOKS:
            raise Conflict(
                N_("A store has %(most)s endpoints at most. Remove one first."),
                about="url",
                most=MOST_HOOKS,
            )
        made = await hooks.add(db, author.store_id, url, wanted, secret, author.creator_id, now)
        await _note(db, author, "hook_made", now, url)
    return made, secret


async def save_hook(
    database: Database,
    author: Author,
    hook_id: int,
    typed: str,
    types: Sequence[str],
    now: datetime,
    *,
    plain: bool = False,
) -> None:
    """It is there and hears these types from now on. Raises Invalid or NotFound."""
    url, wanted = checked_url(typed, plain=plain), _checked_types(types)
    async with _held(database, author, hook_id) as (db, row):
        await hooks.keep(db, hook_id, url, wanted)
        if row["url"] != url:
            await hooks.hasten(db, hook_id, now, TAKEN)
        if (row["url"], row["types"]) != (url, wanted):
            await _note(db, author, "hook_changed", now, url)


async def rotate_secret(database: Database, author: Author, hook_id: int, now: datetime) -> str:
    """A new secret, told this once; the those before it sign for a day more. Raises NotFound."""
    secret = new_secret()
    async with _held(database, author, hook_id) as (db, row):
        await hooks.rotate(db, hook_id, secret, now, now + OVERLAP, MOST_SECRETS)
        await _note(db, author, "hook_rotated", now, row["url"])
    return secret


async def pause_hook(database: Database, author: Author, hook_id: int, now: datetime) -> None:
    """Nothing is sent there until it goes on; what happens meanwhile waits. Raises NotFound."""
    async with _held(database, author, hook_id) as (db, row):
        if row["paused_at"] is None:
            await hooks.pause(db, hook_id, "", now)
            await _note(db, author, "hook_paused", now, row["url"])


async def resume_hook(database: Database, author: Author, hook_id: int, now: datetime) -> None:
    """All that has waited is sent now, in its order. Raises NotFound."""
    async with _held(database, author, hook_id) as (db, row):
        await hooks.resume(db, hook_id, now)
        if row["paused_at"] is not None:
            await _note(db, author, "hook_resumed", now, row["url"])


async def remove_hook(database: Database, author: Author, hook_id: int, now: datetime) -> None:
    """Nothing is sent there any more, and what waits is not either. Raises NotFound."""
    async with _held(database, author, hook_id) as (db, row):
        await hooks.remove(db, hook_id, now)
        await _note(db, author, "hook_removed", now, row["url"])


async def test_hook(database: Database, author: Author, hook_id: int, now: datetime) -> int:
    """A happening that says nothing, on the same road as all others. Raises NotFound, Conflict."""
    async with _held(database, author, hook_id) as (db, row):
        if row["paused_at"] is not None:
            raise Conflict(N_("It is paused. Let it go on, and the test is sent."))
        return await hooks.tell_one(db, row, TEST, f"{TEST}:{secrets.token_hex(4)}", {}, now)


async def send_again(
    database: Database, author: Author, hook_id: int, happening_id: int, now: datetime
) -> None:
    """One delivery once more, or at once if it waits, with the same id. Raises NotFound."""
    async with _held(database, author, hook_id) as (db, _):
        if not await hooks.send_again(db, hook_id, happening_id, now):
            raise NotFound(N_("There is no such delivery."))


@asynccontextmanager
async def _held(
    database: Database, author: Author, hook_id: int
) -> AsyncIterator[tuple[Connection, Any]]:
    async with unit(database) as db:
        row = await hooks.hold(db, author.store_id, hook_id)
        if row is None:
            raise NotFound(N_("There is no such endpoint."))
        yield db, row


async def _note(db: Connection, author: Author, what: str, now: datetime, url: str) -> None:
    await note(db, author.store_id, author.creator_id, what, now, urlsplit(url).netloc)
