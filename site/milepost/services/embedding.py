"""Embedding: on which other sites a store's cart may be shown."""

import re
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit

from milepost.domain.errors import Invalid
from milepost.domain.messages import N_
from milepost.services.noting import note
from milepost.storage import carts
from milepost.storage.database import Database, unit

MOST = 20
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_HERE = ("localhost", "127.0.0.1")


def origin_of(typed: str) -> str:
    """The origin of the address that was typed (RFC 6454). Raises Invalid.

    Without TLS anybody on the way could put another cart into the page, so only this machine may.
    """
    text = typed.strip().lower()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _HERE)
    if not (safe and _HOST.fullmatch(host)) or parts.username is not None:
        raise Invalid(
            N_("“%(typed)s” is not the address of a site. Type it like https://example.org."),
            about="origins",
            typed=typed.strip()[:80],
        )
    usual = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, usual) else "")


async def save_origins(
    database: Database, store_id: int, typed: Iterable[str], by: int, now: datetime
) -> None:
    """From now on the cart may be shown on these sites. Raises Invalid."""
    origins = list(dict.fromkeys(origin_of(line) for line in typed if line.strip()))
    if len(origins) > MOST:
        raise Invalid(N_("Name %(most)s sites at most."), about="origins", most=MOST)
    async with unit(database) as db:
        before = list(await carts.embeds_of(db, store_id))
        if before == origins:
            return
        await carts.keep_embeds(db, store_id, origins)
        was, told = {"origins": before}, {"origins": origins}
        await note(db, store_id, by, "embeds_changed", now, before=was, after=told)
