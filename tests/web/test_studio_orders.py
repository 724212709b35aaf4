"""Orders as the people of the store mind them: found, sent, given back, proved."""

import re
from typing import Any

import pytest

from milepost.services.auditing_orders import audit_orders_of
from milepost.services.cart_changes import ShipTo, UseCode
from milepost.services.giving_up_orders import give_up
from milepost.services.minding_orders import send_order_refunds
from milepost.wording.format import written_in
from tests.shop import bought, listing
from tests.shop_money import code, option
from tests.shopping import Shopper, Till
from tests.web.serving import Served
from tests.web.studio import enter, log_of, send, staff
from tests.world import World

ORDERS = "/studio/larkfield/orders"


@pytest.fixture
async def sold(world: World, served: Served, till: Till) -> Any:
    """Dana has paid for three muffs and a mug, with ten percent off, sent to Germany."""
    await staff(world)
    muff, mug = await listing(world, stock=5), await listing(world, title="Mug", price=1001)
    await option(world, "Standard", ("DE",))
    await code(world, "TEN")
    dana = Shopper(world, served.reader)
    await dana.put(muff.product, 3)
    await dana.put(mug.product)
    await dana.change(ShipTo("DE"), UseCode("TEN"))
    till.pay(await dana.begin())
    await till.catch_up()
    return await world.row("select * from orders")


async def clean(world: World) -> None:
    """The proof finds nothing."""
    assert (await audit_orders_of(world.database)).differences == []


async def test_a_line_a_sum_and_the_rest_go_back_to_the_cent_and_are_shown_before(
    world: World, served: Served, till: Till, sold: Any
) -> None:
    await enter(served.reader, "Bob")
    own = f"{ORDERS}/{sold['id']}"
    whole = sold["total"]
    muffs = next(x for x in sold["lines"] if x["title"] == "Wind muff")
    paid = 3 * 1900 - muffs["off"]
    two = {"what": "lines", "line-0": "2", "reason": "They squeak"}
    page = await send(served.reader, f"{own}/refund", **two)
    assert page.status_code == 200 and "goes back to Dana" in page.text
    assert await world.rows("select from order_refunds") == []
    first = sum(sorted((paid // 3 + (n < paid % 3) for n in range(3)), reverse=True)[:2])
    wrong = await send(served.reader, f"{own}/refund", expected=str(first + 1), **two)
    assert wrong.status_code == 409 and "something changed" in wrong.text
    done = await send(served.reader, f"{own}/refund", expected=str(first), **two)
    assert done.status_code == 303, done.text
    again = await send(served.reader, f"{own}/refund", **two)
    assert again.status_code == 422 and "Fewer pieces of one of these lines" in again.text
    some = {"what": "amount", "amount": "5"}
    assert (await send(served.reader, f"{own}/refund", expected="500", **some)).status_code == 303
    rest = whole - first - 500
    assert (await send(served.reader, f"{own}/refund", expected=str(rest))).status_code == 303
    assert "Nothing is left to give back" in (await served.reader.get(f"{own}/refund")).text
    while await send_order_refunds(world.database, till.gateway):
        pass
    await till.catch_up()
    row = await world.row("select * from orders")
    assert (row["state"], row["refunded"]) == ("refunded", whole)
    amounts = [r["amount"] for r in await world.rows("select amount from order_refunds")]
    assert amounts == [first, 500, rest] and sum(amounts) == whole
    kinds = [r["kind"] for r in await world.rows("select kind from mails order by id")]
    assert kinds[0] == "order" and set(kinds[1:]) == {"order_refunded"}
    assert [what for _, what, *_ in await log_of(world)] == ["order_refunded"] * 3
    page = (await served.reader.get(own)).text
    assert "They squeak" in page and "Gave money of order" in page and "(Bob)" in page
    await clean(world)


async def test_carol_sends_one_and_many_and_each_gets_a_mail_but_sees_no_money(
    world: World, served: Served, sold: Any
) -> None:
    await enter(served.reader, "Carol")
    muff = await listing(world)
    others = [await bought(world, who, muff) for who in ("Eli", "Alma")]
    page = (await served.reader.get(f"{ORDERS}?show=send")).text
    assert all(f'name="order-{id_}"' in page for id_ in (sold["id"], *others))
    assert "dana@example.org" not in page and "$" not in page
    answer = await send(served.reader, f"{ORDERS}/ship", carrier="DHL")
    assert answer.status_code == 422 and "Tick the orders" in answer.text
    ticked = {f"order-{id_}": "on" for id_ in others} | {f"tracking-{others[0]}": "JD01460003"}
    answer = await send(served.reader, f"{ORDERS}/ship", carrier="DHL", **ticked)
    assert answer.headers["location"] == f"{ORDERS}?show=send&sent=2"
    answer = await send(served.reader, f"{ORDERS}/ship", carrier="DHL", **ticked)
    assert answer.status_code == 409 and "it was sent, or given back" in answer.text
    own = f"{ORDERS}/{sold['id']}"
    answer = await send(served.reader, f"{own}/ship", tracking="JD01460004")
    assert answer.status_code == 422 and "Say who carries it" in answer.text
    assert (await send(served.reader, f"{own}/ship", carrier="DHL")).status_code == 303
    rows = await world.rows("select recipient from mails where kind = 'order_shipped' order by id")
    assert [r["recipient"][:4] for r in rows] == ["eli@", "alma", "dana"]
    shared = (await served.reader.get(f"/o/{sold['key']}")).text
    assert "on its way to you" in shared and "DHL" in shared
    page = await served.reader.get(own)
    assert page.status_code == 200 and "This was not sent" in page.text and "DHL" in page.text
    assert (await send(served.reader, f"{own}/correct")).status_code == 303
    assert (await world.row("select shipped_at from orders where id = $1", sold["id"]))[0] is None
    deeds = [what for _, what, *_ in await log_of(world)]
    assert deeds == ["order_shipped"] * 3 + ["order_corrected"]
    csv = (await served.reader.get(f"{ORDERS}.csv")).text
    assert "Lark Lane 1" in csv and "3 × Wind muff" in csv and "dana@" not in csv
    assert (await served.reader.get(f"{own}/refund")).status_code == 403


async def test_orders_are_found_filtered_and_paged_by_the_same_few_queries(
    world: World, served: Served, sold: Any
) -> None:
    await enter(served.reader, "Alice")
    muff = await listing(world)

    async def asks(path: str) -> int:
        start = len(served.statements)
        assert (await served.reader.get(path)).status_code == 200
        return len(served.statements_since(start))

    few = await asks(ORDERS)
    for number in range(60):
        await bought(world, f"Eli{number}", muff)
    assert await asks(ORDERS) == few <= 6
    page = (await served.reader.get(ORDERS)).text
    assert "Eli59" in page and "Eli3 " not in page and "before=" in page
    for q in ("dana@example.org", "dan", str(sold["id"])):
        page = (await served.reader.get(ORDERS, params={"q": q})).text
        assert f'href="{ORDERS}/{sold["id"]}"' in page and "Eli59" not in page, q
    assert "No order fits" in (await served.reader.get(f"{ORDERS}?q=nobody")).text
    csv = (await served.reader.get(f"{ORDERS}.csv?q=dana@example.org")).text
    assert "dana@example.org" in csv and len(csv.strip().splitlines()) == 2


async def test_what_was_paid_too_late_is_offered_back_or_gets_its_pieces_after_all(
    world: World, served: Served, till: Till, sold: Any
) -> None:
    dana = Shopper(world, served.reader)
    muff = sold["lines"][0]["product"]
    await dana.put(muff, 2)
    await dana.change(ShipTo("DE"))
    session = await dana.begin()
    late = await world.row("select * from orders order by id desc limit 1")
    await give_up(world.database, late["id"], "expired", world.now)
    await world.rows("update products set stock = 1 where id = $1 returning id", muff)
    till.pay(session)
    await till.catch_up()
    await clean(world)
    await enter(served.reader, "Alice")
    own = f"{ORDERS}/{late['id']}"
    assert "1 order is paid, but not all in stock" in (await served.reader.get(ORDERS)).text
    assert f"{own}/refund" in (await served.reader.get(own)).text
    answer = await send(served.reader, f"{own}/claim")
    assert answer.status_code == 409 and "not enough of “Wind muff”" in answer.text
    await world.rows("update products set stock = 2 where id = $1 returning id", muff)
    assert (await send(served.reader, f"{own}/claim")).status_code == 303
    assert tuple(await world.row("select stock, claimed from products where id = $1", muff)) == (
        *(0, 5),
    )
    assert (await send(served.reader, f"{own}/claim")).status_code == 409
    await clean(world)


async def test_orders_are_dated_on_the_clock_that_an_owner_set_for_the_store(
    world: World, served: Served, sold: Any
) -> None:
    settings, made = "/studio/larkfield/shop/settings", sold["made_at"]
    tokyo = written_in("en").datetime(made, "Asia/Tokyo")
    public = f"/o/{sold['key']}"
    await enter(served.reader, "Vic")
    assert (await send(served.reader, settings, zone="Asia/Tokyo")).status_code == 403
    await enter(served.reader, "Alice")
    assert tokyo not in (await served.reader.get(public)).text
    answer = await send(served.reader, settings, zone="Asia/Edo")
    assert answer.status_code == 422
    assert "not a time zone" in answer.text and 'value="Asia/Edo"' in answer.text
    for _ in range(2):
        answer = await send(served.reader, settings, zone="Asia/Tokyo")
        assert answer.headers["location"] == f"{settings}?done=clock"
    for path in (public, f"{ORDERS}/{sold['id']}"):
        assert tokyo in (await served.reader.get(path)).text, path
    (deed,) = await log_of(world)
    assert deed[:2] == ("Alice", "clock_set")
    assert "Set the store’s time zone" in (await served.reader.get("/studio/larkfield/log")).text
    form = (await served.reader.get("/studio/larkfield/shop/codes/new")).text
    assert 'value="Asia/Tokyo"' in form


async def test_an_orders_history_is_told_in_its_order(
    world: World, served: Served, till: Till, sold: Any
) -> None:
    await enter(served.reader, "Alice")
    own = f"{ORDERS}/{sold['id']}"
    assert (await send(served.reader, f"{own}/ship", carrier="DHL")).status_code == 303
    page = (await served.reader.get(own)).text
    told = page[page.index('class="happened"') :]
    times = re.findall(r'datetime="([^"]+)"', told)
    assert len(times) >= 4 and times == sorted(times)


async def test_another_store_s_order_is_nobody_s_here(
    world: World, served: Served, sold: Any
) -> None:
    await enter(served.reader, "Charlie")
    for path in ("", "/refund"):
        answer = await served.reader.get(f"/studio/elsewhere/orders/{sold['id']}{path}")
        assert answer.status_code == 404
    answer = await send(served.reader, f"/studio/elsewhere/orders/{sold['id']}/ship", carrier="X")
    assert answer.status_code == 404
    answer = await send(
        served.reader, "/studio/elsewhere/orders/ship", carrier="X", **{f"order-{sold['id']}": "on"}
    )
    assert (
        answer.status_code == 422 and (await world.row("select shipped_at from orders"))[0] is None
    )


WRONG = {
    "update products set claimed = claimed + 1 where stock > 0": "hold 4 of it",
    "update shop_codes set used = 0": "was used 0 times; orders say 1",
    "update orders set paid = paid - 1": "Stripe told of",
    "update orders set lines = jsonb_set(lines, '{0,price}', '1')": "its lines say",
    "update orders set refunds = '{\"re_1\": 5}'": "went back; Stripe told of",
}


@pytest.mark.parametrize("change", WRONG)
async def test_the_proof_says_what_is_wrong_with_an_order_and_mends_what_is_counted(
    world: World, sold: Any, change: str
) -> None:
    await clean(world)
    await world.rows(f"{change} returning id")
    (told,) = (await audit_orders_of(world.database, repair=True)).differences
    assert WRONG[change] in told
    mended = (await audit_orders_of(world.database)).differences
    assert (mended == []) is ("products" in change or "codes" in change)
