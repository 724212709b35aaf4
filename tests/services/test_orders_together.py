"""Shoppers, backers, payments and ends all at once: nothing is sold twice, nobody is overtaken."""

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from milepost.domain.errors import Refusal
from milepost.domain.facts import Fact
from milepost.gateways.checkouts import Checkout as Opened
from milepost.services.auditing import audit_all
from milepost.services.auditing_orders import audit_orders_of
from milepost.services.cart_changes import Add, UseCode
from milepost.services.carting import begin_cart, change_cart
from milepost.services.giving_up_orders import give_up
from milepost.services.granting import fan_out
from milepost.services.ordering import Pages, Words, check_out
from milepost.services.placing_orders import Checkout
from milepost.services.receiving import keep_events
from milepost.services.settling import settle_all
from milepost.storage.inbox import Arrival
from tests.shop import listing
from tests.shop_money import code
from tests.world import World, paid

WORDS, PAGES = Words("Gift: %(title)s", "Shipping", "Rest"), Pages("http://localhost:8000")


@dataclass
class Stripe:
    """Opens payment pages, and lets them be closed, as fast as can be."""

    opened: set[str] = field(default_factory=set)

    async def open_order_page(self, params: Any, key: str) -> Opened:
        await asyncio.sleep(0)
        self.opened.add(key)
        return Opened(f"cs_{key}", f"https://pay.example/{key}")

    async def end_checkout(self, session: str) -> bool:
        return True

    async def checkout_is_complete(self, session: str) -> bool:
        return False


@dataclass
class Crowd:
    """Everybody at once, at two goods that are rewards too, and a code that few may use."""

    world: World
    chance: random.Random
    stripe: Stripe
    goods: list[int]
    campaigns: list[int]
    milestones: list[int]

    async def hear(self, name: str, fact: Fact, campaign: int = 0) -> None:
        """An event arrives."""
        arrived = Arrival(f"evt_{name}", "test", self.world.now, "{}", fact, campaign)
        await keep_events(self.world.database, [arrived], self.world.now)

    async def shops(self, number: int) -> None:
        """Somebody fills a cart and checks out, if they may; the order comes to one of its ends."""
        key = await self._checks_out()
        if key is None:
            return
        end = self.chance.choice(("pay", "stay", "stay", "expire", "leave", "both"))
        row = await self.world.row("select id, key, total from orders where key = $1", key)
        if end in ("expire", "both"):
            await self.hear(f"x{number}", Fact("expired", 0, order=row["key"]))
        if end == "leave":
            await give_up(self.world.database, row["id"], "cancelled", self.world.now)
        if end in ("pay", "both"):
            who = {"email": f"shopper{number}@example.org", "name": "S", "locale": "en"}
            told_paid = Fact(
                "paid", 0, amount=row["total"], payment=f"pi_o{number}", order=row["key"],
                detail=who,
            )  # fmt: skip
            await self.hear(f"p{number}", told_paid)

    async def _checks_out(self) -> str | None:
        """The order that came of a new cart; None where the shop had to refuse."""
        world, chance = self.world, self.chance
        token = await begin_cart(world.database, world.now, self.goods[0], "USD")
        told = (world.database, self.stripe, PAGES, world.clock, token, Checkout(), WORDS)
        try:
            for product in chance.sample(self.goods, chance.choice((1, 2))):
                many = chance.randint(1, 2)
                await change_cart(world.database, token, Add(product, many), world.now)
            if chance.random() < 0.5:
                await change_cart(world.database, token, UseCode("TEN"), world.now)
            await check_out(*told)  # type: ignore[arg-type]
            if chance.random() < 0.3:
                await check_out(*told)  # type: ignore[arg-type]
        except Refusal:
            return None
        row = await world.row(
            "select o.key from orders o join carts c on c.id = o.cart_id"
            " where c.token_hash = sha256($1) order by o.id desc limit 1",
            token.encode(),
        )
        return str(row["key"])

    async def backs(self, number: int) -> None:
        """Somebody pledges and pays."""
        campaign = self.campaigns[number % 2]
        pledge = await self.world.started(campaign)
        await self.hear(f"b{number}", paid(pledge, f"backer{number}"), campaign)

    async def works(self) -> None:
        """A worker settles and grants what has come."""
        for _ in range(6):
            await settle_all(self.world.database, self.world.clock)
            for milestone in self.milestones:
                await fan_out(self.world.database, milestone)

    async def leaves(self) -> None:
        """Every order that is still open runs out, all of them together."""
        left = await self.world.rows("select id from orders where state = 'open'")
        given_up = (
            give_up(self.world.database, row["id"], "expired", self.world.now) for row in left
        )
        await asyncio.gather(*given_up)


async def gathered(world: World, seed: int) -> Crowd:
    """A crowd before two campaigns whose first milestones give the goods, five of each."""
    goods = [(await listing(world, ships=False, stock=5)).product for _ in range(2)]
    campaigns = [await world.campaign(), await world.campaign()]
    milestones = [
        await world.milestone(campaign, 1, product_id=product)
        for campaign, product in zip(campaigns, goods, strict=True)
    ]
    return Crowd(world, random.Random(seed), Stripe(), goods, campaigns, milestones)


async def every_piece_is_somewhere(world: World, product: int) -> None:
    """On the shelf, claimed or given; and nobody waits while there is something."""
    row = await world.row(
        "select p.stock, p.claimed, n.given, n.waiting from products p cross join lateral ("
        "    select count(*) filter (where not g.backordered) as given,"
        "           count(*) filter (where g.backordered) as waiting"
        "    from grants g join rewards r on r.id = g.reward_id where r.product_id = p.id) n"
        " where p.id = $1",
        product,
    )
    assert row["stock"] + row["claimed"] + row["given"] == 5
    assert row["stock"] == 0 or row["waiting"] == 0


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_happens_together_every_piece_and_every_use_is_somewhere(
    world: World, seed: int
) -> None:
    crowd, coupon = await gathered(world, seed), await code(world, "TEN", most=5)
    doing = [crowd.shops(n) for n in range(12)] + [crowd.backs(n) for n in range(8)]
    crowd.chance.shuffle(doing)
    await asyncio.gather(*doing, *(crowd.works() for _ in range(3)))
    await crowd.works()
    await crowd.leaves()
    assert (await audit_orders_of(world.database)).differences == []
    async for audited in audit_all(world.database):
        assert audited.differences == []
    for product in crowd.goods:
        await every_piece_is_somewhere(world, product)
    used = await world.row("select used from shop_codes where id = $1", coupon)
    held = await world.row("select count(*) from orders where claiming and code_id = $1", coupon)
    assert used["used"] == held[0] <= 5
