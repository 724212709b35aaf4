"""Passkeys: added by whoever is signed in, and a way in of their own (WebAuthn, Level 3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from types import ModuleType
from urllib.parse import urlsplit

import orjson

from milepost.domain.errors import Conflict, Invalid
from milepost.domain.messages import N_
from milepost.services import noting
from milepost.services.entering import MOST_BY_CLIENT, Caller, count_try, sit_down
from milepost.storage import passkeys, sittings
from milepost.storage.database import Database, reading, unit

CHALLENGE_LASTS = timedelta(minutes=5)
MOST = 10  # passkeys of one creator
LONGEST_NAME = 60


def _webauthn() -> ModuleType:
    """The library, read when the first passkey is asked for: else each start would wait for it."""
    import webauthn

    return webauthn


def _unreadable() -> tuple[type[Exception], ...]:
    raised: type[Exception] = _webauthn().helpers.exceptions.WebAuthnException
    return (raised, ValueError, KeyError, TypeError, RecursionError)


class WrongPasskey(Invalid):
    """The passkey is unknown here, or what it signed is not what it was asked to."""


@dataclass(frozen=True, slots=True)
class House:
    """The site as passkeys know it."""

    base_url: str

    @property
    def id(self) -> str:
        """The relying party's id: the host."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def origin(self) -> str:
        """What the browser must say that it stands on."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"


async def begin_adding(
    database: Database, house: House, creator_id: int, email: str, name: str, now: datetime
) -> str:
    """What the browser asks its authenticator for, as JSON. Raises Conflict when there are many."""
    async with unit(database) as db:
        known = await passkeys.of_creator(db, creator_id)
        if len(known) >= MOST:
            raise Conflict(N_("Ten passkeys are the most. Remove one that you don't use."))
        webauthn = _webauthn()
        w = webauthn.helpers.structs
        made = webauthn.generate_registration_options(
            rp_id=house.id,
            rp_name="Milepost",
            user_id=b"creator:%d" % creator_id,
            user_name=email,
            user_display_name=name or email,
            authenticator_selection=w.AuthenticatorSelectionCriteria(
                resident_key=w.ResidentKeyRequirement.REQUIRED,
                user_verification=w.UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                w.PublicKeyCredentialDescriptor(id=row["credential_id"]) for row in known
            ],
        )
        await sittings.forget_challenges(db, now)
        await passkeys.add_challenge(db, made.challenge, creator_id, now + CHALLENGE_LASTS)
    asked: str = webauthn.options_to_json(made)
    return asked


async def add(
    database: Database, house: House, creator_id: int, answer: str, name: str, now: datetime
) -> None:
    """Keep the passkey that the browser has made. Raises WrongPasskey."""
    challenge = _challenge_in(answer)
    async with unit(database) as db:
        asked = await passkeys.use_challenge(db, challenge, now)
    if asked is None or asked["creator_id"] != creator_id:
        raise _wrong()
    try:
        made = _webauthn().verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=house.id,
            expected_origin=house.origin,
            require_user_verification=True,
        )
    except _unreadable():
        raise _wrong() from None
    key = (made.credential_id, creator_id, made.credential_public_key, made.sign_count)
    async with unit(database) as db:
        await passkeys.add(db, *key, name, now)
        await noting.note_of_oneself(db, creator_id, "passkey_added", now, name)


async def remove(database: Database, creator_id: int, credential_id: bytes, now: datetime) -> None:
    """The passkey opens nothing any more; nothing happens when it is not this creator's."""
    async with unit(database) as db:
        name = await passkeys.remove(db, credential_id, creator_id)
        if name is not None:
            await noting.note_of_oneself(db, creator_id, "passkey_removed", now, name)


async def begin_entering(database: Database, house: House, caller: Caller, now: datetime) -> str:
    """What the browser asks any passkey of this site for, as JSON. Raises TooOften."""
    await count_try(database, "passkey", caller.client, caller, MOST_BY_CLIENT, now)
    webauthn = _webauthn()
    verified = webauthn.helpers.structs.UserVerificationRequirement.REQUIRED
    made = webauthn.generate_authentication_options(rp_id=house.id, user_verification=verified)
    async with unit(database) as db:
        await sittings.forget_challenges(db, now)
        await passkeys.add_challenge(db, made.challenge, None, now + CHALLENGE_LASTS)
    asked: str = webauthn.options_to_json(made)
    return asked


async def enter(
    database: Database, house: House, answer: str, caller: Caller, now: datetime
) -> str:
    """The token of a new sitting of the passkey's owner. Raises WrongPasskey."""
    challenge = _challenge_in(answer)
    async with unit(database) as db:
        asked = await passkeys.use_challenge(db, challenge, now)
    if asked is None or asked["creator_id"] is not None:
        raise _wrong()
    async with unit(database) as db:
        try:
            webauthn = _webauthn()
            credential = webauthn.helpers.parse_authentication_credential_json(answer)
            known = await passkeys.held(db, credential.raw_id)
            if known is None:
                raise _wrong()
            seen = webauthn.verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=house.id,
                expected_origin=house.origin,
                credential_public_key=known["public_key"],
                credential_current_sign_count=known["sign_count"],
                require_user_verification=True,
            )
        except _unreadable():
            raise _wrong() from None
        await passkeys.used(db, credential.raw_id, seen.new_sign_count, now)
        return await sit_down(db, known["creator_id"], caller, now)


async def known_passkeys(database: Database, creator_id: int) -> list[tuple[str, object]]:
    """The creator's passkeys, each with its id as text."""
    async with reading(database) as db:
        rows = await passkeys.of_creator(db, creator_id)
    return [(row["credential_id"].hex(), row) for row in rows]


def _challenge_in(answer: str) -> bytes:
    """The challenge that the answer says it answers."""
    try:
        said = orjson.loads(answer)["response"]["clientDataJSON"]
        read = _webauthn().helpers
        challenge: bytes = read.parse_client_data_json(read.base64url_to_bytes(said)).challenge
        return challenge
    except _unreadable():
        raise _wrong() from None


def _wrong() -> WrongPasskey:
    return WrongPasskey(
        N_("This passkey did not work. Try again, or sign in with your password or a mailed link.")
    )
