"""Owning a store: its first owner, what its members are in it, who leaves it (B18)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from milepost.domain.errors import Conflict, NotFound
from milepost.domain.messages import N_
from milepost.domain.roles import Deed, Role, may
from milepost.services import noting
from milepost.services.entering import PASSWORD_PAGE, add_link
from milepost.services.signing_in import address_of
from milepost.storage import api, creators, invitations
from milepost.storage.database import Connection, Database, unit

FIRST_LINK_LASTS = timedelta(hours=1)  # it is printed for the operator, not mailed


class LastOwner(Conflict):
    """A store has at least one owner."""


async def create_owner(
    database: Database, typed: str, name: str, slug: str, now: datetime
) -> tuple[str, str]:
    """Make this address's creator an owner: the store's name, and the path of a link that lets in.

    Repeated, it changes nothing and gives another link. Raises Invalid, NotFound.
    """
    email = address_of(typed)
    async with unit(database) as db:
        store = await creators.store_to_own(db, slug)
        if store is None and slug:
            raise NotFound(N_("There is no store “%(slug)s”."), slug=slug)
        if store is None:
            raise NotFound(N_("There is not exactly one store here. Name one with --store."))
        creator_id = await creators.add(db, email, name, store["locale"], now)
        await _make(db, store["id"], creator_id, email, Role.OWNER, None, "owner_created", now)
        token = await add_link(db, email, PASSWORD_PAGE, now, FIRST_LINK_LASTS)
    return store["name"], f"/studio/sign-in/{token}"


async def join(
    db: Connection, store_id: int, creator_id: int, email: str, role: Role, now: datetime
) -> None:
    """The creator has accepted to work in the store; one who does already keeps their role."""
    if creator_id not in await creators.hold_members(db, store_id):
        await _make(db, store_id, creator_id, email, role, creator_id, "joined", now)


async def change_role(
    database: Database, store_id: int, creator_id: int, role: Role, by: int, now: datetime
) -> None:
    """The member is `role` from here on, and a token of theirs works only while they may make one.

    Raises NotFound, LastOwner.
    """
    async with unit(database) as db:
        held = await creators.hold_members(db, store_id)
        must_own(held, by)
        member = _member(held, creator_id)
        if member["role"] == role:
            return
        _must_leave_an_owner(held, creator_id)
        await _make(db, store_id, creator_id, member["email"], role, by, "role_changed", now)
        if not may(role, Deed.EDIT_CAMPAIGN):
            await _revoke_tokens(db, store_id, creator_id, by, now)


async def remove_member(
    database: Database, store_id: int, creator_id: int, by: int, now: datetime
) -> None:
    """The member works in the store no more, nor does a token that they have made.

    Raises NotFound, LastOwner.
    """
    async with unit(database) as db:
        held = await creators.hold_members(db, store_id)
        must_own(held, by)
        member = _member(held, creator_id)
        _must_leave_an_owner(held, creator_id)
        await creators.remove_member(db, store_id, creator_id)
        await invitations.withdraw(db, store_id, member["email"])
        was = {"role": member["role"]}
        await noting.note(db, store_id, by, "member_removed", now, member["email"], before=was)
        await _revoke_tokens(db, store_id, creator_id, by, now)


async def _revoke_tokens(
    db: Connection, store_id: int, creator_id: int, by: int, now: datetime
) -> None:
    for name in await api.revoke_all_of(db, store_id, creator_id, now):
        await noting.note(db, store_id, by, "token_revoked", now, name)


async def _make(
    db: Connection,
    store_id: int,
    creator_id: int,
    email: str,
    role: Role,
    by: int | None,
    what: str,
    now: datetime,
) -> None:
    before = (await creators.hold_members(db, store_id)).get(creator_id)
    if before is not None and before["role"] == role:
        return
    await creators.keep_member(db, store_id, creator_id, role, now)
    was = {"role": before["role"]} if before is not None else {}
    await noting.note(db, store_id, by, what, now, email, was, {"role": str(role)})


def must_own(held: Mapping[int, Any], by: int) -> None:
    """Raises Conflict where `by` is no owner any more among the members that are `held`."""
    if by not in held or held[by]["role"] != Role.OWNER:
        raise Conflict(N_("You are no owner of this store any more. Nothing was changed."))


def _member(held: dict[int, Any], creator_id: int) -> Any:
    if creator_id not in held:
        raise NotFound(N_("They do not work in this store any more."))
    return held[creator_id]


def _must_leave_an_owner(held: dict[int, Any], creator_id: int) -> None:
    owners = {id_ for id_, row in held.items() if row["role"] == Role.OWNER}
    if owners == {creator_id}:
        raise LastOwner(
            N_("%(email)s is the only owner. Make somebody else an owner first."),
            email=held[creator_id]["email"],
        )
