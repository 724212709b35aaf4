"""`/api/v1/cart`: what the document says of a cart is what its element gets, once for each key."""

from typing import Any

import httpx
import pytest

from milepost.services import cart_limits
from milepost.storage.database import unit
from milepost.web.api.cart_models import Cart, RefusedCart
from tests.carts import campaign, step
from tests.shop import listing
from tests.shop_money import code
from tests.web.client import Reader
from tests.web.serving import Served
from tests.world import World

BLOG = "https://blog.example.org"
HOME = "/api/v1/cart"


@pytest.fixture(autouse=True)
async def allowed(world: World) -> None:
    """The store's cart may be shown on the blog."""
    async with unit(world.database) as db:
        await db.execute("update stores set embed_origins = $1", [BLOG])


async def change(reader: Reader, token: str = "", key: str = "", **sent: Any) -> httpx.Response:
    """A change as a page of the blog sends it."""
    headers = {"origin": BLOG} | ({"milepost-cart": token} if token else {})
    headers |= {"idempotency-key": key} if key else {}
    return await reader.post(f"{HOME}/changes", json=sent, headers=headers)


async def begun(reader: Reader) -> str:
    """The token of a new cart."""
    answer = await reader.post(HOME, json={}, headers={"origin": BLOG})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


async def test_what_a_bad_network_says_twice_is_added_once(reader: Reader, world: World) -> None:
    muff = await listing(world)
    token = await begun(reader)
    add = {"do": "add", "product": muff.product}
    first = await change(reader, token, "click-1", **add)
    again = await change(reader, token, "click-1", **add)
    assert (first.json()["count"], again.json()["count"]) == (1, 1)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json()["lines"] == first.json()["lines"]
    assert (await change(reader, token, "click-2", **add)).json()["count"] == 2
    other = await begun(reader)
    assert (await change(reader, other, "click-1", **add)).json()["count"] == 1
    reused = await change(reader, token, "click-2", do="remove", product=muff.product)
    assert reused.status_code == 422
    assert "Something else was sent under this Idempotency-Key" in reused.json()["detail"]
    assert reused.json()["cart"]["count"] == 2
    (kept,) = await world.rows("select body from api_calls where key = 'click-1' limit 1")
    assert kept["body"] == b""


async def test_a_refused_change_leaves_its_key_free(reader: Reader, world: World) -> None:
    muff = await listing(world, stock=0)
    token = await begun(reader)
    add = {"do": "add", "product": muff.product}
    assert (await change(reader, token, "click-1", **add)).status_code == 409
    async with unit(world.database) as db:
        await db.execute("update products set stock = 3")
    assert (await change(reader, token, "click-1", **add)).json()["count"] == 1


async def test_codes_can_t_be_tried_more_often_with_a_key(
    reader: Reader, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cart_limits, "MOST_CODES", 3)
    await listing(world)
    await code(world, "TEN")
    token = await begun(reader)
    tried = [await change(reader, token, f"guess-{n}", do="code", code=f"T{n}") for n in range(4)]
    assert [answer.status_code for answer in tried] == [422, 422, 422, 429]
    assert tried[3].headers["retry-after"] == "3600"


async def test_each_answer_is_what_the_document_says(reader: Reader, world: World) -> None:
    muff = await listing(world, stock=3)
    stand = await listing(world, title="Stand")
    await campaign(world, step("gift", product=stand.product, USD=3000), step("shipping", USD=9000))
    await code(world, "TEN")
    held = type("Held", (Cart,), {"model_config": {"extra": "forbid"}})
    token = await begun(reader)
    for sent in (
        {"do": "add", "product": muff.product, "quantity": 2, "currency": "USD"},
        {"do": "set", "product": muff.product, "quantity": 3}, {"do": "code", "code": "TEN"},
        {"do": "ship", "country": "DE"}, {"do": "ship", "country": None},
        {"do": "pay", "currency": "USD"}, {"do": "remove", "product": muff.product},
    ):  # fmt: skip
        answer = await change(reader, token, **sent)
        assert answer.status_code == 200, (sent, answer.text)
        held.model_validate(answer.json())
        assert answer.headers["access-control-allow-origin"] == BLOG
    shown = await reader.get(f"{HOME}?html=true&lang=ar", headers={"milepost-cart": token})
    told = held.model_validate(shown.json())
    assert (told.dir, told.token) == ("rtl", None) and told.html and told.css
    held.model_validate((await reader.get(HOME)).json())
    refused = await change(reader, token, do="pay", currency="ISK")
    assert refused.headers["content-type"] == "application/problem+json"
    RefusedCart.model_validate(refused.json())


async def test_what_can_t_be_read_is_a_problem_that_the_other_site_may_read(
    reader: Reader, world: World
) -> None:
    headers = {"origin": BLOG}
    for sent in (
        {}, {"do": "fly"}, {"do": "add"}, {"do": "add", "product": "7"},
        {"do": "add", "product": 0},
        {"do": "add", "product": 7, "colour": "red"}, {"do": "code", "code": "a\x00"},
    ):  # fmt: skip
        answer = await change(reader, **sent)
        assert answer.status_code == 422, sent
        assert answer.json()["errors"] and "cart" not in answer.json()
        assert answer.headers["access-control-allow-origin"] == BLOG
        assert answer.headers["vary"] == "origin"
    nothing = await reader.get(f"{HOME}/unknown", headers=headers)
    assert nothing.status_code == 404
    assert nothing.headers["access-control-allow-origin"] == BLOG
    asked = await reader.options(f"{HOME}/changes", headers=headers)
    assert "idempotency-key" in asked.headers["access-control-allow-headers"]
    large = await reader.post(f"{HOME}/changes", json={"do": "code", "code": "x" * 70_000})
    assert large.status_code == 413
    assert await world.rows("select from carts") == []


async def test_no_token_of_the_api_is_looked_at(reader: Reader, world: World) -> None:
    await listing(world)
    headers = {"origin": BLOG, "authorization": "Bearer mp_unknown"}
    answer = await reader.get(HOME, headers=headers)
    assert answer.status_code == 200 and "ratelimit" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


async def test_a_change_with_a_key_is_a_fixed_number_of_statements(
    reader: Reader, served: Served, world: World
) -> None:
    muff = await listing(world)
    token = await begun(reader)
    said = []
    for key in ("", "click-1"):
        before = len(served.statements)
        await change(reader, token, key, do="add", product=muff.product)
        said.append(len(served.statements_since(before)))
    assert said[0] <= 2 and said[1] <= 6, said
