"""An order that credit paid in part: what goes back goes to the card, then to the account (M2)."""

from typing import Any

import pytest

from milepost.services.minding_orders import send_order_refunds
from tests.earned import balance, clean, credit
from tests.loyalty import open_programs
from tests.shop import listing
from tests.shopping import Shopper, Till
from tests.web.serving import Served
from tests.web.studio import enter, send, staff
from tests.web.test_checkout import order_of
from tests.world import World

ORDERS = "/studio/larkfield/orders"


@pytest.fixture
async def sold(world: World, served: Served, till: Till) -> Any:
    """Dana has paid $57 for three muffs: $20 with store credit, $37 by card."""
    await staff(world)
    await open_programs(world)
    await credit(world, "Dana", 2000)
    dana = Shopper(world, served.reader)
    await dana.put((await listing(world, ships=False, stock=5)).product, 3)
    await dana.sign_in()
    till.pay(await dana.begin(shown_total="3700"))
    await till.catch_up()
    return await order_of(world)


async def gives_back(served: Served, order: Any, **typed: str) -> Any:
    """Bob looks at what would happen, and sends it."""
    own = f"{ORDERS}/{order['id']}/refund"
    told = (await send(served.reader, own, **typed)).text
    hidden = dict(zip(("expected", "left"), _numbers(told), strict=True))
    return told, await send(served.reader, own, **typed, **hidden), hidden


def _numbers(html: str) -> list[str]:
    return [html.split(f'name="{name}" value="')[1].split('"')[0] for name in ("expected", "left")]


async def spent(world: World) -> int:
    """What the order counts as spent."""
    return int((await world.row("select amount from loyalty_facts where kind = 'order'"))["amount"])


async def test_a_sum_goes_to_the_card_first_and_what_that_did_not_pay_to_the_account(
    world: World, served: Served, till: Till, sold: Any
) -> None:
    await enter(served.reader, "Bob")
    told, done, _ = await gives_back(served, sold, what="amount", amount="30")
    assert done.status_code == 303 and "in their store credit at once" not in told
    assert await balance(world, "Dana") == 0
    await send_order_refunds(world.database, till.gateway)
    await till.catch_up()
    typed = {"what": "amount", "amount": "10"}
    told, done, hidden = await gives_back(served, sold, **typed)
    assert (
        "$10.00 goes back to Dana" in told
        and "$3.00 of it is in their store credit at once" in told
    )
    assert done.status_code == 303 and await balance(world, "Dana") == 300
    again = await send(served.reader, f"{ORDERS}/{sold['id']}/refund", **typed, **hidden)
    assert again.status_code == 409 and await balance(world, "Dana") == 300
    await send_order_refunds(world.database, till.gateway)
    await till.catch_up()
    order = await order_of(world)
    assert (order["state"], order["refunded"], order["credit_back"]) == ("paid", 3700, 300)
    assert await spent(world) == 5700 - 4000
    shown = (await served.reader.get(f"{ORDERS}/{sold['id']}")).text
    assert "$3.00 went back to store credit" in shown
    assert "Back in store credit" in (await served.reader.get(f"/o/{sold['key']}")).text
    mails = await world.rows("select detail from mails where kind = 'order_refunded' order by id")
    assert [r["detail"] for r in mails] == [{"amount": 3000}, {"credit": 300}, {"amount": 700}]
    await clean(world)
    told, done, _ = await gives_back(served, sold, what="all")
    assert "$17.00 goes back to Dana" in told and done.status_code == 303
    order = await order_of(world)
    assert (order["state"], order["credit_back"]) == ("refunded", 2000)
    assert await balance(world, "Dana") == 2000 and await spent(world) == 0
    refused = await send(served.reader, f"{ORDERS}/{sold['id']}/refund", what="all")
    assert refused.status_code == 422
    await clean(world)


async def test_whole_pieces_go_back_with_what_was_paid_for_them_in_either_way(
    world: World, served: Served, till: Till, sold: Any
) -> None:
    await enter(served.reader, "Bob")
    _, done, _ = await gives_back(served, sold, **{"what": "lines", "line-0": "2"})
    assert done.status_code == 303 and await balance(world, "Dana") == 100
    _, done, _ = await gives_back(served, sold, **{"what": "lines", "line-0": "1"})
    assert done.status_code == 303 and await balance(world, "Dana") == 2000
    assert (await order_of(world))["state"] == "paid"  # the card's part is on its way
    await send_order_refunds(world.database, till.gateway)
    await till.catch_up()
    assert (await order_of(world))["state"] == "refunded"
    await clean(world)


async def test_what_credit_alone_has_paid_goes_back_there_alone(
    world: World, served: Served, till: Till, sold: Any
) -> None:
    await credit(world, "Eli", 5000)
    eli = Shopper(world, served.reader)
    await eli.put((await listing(world, ships=False)).product)
    await eli.sign_in("Eli")
    await eli.check_out(shown_total="0", account="1", name="Eli")
    order = await world.row("select * from orders order by id desc limit 1")
    assert (order["state"], order["credit"]) == ("paid", 1900)
    await enter(served.reader, "Bob")
    told, done, _ = await gives_back(served, order, what="all")
    assert done.status_code == 303 and "Stripe" not in told.split("<h2")[1].split("</section")[0]
    assert await balance(world, "Eli") == 5000
    assert await send_order_refunds(world.database, till.gateway) == 0
    order = await world.row("select * from orders order by id desc limit 1")
    assert (order["state"], order["credit_back"], order["refunded"]) == ("refunded", 1900, 0)
    await clean(world)


@pytest.mark.parametrize("won", [True, False])
async def test_a_lost_dispute_gives_the_credit_back_as_it_gave_the_money(
    world: World, till: Till, sold: Any, won: bool
) -> None:
    """A8: a lost dispute is a refund, whatever the order was paid with; a won one is nothing."""
    dispute = till.sandbox.switch(f"charges/{till.sandbox.all('charges')[0]['id']}/dispute")
    await till.catch_up()
    assert await balance(world, "Dana") == 0
    till.sandbox.switch(f"disputes/{dispute['id']}/{'win' if won else 'lose'}")
    await till.catch_up()
    order = await order_of(world)
    back, state = (0, "paid") if won else (2000, "refunded")
    assert (order["credit_back"], order["state"]) == (back, state)
    assert await balance(world, "Dana") == back
    letters = await world.rows("select detail from mails where kind = 'order_refunded'")
    assert ({"credit": 2000} in [mail["detail"] for mail in letters]) is not won
    await clean(world)
