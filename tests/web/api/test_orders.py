"""`/api/v1/orders`: a warehouse reads what is to be sent, and says what has left."""

from typing import Any

import pytest

from milepost.services.cart_changes import ShipTo, UseCode
from milepost.storage.database import unit
from tests.shop import bought, customer, listing
from tests.shop_money import code, option
from tests.shopping import Shopper, Till
from tests.web.api.program import Program, program_of
from tests.web.client import Reader
from tests.web.studio import enter, log_of
from tests.world import World


async def orders_of(program: Program, **asked: Any) -> list[int]:
    """The numbers of the orders that are found."""
    return [order["id"] for order in await program.every("/orders", limit=2, **asked)]


async def test_a_warehouse_reads_an_order_whole_sends_it_and_its_customer_is_told_once(
    program: Program, world: World, reader: Reader, till: Till
) -> None:
    muff, mug = await listing(world, stock=5), await listing(world, title="Mug", price=1001)
    await option(world, "Standard", ("DE",))
    await code(world, "TEN")
    dana = Shopper(world, reader)
    await dana.put(muff.product, 3)
    await dana.put(mug.product)
    await dana.change(ShipTo("DE"), UseCode("TEN"))
    till.pay(await dana.begin())
    await till.catch_up()
    (number,) = await orders_of(program, unsent=True)
    order = (await program.get(f"/orders/{number}")).json()
    lines = [(line["title"], line["quantity"], line["price"]) for line in order["lines"]]
    assert lines == [("Wind muff", 3, 1900), ("Mug", 1, 1001)]
    sums = order["sums"]
    assert (
        sums["goods"] == 6701 and sums["code_off"] == sum(x["off"] for x in order["lines"]) == 670
    )
    parts = (sums["goods"], -sums["code_off"], -sums["tiers_off"], sums["shipping"],
             -sums["shipping_off"], -sums["credit"], sums["tax"])  # fmt: skip
    assert sum(parts) == sums["total"] == sums["paid"]
    assert (order["email"], order["code"], order["shipping"]) == (
        "dana@example.org", "TEN", "Standard",
    )  # fmt: skip
    assert order["address"]["country"] == "DE" and order["address"]["line1"]
    assert order["sendable"] and order["parcel"] is None
    sent = {"carrier": "DHL", "shipments": [{"order": number, "tracking": "00340434161094000001"}]}
    for replayed in (None, "true"):
        answer = await program.send("POST", "/orders/shipments", sent, key="box-1")
        assert answer.json() == {"sent": 1, "already": 0, "refused": []}, answer.text
        assert answer.headers.get("idempotency-replayed") == replayed
    other_key = await program.send("POST", "/orders/shipments", sent)
    assert other_key.json() == {"sent": 0, "already": 1, "refused": []}
    parcel = (await program.get(f"/orders/{number}")).json()["parcel"]
    assert "dhl.com" in parcel["tracking_url"] and parcel["carrier"] == "DHL"
    assert (await orders_of(program, unsent=True), await orders_of(program, unsent=False)) == (
        [], [number],
    )  # fmt: skip
    mails = await world.rows("select recipient from mails where kind = 'order_shipped'")
    assert [mail["recipient"] for mail in mails] == ["dana@example.org"]
    await enter(reader, "Alice")
    page = (await reader.get(f"/studio/larkfield/orders/{number}")).text
    assert "00340434161094000001" in page and "Marked order" in page
    kept = await world.rows("select convert_from(body, 'utf8') as said from api_calls")
    assert not any("dana" in row["said"].lower() for row in kept)


async def test_what_can_be_sent_is_sent_and_each_other_one_says_why(
    program: Program, world: World
) -> None:
    muff = await listing(world)
    fine, gone, sent = [await bought(world, who, muff) for who in ("Dana", "Eli", "Vic")]
    opened, back = [await bought(world, "Dana", muff, state=s) for s in ("open", "refunded")]
    short, fought = await bought(world, "Eli", muff), await bought(world, "Eli", muff)
    async with unit(world.database) as db:
        await db.execute("update orders set claiming = false where id = $1", short)
        await db.execute(
            "update orders set disputes = $2 where id = $1", fought, {"dp_1": {"state": "open"}}
        )
        await db.execute("update orders set paid = total, refunded = total where id = $1", gone)
        await db.execute(
            "update orders set shipped_at = $2, carrier = 'UPS' where id = $1", sent, world.now
        )
    named = [opened, 999, short, fine, fine, back, sent, fought, gone]
    told = {"carrier": "DHL", "shipments": [{"order": number} for number in named]}
    answer = (await program.send("POST", "/orders/shipments", told)).json()
    assert answer["sent"] == 1
    assert [(each["index"], each["order"], each["reason"]) for each in answer["refused"]] == [
        (0, opened, "unpaid"), (1, 999, "unknown"), (2, short, "incomplete"), (4, fine, "twice"),
        (5, back, "over"), (6, sent, "sent"), (7, fought, "disputed"), (8, gone, "moving"),
    ]  # fmt: skip
    assert all(each["detail"].endswith(".") for each in answer["refused"])
    rows = await world.rows("select id from orders where shipped_at is not null order by id")
    assert [row["id"] for row in rows] == [fine, sent]
    deeds = [(who, what, about) for who, what, about, *_ in await log_of(world)]
    assert deeds == [
        ("Alice", "token_made", "Warehouse"),
        ("Alice", "order_shipped", f"order {fine}"),
    ]
    wrong = {"shipments": [{"order": back}, {"order": fine, "tracking": "JD014"}]}
    refused = await program.send("POST", "/orders/shipments", wrong)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/shipments/1/carrier"


async def test_orders_are_filtered_page_by_page_and_never_another_stores(
    program: Program, world: World
) -> None:
    muff = await listing(world)
    old = await bought(world, "Dana", muff, shipped=True)
    begun = await bought(world, "Dana", muff, state="open")
    back = await bought(world, "Eli", muff, state="refunded")
    new = await bought(world, "Eli", muff)
    async with unit(world.database) as db:
        await db.execute("update orders set paid_at = '2026-05-01Z' where id = $1", old)
    assert await orders_of(program) == [old, begun, back, new]
    for asked, found in (
        ({"state": "open"}, [begun]), ({"state": "refunded"}, [back]),
        ({"paid_since": "2026-06-01T00:00:00Z"}, [back, new]),
        ({"paid_since": "2026-04-01T02:00:00+02:00", "state": "paid"}, [old, new]),
        ({"email": "Dana@example.org"}, [old, begun]), ({"unsent": True}, [new]),
        ({"unsent": False}, [old]), ({"email": "vic@example.org"}, []),
    ):  # fmt: skip
        assert await orders_of(program, **asked) == found, asked
    for wrong in ({"paid_since": "yesterday"}, {"state": "lost"}, {"email": "dana"},
                  {"after": "1-2"}, {"paid_since": "0001-01-01T00:00:00+10:00"}):  # fmt: skip
        assert (await program.get("/orders", **wrong)).status_code == 422, wrong
    async with unit(world.database) as db:
        await db.execute(
            "insert into stores (slug, name, created_at) values ('elsewhere', 'E', $1)", world.now
        )
    (other,) = await world.rows("select id from stores where slug = 'elsewhere'")
    async with program_of(program.served, world, "orders:read", "orders:write",
                          store_id=other["id"]) as charlie:  # fmt: skip
        assert await orders_of(charlie) == []
        assert (await charlie.get(f"/orders/{new}")).status_code == 404
        told = {"carrier": "DHL", "shipments": [{"order": new}]}
        answer = (await charlie.send("POST", "/orders/shipments", told)).json()
        assert answer["refused"][0]["reason"] == "unknown"
    assert await orders_of(program, unsent=True) == [new]


@pytest.mark.timeout(120)
async def test_ten_thousand_orders_are_as_many_statements_as_one_and_sent_once(
    program: Program, world: World
) -> None:
    muff = await listing(world)
    await bought(world, "Dana", muff)
    dana = await customer(world, "Dana")
    async with unit(world.database) as db:
        await db.execute(
            "insert into orders (store_id, key, customer_id, state, locale, currency, lines, goods,"
            " total, email, made_at, expires_at, paid_at)"
            " select store_id, 'many-' || n, $2, 'paid', 'en', currency, lines, goods, total,"
            " email, made_at, expires_at, paid_at from orders, generate_series(1, 10000) n"
            " where id = $1",
            1,
            dana,
        )
    numbers = [row["id"] for row in await world.rows("select id from orders order by id")]
    said = []
    for some in (numbers[:1], numbers[1:]):
        before = len(program.served.statements)
        told = {"carrier": "DHL", "shipments": [{"order": n, "tracking": f"T{n}"} for n in some]}
        answer = await program.send("POST", "/orders/shipments", told, key=f"all-{len(some)}")
        assert answer.json() == {"sent": len(some), "already": 0, "refused": []}, answer.text
        said.append(len(program.served.statements_since(before)))
        again = await program.send("POST", "/orders/shipments", told, key=f"all-{len(some)}")
        assert again.content == answer.content
    assert said[0] == said[1] <= 14, said
    row = await world.row(
        "select count(*) as mails, count(distinct key) as told from mails"
        " where kind = 'order_shipped'"
    )
    assert tuple(row) == (10_001, 10_001)
