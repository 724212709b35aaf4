"""Fifty checkouts, some of pledges, spend one store credit at once: it is spent once (P3, P9)."""

import asyncio
import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest

from milepost.services.auditing_loyalty import audit_loyalty_of
from milepost.services.auditing_orders import audit_orders_of
from milepost.services.cart_changes import Add
from milepost.services.carting import begin_cart, change_cart, token_hash
from milepost.storage import visits
from milepost.storage.database import unit
from tests.acceptance.crowd import Crowd
from tests.earned import balance, credit
from tests.shop import listing
from tests.world import World

TABS = 50


@dataclass
class Tabs:
    """Dana's tabs at both doors: pledges, and carts as the shop itself never lets them be."""

    crowd: Crowd
    world: World
    visit: str
    tokens: list[str] = field(default_factory=list)

    async def fill(self, customer_id: int, product: int) -> None:
        """So many carts of the one customer, with one piece in each."""
        world = self.world
        self.tokens = []
        for _ in range(TABS):
            self.tokens.append(await begin_cart(world.database, world.now, product, "USD"))
            await change_cart(world.database, self.tokens[-1], Add(product), world.now)
        async with unit(world.database) as db:
            await db.execute(
                "update carts set customer_id = $1, merged_into = id where token_hash = any($2)",
                customer_id,
                [token_hash(token) for token in self.tokens],
            )

    async def check_out(self, number: int, **typed: str) -> int:
        """Order what lies in this cart; the answer's status."""
        cookies = f"milepost_cart={self.tokens[number]}; milepost-visit={self.visit}"
        answer = await self._send(number, "/checkout", typed, cookies)
        if answer.status_code == 409:
            said = "Your store credit has just been spent elsewhere", "The sum has changed"
            assert any(one in answer.text for one in said), answer.text[:3000]
        return answer.status_code

    async def pledge(self, number: int, slug: str, **typed: str) -> int:
        """Pledge with all the credit that the page showed; the answer's status."""
        cookies = f"milepost-visit={self.visit}"
        answer = await self._send(number, f"/c/{slug}/pledge", typed, cookies)
        return answer.status_code

    async def _send(
        self, number: int, path: str, typed: dict[str, str], cookies: str
    ) -> httpx.Response:
        url = self.crowd.milepost.webs[number % 2]
        headers = {"origin": url, "cookie": cookies}
        return await self.crowd.http.post(f"{url}{path}", data=typed, headers=headers)


@pytest.fixture
async def tabs(crowd: Crowd, world: World) -> Tabs:
    """Dana is signed in."""
    visit = secrets.token_urlsafe(18)
    async with unit(world.database) as db:
        ends = world.now + timedelta(days=30)
        await visits.add(db, token_hash(visit), "dana@example.org", world.now, ends)
    return Tabs(crowd, world, visit)


async def test_fifty_checkouts_at_once_spend_the_same_credit_once(tabs: Tabs, world: World) -> None:
    muff = await listing(world, ships=False, price=1900, stock=TABS)
    dana = await credit(world, "Dana", 1200 - await balance(world, "Dana"))
    await tabs.fill(dana, muff.product)
    statuses = await asyncio.gather(*(tabs.check_out(n, shown_total="700") for n in range(TABS)))
    assert Counter(statuses) == {303: 1, 409: TABS - 1}
    assert await balance(world, "Dana") == 0

    await credit(world, "Dana", 3 * 1900 + 50)
    await tabs.fill(dana, muff.product)
    form = {"shown_total": "0", "account": "1", "name": "Dana"}
    statuses = await asyncio.gather(*(tabs.check_out(n, **form) for n in range(TABS)))
    assert Counter(statuses) == {303: 3, 409: TABS - 3}
    assert await balance(world, "Dana") == 50
    rows = await world.rows(
        "select credit, total from orders where lines @> $1 order by id",
        [{"product": muff.product}],
    )
    assert [tuple(row) for row in rows] == [(1200, 700), *[(1900, 0)] * 3]
    stock = await world.row("select stock, claimed from products where id = $1", muff.product)
    assert tuple(stock) == (TABS - 4, 4)
    assert (await audit_orders_of(world.database)).differences == []


async def test_an_order_and_a_pledge_never_spend_the_same_credit(tabs: Tabs, world: World) -> None:
    muff = await listing(world, ships=False, price=1900, stock=TABS)
    tier = str(await world.tier(await world.campaign(slug="recorder"), price=1900))
    dana = await credit(world, "Dana", 1200 - await balance(world, "Dana"))
    await tabs.fill(dana, muff.product)
    typed = {"tier": tier, "purse": "1200", "credit": "1"}
    statuses = await asyncio.gather(
        *(
            tabs.pledge(n, "recorder", **typed) if n % 2 else tabs.check_out(n, shown_total="700")
            for n in range(TABS)
        )
    )
    assert Counter(statuses)[303] == 1
    assert await balance(world, "Dana") == 0
    used = await world.row(
        "select (select count(*) from pledges where credit = 1200)"
        " + (select count(*) from orders where credit = 1200 and lines @> $1) as times",
        [{"product": muff.product}],
    )
    assert used["times"] == 1
    assert (await audit_loyalty_of(world.database, world.now)).differences == []
    assert (await audit_orders_of(world.database)).differences == []
