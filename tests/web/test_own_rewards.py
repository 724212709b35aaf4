"""Codes and gifts that customers have earned: theirs alone, used once, else taken back (L9)."""

from typing import Any

import pytest

from milepost.services.cart_changes import PutOff, UseCode
from milepost.services.giving_up_orders import give_up
from milepost.services.judging import judge_waiting
from milepost.storage import spendings
from tests.earned import clean, earns, falls
from tests.loyalty import Programs, open_programs
from tests.shop import listing
from tests.shopping import Shopper, Till
from tests.web.client import Reader
from tests.web.serving import Served
from tests.web.studio import enter, staff
from tests.web.test_checkout import order_of, shelf
from tests.world import World


@pytest.fixture
async def programs(world: World) -> Programs:
    """A store that gives for what customers do."""
    return await open_programs(world)


@pytest.fixture
async def dana(world: World, served: Served, programs: Programs) -> Shopper:
    """Dana's browser, signed in, with a muff for $19 in the cart."""
    dana = Shopper(world, served.reader)
    await dana.put((await listing(world, ships=False)).product)
    await dana.sign_in()
    return dana


async def page(who: Shopper) -> str:
    return (await who.reader.get("/cart", headers={"cookie": who.cookies})).text


async def refusal_of(who: Shopper, code: str) -> str:
    headers = who.reader.from_here | {"cookie": who.cookies}
    answer = await who.reader.post("/cart/change", data={"do": "code", "code": code},
                                   headers=headers)  # fmt: skip
    assert answer.status_code == 422
    return answer.text


async def own_code(world: World) -> Any:
    return await world.row("select * from shop_codes where customer_id is not null")


async def state(world: World) -> str:
    return str((await world.row("select state from grants"))["state"])


async def test_a_code_of_ones_own_works_for_its_customer_alone_and_once(
    world: World, till: Till, dana: Shopper, programs: Programs, served: Served
) -> None:
    await earns(programs, "Dana", "percent", 1000)
    code = (await own_code(world))["code"]
    async with Reader(served.url) as other:
        eli = Shopper(world, other)
        await eli.put((await listing(world, ships=False)).product)
        assert "belongs to an account. Sign in to use it" in await refusal_of(eli, code)
        await eli.sign_in("Eli")
        assert "belongs to another account" in await refusal_of(eli, code)
    await dana.change(UseCode(code))
    session = await dana.begin(shown_total="1710")
    assert await state(world) == "owed"
    till.pay(session)
    await till.catch_up()
    assert await state(world) == "fulfilled"
    await dana.put((await listing(world, ships=False)).product)
    assert "was used. It is good for one order" in await refusal_of(dana, code)
    await clean(world)


async def test_without_the_visit_a_code_of_ones_own_falls_out_and_says_why(
    world: World, till: Till, dana: Shopper, programs: Programs
) -> None:
    await earns(programs, "Dana", "amount", 500)
    await dana.change(UseCode((await own_code(world))["code"]))
    dana.visit = ""
    assert "belongs to an account. Sign in to use it" in await page(dana)
    assert (await dana.check_out()).status_code == 409


async def test_a_code_is_withdrawn_with_what_earned_it_and_one_that_was_spent_is_kept(
    world: World, till: Till, dana: Shopper, programs: Programs
) -> None:
    source = await earns(programs, "Dana", "shipping", None)
    code = (await own_code(world))["code"]
    await dana.change(UseCode(code))
    await dana.begin()
    await falls(programs, "Dana", source)
    assert await state(world) == "owed"  # an order holds it
    await give_up(world.database, (await order_of(world))["id"], "cancelled", world.now)
    await judge_waiting(world.database, world.clock)
    assert await state(world) == "void"
    assert "is no longer valid" in await page(dana)
    await dana.change(UseCode(""))
    assert "was taken back" in await refusal_of(dana, code)
    await programs.order("Dana", 2000, source)
    await dana.change(UseCode(code))
    till.pay(await dana.begin())
    await till.catch_up()
    await falls(programs, "Dana", source)
    assert await state(world) == "fulfilled"


async def test_the_list_of_codes_shows_the_stores_own_and_no_customers(
    world: World, dana: Shopper, programs: Programs, served: Served
) -> None:
    await earns(programs, "Dana", "percent", 1000)
    own = await own_code(world)
    await staff(world)
    await enter(served.reader, "Alice")
    listed = await served.reader.get("/studio/larkfield/shop/codes")
    assert listed.status_code == 200 and own["code"] not in listed.text
    assert (await served.reader.get(f"/studio/larkfield/shop/codes/{own['id']}")).status_code == 404


async def test_a_gift_comes_with_the_next_order_and_is_given_once_that_is_paid(
    world: World, till: Till, dana: Shopper, programs: Programs
) -> None:
    mug = await listing(world, title="Mug", ships=False, stock=1)
    await earns(programs, "Dana", "gift", [mug.product])
    shown = await page(dana)
    assert "Your gift for one order: First order" in shown and "Mug" in shown
    session = await dana.begin(shown_total="1900")
    order = await order_of(world)
    assert [gift["title"] for gift in order["gifts"]] == ["Mug"]
    assert await shelf(world, mug.product) == (0, 1) and await state(world) == "owed"
    assert "Your gift for one order" in await page(dana)
    till.pay(session)
    await till.catch_up()
    assert await state(world) == "fulfilled"
    await dana.put((await listing(world, ships=False)).product)
    assert "Your gift" not in await page(dana)
    await clean(world)


async def test_a_gift_waits_for_a_later_order_and_can_be_brought_after_all(
    world: World, till: Till, dana: Shopper, programs: Programs
) -> None:
    mug = await listing(world, title="Mug", ships=False, stock=1)
    await earns(programs, "Dana", "gift", [mug.product])
    ((owed,),) = [(await dana.cart()).evaluation.owed]
    headers = dana.reader.from_here | {"cookie": dana.cookies}
    typed = {"do": "later", "gift": owed.gift.key}
    await dana.reader.post("/cart/change", data=typed, headers=headers)
    assert "It comes with a later order" in await page(dana)
    assert (await dana.cart()).evaluation.bill.owed == ()
    await dana.reader.post("/cart/change", data=typed | {"do": "bring"}, headers=headers)
    assert (await dana.cart()).evaluation.bill.owed == (owed.gift,)
    await dana.change(PutOff("0:0"))
    assert (await dana.cart()).kept.later == frozenset()


async def test_a_gift_that_is_sold_out_says_so_and_waits(
    world: World, till: Till, dana: Shopper, programs: Programs
) -> None:
    mug, pen = [await listing(world, title=title, ships=False, stock=1) for title in ("Mug", "Pen")]
    await earns(programs, "Dana", "gift", [mug.product, pen.product])
    await dana.put(pen.product)  # the last one: it is in the cart already
    assert "Sold out at the moment" in await page(dana)
    till.pay(await dana.begin())
    await till.catch_up()
    assert (await order_of(world))["gifts"] == [] and await state(world) == "owed"


async def test_gifts_alone_are_no_order(
    world: World, till: Till, dana: Shopper, programs: Programs
) -> None:
    """K7: a gift can't be kept by emptying the rest."""
    mug = await listing(world, title="Mug", ships=False)
    await earns(programs, "Dana", "gift", [mug.product])
    (line,) = (await dana.cart()).kept.lines
    await dana.put(line[0], 1)
    await world.rows("update carts set lines = '[]' returning id")
    assert "Your gift" not in await page(dana)
    assert (await dana.check_out()).headers["location"] == "/cart"
    assert await world.rows("select from orders") == []


async def test_a_gift_that_no_order_brought_is_owed_again_or_taken_back_as_is_due(
    world: World, till: Till, dana: Shopper, programs: Programs
) -> None:
    mug = await listing(world, title="Mug", ships=False, stock=1)
    source = await earns(programs, "Dana", "gift", [mug.product])
    for is_due in (False, True):
        await dana.begin()
        if is_due:
            await falls(programs, "Dana", source)
        assert await state(world) == "owed"
        await give_up(world.database, (await order_of(world))["id"], "expired", world.now)
        assert await shelf(world, mug.product) == (1, 0)
        await judge_waiting(world.database, world.clock)
        assert await state(world) == ("void" if is_due else "owed")
        await clean(world)
    assert "Your gift" not in await page(dana)


async def test_a_gift_that_went_with_another_order_meanwhile_is_told(
    world: World, till: Till, dana: Shopper, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    mug = await listing(world, title="Mug", ships=False, stock=5)
    await earns(programs, "Dana", "gift", [mug.product])
    claim = spendings.claim_gifts

    async def robbed(db: Any, *told: Any) -> bool:
        await db.execute("update grants set order_id = 99")
        return await claim(db, *told)

    monkeypatch.setattr(spendings, "claim_gifts", robbed)
    answer = await dana.check_out()
    assert answer.status_code == 409
    assert "A gift of yours has just gone with another order. Nothing was charged" in answer.text
    assert await shelf(world, mug.product) == (5, 0)
