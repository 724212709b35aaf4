"""Orders in the studio when things happen twice or go wrong: refunds, parcels, disputes."""

from typing import Any

import pytest

from milepost.services.auditing_orders import audit_orders_of
from milepost.services.giving_up_orders import give_up
from milepost.services.minding_orders import send_order_refunds
from tests.sandbox.door import FAILING_BANK, SLOW_BANK
from tests.shop import listing
from tests.shopping import Shopper, Till
from tests.web.me import sign_in
from tests.web.serving import Served
from tests.web.studio import enter, send, staff
from tests.world import World

ORDERS = "/studio/larkfield/orders"
REFUND_FAILS = "4000000000005126"


@pytest.fixture
async def shop(world: World, served: Served) -> Any:
    """Muffs for $19 that need no parcel, and the people who mind them."""
    await staff(world)
    return await listing(world, ships=False, stock=5)


async def sold(world: World, served: Served, till: Till, product: int, **told: Any) -> Any:
    """Dana buys one muff; the order."""
    dana = Shopper(world, served.reader)
    await dana.put(product)
    till.pay(await dana.begin(), **told)
    await till.catch_up()
    return await world.row("select * from orders order by id desc limit 1")


async def refunds_sent(world: World, till: Till) -> None:
    while await send_order_refunds(world.database, till.gateway):
        pass
    await till.catch_up()


def hidden(page: str) -> dict[str, str]:
    """What the form that gives the money back sends of itself."""
    parts = page.split('<input type="hidden" name="')[1:]
    return {part.split('"')[0]: part.split('value="')[1].split('"')[0] for part in parts}


async def test_a_refund_that_is_pressed_twice_goes_back_once(
    world: World, served: Served, till: Till, shop: Any
) -> None:
    order = await sold(world, served, till, shop.product)
    await enter(served.reader, "Alice")
    own = f"{ORDERS}/{order['id']}"
    told = await send(served.reader, f"{own}/refund", what="amount", amount="5")
    form = hidden(told.text)
    assert form == {"what": "amount", "amount": "5", "expected": "500", "left": "1900"}
    assert (await send(served.reader, f"{own}/refund", **form)).status_code == 303
    again = await send(served.reader, f"{own}/refund", **form)
    assert again.status_code == 409 and "$14 is left" in again.text
    assert [r["amount"] for r in await world.rows("select amount from order_refunds")] == [500]
    await refunds_sent(world, till)
    assert (await world.row("select refunded from orders"))["refunded"] == 500


async def test_a_refund_that_the_bank_sends_back_can_be_given_again(
    world: World, served: Served, till: Till, shop: Any
) -> None:
    order = await sold(world, served, till, shop.product, card=REFUND_FAILS)
    await enter(served.reader, "Alice")
    own = f"{ORDERS}/{order['id']}"
    pieces = {"what": "lines", "line-0": "1", "expected": "1900"}
    assert (await send(served.reader, f"{own}/refund", **pieces)).status_code == 303
    await refunds_sent(world, till)
    for refund in till.sandbox.all("refunds"):
        if refund["status"] != "failed":
            till.sandbox.switch(f"refunds/{refund['id']}/fail", reason="expired_or_canceled_card")
    await till.catch_up()
    row = await world.row("select state, refunded from orders")
    assert tuple(row) == ("paid", 0)
    assert "the bank sent it back" in (await served.reader.get(own)).text
    page = (await served.reader.get(f"{own}/refund")).text
    assert "Nothing is left" not in page and 'max="1"' in page
    assert (await send(served.reader, f"{own}/refund", **pieces)).status_code == 303
    assert (await audit_orders_of(world.database)).differences == []


async def test_what_went_back_on_the_dashboard_and_what_is_on_its_way_are_not_left_twice(
    world: World, served: Served, till: Till, shop: Any
) -> None:
    order = await sold(world, served, till, shop.product)
    till.sandbox.switch(f"charges/{till.sandbox.all('charges')[0]['id']}/refund", amount=1000)
    await till.catch_up()
    await enter(served.reader, "Alice")
    own = f"{ORDERS}/{order['id']}"
    some = {"what": "amount", "amount": "5", "expected": "500"}
    assert (await send(served.reader, f"{own}/refund", **some)).status_code == 303
    page = (await served.reader.get(f"{own}/refund")).text
    assert "$4.00 of it can go back" in page
    await refunds_sent(world, till)
    assert (await world.row("select refunded from orders"))["refunded"] == 1500
    assert "$4.00 of it can go back" in (await served.reader.get(f"{own}/refund")).text


async def test_what_was_paid_too_late_or_is_on_its_way_back_is_not_sent(
    world: World, served: Served, till: Till, shop: Any
) -> None:
    dana = Shopper(world, served.reader)
    await dana.put(shop.product)
    session = await dana.begin()
    late = await world.row("select * from orders")
    await give_up(world.database, late["id"], "expired", world.now)
    await world.rows("update products set stock = 0 where id = $1 returning id", shop.product)
    till.pay(session)
    await till.catch_up()
    await enter(served.reader, "Alice")
    own = f"{ORDERS}/{late['id']}"
    answer = await send(served.reader, f"{own}/ship", carrier="DHL")
    assert answer.status_code == 409 and "is set aside. Set it aside" in answer.text
    await world.rows("update products set stock = 1 where id = $1 returning id", shop.product)
    assert (await send(served.reader, f"{own}/claim")).status_code == 303
    assert (await send(served.reader, f"{own}/refund", expected="1900")).status_code == 303
    answer = await send(served.reader, f"{own}/ship", carrier="DHL")
    assert answer.status_code == 409 and "on its way back" in answer.text
    assert (await world.row("select shipped_at from orders"))["shipped_at"] is None


async def test_a_slow_bank_s_order_shows_as_waiting_until_the_bank_has_paid(
    world: World, served: Served, till: Till, shop: Any
) -> None:
    order = await sold(world, served, till, shop.product, card=SLOW_BANK)
    await enter(served.reader, "Alice")
    own = f"{ORDERS}/{order['id']}"
    assert (order["state"], order["processing"], order["paid"]) == ("open", True, 0)
    page = (await served.reader.get(own)).text
    assert "bank is slow" in page and "Send it" not in page
    assert (await send(served.reader, f"{own}/ship", carrier="DHL")).status_code == 409
    assert (await send(served.reader, f"{own}/refund", expected="1900")).status_code == 409
    assert await world.rows("select from mails where order_id is not null") == []
    till.sandbox.switch(f"sessions/{order['session_id']}/settle")
    await till.catch_up()
    row = await world.row("select state, processing, paid, claiming from orders")
    assert tuple(row) == ("paid", False, 1900, True)
    assert [r["kind"] for r in await world.rows("select kind from mails")] == ["order"]
    assert (await send(served.reader, f"{own}/ship", carrier="DHL")).status_code == 303


async def test_a_slow_bank_that_refuses_leaves_an_order_that_cost_nothing(
    world: World, served: Served, till: Till, shop: Any
) -> None:
    order = await sold(world, served, till, shop.product, card=FAILING_BANK)
    till.sandbox.switch(f"sessions/{order['session_id']}/fail", reason="no_account")
    await till.catch_up()
    await enter(served.reader, "Alice")
    assert (await world.row("select state from orders"))["state"] == "cancelled"
    row = await world.row("select stock, claimed from products where id = $1", shop.product)
    assert tuple(row) == (5, 0)
    page = (await served.reader.get(f"{ORDERS}?show=over")).text
    assert f'href="{ORDERS}/{order["id"]}"' in page


@pytest.mark.parametrize("won", [True, False], ids=["won", "lost"])
async def test_a_dispute_holds_the_parcel_until_the_bank_has_decided(
    world: World, served: Served, till: Till, shop: Any, won: bool
) -> None:
    order = await sold(world, served, till, shop.product)
    await enter(served.reader, "Alice")
    own = f"{ORDERS}/{order['id']}"
    dispute = till.sandbox.switch(f"charges/{till.sandbox.all('charges')[0]['id']}/dispute")
    await till.catch_up()
    assert "1 order is disputed" in (await served.reader.get(ORDERS)).text
    assert f'href="{own}"' in (await served.reader.get(f"{ORDERS}?show=disputed")).text
    page = (await served.reader.get(own)).text
    assert "Open ·&ensp;$19.00" in page.replace("\u2002", "&ensp;") and "fraudulent" in page
    assert "Answer it at Stripe" in page and "Answer it until" in page
    answer = await send(served.reader, f"{own}/ship", carrier="DHL")
    assert answer.status_code == 409 and "Wait until the bank has decided" in answer.text
    assert f'href="{own}/refund"' not in page and "Stripe refuses a refund until" in page
    asked = await served.reader.get(f"{own}/refund")
    assert asked.status_code == 200 and "<form" not in asked.text.split("<main")[1]
    answer = await send(served.reader, f"{own}/refund", how="all", expected="1900", left="1900")
    assert answer.status_code == 409 and "Stripe refuses a refund until" in answer.text
    assert await world.rows("select from order_refunds") == []
    till.sandbox.switch(f"disputes/{dispute['id']}/{'win' if won else 'lose'}")
    await till.catch_up()
    row = await world.row("select state, refunded from orders")
    assert tuple(row) == (("paid", 0) if won else ("refunded", 1900))
    assert "order is disputed" not in (await served.reader.get(ORDERS)).text
    page = (await served.reader.get(own)).text
    assert ("Won" in page, "Lost" in page) == (won, not won) and "See it at Stripe" in page
    answer = await send(served.reader, f"{own}/ship", carrier="DHL")
    assert answer.status_code == (303 if won else 409)
    assert (await audit_orders_of(world.database)).differences == []
    await till.catch_up()
    assert len(await world.rows("select from mails where kind = 'order_refunded'")) == (not won)


async def test_whoever_has_paid_may_review_what_they_bought(
    world: World, served: Served, till: Till, shop: Any
) -> None:
    await sold(world, served, till, shop.product)
    await sign_in(served.reader, world, "Dana")
    page = (await served.reader.get(f"/shop/{shop.slug}/reviews")).text
    assert 'name="stars"' in page
