"""Checkouts that cross each other: two windows, slow banks, carts that joined, what fell out."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from milepost.services.auditing_orders import audit_orders_of
from milepost.services.cart_changes import PayIn, ShipTo, UseCode
from milepost.services.carting import merge_at_sign_in
from milepost.services.giving_up_orders import end_overdue_orders, give_up
from milepost.services.ordering import Pages, Words, check_out
from milepost.services.placing_orders import Checkout
from milepost.storage import orders
from tests.sandbox.door import FAILING_BANK, SLOW_BANK
from tests.sandbox.process import KEY
from tests.shop import Variant, customer, listing, sells_in
from tests.shop_money import code, option
from tests.shopping import Shopper, Till
from tests.web.client import Reader
from tests.web.serving import Served
from tests.web.test_checkout import order_of, shelf
from tests.world import World


async def signs_in(world: World, who: Shopper) -> None:
    """Dana signs in with this browser, which keeps the token that it is given."""
    kept = await merge_at_sign_in(world.database, who.token, "dana@example.org", world.now)
    assert kept is not None
    who.token = kept


async def cart_page(dana: Shopper) -> str:
    answer = await dana.reader.get("/cart", headers={"cookie": f"milepost_cart={dana.token}"})
    assert answer.status_code == 200
    return answer.text


async def test_what_fell_out_of_a_cart_is_told_once_and_the_rest_can_then_be_ordered(
    world: World, till: Till, dana: Shopper
) -> None:
    muff, mug = await listing(world, ships=False, stock=1), await listing(world, ships=False)
    await dana.put(muff.product)
    await dana.put(mug.product)
    await world.rows("update products set stock = 0 where id = $1 returning id", muff.product)
    answer = await dana.check_out(shown_total="3800")
    assert answer.status_code == 409 and "“Wind muff” is sold out" in answer.text
    assert 'name="shown_total" value="1900"' in answer.text
    await dana.begin(shown_total="1900")
    assert (await order_of(world))["total"] == 1900


async def test_what_a_checkout_lost_to_somebody_else_is_told_once(
    world: World, till: Till, dana: Shopper, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last piece goes between the reading of the cart and the claim."""
    muff, mug = await listing(world, ships=False, stock=1), await listing(world, ships=False)
    await dana.put(mug.product)
    await dana.put(muff.product)
    claim = orders.claim

    async def robbed(db: Any, pieces: Any) -> set[int]:
        monkeypatch.setattr(orders, "claim", claim)
        await world.rows("update products set stock = 0 where id = $1 returning id", muff.product)
        return await claim(db, pieces)

    monkeypatch.setattr(orders, "claim", robbed)
    assert (await dana.check_out()).status_code == 409
    assert await shelf(world, mug.product) == (None, 0)
    await dana.begin()


@pytest.mark.parametrize("stock", [1, None])
async def test_a_button_that_is_pressed_twice_leads_to_one_open_page(
    world: World, till: Till, dana: Shopper, stock: int | None
) -> None:
    muff = await listing(world, ships=False, stock=stock)
    await dana.put(muff.product)
    answers = await asyncio.gather(*(dana.check_out(shown_total="1900") for _ in range(2)))
    assert [answer.status_code for answer in answers] == [303, 303]
    rows = await world.rows("select session_id from orders where state = 'open'")
    (is_open,) = [x["id"] for x in till.sandbox.all("sessions") if x["status"] == "open"]
    assert [row["session_id"] for row in rows] == [is_open]
    assert any(is_open in answer.headers["location"] for answer in answers)
    assert await shelf(world, muff.product) == (0 if stock else None, 1)


async def test_while_a_slow_bank_decides_the_cart_is_free_for_the_next_order(
    world: World, till: Till, dana: Shopper
) -> None:
    muff = await listing(world, ships=False, stock=3)
    await dana.put(muff.product, 2)
    first = await dana.begin()
    till.pay(first, card=SLOW_BANK)
    await till.catch_up()
    assert (await order_of(world))["processing"] is True
    assert "Your cart is empty" in await cart_page(dana)
    await dana.put(muff.product, 1)
    second = await dana.begin()
    assert second != first
    till.pay(second)
    till.sandbox.switch(f"sessions/{first}/settle")
    await till.catch_up()
    states = await world.rows("select state, claiming from orders order by id")
    assert [tuple(r) for r in states] == [("paid", True)] * 2
    assert await shelf(world, muff.product) == (0, 3)
    assert (await audit_orders_of(world.database)).differences == []


async def test_what_a_bank_refuses_in_the_end_is_given_back(
    world: World, till: Till, dana: Shopper
) -> None:
    muff = await listing(world, ships=False, stock=2)
    ten = await code(world, "TEN", most=1)
    await dana.put(muff.product, 2)
    await dana.change(UseCode("TEN"))
    session = await dana.begin()
    till.pay(session, card=FAILING_BANK)
    await till.catch_up()
    order = await order_of(world)
    assert (order["state"], order["processing"]) == ("open", True)
    assert await shelf(world, muff.product) == (0, 2)
    till.sandbox.switch(f"sessions/{session}/fail", reason="no_account")
    await till.catch_up()
    order = await order_of(world)
    assert (order["state"], order["claiming"], order["paid"]) == ("cancelled", False, 0)
    assert await shelf(world, muff.product) == (2, 0)
    assert (await world.row("select used from shop_codes where id = $1", ten))["used"] == 0
    assert "Nothing was charged" in (await dana.reader.get(f"/o/{order['key']}")).text
    assert await world.rows("select from mails where kind = 'order'") == []


async def test_a_page_that_opens_after_its_order_was_given_up_is_closed_again(
    world: World, till: Till, dana: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    muff = await listing(world, ships=False, stock=1)
    await dana.put(muff.product)
    open_order_page = till.gateway.open_order_page

    async def slowly(*told: Any) -> Any:
        opened = await open_order_page(*told)
        await give_up(world.database, (await order_of(world))["id"], "cancelled", world.now)
        return opened

    monkeypatch.setattr(till.gateway, "open_order_page", slowly)
    words, pages = Words("Gift: %(title)s", "Shipping", "Rest"), Pages("http://localhost")
    told = (world.database, till.gateway, pages, world.clock, dana.token, Checkout(), words)
    with pytest.raises(Exception, match="another window"):
        await check_out(*told)
    (session,) = till.sandbox.all("sessions")
    assert session["status"] == "expired"
    assert await shelf(world, muff.product) == (1, 0)


async def test_what_was_paid_is_taken_out_of_the_cart_that_its_own_has_joined(
    world: World, till: Till, dana: Shopper, served: Served
) -> None:
    muff, mug = await listing(world, ships=False, stock=1), await listing(world, ships=False)
    await customer(world, "Dana")
    async with Reader(served.url) as other:
        at_home = Shopper(world, other)
        await at_home.put(mug.product)
        await signs_in(world, at_home)
        await dana.put(muff.product)
        session = await dana.begin()
        await signs_in(world, dana)
        assert "Wind muff" in await cart_page(at_home)
        till.pay(session)
        await till.catch_up()
        rows = await world.rows("select lines from carts where merged_into is null")
        assert [r["lines"] for r in rows] == [[{"product": mug.product, "quantity": 1}]]


async def test_an_open_page_of_a_cart_that_has_joined_another_ends_when_that_is_checked_out(
    world: World, till: Till, dana: Shopper, served: Served
) -> None:
    muff = await listing(world, ships=False, stock=1)
    await customer(world, "Dana")
    async with Reader(served.url) as other:
        at_home = Shopper(world, other)
        await at_home.put(muff.product)
        await signs_in(world, at_home)
        await dana.put(muff.product)
        await dana.begin()
        await signs_in(world, dana)
        await at_home.begin()
    states = [r["state"] for r in await world.rows("select state from orders order by id")]
    assert states == ["cancelled", "open"]
    assert await shelf(world, muff.product) == (0, 1)


async def test_somebody_who_signs_in_with_two_browsers_at_once_has_one_cart_in_both(
    world: World, served: Served
) -> None:
    muff, mug = await listing(world), await listing(world, title="Mug")
    await customer(world, "Dana")
    for _ in range(5):
        async with Reader(served.url) as one, Reader(served.url) as two:
            browsers = [Shopper(world, one), Shopper(world, two)]
            await browsers[0].put(muff.product)
            await browsers[1].put(mug.product)
            await asyncio.gather(*(signs_in(world, browser) for browser in browsers))
            pages = [await cart_page(browser) for browser in browsers]
            assert all("Mug" in page and "Wind muff" in page for page in pages)
        (row,) = await world.rows("select lines from carts where customer_id is not null")
        assert {line["product"] for line in row["lines"]} == {muff.product, mug.product}
        await world.rows("delete from carts where customer_id is not null returning id")


async def test_an_order_for_nothing_goes_where_its_way_was_chosen_for(
    world: World, till: Till, dana: Shopper
) -> None:
    """P9: the form names another country than the cart, to which nothing is sent."""
    muff = await listing(world, stock=1)
    await option(world, "Home", ("DE",), USD=0)
    await code(world, "ALL", percent=10_000)
    await dana.put(muff.product)
    await dana.change(ShipTo("DE"), UseCode("ALL"))
    away = {"email": "dana@example.org", "name": "Dana", "line1": "1 Bay Road", "city": "Sydney"}
    away |= {"postal_code": "2000", "region": "NSW", "country": "AU"}
    answer = await dana.check_out(shown_total="0", **away)
    assert answer.status_code == 422 and "the country that your cart names" in answer.text
    assert await world.rows("select from orders") == []


async def test_two_pieces_that_do_not_share_a_sum_in_steps_of_ten_are_one_row_of_the_page(
    world: World, till: Till, dana: Shopper
) -> None:
    await sells_in(world, "USD", "KWD")
    muff = await listing(world, ships=False, price=1000, currency="KWD")
    await code(world, "PENNY", kind="amount", amounts={"KWD": 10})
    await dana.put(muff.product, 2, "KWD")
    await dana.change(PayIn("KWD"), UseCode("PENNY"))
    session = await dana.begin(shown_total="1990")
    assert till.pay(session)["session"]["amount_total"] == 1990
    (item,) = till.sandbox.http.get(
        f"/v1/checkout/sessions/{session}/line_items", headers={"authorization": f"Bearer {KEY}"}
    ).json()["data"]
    assert (item["quantity"], item["price"]["unit_amount"]) == (1, 1990)


async def test_a_sum_in_a_currency_that_another_window_has_chosen_is_told_before_anybody_pays(
    world: World, till: Till, dana: Shopper
) -> None:
    """Nineteen euros are not nineteen dollars, though the number is the same."""
    await sells_in(world, "USD", "EUR")
    muff = await listing(world, variants=(Variant(prices={"USD": 1900, "EUR": 1900}, ships=False),))
    await dana.put(muff.product)
    assert '<input type="hidden" name="shown_currency" value="USD">' in await cart_page(dana)
    await dana.change(PayIn("EUR"))
    answer = await dana.check_out(shown_total="1900", shown_currency="USD")
    assert answer.status_code == 409 and "It is €19 now" in answer.text
    await dana.begin(shown_total="1900", shown_currency="EUR")


async def test_a_cart_in_a_currency_that_the_shop_has_given_up_is_in_its_own_from_then_on(
    world: World, till: Till, dana: Shopper
) -> None:
    await sells_in(world, "USD", "EUR")
    muff = await listing(world, variants=(Variant(prices={"USD": 2000, "EUR": 1900}, ships=False),))
    mug = await listing(world, price=900, currency="EUR", title="Mug", ships=False)
    await dana.put(muff.product, currency="EUR")
    await dana.put(mug.product, currency="EUR")
    await sells_in(world, "USD")
    page = await cart_page(dana)
    assert "does not sell in EUR any more, so your cart is in USD now" in page
    assert "“Mug” is not sold in USD" in page and "$20" in page
    answer = await dana.check_out(shown_total="2800", shown_currency="EUR")
    assert answer.status_code == 409 and "any more, so your cart is in USD now" in answer.text
    await dana.begin(shown_total="2000", shown_currency="USD")
    assert (await order_of(world))["currency"] == "USD"


async def test_pages_that_were_completed_unheard_keep_no_other_from_ending(
    world: World, till: Till, dana: Shopper, served: Served
) -> None:
    muff = await listing(world, ships=False, stock=2)
    await dana.put(muff.product)
    till.pay(await dana.begin())
    async with Reader(served.url) as other:
        eli = Shopper(world, other)
        await eli.put(muff.product)
        await eli.begin()
    over = (await order_of(world))["expires_at"] + timedelta(minutes=1)
    for _ in range(2):
        await end_overdue_orders(world.database, till.gateway, lambda: over, most=1)
    states = [r["state"] for r in await world.rows("select state from orders order by id")]
    assert states == ["open", "expired"]
    assert await end_overdue_orders(world.database, till.gateway, lambda: over) == 0
    await till.catch_up()
    states = [r["state"] for r in await world.rows("select state from orders order by id")]
    assert states == ["paid", "expired"]
