"""Store credit pays in cart and checkout: seen, claimed, returned, to the cent (C1, K3, K6, P3)."""

from typing import Any

import pytest

from milepost.services.cart_changes import ShipTo, UseCode, UseCredit
from milepost.services.giving_up_orders import end_overdue_orders, give_up
from milepost.storage import accounts
from milepost.storage.database import unit
from tests.carts import campaign, step
from tests.earned import balance, clean, credit
from tests.shop import Listed, customer, listing, sells_in
from tests.shop_money import code, option
from tests.shopping import Shopper, Till
from tests.web.client import Reader
from tests.web.serving import Served
from tests.web.test_checkout import order_of, shelf
from tests.world import World


async def filled(world: World, dana: Shopper, amount: int = 1200, **listed: Any) -> Listed:
    """Dana has so much credit and, signed in, a muff for $19 in her cart."""
    await credit(world, "Dana", amount)
    muff = await listing(world, **{"ships": False, "price": 1900} | listed)
    await dana.put(muff.product)
    await dana.sign_in()
    return muff


async def page(who: Shopper) -> str:
    answer = await who.reader.get("/cart", headers={"cookie": who.cookies})
    assert answer.status_code == 200
    return answer.text


async def test_whoever_is_signed_in_pays_with_credit_first_and_the_card_takes_the_rest(
    world: World, till: Till, dana: Shopper
) -> None:
    await credit(world, "Dana", 1200)
    muff = await listing(world, ships=False, price=1900)
    await dana.put(muff.product)
    assert "store credit" not in await page(dana)
    await dana.sign_in()
    shown = await page(dana)
    assert "Use $12.00 of your store credit" in shown and "-$12.00" in shown
    assert 'name="shown_total" value="700"' in shown
    session = await dana.begin(shown_total="700", shown_currency="USD")
    order = await order_of(world)
    assert (order["credit"], order["total"], order["state"]) == (1200, 700, "open")
    assert await balance(world, "Dana") == 0
    assert "Use $12.00 of your store credit" in await page(dana)
    assert till.pay(session)["session"]["amount_total"] == 700
    await till.catch_up()
    order = await order_of(world)
    assert (order["state"], order["paid"], order["name"]) == ("paid", 700, "Dana")
    told = (await dana.reader.get(f"/o/{order['key']}")).text
    assert "Paid with store credit" in told and "-$12.00" in told
    await clean(world)


async def test_the_switch_keeps_the_credit_for_another_time(
    world: World, till: Till, dana: Shopper
) -> None:
    await filled(world, dana)
    typed = {"do": "credit", "place": "page"}
    headers = dana.reader.from_here | {"cookie": dana.cookies}
    assert (await dana.reader.post("/cart/change", data=typed, headers=headers)).status_code == 303
    shown = await page(dana)
    assert "Use $12.00 of your store credit" in shown and 'value="1900"' in shown
    assert till.pay(await dana.begin(shown_total="1900"))["session"]["amount_total"] == 1900
    assert await balance(world, "Dana") == 1200
    typed |= {"wanted": "1"}
    assert (await dana.reader.post("/cart/change", data=typed, headers=headers)).status_code == 303
    assert (await dana.cart()).evaluation.bill.credit == 1200


async def test_a_carts_token_alone_neither_sees_nor_spends_its_customers_credit(
    world: World, till: Till, dana: Shopper, served: Served
) -> None:
    """Stolen from a browser, or left in one that was signed out elsewhere."""
    await filled(world, dana, 5000)
    await credit(world, "Eli", 700)
    async with Reader(served.url) as other:
        thief = Shopper(world, other, dana.token)
        assert "of your store credit" not in await page(thief)
        told = await other.get("/api/v1/cart?html=1", headers={"milepost-cart": dana.token})
        assert told.json()["bill"]["total"] == 1900 and "store credit" not in told.text
        headers = {"milepost-cart": dana.token, "cookie": dana.cookies}
        assert "store credit" not in (await other.get("/api/v1/cart?html=1", headers=headers)).text
        eli = Shopper(world, other)
        await eli.sign_in("Eli")
        thief.visit = eli.visit
        assert "of your store credit" not in await page(thief)
        await thief.begin(shown_total="1900")
    assert await balance(world, "Dana") == 5000
    order = await order_of(world)
    assert (order["credit"], order["customer_id"]) == (0, None)


async def test_credit_comes_back_when_the_order_is_given_up_refused_or_expires(
    world: World, till: Till, dana: Shopper
) -> None:
    await filled(world, dana)
    await dana.begin()
    await dana.begin()  # once more: the first page is given up, and its credit used again
    states = [r["state"] for r in await world.rows("select state from orders order by id")]
    assert states == ["cancelled", "open"] and await balance(world, "Dana") == 0
    await till.catch_up()
    assert await balance(world, "Dana") == 0
    world.now = (await order_of(world))["expires_at"]
    await end_overdue_orders(world.database, till.gateway, world.clock)
    assert await balance(world, "Dana") == 1200
    await end_overdue_orders(world.database, till.gateway, world.clock)
    await till.catch_up()
    assert await balance(world, "Dana") == 1200
    kinds = await world.rows("select kind, ready from account_entries order by id")
    assert [tuple(r) for r in kinds[1:]] == [("spent", -1200), ("returned", 1200)] * 2
    await clean(world)


async def test_credit_that_went_elsewhere_meanwhile_is_told_and_nothing_is_charged(
    world: World, till: Till, dana: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the reading of the cart and the claim, another checkout spends it."""
    muff = await filled(world, dana, stock=1)
    dana_id = await customer(world, "Dana")
    spend = accounts.spend

    async def robbed(db: object, *told: object) -> bool:
        monkeypatch.setattr(accounts, "spend", spend)
        async with unit(world.database) as own:
            assert await spend(own, dana_id, "USD", 1000, "elsewhere", world.now)
        return False

    monkeypatch.setattr(accounts, "spend", robbed)
    answer = await dana.check_out(shown_total="700")
    assert answer.status_code == 409
    assert "Your store credit has just been spent elsewhere. Nothing was charged." in answer.text
    assert 'name="shown_total" value="1700"' in answer.text
    assert await world.rows("select from orders") == []
    assert await shelf(world, muff.product) == (1, 0)


async def test_an_order_that_credit_pays_wholly_asks_where_it_goes_and_not_who_orders(
    world: World, till: Till, dana: Shopper
) -> None:
    await filled(world, dana, 9000, ships=True)
    await option(world, "Home", ("DE",), USD=500)
    await dana.change(ShipTo("DE"))
    assert "of $90.00" in await page(dana)
    answer = await dana.check_out(shown_total="0")
    assert answer.status_code == 200 and 'name="email"' not in answer.text
    assert "It is paid with $24.00 of your store credit" in answer.text
    where = {"account": "1", "name": "Dana", "line1": "Lark Lane 1", "city": "Larkfield"}
    where |= {"postal_code": "10115", "country": "DE"}
    wrong = await dana.check_out(shown_total="0", **(where | {"line1": ""}))
    assert wrong.status_code == 422 and 'name="email"' not in wrong.text
    answer = await dana.check_out(shown_total="0", **where)
    order = await order_of(world)
    assert answer.headers["location"].endswith(f"/o/{order['key']}")
    assert (order["state"], order["credit"], order["total"]) == ("paid", 2400, 0)
    assert (order["customer_id"], order["email"]) == (
        await customer(world, "Dana"),
        "dana@example.org",
    )
    assert order["address"]["line1"] == "Lark Lane 1"
    assert await balance(world, "Dana") == 6600
    assert "Your cart is empty" in await page(dana)
    assert len(await world.rows("select from mails where kind = 'order'")) == 1
    await clean(world)


async def test_so_much_credit_is_kept_that_a_card_can_pay_the_rest(
    world: World, till: Till, dana: Shopper
) -> None:
    """Stripe takes no less than 50 cents."""
    await filled(world, dana, 1880)
    bill = (await dana.cart()).evaluation.bill
    assert (bill.credit, bill.total) == (1850, 50)
    session = await dana.begin(shown_total="50")
    assert till.pay(session)["session"]["amount_total"] == 50


async def test_credit_moves_no_milestone_and_is_no_discount(
    world: World, till: Till, dana: Shopper
) -> None:
    """K3: a bar that counts after discounts still counts what credit pays."""
    await credit(world, "Dana", 5000)
    muff = await listing(world, ships=False, price=3000)
    await code(world, "TEN")
    async with unit(world.database) as db:
        tiers = await campaign(world, step("percent", percent=1000, USD=2700))
        await db.execute("update cart_campaigns set after_codes = true")
    await dana.put(muff.product)
    await dana.sign_in()
    await dana.change(UseCode("TEN"))
    seen = await dana.cart()
    assert seen.evaluation.reading == 2700 and seen.reached == frozenset(tiers)
    assert seen.evaluation.bill.credit == 2400 and seen.evaluation.bill.total == 0


async def test_dinars_are_paid_in_whole_coins_whatever_the_account_has(
    world: World, till: Till, dana: Shopper
) -> None:
    await sells_in(world, "KWD")
    await credit(world, "Dana", 1005, "KWD")
    muff, mug = [
        await listing(world, ships=False, price=price, currency="KWD") for price in (990, 670)
    ]
    await dana.put(muff.product, 3, "KWD")
    await dana.put(mug.product, 1, "KWD")
    await dana.sign_in()
    session = await dana.begin(shown_total="2640")
    assert till.pay(session)["session"]["amount_total"] == 2640
    await till.catch_up()
    assert await balance(world, "Dana", "KWD") == 5
    await clean(world)


async def test_a_payment_after_the_end_claims_the_credit_again_or_says_that_it_is_gone(
    world: World, till: Till, dana: Shopper
) -> None:
    for is_there in (True, False):
        await filled(world, dana, stock=2)
        session = await dana.begin()
        order = await order_of(world)
        till.pay(session)
        await give_up(world.database, order["id"], "expired", world.now)
        assert await balance(world, "Dana") == 1200
        if not is_there:
            async with unit(world.database) as db:
                assert await accounts.spend(
                    db, order["customer_id"], "USD", 700, "elsewhere", world.now
                )
        await till.catch_up()
        order = await order_of(world)
        assert (order["state"], order["claiming"]) == ("paid", is_there)
        assert await balance(world, "Dana") == (0 if is_there else 500)
        await clean(world)


async def test_the_switch_is_off_where_nothing_is_to_pay_with_it(
    world: World, dana: Shopper
) -> None:
    await filled(world, dana, 0)
    await credit(world, "Dana", 1200, "EUR")
    assert "store credit" not in await page(dana)
    await dana.change(UseCredit(False))
    assert (await dana.cart()).evaluation.bill.total == 1900
