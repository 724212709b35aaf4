"""Backers as they come: over HTTP, from the campaign's form to the payment page and back."""

import hmac
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from milepost.services.preparing import NewStore, create_store
from milepost.storage.database import open_database, unit
from tests.acceptance.processes import SECRET, Milepost
from tests.world import World


@dataclass(frozen=True)
class Paid:
    """A payment page that was completed, and the key of the backer's own page."""

    session: str
    key: str
    amount: int


class Crowd:
    """A browser for many: no cookies, no redirects followed without being looked at."""

    def __init__(self, milepost: Milepost, http: httpx.AsyncClient) -> None:
        self.milepost = milepost
        self.http = http

    async def send(self, slug: str, web: int = 0, **typed: object) -> httpx.Response:
        """Send the pledge form of the campaign to one of the web processes."""
        url = self.milepost.webs[web]
        form = {name: str(value) for name, value in typed.items()}
        return await self.http.post(f"{url}/c/{slug}/pledge", data=form, headers={"origin": url})

    async def choose(self, slug: str, web: int = 0, **typed: object) -> str:
        """Send the form and be led to a payment page; its session's id."""
        answer = await self.send(slug, web, **typed)
        assert answer.status_code == 303, f"{answer.status_code}: {answer.text[:2000]}"
        return session_in(answer)

    async def pay(self, session: str, who: str, **told: object) -> Paid:
        """Complete the payment page as `who`."""
        body = {"session": session, "email": f"{who}@example.org", "name": who.title(), **told}
        answer = await self.http.post(f"{self.milepost.sandbox}/sandbox/pay", json=body)
        assert answer.status_code == 200, answer.text
        paid = answer.json()["session"]
        assert paid["status"] == "complete", answer.text
        return Paid(
            session, urlsplit(paid["success_url"]).path.split("/")[-1], paid["amount_total"]
        )

    async def pledge(self, slug: str, who: str, web: int = 0, **typed: object) -> Paid:
        """Choose, and pay."""
        return await self.pay(await self.choose(slug, web, **typed), who)

    async def state(self, slug: str, web: int = 0) -> dict[str, Any]:
        """The campaign's public state, as one of the web processes tells it."""
        answer = await self.http.get(f"{self.milepost.webs[web]}/c/{slug}.json")
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def tell(self, event: dict[str, Any], web: int = 0) -> int:
        """Send an event as Stripe does; the status of the answer, 0 without one."""
        body = orjson.dumps(event)
        at = int(time.time())
        digest = hmac.new(SECRET.encode(), f"{at}.".encode() + body, sha256).hexdigest()
        url = f"{self.milepost.webs[web]}/webhooks/stripe"
        signature = {"stripe-signature": f"t={at},v1={digest}"}
        try:
            return (await self.http.post(url, content=body, headers=signature)).status_code
        except httpx.TransportError:
            return 0

    async def page(self, path: str, web: int = 0) -> str:
        """A page's HTML."""
        answer = await self.http.get(f"{self.milepost.webs[web]}{path}")
        assert answer.status_code == 200, answer.text
        return answer.text


def session_in(answer: httpx.Response) -> str:
    """The session's id in the address of its payment page."""
    return urlsplit(answer.headers["location"]).path.split("/")[-1]


@asynccontextmanager
async def crowd_at(milepost: Milepost) -> AsyncIterator[Crowd]:
    """A crowd at the doors of `milepost`."""
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=50)
    async with httpx.AsyncClient(trust_env=False, timeout=60, limits=limits) as http:
        yield Crowd(milepost, http)


@asynccontextmanager
async def world_of(milepost: Milepost) -> AsyncIterator[World]:
    """Alice's store behind `milepost`, at the clock of the running processes."""
    now = datetime.now(UTC)
    async with open_database(milepost.database_url) as database:
        async with unit(database) as db:
            store_id = await db.fetchval("select id from stores")
            if store_id is None:
                store_id = await create_store(db, NewStore("larkfield", "Larkfield"), now)
        yield World(database, store_id, now)


async def live_campaign(world: World, slug: str, **columns: Any) -> int:
    """A campaign that opened yesterday and closes in a month; its id."""
    today = world.now.replace(tzinfo=None, microsecond=0)
    times = {"opens_at": today - timedelta(days=1), "closes_at": today + timedelta(days=30)}
    return await world.campaign(slug=slug, **times | columns)
