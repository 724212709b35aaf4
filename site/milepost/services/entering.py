"""Entering the studio: by password, by mailed link, by passkey; sittings that can be ended.

Nobody learns here who is a creator: a known and an unknown address get the same answer, after the
same work. Source: OWASP, "Authentication Cheat Sheet" and "Session Management Cheat Sheet".
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from milepost.domain.errors import Conflict, Invalid
from milepost.domain.messages import N_
from milepost.services import noting
from milepost.services.clock import Clock
from milepost.services.passwords import fits, good_password, hashed, is_old
from milepost.services.signing_in import address_of
from milepost.storage import creators, mails, sittings
from milepost.storage.database import Connection, Database, reading, unit

LINK_LASTS = timedelta(minutes=15)
SITTING_LASTS = timedelta(days=14)  # without being seen
SEEN_EACH = timedelta(hours=1)  # a sitting is prolonged no more often
PROOF_LASTS = timedelta(minutes=10)
HOUR = timedelta(hours=1)
LONGEST_NAME = 100
MOST_PASSWORDS, MOST_BY_CLIENT = 10, 40  # an hour: of one address, all of one network
MOST_LINKS = 3  # to one address, as long as a link lasts
PASSWORD_PAGE = "/studio/account/password"
_NEXT = re.compile(r"/studio(?:/[A-Za-z0-9_-]{1,100}){0,7}")


class TooOften(Conflict):
    """Too many tries from one place, or for one address."""


class WrongPassword(Invalid):
    """The password is not this creator's, or there is no such creator."""


class _Unknown(Exception):
    """Nobody has this address: what was written for it is taken back."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who tries: from which network, with what kind of browser, in which language."""

    client: str
    browser: str
    locale: str


def studio_page(path: str) -> str:
    """`path` if it is one of the studio's own pages, else nothing."""
    return path if _NEXT.fullmatch(path) else ""


async def sign_in(
    database: Database, typed: str, password: str, caller: Caller, now: datetime
) -> str:
    """The token of a new sitting. Raises Invalid, WrongPassword or TooOften."""
    email = address_of(typed)
    await count_try(database, "password", email, caller, MOST_PASSWORDS, now)
    async with reading(database) as db:
        found = await creators.by_address(db, email)
    kept = found["password_hash"] if found is not None else None
    if not await fits(kept, password) or found is None:
        raise _wrong_password()
    again = await hashed(password) if kept and is_old(kept) else None
    async with unit(database) as db:
        if await creators.hold_password(db, found["id"]) != kept:
            raise _wrong_password()  # it was changed while this one was compared
        if again is not None:
            await creators.keep_password(db, found["id"], again)
        await sittings.forget_tries(db, tries_of("password", email))
        return await sit_down(db, found["id"], caller, now)


def _wrong_password() -> WrongPassword:
    return WrongPassword(
        N_("This address and this password don't belong together. Try again, or let us mail you a"
           " link."), about="password")  # fmt: skip


async def sit_down(db: Connection, creator_id: int, caller: Caller, now: datetime) -> str:
    """A new sitting of somebody who has just shown who they are; its token."""
    token = secrets.token_urlsafe(32)
    expires_at = now + SITTING_LASTS
    await sittings.add(db, token_hash(token), creator_id, caller.browser, now, expires_at)
    return token


async def ask_for_link(
    database: Database, base_url: str, typed: str, next_: str, caller: Caller, now: datetime
) -> None:
    """Mail a link to this address if it is a creator's, and tell nobody whether.

    Raises Invalid or TooOften. An address that is asked for too often gets no more mails, and the
    same answer.
    """
    email = address_of(typed)
    address = tries_of("link", email)
    async with unit(database) as db:
        await _count_client(db, caller, now)
        await sittings.take_turns(db, address)
        if await sittings.tries(db, address, now - LINK_LASTS) >= MOST_LINKS:
            return  # those that were mailed are still good: nobody can lock a creator out by asking
        await sittings.note_try(db, address, now)
        try:
            async with db.transaction():  # written either way, so that both take as long
                token = await add_link(db, email, next_, now, LINK_LASTS)
                found = await creators.by_address(db, email)
                key = f"studio_sign_in:{token_hash(token).hex()}"
                detail = {"url": f"{base_url}/studio/sign-in/{token}"}
                locale = found["locale"] if found is not None else caller.locale
                await mails.promise_to(db, "studio_sign_in", key, email, locale, detail, now)
                if found is None:
                    raise _Unknown
        except _Unknown:
            return


async def add_link(db: Connection, email: str, next_: str, now: datetime, lasts: timedelta) -> str:
    """The token of a link that signs this address's creator in, once."""
    token = secrets.token_urlsafe(32)
    await sittings.add_link(db, token_hash(token), email, next_, now, now + lasts)
    return token


async def address_behind(database: Database, token: str, now: datetime) -> str | None:
    """The address that this link signs in, None when it is over; it stays as good as it was."""
    async with reading(database) as db:
        found = await sittings.standing_link(db, token_hash(token), now)
    return found["email"] if found is not None else None


async def use_link(
    database: Database, token: str, caller: Caller, now: datetime
) -> tuple[str, str] | None:
    """Use the link, once: the new sitting's token and where it leads; None when it is over."""
    async with unit(database) as db:
        found = await sittings.use_link(db, token_hash(token), now)
        if found is None:
            return None
        sitting = await sit_down(db, found["creator_id"], caller, now)
    return sitting, studio_page(found["next"]) or "/studio"


async def prove(
    database: Database, sitting_id: int, email: str, password: str, caller: Caller, now: datetime
) -> str:
    """Whoever sits here shows by password that it is still they: the sitting's token from here on.

    A copy of the cookie from before proves nothing. Tries are counted by sitting, so that nobody
    outside uses them up. Raises WrongPassword, TooOften.
    """
    await count_try(database, "proof", str(sitting_id), caller, MOST_PASSWORDS, now)
    async with reading(database) as db:
        found = await creators.by_address(db, email)
    if not await fits(found["password_hash"] if found is not None else None, password):
        raise WrongPassword(N_("That is not your password."), about="password")
    async with unit(database) as db:
        await sittings.forget_tries(db, tries_of("proof", str(sitting_id)))
        return await _renew(db, sitting_id, now)


async def set_password(
    database: Database, creator_id: int, email: str, typed: str, sitting_id: int, now: datetime
) -> str:
    """A new password: every other sitting is over, and every link; this one's token from here on.

    Raises Invalid.
    """
    made = await hashed(good_password(typed, email))
    async with unit(database) as db:
        await creators.keep_password(db, creator_id, made)
        await sittings.end_links(db, email)
        await sittings.end_others(db, creator_id, kept=sitting_id)
        await noting.note_of_oneself(db, creator_id, "password_set", now)
        return await _renew(db, sitting_id, now)


async def _renew(db: Connection, sitting_id: int, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    await sittings.renew(db, sitting_id, token_hash(token), now)
    return token


async def introduce(database: Database, creator_id: int, typed: str, locale: str) -> None:
    """What the others call the creator, and the language in which the studio speaks to them."""
    async with unit(database) as db:
        await creators.keep_about(db, creator_id, " ".join(typed.split())[:LONGEST_NAME], locale)


async def sign_out(database: Database, creator_id: int, sitting_id: int) -> None:
    """This sitting of the creator's is over."""
    async with unit(database) as db:
        await sittings.end(db, sitting_id, creator_id)


async def sign_out_everywhere(database: Database, creator_id: int, email: str) -> None:
    """Every sitting of the creator's is over, and no link that was mailed to them can be used."""
    async with unit(database) as db:
        await sittings.end_links(db, email)  # first: one being used now has then made its sitting
        await sittings.end_others(db, creator_id)


async def forget_over(database: Database, clock: Clock) -> None:
    """Forget tries after a day, sittings and links once they are over."""
    now = clock()
    async with unit(database) as db:
        await sittings.forget_over(db, now - timedelta(days=1), now)


async def count_try(
    database: Database, kind: str, name: str, caller: Caller, most: int, now: datetime
) -> None:
    """One more try for `name` from the caller's network. Raises TooOften; then it is not counted.

    It is counted before it is judged, so that tries made at once can't slip through together.
    """
    who = tries_of(kind, name)
    async with unit(database) as db:
        await _count_client(db, caller, now)
        await sittings.take_turns(db, who)
        if await sittings.tries(db, who, now - HOUR) >= most:
            raise TooOften(
                N_("There were too many tries. Try again in an hour, or let us mail you a link.")
            )
        await sittings.note_try(db, who, now)


async def _count_client(db: Connection, caller: Caller, now: datetime) -> None:
    client = tries_of("client", caller.client)
    await sittings.take_turns(db, client)
    if await sittings.tries(db, client, now - HOUR) >= MOST_BY_CLIENT:
        raise TooOften(N_("Your network has tried too often in the last hour. Try again later."))
    await sittings.note_try(db, client, now)


def tries_of(kind: str, name: str) -> str:
    """The name under which such tries are counted."""
    return f"{kind}:{sha256(name.encode()).hexdigest()}"


def token_hash(token: str) -> bytes:
    """What is kept of a token."""
    return sha256(token.encode()).digest()
