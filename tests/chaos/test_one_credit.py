"""Fifty checkouts, some of pledges, spend one store credit at once: it is spent once (P3, P9)."""

import asyncio
import secrets
from collections import Counter
from datetime import timedelta

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


async def tabs_of(world: World, customer_id: int, product: int) -> list[str]:
    """So many carts of the one customer, which the shop itself never lets come to be."""
    tokens = []
    for _ in range(TABS):
        tokens.append(await begin_cart(world.database, world.now, product, "USD"))
        await change_cart(world.database, tokens[-1], Add(product), world.now)
    async with unit(world.database) as db:
        await db.execute(
            "update carts set customer_id = $1, merged_into = id where token_hash = any($2)",
            customer_id,
            [token_hash(token) for token in tokens],
        )
    return tokens


async def test_fifty_checkouts_at_once_spend_the_same_credit_once(
    crowd: Crowd, world: World
) -> None:
    dana = await credit(world, "Dana", 1200)
    visit = secrets.token_urlsafe(18)
    async with unit(world.database) as db:
        ends = world.now + timedelta(days=30)
        await visits.add(db, token_hash(visit), "dana@example.org", world.now, ends)
    muff = await listing(world, ships=False, price=1900, stock=TABS)

    async def check_out(number: int, **typed: str) -> int:
        url = crowd.milepost.webs[number % 2]
        cookies = f"milepost_cart={tokens[number]}; milepost-visit={visit}"
        answer = await crowd.http.post(
            f"{url}/checkout", data=typed, headers={"origin": url, "cookie": cookies}
        )
        if answer.status_code == 409:
            said = "Your store credit has just been spent elsewhere", "The sum has changed"
            assert any(one in answer.text for one in said), answer.text[:3000]
        return answer.status_code

    tokens = await tabs_of(world, dana, muff.product)
    statuses = await asyncio.gather(*(check_out(n, shown_total="700") for n in range(TABS)))
    assert Counter(statuses) == {303: 1, 409: TABS - 1}
    assert await balance(world, "Dana") == 0
    rows = await world.rows("select credit, total from orders where customer_id = $1", dana)
    assert [tuple(row) for row in rows] == [(1200, 700)]

    await credit(world, "Dana", 3 * 1900 + 50)
    tokens = await tabs_of(world, dana, muff.product)
    form = {"shown_total": "0", "account": "1", "name": "Dana"}
    statuses = await asyncio.gather(*(check_out(n, **form) for n in range(TABS)))
    assert Counter(statuses) == {303: 3, 409: TABS - 3}
    assert await balance(world, "Dana") == 50
    rows = await world.rows(
        "select credit from orders where customer_id = $1 and state = 'paid'", dana
    )
    assert [row["credit"] for row in rows] == [1900] * 3
    stock = await world.row("select stock, claimed from products where id = $1", muff.product)
    assert tuple(stock) == (TABS - 4, 4)
    assert (await audit_orders_of(world.database)).differences == []

    campaign = await world.campaign(slug="recorder")
    tier = str(await world.tier(campaign, price=1900))
    await credit(world, "Dana", 1200 - 50)
    tokens = await tabs_of(world, dana, muff.product)

    async def pledge(number: int) -> int:
        url = crowd.milepost.webs[number % 2]
        headers = {"origin": url, "cookie": f"milepost-visit={visit}"}
        typed = {"tier": tier, "purse": "1200", "credit": "1"}
        answer = await crowd.http.post(f"{url}/c/recorder/pledge", data=typed, headers=headers)
        return answer.status_code

    statuses = await asyncio.gather(
        *(pledge(n) if n % 2 else check_out(n, shown_total="700") for n in range(TABS))
    )
    assert Counter(statuses)[303] == 1
    assert await balance(world, "Dana") == 0
    pledged = await world.row("select coalesce(sum(credit), 0) as used from pledges")
    ordered = await world.row("select sum(credit) as used from orders where total = 700")
    assert pledged["used"] + ordered["used"] == 2 * 1200  # the first order's, and this one's
    assert (await audit_loyalty_of(world.database, world.now)).differences == []
