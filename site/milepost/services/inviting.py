"""Inviting people into a store: a mailed link, for one address, for seven days (B18)."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.messages import N_
from milepost.domain.roles import Role
from milepost.services import noting
from milepost.services.entering import (
    HOUR,
    LONGEST_NAME,
    Caller,
    TooOften,
    sit_down,
    token_hash,
    tries_of,
)
from milepost.services.owning import join, must_own
from milepost.services.passwords import good_password, hashed
from milepost.services.signing_in import address_of
from milepost.storage import creators, invitations, mails, sittings
from milepost.storage.database import Database, reading, unit

LASTS = timedelta(days=7)
MOST = 30  # invitations of one store in an hour


class ForAnother(Conflict):
    """The invitation is for another address than that of whoever is signed in."""


async def invite(
    database: Database,
    base_url: str,
    store: Any,
    typed: str,
    role: Role,
    by: Any,
    locale: str,
    now: datetime,
) -> str:
    """Mail an invitation in place of an earlier one; the address. Raises Invalid, TooOften.

    `store` and `by` are the desk's row of whoever invites.
    """
    email, who = address_of(typed), tries_of("invite", str(store["store_id"]))
    token = secrets.token_urlsafe(32)
    async with unit(database) as db:
        members = await creators.hold_members(db, store["store_id"])
        must_own(members, by["creator_id"])
        if any(row["email"] == email for row in members.values()):
            raise Invalid(N_("%(email)s works in this store already."), about="email", email=email)
        await sittings.take_turns(db, who)
        if await sittings.tries(db, who, now - HOUR) >= MOST:
            raise TooOften(N_("This store has invited many in the last hour. Try again later."))
        await sittings.note_try(db, who, now)
        hash_ = token_hash(token)
        await invitations.add(
            db, hash_, store["store_id"], email, role, by["creator_id"], now, now + LASTS
        )
        known = await creators.by_address(db, email)
        detail = {
            "url": f"{base_url}/studio/invitations/{token}",
            "store": store["store_name"],
            "by": by["creator_name"] or by["email"],
            "role": str(role),
        }
        spoken = known["locale"] if known is not None else locale
        key = f"invitation:{hash_.hex()}"
        await mails.promise_to(db, "invitation", key, email, spoken, detail, now)
        after = {"role": str(role)}
        await noting.note(
            db, store["store_id"], by["creator_id"], "invited", now, email, after=after
        )
    return email


async def withdraw(database: Database, store_id: int, typed: str, by: int, now: datetime) -> None:
    """The address is not invited any more. Raises NotFound when it was not."""
    async with unit(database) as db:
        role = await invitations.withdraw(db, store_id, typed)
        if role is None:
            raise NotFound(N_("This invitation is not open any more."))
        was = {"role": role}
        await noting.note(db, store_id, by, "invitation_withdrawn", now, typed, before=was)


async def look_at(database: Database, token: str, now: datetime) -> Any | None:
    """The invitation, its store, and whether its address `is_known`; None when it is over."""
    async with reading(database) as db:
        return await invitations.standing(db, token_hash(token), now)


async def accept(database: Database, token: str, creator_id: int, email: str, now: datetime) -> str:
    """Whoever is signed in works in the store from here on; its slug.

    Raises NotFound when the invitation is over, ForAnother when it is not theirs.
    """
    async with unit(database) as db:
        found = await _standing(db, token, now)
        if found["email"] != email:
            raise _for_another(found["email"])
        await _accepted(db, token, found, creator_id, now)
    return str(found["store_slug"])


async def accept_as_new(
    database: Database, token: str, name: str, password: str, caller: Caller, now: datetime
) -> tuple[str, str]:
    """Whoever reads the address becomes a creator: the token of their sitting, the store's slug.

    Raises NotFound; Invalid for the password; ForAnother when the address is a creator's already,
    who has to sign in.
    """
    async with reading(database) as db:
        found = await _standing(db, token, now)
    if found["is_known"]:
        raise _for_another(found["email"])
    made = await hashed(good_password(password, found["email"]))
    async with unit(database) as db:
        found = await _standing(db, token, now)
        if found["is_known"]:
            raise _for_another(found["email"])
        named = " ".join(name.split())[:LONGEST_NAME]
        creator_id = await creators.add(db, found["email"], named, caller.locale, now)
        await creators.keep_password(db, creator_id, made)
        await _accepted(db, token, found, creator_id, now)
        sitting = await sit_down(db, creator_id, caller, now)
    return sitting, str(found["store_slug"])


async def _accepted(db: Any, token: str, found: Any, creator_id: int, now: datetime) -> None:
    await invitations.accept(db, token_hash(token), now)
    await join(db, found["store_id"], creator_id, found["email"], Role(found["role"]), now)


async def _standing(db: Any, token: str, now: datetime) -> Any:
    found = await invitations.standing(db, token_hash(token), now)
    if found is None:
        raise NotFound(N_("This invitation is over. Ask for another one."))
    return found


def _for_another(email: str) -> ForAnother:
    return ForAnother(
        N_("This invitation is for %(email)s. Sign in with that address."), email=email
    )
