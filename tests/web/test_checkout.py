"""From the cart to the order: claimed once, charged as promised, said as Stripe has signed it."""

from typing import Any

import orjson

from milepost.services.cart_changes import ShipTo, UseCode
from milepost.services.giving_up_orders import end_overdue_orders, give_up
from milepost.services.receiving import arrival, keep_events
from milepost.services.settling import settle_all
from tests.shop import listing
from tests.shop_money import code, option
from tests.shopping import DECLINED, Shopper, Till
from tests.web.client import Reader
from tests.web.serving import Served
from tests.world import NOON, World


async def order_of(world: World) -> Any:
    """The latest order."""
    return await world.row("select * from orders order by id desc limit 1")


async def shelf(world: World, product: int) -> tuple[int | None, int]:
    """What of the product is in stock, and what orders hold."""
    row = await world.row("select stock, claimed from products where id = $1", product)
    return row["stock"], row["claimed"]


async def page(reader: Reader, key: str) -> str:
    """The order's own page."""
    answer = await reader.get(f"/o/{key}")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    return answer.text


async def test_what_the_cart_promised_is_charged_and_the_order_is_paid_by_a_signed_event(
    world: World, till: Till, dana: Shopper
) -> None:
    muff, mug = await listing(world, stock=5), await listing(world, title="Mug", price=1000)
    await option(world, "Standard", ("DE",))
    ten = await code(world, "TEN", most=3)
    await dana.put(muff.product, 3)
    await dana.put(mug.product)
    await dana.change(ShipTo("DE"), UseCode("ten"))
    total = 3 * 1900 + 1000 - 670 + 500
    session = await dana.begin(shown_total=str(total))
    assert await shelf(world, muff.product) == (2, 3)
    order = await order_of(world)
    assert (order["state"], order["total"], order["code_id"]) == ("open", total, ten)
    assert "Waiting for your payment" in await page(dana.reader, order["key"])
    paid = till.pay(session)
    assert paid["session"]["amount_total"] == total
    assert "Waiting for your payment" in await page(dana.reader, order["key"])  # P9
    await till.catch_up()
    order = await order_of(world)
    assert (order["state"], order["paid"], order["email"]) == ("paid", total, "dana@example.org")
    assert order["address"]["line1"] == "Lark Lane 1" and order["address"]["country"] == "DE"
    assert await shelf(world, muff.product) == (2, 3)
    text = await page(dana.reader, order["key"])
    assert "Paid" in text and "Code TEN" in text and "Standard" in text and "Lark Lane" not in text
    assert [r["lines"] for r in await world.rows("select lines from carts")] == [[]]
    mail = await world.row("select kind, recipient, customer_id from mails")
    assert (mail["kind"], mail["recipient"]) == ("order", "dana@example.org")
    assert mail["customer_id"] == order["customer_id"]
    await till.catch_up()
    assert len(await world.rows("select from mails")) == 1


async def test_events_that_come_twice_and_the_other_way_round_leave_the_same_order(
    world: World, till: Till, dana: Shopper
) -> None:
    muff = await listing(world, ships=False, stock=2)
    await dana.put(muff.product)
    till.pay(await dana.begin())
    charge = till.sandbox.all("charges")[0]
    till.sandbox.switch(f"charges/{charge['id']}/refund", amount=900)
    events = [event async for event in till.gateway.events_since(NOON.replace(year=2020))]
    for number, event in enumerate((*events, *reversed(events))):  # newest first, then again
        again = {**event, "id": f"evt_{number}"}
        told = [arrival(again, orjson.dumps(again).decode())]
        await keep_events(world.database, told, world.now)
        await settle_all(world.database, world.clock)
    order = await order_of(world)
    assert (order["state"], order["paid"], order["refunded"]) == ("paid", 1900, 900)
    assert await shelf(world, muff.product) == (1, 1)
    assert await world.rows("select from facts") == []
    kinds = [r["kind"] for r in await world.rows("select kind from mails order by id")]
    assert kinds == ["order", "order_refunded"]
    assert "$9.00" in await page(dana.reader, order["key"])


async def test_a_declined_card_leaves_the_page_open_and_nothing_paid(
    world: World, till: Till, dana: Shopper
) -> None:
    muff = await listing(world, ships=False, stock=1)
    await dana.put(muff.product)
    session = await dana.begin()
    till.pay(session, card=DECLINED)
    await till.catch_up()
    assert (await order_of(world))["state"] == "open"
    assert await shelf(world, muff.product) == (0, 1)
    till.pay(session)
    await till.catch_up()
    assert (await order_of(world))["state"] == "paid"


async def test_an_expired_page_gives_pieces_gift_and_code_back_by_event_and_by_sweep(
    world: World, till: Till, dana: Shopper
) -> None:
    muff = await listing(world, ships=False, stock=4)
    ten = await code(world, "TEN", most=1)
    for by_event in (True, False):
        await dana.put(muff.product, 2 if by_event else 0)
        await dana.change(UseCode("TEN"))
        await dana.begin()
        assert (await world.row("select used from shop_codes where id = $1", ten))["used"] == 1
        order = await order_of(world)
        if by_event:
            assert await till.gateway.end_checkout(order["session_id"])
            await till.catch_up()
        else:
            now = order["expires_at"]
            await end_overdue_orders(world.database, till.gateway, lambda now=now: now)
        order = await order_of(world)
        assert (order["state"], order["claiming"]) == ("expired", False)
        assert await shelf(world, muff.product) == (4, 0)
        assert (await world.row("select used from shop_codes where id = $1", ten))["used"] == 0
        await till.catch_up()
        assert await shelf(world, muff.product) == (4, 0)
        assert "Nothing was charged" in await page(dana.reader, order["key"])


async def test_choosing_again_gives_the_last_piece_back_to_the_same_shopper_first(
    world: World, till: Till, dana: Shopper
) -> None:
    muff = await listing(world, ships=False, stock=1)
    await dana.put(muff.product)
    first = await dana.begin()
    second = await dana.begin()
    assert first != second
    states = [r["state"] for r in await world.rows("select state from orders order by id")]
    assert states == ["cancelled", "open"]
    assert await shelf(world, muff.product) == (0, 1)
    till.pay(second)
    await till.catch_up()
    assert (await order_of(world))["state"] == "paid"
    assert await shelf(world, muff.product) == (0, 1)


async def test_a_page_that_was_paid_meanwhile_leads_to_the_order_and_not_to_a_second_payment(
    world: World, till: Till, dana: Shopper
) -> None:
    muff = await listing(world, ships=False)
    await dana.put(muff.product)
    till.pay(await dana.begin())
    answer = await dana.check_out()
    key = (await order_of(world))["key"]
    assert answer.status_code == 303 and answer.headers["location"].endswith(f"/o/{key}")
    assert len(await world.rows("select from orders")) == 1


async def test_a_sum_that_is_not_the_one_shown_is_told_before_anybody_pays(
    world: World, till: Till, dana: Shopper
) -> None:
    muff = await listing(world, ships=False, stock=3)
    await dana.put(muff.product)
    await world.rows("update products set prices = '{\"USD\": 2500}' returning id")
    answer = await dana.check_out(shown_total="1900")
    assert answer.status_code == 409 and "It is $25 now" in answer.text
    assert await world.rows("select from orders") == []
    assert await shelf(world, muff.product) == (3, 0)
    assert (await dana.check_out(shown_total="2500")).status_code == 303


async def test_what_somebody_else_took_is_named_and_nothing_is_claimed(
    world: World, till: Till, dana: Shopper, served: Served
) -> None:
    muff, mug = await listing(world, ships=False, stock=1), await listing(world, ships=False)
    await dana.put(mug.product)
    await dana.put(muff.product)
    async with Reader(served.url) as other:
        eli = Shopper(world, other)
        await eli.put(muff.product)
        await eli.begin()
    answer = await dana.check_out()
    assert answer.status_code == 409 and "Wind muff" in answer.text and "sold out" in answer.text
    assert await shelf(world, mug.product) == (None, 0)
    assert len(await world.rows("select from orders")) == 1


async def test_where_something_ships_a_country_must_be_chosen_that_it_is_sent_to(
    world: World, till: Till, dana: Shopper
) -> None:
    muff = await listing(world)
    await option(world, "Home", ("DE",))
    await dana.put(muff.product)
    answer = await dana.check_out()
    assert answer.status_code == 409 and "Choose the country" in answer.text
    await dana.change(ShipTo("JP"))
    answer = await dana.check_out()
    assert answer.status_code == 409 and "Nothing is sent to this country" in answer.text
    await dana.change(ShipTo("DE"))
    assert (await dana.check_out()).status_code == 303


async def test_an_order_for_nothing_needs_no_stripe_and_is_complete_at_once(
    world: World, till: Till, dana: Shopper
) -> None:
    muff = await listing(world, stock=2)
    await option(world, "Standard")
    await code(world, "ALL", percent=10_000)
    await code(world, "POST", kind="shipping")
    await dana.put(muff.product)
    await dana.change(ShipTo("DE"), UseCode("ALL"))
    await world.rows("update shipping_options set prices = '{\"USD\": 0}' returning id")
    answer = await dana.check_out(shown_total="0")
    assert answer.status_code == 200 and "There is nothing to pay" in answer.text
    assert await shelf(world, muff.product) == (2, 0)
    whole = {"email": "Dana@Example.org", "name": "Dana", "line1": "Lark Lane 1", "country": "DE"}
    answer = await dana.check_out(shown_total="0", **whole)
    assert answer.status_code == 422 and "Type the town" in answer.text
    answer = await dana.check_out(shown_total="0", city="Berlin", postal_code="10115", **whole)
    assert answer.status_code == 303, answer.text
    order = await order_of(world)
    assert (order["state"], order["total"], order["paid"]) == ("paid", 0, 0)
    assert order["email"] == "dana@example.org" and order["customer_id"] is not None
    assert await shelf(world, muff.product) == (1, 1)
    assert order["session_id"] is None
    assert [r["kind"] for r in await world.rows("select kind from mails")] == ["order"]
    assert "There was nothing to pay" in await page(dana.reader, order["key"])


async def test_a_payment_after_the_end_claims_again_or_says_honestly_that_it_can_t(
    world: World, till: Till, dana: Shopper, served: Served
) -> None:
    muff = await listing(world, ships=False, stock=1)
    for is_left in (True, False):
        await world.rows("update products set stock = 1 returning id")
        await dana.put(muff.product)
        session = await dana.begin()
        order = await order_of(world)
        await give_up(
            world.database, order["id"], "expired", world.now
        )  # Stripe had not heard of it yet
        if not is_left:
            await world.rows("update products set stock = 0 returning id")
        till.pay(session)
        await till.catch_up()
        order = await order_of(world)
        assert (order["state"], order["claiming"]) == ("paid", is_left)
        text = await page(dana.reader, order["key"])
        assert ("too late for all of it" in text) is not is_left
    stock, claimed = await shelf(world, muff.product)
    assert (stock, claimed) == (0, 1)


async def test_no_session_no_cart_and_no_form_of_another_site_order_anything(
    world: World, served: Served, dana: Shopper
) -> None:
    assert (await served.reader.get("/checkout")).headers["location"] == "/cart"
    assert (await dana.check_out()).headers["location"] == "/cart"
    muff = await listing(world, ships=False)
    await dana.put(muff.product)
    cookie = {"cookie": f"milepost_cart={dana.token}"}
    foreign = cookie | {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert (await served.reader.post("/checkout", headers=foreign)).status_code == 403
    assert (await served.reader.get("/o/no-such-order-at-all")).status_code == 404
    assert await world.rows("select from orders") == []


async def test_the_cart_s_own_button_sends_the_sum_that_it_shows(
    world: World, till: Till, dana: Shopper
) -> None:
    muff = await listing(world, ships=False)
    await dana.put(muff.product, 2)
    shown = await dana.reader.get("/cart", headers={"cookie": f"milepost_cart={dana.token}"})
    assert '<input type="hidden" name="shown_total" value="3800">' in shown.text
    await dana.begin(shown_total="3800")
    assert (await order_of(world))["total"] == 3800
