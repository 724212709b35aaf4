"""The demo's subscriber: somebody who has paid each week since the shop opened, at the sandbox."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from milepost.gateways.stripe import PaymentUnavailable, StripeGateway
from milepost.services.receiving import poll_events
from milepost.services.settling import settle_all
from milepost.services.subscribing import Wish, Words, subscribe
from milepost.storage import listings
from milepost.storage.database import Database, reading

WHO, EMAIL = "Mira Falk", "mira.falk@example.org"
WEEK = timedelta(days=7)


class TimeMachine:
    """The sandbox's switches: its clock goes back, and on from now when all is done."""

    def __init__(self, address: str) -> None:
        self._http = httpx.AsyncClient(base_url=f"{address}/sandbox", timeout=20, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self._turn("clock", freeze=time.time(), resume=True)
        except httpx.HTTPError:
            pass  # there is none here
        finally:
            await self._http.aclose()

    async def go(self, at: datetime) -> None:
        """It is that time, and stands still."""
        await self._turn("clock", freeze=at.timestamp())

    async def pay(self, session: str) -> None:
        """Somebody fills in the payment page."""
        await self._turn("pay", session=session, email=EMAIL, name=WHO)

    async def _turn(self, switch: str, **told: Any) -> None:
        (await self._http.post(f"/{switch}", json=told)).raise_for_status()


@dataclass(frozen=True, slots=True)
class House:
    """Where the sandbox is, the gateway that leads there, and where Milepost is."""

    gateway: StripeGateway
    address: str
    base_url: str


async def subscribe_somebody(
    database: Database,
    house: House,
    store_id: int,
    listing_id: int,
    since: datetime,
    now: datetime,
) -> None:
    """Let a week's invoice follow the other, from `since` until now; nobody without a sandbox."""
    async with reading(database) as db:
        listing = await listings.one_in_studio(db, store_id, listing_id)
        (sold,) = await listings.variants(db, listing_id)
    assert listing is not None
    wish = Wish(listing["slug"], sold["id"], "USD", None, str(sold["prices"]["USD"]), "en")
    try:
        async with TimeMachine(house.address) as machine:
            await machine.go(since)
            url = await subscribe(
                database,
                house.gateway,
                house.base_url,
                partial(_as_is, since),
                store_id,
                wish,
                Words("Shipping"),
            )
            await machine.pay(urlsplit(url).path.rsplit("/", 1)[-1])
            at = since
            while at <= now:
                await machine.go(at)
                await poll_events(database, house.gateway.events_since(since), at)
                await settle_all(database, partial(_as_is, at))
                at += WEEK
    except (httpx.HTTPError, PaymentUnavailable):
        pass


def _as_is(at: datetime) -> datetime:
    """What a clock says that stands still."""
    return at
