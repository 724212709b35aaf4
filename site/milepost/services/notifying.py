"""Notify me: whoever wants to hear of a launch says so, confirms it by mail, and hears of it once.

An address is followed only once its reader has said so (double opt-in); leaving removes it. The
same answer is given whether the address is known or not.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from milepost.domain.errors import Conflict, NotFound
from milepost.domain.messages import N_
from milepost.services.arranging import tell
from milepost.services.choosing import calendar_of
from milepost.services.clock import Clock
from milepost.services.signing_in import (
    HOUR,
    MOST_BY_ADDRESS,
    MOST_BY_CLIENT,
    Asking,
    TooOften,
    address_of,
)
from milepost.storage import mails, notifying, visits
from milepost.storage.database import Connection, Database, reading, unit

CHUNK = 1000  # letters promised in one transaction
UNCONFIRMED = timedelta(days=7)
TOLD = timedelta(days=30)


@dataclass(frozen=True)
class Follows:
    """Makes and reads the links of followers: one that confirms, one that leaves."""

    secret: str

    def token(self, follower_id: int, *, leaving: bool = False) -> str:
        """What stands in the link of this follower."""
        return str(self._signed(leaving).dumps(follower_id))

    def follower(self, token: str, *, leaving: bool = False) -> int | None:
        """Whose link it is; None when it is none of ours."""
        try:
            found = self._signed(leaving).loads(token)
        except BadData:
            return None
        return found if type(found) is int else None

    def _signed(self, leaving: bool) -> URLSafeSerializer:
        salt = "milepost.leave" if leaving else "milepost.follow"
        return URLSafeSerializer(self.secret, salt=salt)


async def ask_to_follow(
    database: Database,
    base_url: str,
    follows: Follows,
    slug: str,
    typed: str,
    asking: Asking,
    now: datetime,
) -> None:
    """Mail a link that confirms. Raises NotFound, Conflict once it is open, Invalid, TooOften.

    An address that is asked for too often gets no more mails, and the same answer.
    """
    async with reading(database) as db:
        campaign = await notifying.campaign(db, slug)
    if campaign is None:
        raise NotFound(N_("There is no such campaign."))
    if calendar_of(campaign).phase(now) not in ("draft", "upcoming"):
        raise Conflict(N_("This campaign has opened already. See its page."), about="email")
    email = address_of(typed)
    async with unit(database) as db:
        if not await _may_ask(db, email, asking.client, now):
            return
        follower_id = await notifying.ask(db, campaign["id"], email, asking.locale, now)
        token = follows.token(follower_id)
        detail = {"campaign": campaign["id"], "url": f"{base_url}/follow/{token}"}
        key = f"follow:{follower_id}:{secrets.token_hex(8)}"
        await mails.promise_to(db, "follow", key, email, asking.locale, detail, now)


async def _may_ask(db: Connection, email: str, client: str, now: datetime) -> bool:
    """False for an address that had enough mails lately. Raises TooOften for a network."""
    network, address = _told("follow-client", client), _told("follow", email)
    await visits.take_turns(db, network)
    if await visits.tries(db, network, now - HOUR) >= MOST_BY_CLIENT:
        raise TooOften(
            N_("Your network has asked for many links in the last hour. Try again in an hour.")
        )
    await visits.take_turns(db, address)
    asked = await visits.tries(db, address, now - HOUR)
    await visits.note_try(db, network, now)
    if asked >= MOST_BY_ADDRESS:
        return False
    await visits.note_try(db, address, now)
    return True


async def find_follower(database: Database, follower_id: int) -> Any | None:
    """The follower with the campaign; None when there is none any more."""
    async with reading(database) as db:
        return await notifying.follower(db, follower_id)


async def confirm(database: Database, follower_id: int, now: datetime) -> None:
    """From here on the follower counts, and hears of the launch; again changes nothing."""
    async with unit(database) as db:
        campaign_id = await notifying.confirm(db, follower_id, now)
        if campaign_id is not None:
            await tell(db, campaign_id)


async def leave(database: Database, follower_id: int) -> None:
    """The follower is forgotten; again changes nothing."""
    async with unit(database) as db:
        campaign_id = await notifying.remove(db, follower_id)
        if campaign_id is not None:
            await tell(db, campaign_id)


async def tell_followers(database: Database, clock: Clock) -> int:
    """Promise the launch to the followers of every campaign that has opened; how many.

    In chunks that each stand alone; whoever was told is not told again, whatever is repeated.
    """
    told = 0
    async with reading(database) as db:
        opened = await notifying.to_tell(db, clock())
    for campaign_id in opened:
        some = CHUNK
        while some == CHUNK:
            async with unit(database) as db:
                some = await notifying.tell(db, campaign_id, clock(), CHUNK)
            told += some
    return told


async def forget_old_followers(database: Database, clock: Clock) -> None:
    """Forget addresses that never confirmed within a week, and those told a month ago."""
    async with unit(database) as db:
        await notifying.forget_old(db, clock() - UNCONFIRMED, clock() - TOLD)


def _told(kind: str, who: str) -> str:
    return f"{kind}:{sha256(who.encode()).hexdigest()}"
