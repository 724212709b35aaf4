"""How often one network may begin carts and try codes; what no card can pay."""

from contextlib import AsyncExitStack

import httpx
import pytest

from milepost.services import cart_limits
from milepost.services.cart_changes import Add, ShipTo, UseCode
from tests.shop import listing, sells_in
from tests.shop_money import code, option
from tests.shopping import Shopper, Till
from tests.web.client import Reader
from tests.web.serving import Served
from tests.world import World

SCRIPT = {"accept": "application/json"}


async def test_one_network_begins_so_many_carts_in_an_hour_and_goes_on_with_those_it_has(
    world: World, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cart_limits, "MOST_CARTS", 2)
    muff = await listing(world)
    typed = {"do": "add", "product": str(muff.product)}
    async with AsyncExitStack() as browsers:
        first, second, third, fourth = [
            await browsers.enter_async_context(Reader(served.url)) for _ in range(4)
        ]
        for one in (first, second):
            assert (await added(one, typed)).status_code == 303
        refused = await added(third, typed)
        assert refused.status_code == 429 and refused.headers["retry-after"] == "3600"
        assert "Your network has begun many carts" in refused.text
        scripted = await added(third, typed, **SCRIPT)
        assert scripted.status_code == 429 and "many carts" in scripted.json()["said"]
        for path, told in (("", {}), ("/changes", {"do": "add", "product": muff.product})):
            answer = await fourth.post(f"/api/v1/cart{path}", json=told)
            assert answer.status_code == 429 and answer.headers["retry-after"] == "3600", path
            assert "many carts" in answer.json()["detail"]
        assert len(await world.rows("select from carts")) == 2
        assert (await added(first, typed)).status_code == 303
    (cart, _) = await world.rows("select lines from carts order by id")
    assert cart["lines"][0]["quantity"] == 2


async def added(browser: Reader, typed: dict[str, str], **headers: str) -> httpx.Response:
    """What the form of a product's page answers."""
    return await browser.post("/cart/change", data=typed, headers=browser.from_here | headers)


async def test_codes_can_t_be_guessed_by_trying(
    world: World, served: Served, dana: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cart_limits, "MOST_CODES", 3)
    muff = await listing(world)
    await code(world, "TEN")
    await dana.put(muff.product)
    cookie = dana.reader.from_here | {"cookie": f"milepost_cart={dana.token}"}
    for typed in ("A1", "A2", "A3"):
        answer = await dana.reader.post(
            "/cart/change", data={"do": "code", "code": typed}, headers=cookie
        )
        assert answer.status_code == 422 and "has no code" in answer.text
    answer = await dana.reader.post(
        "/cart/change", data={"do": "code", "code": "TEN"}, headers=cookie
    )
    assert answer.status_code == 429 and "has tried many codes" in answer.text
    told = {"do": "code", "code": "TEN"}
    answer = await dana.reader.post(
        "/api/v1/cart/changes", json=told, headers={"milepost-cart": dana.token}
    )
    assert answer.status_code == 429 and "many codes" in answer.json()["errors"][0]["detail"]
    assert (await world.row("select code_id from carts"))["code_id"] is None
    off = await dana.reader.post("/cart/change", data={"do": "code", "code": ""}, headers=cookie)
    assert off.status_code == 303


@pytest.mark.parametrize(
    ("currency", "price", "said"),
    [
        ("USD", 49, "The smallest sum that can be paid by card in USD is $0.50."),
        ("JPY", 49, "The smallest sum that can be paid by card in JPY is ¥50."),
        ("EUR", 100_000_000, "The largest sum that can be paid at once in EUR is €999,999.99."),
    ],
)
async def test_a_sum_that_no_card_can_pay_is_told_in_the_cart_and_claims_nothing(
    world: World, till: Till, dana: Shopper, currency: str, price: int, said: str
) -> None:
    await sells_in(world, currency)
    muff = await listing(world, price=price, currency=currency, ships=False, stock=2)
    await dana.put(muff.product, currency=currency)
    cookie = {"cookie": f"milepost_cart={dana.token}"}
    page = (await dana.reader.get("/cart", headers=cookie)).text
    assert said in page
    answer = await dana.check_out(shown_total=str(price))
    assert answer.status_code == 409 and said in answer.text
    assert await world.rows("select from orders") == []
    await world.rows("update products set prices = $1 returning id", {currency: 50})
    page = (await dana.reader.get("/cart", headers=cookie)).text
    assert "sum that can be paid" not in page
    await dana.begin(shown_total="50")


async def test_nothing_to_pay_and_a_sum_not_known_yet_are_never_too_small(
    world: World, till: Till, dana: Shopper
) -> None:
    muff = await listing(world, price=40)
    await option(world, "Standard", ("DE",), USD=500)
    await code(world, "ALL", percent=10_000)
    await dana.put(muff.product)
    cookie = {"cookie": f"milepost_cart={dana.token}"}
    assert "smallest sum" not in (await dana.reader.get("/cart", headers=cookie)).text
    await dana.change(ShipTo("DE"))
    assert "smallest sum" not in (await dana.reader.get("/cart", headers=cookie)).text
    mug = await listing(world, price=40, ships=False)
    await dana.change(Add(mug.product), UseCode("ALL"))
    await world.rows("update shipping_options set prices = '{\"USD\": 0}' returning id")
    page = (await dana.reader.get("/cart", headers=cookie)).text
    assert "smallest sum" not in page
