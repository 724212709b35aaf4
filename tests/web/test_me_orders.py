"""Somebody's own orders: shown, printed, downloaded and forgotten."""

import pytest

from milepost.domain.errors import Conflict
from milepost.services.cart_changes import ShipTo
from milepost.services.erasing import erase_person
from milepost.services.exporting import export_person
from tests.shop import listing
from tests.shop_money import option
from tests.shopping import Shopper, Till
from tests.web.client import Reader
from tests.web.me import sign_in
from tests.web.serving import Served
from tests.world import World


async def buy(world: World, served: Served, till: Till, who: str = "Dana") -> str:
    """`who` has paid for a muff that is sent to them; the order's key."""
    muff = await listing(world)
    await option(world, "Standard", ("DE",))
    async with Reader(served.url) as reader:
        shopper = Shopper(world, reader)
        await shopper.put(muff.product)
        await shopper.change(ShipTo("DE"))
        till.pay(await shopper.begin(), who)
    await till.catch_up()
    row = await world.row("select key from orders order by id desc limit 1")
    return str(row["key"])


async def test_orders_stand_beside_pledges_with_address_and_receipt_for_their_own_alone(
    world: World, served: Served, till: Till
) -> None:
    key, other = await buy(world, served, till), await buy(world, served, till, "Eli")
    answer = await served.reader.get(f"/me/orders/{key}")
    assert answer.status_code == 303 and "next=%2Fme%2Forders" in answer.headers["location"]
    await sign_in(served.reader, world, "Dana")
    page = (await served.reader.get("/me")).text
    assert f"/me/orders/{key}" in page and other not in page
    page = (await served.reader.get(f"/me/orders/{key}")).text
    assert "Lark Lane 1" in page and "$24.00" in page
    page = (await served.reader.get(f"/me/orders/{key}/receipt")).text
    assert "dana@example.org" in page and "What was paid" in page
    for path in (f"/me/orders/{other}", f"/me/orders/{other}/receipt", "/me/orders/nothing"):
        assert (await served.reader.get(path)).status_code == 404


async def test_an_order_is_downloaded_and_forgotten_once_it_is_sent(
    world: World, served: Served, till: Till
) -> None:
    key = await buy(world, served, till)
    told = await export_person(world.database, "dana@example.org", world.now)
    (order,) = told["orders"]
    assert order["key"] == key and order["address"]["line1"] == "Lark Lane 1"
    await sign_in(served.reader, world, "Dana")
    page = (await served.reader.get("/me/erase")).text
    assert f"/me/orders/{key}" in page and "it is not sent yet" in page
    with pytest.raises(Conflict):
        await erase_person(world.database, "dana@example.org", world.now)
    await world.rows("update orders set shipped_at = paid_at, tracking = 'JD01' returning id")
    await erase_person(world.database, "dana@example.org", world.now)
    row = await world.row("select email, name, address, tracking, total from orders")
    assert tuple(row) == ("", "", None, "", 2400)
    payloads = [r["payload"] for r in await world.rows("select payload from inbox")]
    assert payloads and not any("dana@" in p or "Lark Lane" in p for p in payloads)
    shown = (await served.reader.get(f"/o/{key}")).text
    assert "Lark Lane" not in shown and "dana@" not in shown


async def test_whoever_lost_the_page_of_an_order_finds_it_back_by_their_address_alone(
    world: World, served: Served, till: Till
) -> None:
    """Dana never pledged; her order's mail and a link to her address both lead to it."""
    key = await buy(world, served, till)
    row = await world.row("select recipient, order_id from mails where kind = 'order'")
    own = await world.row("select id from orders where key = $1", key)
    assert (row["recipient"], row["order_id"]) == ("dana@example.org", own["id"])
    async with Reader(served.url) as elsewhere:
        page = (await elsewhere.get("/me/sign-in")).text
        assert "pledged or ordered with" in page
        await sign_in(elsewhere, world, "Dana")
        assert f"/me/orders/{key}" in (await elsewhere.get("/me")).text
        assert f'href="/o/{key}"' in (await elsewhere.get(f"/me/orders/{key}")).text
