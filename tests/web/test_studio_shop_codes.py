"""Codes and ways to send orders, as the people of the store make them."""

from tests.shop import sells_in
from tests.shop_money import code, option
from tests.web.serving import Served
from tests.web.studio import enter, log_of, send, staff
from tests.world import World

CODES = "/studio/larkfield/shop/codes"
SHIPPING = "/studio/larkfield/shop/shipping"


async def test_bob_makes_a_code_of_each_kind_and_the_log_says_so(
    served: Served, world: World
) -> None:
    await staff(world)
    await sells_in(world, "USD", "JPY", "KWD")
    await enter(served.reader, "Bob")
    for typed in (
        {"code": "spring-10", "kind": "percent", "percent": "12.5", "most": "100"},
        {"code": "FIVE", "kind": "amount", "amount-USD": "5", "amount-JPY": "600"},
        {"code": "POST", "kind": "shipping", "opens_at": "2026-07-01T09:00", "zone": "Asia/Tokyo"},
    ):
        answer = await send(served.reader, f"{CODES}/new", **typed)
        assert answer.status_code == 303, answer.text
    rows = await world.rows("select * from shop_codes order by id")
    assert [(r["code"], r["kind"], r["percent"], r["amounts"]) for r in rows] == [
        ("SPRING-10", "percent", 1250, {}),
        ("FIVE", "amount", None, {"USD": 500, "JPY": 600}),
        ("POST", "shipping", None, {}),
    ]
    assert rows[2]["opens_at"].isoformat() == "2026-07-01T00:00:00+00:00"
    page = (await served.reader.get(CODES)).text
    assert "SPRING-10" in page and "12.5 %" in page and "¥600" in page and "waits" in page
    assert [what for _, what, *_ in await log_of(world)] == ["code_added"] * 3
    log = (await served.reader.get("/studio/larkfield/log")).text
    assert "Added the code FIVE" in log and "5.00 USD, 600 JPY" in log


async def test_a_code_that_can_t_be_is_refused_beside_its_field(
    served: Served, world: World
) -> None:
    await staff(world)
    await sells_in(world, "USD", "KWD")
    await code(world, "TAKEN")
    await enter(served.reader, "Alice")
    for wrong, said in (
        ({"code": "x y!", "kind": "percent", "percent": "10"}, "3 to 40 letters"),
        ({"code": "taken", "kind": "percent", "percent": "10"}, "already"),
        ({"code": "MUCH", "kind": "percent", "percent": "101"}, "from 0.01 to 100"),
        ({"code": "NONE", "kind": "percent"}, "how many percent"),
        ({"code": "NONE", "kind": "amount"}, "how much it takes off"),
        ({"code": "FINE", "kind": "amount", "amount-KWD": "1.005"}, "steps of 0.010"),
        (
            {
                "code": "BACK",
                "kind": "shipping",
                "opens_at": "2026-07-02T00:00",
                "closes_at": "2026-07-01T00:00",
            },
            "end before it begins",
        ),
        ({"code": "ZERO", "kind": "shipping", "most": "0"}, "once at least"),
    ):
        answer = await send(served.reader, f"{CODES}/new", **wrong)
        assert answer.status_code == 422 and said in answer.text, (wrong, answer.text)
        assert wrong["code"] in answer.text  # what was typed is kept
    assert len(await world.rows("select from shop_codes")) == 1


async def test_a_code_is_changed_ended_and_removed_but_not_below_its_uses(
    served: Served, world: World
) -> None:
    await staff(world)
    used, fresh = await code(world, "USED", most=9), await code(world, "FRESH")
    await world.rows("update shop_codes set used = 5 where id = $1 returning id", used)
    await enter(served.reader, "Alice")
    kind = {"kind": "percent", "percent": "20"}
    answer = await send(served.reader, f"{CODES}/{used}", most="4", **kind)
    assert answer.status_code == 422 and "used 5 times already" in answer.text
    assert (await send(served.reader, f"{CODES}/{used}", most="5", **kind)).status_code == 303
    assert "used up" in (await served.reader.get(CODES)).text
    assert (await send(served.reader, f"{CODES}/{used}/end")).status_code == 303
    assert "ended" in (await served.reader.get(CODES)).text
    assert (await send(served.reader, f"{CODES}/{fresh}/remove")).status_code == 303
    assert [r["code"] for r in await world.rows("select code from shop_codes")] == ["USED"]
    assert (await served.reader.get(f"{CODES}/{fresh}")).status_code == 404


async def test_ways_to_send_orders_are_made_put_in_order_and_removed(
    served: Served, world: World
) -> None:
    await staff(world)
    await sells_in(world, "EUR", "JPY")
    await enter(served.reader, "Bob")
    made = {
        "title": "To the Union",
        "countries": "EU",
        "price-EUR": "4.90",
        "title-de": "In die EU",
    }
    assert (await send(served.reader, f"{SHIPPING}/new", **made)).status_code == 303
    other = {"title": "Far away", "price-EUR": "0", "price-JPY": "900"}
    assert (await send(served.reader, f"{SHIPPING}/new", **other)).status_code == 303
    first, second = await world.rows("select * from shipping_options order by position")
    assert first["prices"] == {"EUR": 490} and len(first["countries"]) == 27
    assert first["translations"] == {"de": {"title": "In die EU"}}
    assert (second["countries"], second["prices"]) == ([], {"EUR": 0, "JPY": 900})
    page = (await served.reader.get(SHIPPING)).text
    assert page.index("To the Union") < page.index("Far away") and "not offered" in page
    await send(served.reader, f"{SHIPPING}/{second['id']}/move", to="up")
    page = (await served.reader.get(SHIPPING)).text
    assert page.index("Far away") < page.index("To the Union")
    assert (await send(served.reader, f"{SHIPPING}/{first['id']}/remove")).status_code == 303
    assert [r["title"] for r in await world.rows("select title from shipping_options")] == [
        "Far away"
    ]
    wrong = await send(served.reader, f"{SHIPPING}/new", title="Nowhere", countries="Atlantis")
    assert wrong.status_code == 422 and "Atlantis" in wrong.text and "Nowhere" in wrong.text
    priceless = await send(served.reader, f"{SHIPPING}/new", title="Priceless")
    assert priceless.status_code == 422 and "what it costs" in priceless.text


async def test_charlie_can_t_reach_alice_s_codes(served: Served, world: World) -> None:
    await staff(world)
    number, way = await code(world, "SPRING"), await option(world)
    await enter(served.reader, "Charlie")
    for path in (f"codes/{number}", f"shipping/{way}"):
        assert (await served.reader.get(f"/studio/elsewhere/shop/{path}")).status_code == 404
