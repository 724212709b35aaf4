"""Somebody who shops: fills a cart, checks out, pays, and what Stripe tells of it is settled."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx

from milepost.gateways.stripe import StripeGateway
from milepost.services.cart_changes import Add, Change
from milepost.services.carting import (
    begin_cart,
    change_cart,
    merge_at_sign_in,
    read_cart,
    token_hash,
)
from milepost.services.receiving import poll_events
from milepost.services.settling import settle_all
from milepost.services.shop_cart import ShopCart
from milepost.storage import visits
from milepost.storage.database import reading, unit
from tests.sandbox.door import LONG_AGO
from tests.sandbox.process import Sandbox
from tests.shop import customer
from tests.web.client import Reader
from tests.world import World

GOOD, DECLINED = "4242424242424242", "4000000000000002"


@dataclass
class Shopper:
    """One browser with a cart; `token` is in its cookie, and `visit` once it has signed in."""

    world: World
    reader: Reader
    token: str = ""
    visit: str = ""

    @property
    def cookies(self) -> str:
        """What the browser sends along."""
        return f"milepost_cart={self.token}; milepost-visit={self.visit}"

    async def sign_in(self, who: str = "Dana") -> int:
        """The browser is `who`'s from now on; the customer's id."""
        customer_id, now = await customer(self.world, who), self.world.now
        self.visit, email = secrets.token_urlsafe(18), f"{who.lower()}@example.org"
        async with unit(self.world.database) as db:
            hashed, ends = token_hash(self.visit), now + timedelta(days=30)
            await visits.add(db, hashed, email, now, ends)
        token = self.token or None
        self.token = await merge_at_sign_in(self.world.database, token, email, now) or ""
        return customer_id

    async def put(self, product: int, quantity: int = 1, currency: str = "USD") -> None:
        """So many more of it lie in the cart."""
        if not self.token:
            self.token = await begin_cart(self.world.database, self.world.now, product, currency)
        await self.change(Add(product, quantity))

    async def change(self, *changes: Change) -> None:
        """Change the cart."""
        for change in changes:
            await change_cart(
                self.world.database, self.token, change, self.world.now, visit=self.visit or None
            )

    async def cart(self) -> ShopCart:
        """What this browser sees in it."""
        async with reading(self.world.database) as db:
            found = await read_cart(db, self.token, self.world.now, self.visit or None)
        assert found is not None
        return found

    async def check_out(self, **typed: str) -> httpx.Response:
        """Press the button."""
        headers = self.reader.from_here | {"cookie": self.cookies}
        return await self.reader.post("/checkout", data=typed, headers=headers)

    async def begin(self, **typed: str) -> str:
        """Press the button and be led to a payment page; its session's id."""
        answer = await self.check_out(**typed)
        assert answer.status_code == 303, f"{answer.status_code}: {answer.text[:3000]}"
        return urlsplit(answer.headers["location"]).path.split("/")[-1]


@dataclass
class Till:
    """Stripe's side of a shop, and the worker's: events are fetched and settled."""

    world: World
    gateway: StripeGateway
    sandbox: Sandbox

    def pay(self, session: str, who: str = "Dana", card: str = GOOD, **told: Any) -> Any:
        """`who` fills in the payment page."""
        email = f"{who.lower()}@example.org"
        sent = {"ship_name": who, "line1": "Lark Lane 1", "city": "Larkfield"}
        sent |= {"ship_postal_code": "10115", "ship_country": "DE", "state": ""}
        return self.sandbox.switch(
            "pay", session=session, card=card, email=email, name=who, **(sent | told)
        )

    async def catch_up(self) -> None:
        """What Stripe has to tell is heard and settled, until nothing follows."""
        told = True
        while told:
            events = self.gateway.events_since(LONG_AGO)
            told = bool(await poll_events(self.world.database, events, self.world.now))
            told |= bool(await settle_all(self.world.database, self.world.clock))
