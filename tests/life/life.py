"""One campaign's life, driven through its use-cases, with Stripe's sandbox and one clock."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from milepost.gateways.stripe import StripeGateway
from milepost.services import changing, charging
from milepost.services.choosing import Choice
from milepost.services.closing import close_due
from milepost.services.granting import fan_out
from milepost.services.pledging import Addresses, Words, end_overdue_checkouts, start_pledge
from milepost.services.receiving import poll_events
from milepost.services.refunding import send_refunds
from milepost.services.settling import settle_all
from tests.sandbox.door import LONG_AGO
from tests.sandbox.process import Sandbox
from tests.world import World

GOOD = "4242424242424242"
NO_FUNDS_LATER = "4000008260003178"
DECLINED_LATER = "4000000000000341"
ASKS_ALWAYS = "4000002760003184"
WORDS = Words(
    "Pledge without a reward", "Bonus", lambda country, zone: f"Shipping: {zone}", lambda *_: ""
)
WAY = changing.Way("http://shop.example/back", "Change of your pledge", "en")


@dataclass
class Life:
    """A world, its Stripe, and what passes between them; time moves only here."""

    world: World
    gateway: StripeGateway
    sandbox: Sandbox
    pledges: dict[str, int] = field(default_factory=dict)

    @property
    def database(self) -> Any:
        """The world's database."""
        return self.world.database

    def later(self, **time: float) -> None:
        """It is so much later, here and at Stripe."""
        self.world.now += timedelta(**time)
        self.sandbox.switch("clock", freeze=self.world.now.timestamp())

    async def start(self, campaign_id: int, **typed: Any) -> tuple[int, str]:
        """A pledge whose payment page is open: its id and the page's session."""
        slug = (await self.world.row("select slug from campaigns where id = $1", campaign_id))[0]
        choice = Choice(**{"amount": "" if "tier" in typed else "45"} | typed)
        await start_pledge(
            self.database,
            self.gateway,
            Addresses("http://shop.example"),
            self.world.clock,
            slug,
            choice,
            WORDS,
        )
        row = await self.world.row(
            "select p.id, a.session from pledges p join attempts a on a.pledge_id = p.id"
            " where p.campaign_id = $1 order by p.id desc limit 1",
            campaign_id,
        )
        return row["id"], row["session"]

    async def pledge(self, campaign_id: int, who: str, card: str = GOOD, **typed: Any) -> int:
        """`who` has chosen and been to the payment page, and all of it is settled."""
        pledge_id, session = await self.start(campaign_id, **typed)
        self.pay(session, who, card)
        self.pledges[who] = pledge_id
        await self.catch_up()
        return pledge_id

    def pay(self, session: str, who: str, card: str = GOOD) -> None:
        """`who` fills in the payment page."""
        email, name = f"{who.lower()}@example.org", who
        self.sandbox.switch("pay", session=session, card=card, email=email, name=name)

    async def catch_up(self) -> None:
        """What Stripe has to tell is heard and settled, until nothing follows."""
        told = True
        while told:
            events = self.gateway.events_since(LONG_AGO)
            told = bool(await poll_events(self.database, events, self.world.now))
            told |= bool(await settle_all(self.database, self.world.clock))
        for row in await self.world.rows("select id from milestones where reached_seq is not null"):
            await fan_out(self.database, row["id"])

    async def close(self) -> None:
        """The deadline's work is done, as the worker does it."""
        await end_overdue_checkouts(self.database, self.gateway, self.world.clock)
        await self.catch_up()
        await close_due(self.database, self.world.clock)

    async def charge(self) -> None:
        """Every card that is due is tried, and what came of it is settled."""
        while await charging.charge_due(self.database, self.gateway, self.world.clock):
            pass
        await self.catch_up()

    async def refund(self) -> None:
        """Every refund that was decided on is made and heard of."""
        while await send_refunds(self.database, self.gateway):
            pass
        await self.catch_up()

    async def change(self, pledge_id: int, **typed: Any) -> str | None:
        """The backer chooses something else; the session of the page that takes the difference."""
        url = await changing.change(
            self.database, self.gateway, self.world.clock, pledge_id, Choice(**typed), WAY
        )
        await self.catch_up()
        return None if url is None else await self.session(pledge_id)

    async def session(self, pledge_id: int) -> str:
        """The session of the page that is open for the pledge."""
        found: str = (
            await self.world.row(
                "select session from attempts where pledge_id = $1 and state = 'open'", pledge_id
            )
        )[0]
        return found

    async def mend(self, pledge_id: int) -> str:
        """The backer asks for the page to mend a charge; its session."""
        await changing.mend(self.database, self.gateway, self.world.clock, pledge_id, WAY)
        return await self.session(pledge_id)

    async def cancel(self, pledge_id: int) -> int:
        """The backer cancels; the minor units that go back."""
        back = await changing.cancel(self.database, self.gateway, self.world.clock, pledge_id)
        await self.catch_up()
        return back

    async def state(self, pledge_id: int) -> str:
        """The state of a pledge."""
        found: str = (await self.world.row("select state from pledges where id = $1", pledge_id))[0]
        return found

    async def meter(self) -> tuple[int, int, int]:
        """Units, money and backers of the only campaign."""
        row = await self.world.row("select units, money, backers from campaigns")
        return row["units"], row["money"], row["backers"]

    async def letters(self) -> list[tuple[str, str]]:
        """Kind and recipient's first name of every mail, in the order of their promise."""
        rows = await self.world.rows(
            "select kind, split_part(recipient, '@', 1) as who from mails order by id"
        )
        return [(row["kind"], row["who"]) for row in rows]

    def taken(self) -> int:
        """Minor units that the sandbox's own books say were taken, refunds taken off."""
        charges = [c for c in self.sandbox.all("charges") if c["paid"]]
        return sum(c["amount"] - c["amount_refunded"] for c in charges)
