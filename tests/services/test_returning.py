"""What an order gives back goes first to whoever was promised it and waits (A14)."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from milepost.domain.errors import Refusal
from milepost.services.auditing import audit_all
from milepost.services.cart_changes import Add
from milepost.services.carting import begin_cart, change_cart, read_cart
from milepost.services.giving_up_orders import end_overdue_orders, give_up
from milepost.services.ordering import Pages, Words, check_out
from milepost.services.placing_orders import CartChanged, Checkout
from milepost.storage.database import reading
from tests.sandbox.door import AS_STRIPE_POSTS, FAILING_BANK, door
from tests.sandbox.process import Sandbox
from tests.shop import listing
from tests.shopping import Till
from tests.world import NOON, World

pytestmark = AS_STRIPE_POSTS


@pytest.fixture(scope="module")
def stripe_house() -> Iterator[Sandbox]:
    """A local Stripe where it is noon; it sends no events."""
    with Sandbox() as sandbox:
        sandbox.switch("clock", freeze=int(NOON.timestamp()))
        yield sandbox


@pytest.fixture
async def till(world: World, stripe_house: Sandbox) -> AsyncIterator[Till]:
    """Stripe's side of the shop."""
    gateway = door(stripe_house)
    yield Till(world, gateway, stripe_house)
    await gateway.close()


async def filled(world: World, product: int, quantity: int = 1) -> str:
    """The token of a cart with so many of the product."""
    token = await begin_cart(world.database, world.now, product, "USD")
    await change_cart(world.database, token, Add(product, quantity), world.now)
    return token


async def ordered(till: Till, token: str) -> Any:
    """The order that comes of the cart."""
    words, pages = Words("Gift: %(title)s", "Shipping", "Rest"), Pages("http://localhost:8000")
    world = till.world
    told = (world.database, till.gateway, pages, world.clock, token, Checkout(), words)
    await check_out(*told)
    return await world.row("select * from orders order by id desc limit 1")


async def stands(world: World, product: int) -> tuple[int, int, int]:
    """What is in stock, what orders hold, how many grants wait."""
    row = await world.row(
        "select stock, claimed, (select count(*) from grants where backordered) as waiting"
        " from products where id = $1",
        product,
    )
    return row["stock"], row["claimed"], row["waiting"]


async def promised(world: World, product: int, *who: str, per: str = "backer") -> int:
    """A milestone that gives the product to these backers; its id."""
    campaign = await world.campaign()
    switches = {"per": per} if per != "backer" else {}
    milestone = await world.milestone(campaign, 1, product_id=product, switches=switches)
    for one in who:
        await world.pledged(campaign, one)
    return milestone


@pytest.mark.parametrize("way", ["given up", "swept", "told by Stripe", "refused by the bank"])
async def test_pieces_that_an_order_gives_back_serve_the_oldest_who_waits(
    world: World, till: Till, way: str
) -> None:
    muff = (await listing(world, ships=False, stock=2)).product
    order = await ordered(till, await filled(world, muff, 2))
    await promised(world, muff, "Eli", "Alma", "Noor")
    assert await stands(world, muff) == (0, 2, 3)
    match way:
        case "given up":
            await give_up(world.database, order["id"], "cancelled", world.now)
        case "swept":
            await end_overdue_orders(world.database, till.gateway, lambda: order["expires_at"])
        case "told by Stripe":
            await till.gateway.end_checkout(order["session_id"])
            await till.catch_up()
        case _:
            till.pay(order["session_id"], card=FAILING_BANK)
            till.sandbox.switch(f"sessions/{order['session_id']}/fail", reason="no_account")
            await till.catch_up()
    assert await stands(world, muff) == (0, 0, 1)
    rows = await world.rows(
        "select split_part(email, '@', 1) as who from grants g join customers c"
        " on c.id = g.customer_id where g.backordered"
    )
    assert [row["who"] for row in rows] == ["noor"]
    async for audited in audit_all(world.database):
        assert audited.differences == []


async def test_nobody_buys_what_a_backer_waits_for(world: World, till: Till) -> None:
    """Two pieces for each, one on the shelf: it is not enough for the backer, and not for sale."""
    muff = (await listing(world, ships=False, stock=1)).product
    token = await filled(world, muff)
    await promised(world, muff, "Eli")
    await world.rows("update grants set quantity = 2, backordered = true returning 1")
    await world.rows("update products set stock = 1 where id = $1 returning id", muff)
    async with reading(world.database) as db:
        cart = await read_cart(db, token, world.now)
    assert cart is not None and not cart.lines
    assert "sold out" in str(cart.notices[0].said("en"))
    with pytest.raises(CartChanged):
        await ordered(till, token)
    with pytest.raises(Refusal, match="sold out"):
        await filled(world, muff)
    assert await stands(world, muff) == (1, 0, 1)


async def test_a_late_payment_does_not_overtake_whoever_waits(world: World, till: Till) -> None:
    muff = (await listing(world, ships=False, stock=1)).product
    order = await ordered(till, await filled(world, muff))
    await promised(world, muff, "Eli")
    await give_up(
        world.database, order["id"], "expired", world.now
    )  # Stripe had not heard of it yet
    assert await stands(world, muff) == (0, 0, 0)
    till.pay(order["session_id"])
    await till.catch_up()
    row = await world.row("select state, claiming from orders")
    assert tuple(row) == ("paid", False)
    assert await stands(world, muff) == (0, 0, 0)
