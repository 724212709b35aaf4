"""Somebody who subscribes, with Stripe's sandbox and one clock that both sides live by."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from milepost.gateways.stripe import StripeGateway
from milepost.services import subscribing
from milepost.services.subscribing import Wish, Words
from milepost.storage.database import unit
from tests.sandbox.process import Sandbox
from tests.shop import Listed, listing
from tests.shopping import Till
from tests.world import NOON, World

DAY = timedelta(days=1)


@dataclass
class Subscriptions(Till):
    """What subscriptions do over months; time moves only here."""

    listed: dict[str, Listed] = field(default_factory=dict)

    async def sells(
        self, price: int = 1200, unit_: str = "month", count: int = 1, **columns: Any
    ) -> Listed:
        """A listing whose one variant is sold by subscription."""
        made = await listing(self.world, title="Bird of the month", price=price, **columns)
        async with unit(self.world.database) as db:
            await db.execute(
                "update products set every_unit = $2, every_count = $3 where listing_id = $1",
                made.id,
                unit_,
                count,
            )
        return made

    async def later(self, **time: float) -> None:
        """It is so much later, here and at Stripe, and all that follows is settled."""
        self.world.now += timedelta(**time)
        self.sandbox.switch("clock", freeze=self.world.now.timestamp())
        await self.catch_up()

    async def open(self, listed: Listed, **wished: Any) -> str:
        """A payment page is open; its session."""
        wish = Wish(
            **{
                "slug": listed.slug,
                "product_id": listed.product,
                "currency": "USD",
                "country": None,
                "shown_total": "1200",
                "locale": "en",
            }
            | wished
        )
        url = await subscribing.subscribe(
            self.world.database,
            self.gateway,
            "http://localhost:8000",
            self.world.clock,
            self.world.store_id,
            wish,
            Words("Shipping"),
        )
        return urlsplit(url).path.split("/")[-1]

    async def begin(self, listed: Listed, who: str = "Dana", **wished: Any) -> Any:
        """`who` has subscribed, and it is settled; the row."""
        session = await self.open(listed, **wished)
        assert self.pay(session, who)["status"] == "complete"
        await self.catch_up()
        return await self.world.row("select * from subscriptions where session_id = $1", session)

    async def again(self, row: Any) -> Any:
        """The row as it is now."""
        return await self.world.row("select * from subscriptions where id = $1", row["id"])

    async def cycles(self, row: Any) -> list[Any]:
        """Its orders, the first first."""
        return await self.world.rows(
            "select * from orders where subscription_id = $1 order by id", row["id"]
        )

    async def mails(self) -> list[str]:
        """The kinds of mails that were promised, in order; none of what programs give."""
        mails = await self.world.rows("select kind from mails order by id")
        return [row["kind"] for row in mails if not row["kind"].startswith("reward_")]

    def break_card(self, row: Any, token: str = "pm_card_chargeCustomerFail") -> None:
        """From now on its card is declined."""
        self.sandbox.pay_later_with(row["provider_id"], token)

    async def repeat(self, *kinds: str, backwards: bool = False) -> None:
        """Every event so far arrives anew as another one of the same content."""
        import orjson

        from milepost.services.receiving import arrival, keep_events

        events = [event async for event in self.gateway.events_since(datetime(2020, 1, 1))]
        events = [event for event in events if not kinds or event["type"] in kinds]
        for event in events if backwards else reversed(events):
            again = {**event, "id": f"{event['id']}again"}
            found = arrival(again, orjson.dumps(again).decode())
            await keep_events(self.world.database, [found], self.world.now)
        await self.catch_up()


def make(world: World, gateway: StripeGateway, sandbox: Sandbox) -> Subscriptions:
    """The same, where it is noon here and there."""
    sandbox.switch("clock", freeze=int(NOON.timestamp()))
    return Subscriptions(world, gateway, sandbox)
