"""Somebody who shops: fills a cart, checks out, pays, and what Stripe tells of it is settled."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from milepost.gateways.stripe import StripeGateway
from milepost.services.cart_changes import Add, PayIn, ShipTo, UseCode
from milepost.services.carting import begin_cart, change_cart
from milepost.services.receiving import poll_events
from milepost.services.settling import settle_all
from tests.sandbox.door import LONG_AGO
from tests.sandbox.process import Sandbox
from tests.web.client import Reader
from tests.world import World

GOOD, DECLINED = "4242424242424242", "4000000000000002"


@dataclass
class Shopper:
    """One browser with a cart; `token` is in its cookie."""

    world: World
    reader: Reader
    token: str = ""

    async def put(self, product: int, quantity: int = 1, currency: str = "USD") -> None:
        """So many more of it lie in the cart."""
        if not self.token:
            self.token = await begin_cart(self.world.database, self.world.now, product, currency)
        await self.change(Add(product, quantity))

    async def change(self, *changes: Add | PayIn | ShipTo | UseCode) -> None:
        """Change the cart."""
        for change in changes:
            await change_cart(self.world.database, self.token, change, self.world.now)

    async def check_out(self, **typed: str) -> httpx.Response:
        """Press the button."""
        headers = self.reader.from_here | {"cookie": f"milepost_cart={self.token}"}
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
