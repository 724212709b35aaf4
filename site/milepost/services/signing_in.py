"""Signing in by a mailed link: it works once, for 15 minutes, and makes a visit that can be ended.

Nobody learns here who has ever pledged: a known and an unknown address get the same answer, after
the same work. Links and visits are kept as hashes of their tokens. Source: OWASP, "Authentication
Cheat Sheet" and "Session Management Cheat Sheet".
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from milepost.domain.errors import Conflict, Invalid
from milepost.domain.messages import N_
from milepost.services.clock import Clock
from milepost.storage import mails, people, visits
from milepost.storage.database import Connection, Database, reading, unit

LINK_LASTS = timedelta(minutes=15)
VISIT_LASTS = timedelta(days=30)  # after it was seen last
SEEN_EACH = timedelta(hours=12)  # how exactly we know when it was seen
HOUR = timedelta(hours=1)
MOST_BY_ADDRESS = 3  # links to one address, as long as a link lasts
MOST_BY_CLIENT = 20  # links that one network asks for in an hour
LONGEST = 320  # characters of an address (RFC 5321)
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_NEXT = re.compile(
    r"/me(?:/(?:pledges|orders)/[A-Za-z0-9_-]{16,64}(?:/[a-z]{1,20})?"
    r"|/erase|/gift-card|/rewards)?"
    r"|/shop/[a-z0-9][a-z0-9-]{0,79}/reviews"
    r"|/c/[a-z0-9][a-z0-9-]{0,79}/(?:comments|pledge|updates(?:/[1-9][0-9]{0,8})?)"
)


class TooOften(Conflict):
    """Too many links were asked for from one place."""


class _Unknown(Exception):
    """Nobody has this address: what was written for it is taken back."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks: from which network address, in which language, to be led where afterwards."""

    client: str
    locale: str
    next: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who reads this address; `renewed` when it was just prolonged."""

    email: str
    locale: str
    token: str
    renewed: bool


def own_page(path: str) -> str:
    """`path` if it is a page of whoever signs in, or one that shows them more, else nothing."""
    return path if _NEXT.fullmatch(path) else ""


def address_of(typed: str) -> str:
    """The address as it is kept. Raises Invalid for what can't be one."""
    email = typed.strip().lower()
    if not (_ADDRESS.fullmatch(email) and email.isprintable() and len(email) <= LONGEST):
        raise Invalid(N_("Type a mail address, like dana@example.org."), about="email")
    return email


async def ask_for_link(
    database: Database, base_url: str, typed: str, asking: Asking, now: datetime
) -> None:
    """Mail a link to this address if somebody has pledged with it, and tell nobody whether.

    Raises Invalid for what is no address, TooOften when one place asks too often. An address that
    is asked for too often gets no more mails, and the same answer.
    """
    email = address_of(typed)
    async with unit(database) as db:
        await send_link(db, base_url, email, asking, now)


async def ask_for_pledge(
    database: Database, base_url: str, key: str, asking: Asking, now: datetime
) -> None:
    """Mail a link to the address of this pledge, in its language; to nobody where it has none.

    Raises TooOften.
    """
    async with unit(database) as db:
        found = await people.of_pledge(db, key)
        email = found["email"] if found is not None else ""
        locale = found["locale"] if found is not None else asking.locale
        own = Asking(asking.client, locale, own_page(f"/me/pledges/{key}"))
        await send_link(db, base_url, email, own, now)


async def send_link(
    db: Connection, base_url: str, email: str, asking: Asking, now: datetime
) -> None:
    """Mail a link to the address if somebody has it. Raises TooOften."""
    client, address = f"client:{_told(asking.client)}", tries_of(email)
    await visits.take_turns(db, client)
    if await visits.tries(db, client, now - HOUR) >= MOST_BY_CLIENT:
        raise TooOften(
            N_("Your network has asked for many links in the last hour. Try again in an hour.")
        )
    await visits.take_turns(db, address)
    asked = await visits.tries(db, address, now - LINK_LASTS)
    await visits.note_try(db, client, now)
    if asked >= MOST_BY_ADDRESS:
        return  # those that were mailed are still good: nobody can lock a backer out by asking
    await visits.note_try(db, address, now)
    token = secrets.token_urlsafe(32)
    try:
        async with db.transaction():  # written either way, so that both take as long
            await visits.add_link(
                db, _hash(token), email, own_page(asking.next), now, now + LINK_LASTS
            )
            detail = {"url": f"{base_url}/me/sign-in/{token}"}
            key = f"sign_in:{_hash(token).hex()}"
            await mails.promise_to(db, "sign_in", key, email, asking.locale, detail, now)
            if not await people.is_known(db, email):
                raise _Unknown
    except _Unknown:
        return


async def address_behind(database: Database, token: str, now: datetime) -> str | None:
    """The address that this link signs in, None when it can't be used; it stays as good as it was.

    Programs that look through mails follow links, so looking must not use it up.
    """
    async with reading(database) as db:
        found = await visits.standing_link(db, _hash(token), now)
    return found["email"] if found is not None else None


async def use_link(database: Database, token: str, now: datetime) -> tuple[str, str] | None:
    """Use the link, once: the new visit's token and where it leads; None when it can't be used."""
    visit = secrets.token_urlsafe(32)
    async with unit(database) as db:
        found = await visits.use_link(db, _hash(token), now)
        if found is None:
            return None
        await visits.add(db, _hash(visit), found["email"], now, now + VISIT_LASTS)
    return visit, own_page(found["next"]) or "/me"


async def find_visit(database: Database, token: str, now: datetime) -> Visit | None:
    """Whose visit it is, None when it is over; one that is seen goes on for 30 days."""
    async with reading(database) as db:
        found = await visits.standing(db, _hash(token), now)
        if found is None:
            return None
        old = now - found["seen_at"] >= SEEN_EACH
        if old:
            await visits.prolong(db, _hash(token), now, now + VISIT_LASTS)
    return Visit(found["email"], found["locale"] or "", token, old)


async def sign_out(database: Database, token: str) -> None:
    """This visit is over."""
    async with unit(database) as db:
        await visits.end(db, _hash(token))


async def sign_out_everywhere(database: Database, email: str) -> None:
    """Every visit of this address is over, and no link that was mailed to it can be used."""
    async with unit(database) as db:
        await visits.end_all_of(db, email)


async def forget_old(database: Database, clock: Clock) -> None:
    """Forget tries after a day, links and visits a day after they are over."""
    before = clock() - timedelta(days=1)
    async with unit(database) as db:
        await visits.forget_old(db, before, before)


def tries_of(email: str) -> str:
    """The name under which tries for this address are counted."""
    return f"address:{_told(email)}"


def _told(name: str) -> str:
    return sha256(name.encode()).hexdigest()


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
