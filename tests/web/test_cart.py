"""The cart's page and what changes it, without a script; whose cart it is (K4, K6, K7, V9)."""

import re
from datetime import timedelta
from typing import Any

import html5lib
import pytest

from milepost.storage.database import unit
from tests.carts import campaign, code, shipping, step
from tests.shop import Variant, customer, listing, sells_in
from tests.web.client import Reader
from tests.web.me import do, sign_in
from tests.web.serving import Served, serve
from tests.world import World

COOKIE = "milepost_cart"
H = "{http://www.w3.org/1999/xhtml}"
SCRIPT = {"accept": "application/json"}


async def change(reader: Reader, what: str, **fields: Any) -> Any:
    """Send a form of the cart's, as a page without a script does."""
    return await do(reader, "/cart/change", do=what, **{n: str(v) for n, v in fields.items()})


async def scripted(reader: Reader, what: str, **fields: Any) -> Any:
    """The same, as the drawer does; what it gets."""
    data = {"do": what} | {name: str(value) for name, value in fields.items()}
    return await reader.post("/cart/change", data=data, headers=reader.from_here | SCRIPT)


def text_of(html: str) -> str:
    """What a page says, in one line."""
    tree = html5lib.parse(html)
    for hidden in tree.iter(f"{H}option"):
        hidden.text = ""
    return " ".join(" ".join(tree.itertext()).split())


async def test_without_a_script_the_cart_is_filled_changed_and_emptied(
    reader: Reader, world: World
) -> None:
    """B16, K4."""
    muff = await listing(world, title="Wind muff", variants=[Variant("Grey", 1900)])
    (tier,) = await campaign(world, step("percent", percent=1000, USD=3000))
    page = text_of((await reader.get("/cart")).text)
    assert "Your cart is empty." in page and "Add $30 for 10% off" in page
    drawer = (await reader.get("/cart/drawer")).json()
    assert drawer["count"] == 0 and "Add $30 for 10% off" in drawer["html"]
    assert await world.rows("select from carts") == []
    answer = await change(reader, "add", product=muff.product)
    assert (answer.status_code, answer.headers["location"]) == (303, "/cart")
    page = text_of((await reader.get("/cart")).text)
    assert "Wind muff Grey" in page and "Add $11 for 10% off" in page and "Total $19.00" in page
    await change(reader, "set", product=muff.product, quantity=1, step=1)
    page = text_of((await reader.get("/cart")).text)
    assert "Every reward is yours" in page and "Total $34.20" in page
    await change(reader, "set", product=muff.product, quantity=1)
    assert "Total $19.00" in text_of((await reader.get("/cart")).text)
    await change(reader, "remove", product=muff.product)
    page = text_of((await reader.get("/cart")).text)
    assert "Your cart is empty." in page and "Add $30 for 10% off" in page
    assert tier


async def test_the_cookie_is_for_our_own_pages_alone_and_its_token_is_not_kept(
    reader: Reader, world: World, database_url: str, payments: Any
) -> None:
    muff = await listing(world)
    answer = await change(reader, "add", product=muff.product)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=") and "HttpOnly" in cookie and "SameSite=lax" in cookie
    assert "Secure" not in cookie
    token = reader.cookies[COOKIE]
    assert not await world.rows("select from carts where carts::text like $1", f"%{token}%")
    async with serve(
        database_url, payments.url, world.clock, base_url="https://shop.example.org"
    ) as served:
        answer = await change(served.reader, "add", product=muff.product)
        assert "Secure" in answer.headers["set-cookie"]


async def test_a_drawer_gets_the_same_cart_and_a_sentence_on_what_changed(
    reader: Reader, world: World
) -> None:
    muff = await listing(world)
    (tier,) = await campaign(world, step("percent", percent=1000, USD=3000))
    found = (await scripted(reader, "add", product=muff.product)).json()
    assert (found["count"], found["reached"]) == (1, [])
    assert found["said"] == "Your cart comes to $19. Add $11 for 10% off"
    found = (await scripted(reader, "add", product=muff.product)).json()
    assert found["reached"] == [tier] and "cart is-drawer" in found["html"]
    assert found["said"] == "You have unlocked 10% off. Your cart comes to $34.20."
    found = (await scripted(reader, "set", product=muff.product, quantity=1)).json()
    assert found["said"].startswith("10% off is taken back: the cart is below $30.")
    found = (await scripted(reader, "remove", product=muff.product)).json()
    assert found["said"].endswith("Your cart is empty.")
    seen = (await reader.get("/cart/drawer?place=page", headers=SCRIPT)).json()
    assert seen["count"] == 0 and "cart is-page" in seen["html"]


async def test_what_is_refused_says_why_beside_its_field_and_keeps_what_was_typed(
    reader: Reader, world: World
) -> None:
    muff, gone = await listing(world), await listing(world, stock=0, title="Stand")
    await code(world, "OVER", percent=100, closes_at=world.now - timedelta(days=1))
    await change(reader, "add", product=muff.product)
    answer = await change(reader, "code", code="over")
    assert answer.status_code == 422 and 'value="over"' in answer.text
    assert "The code OVER is not valid now." in text_of(answer.text)
    answer = await change(reader, "add", product=gone.product)
    assert answer.status_code == 422 and "“Stand” is sold out." in text_of(answer.text)
    answer = await scripted(reader, "code", code="nope")
    assert (answer.status_code, answer.json()["count"]) == (422, 1)
    assert "NOPE" in answer.json()["said"]


async def test_a_gift_is_declined_and_added_after_all(reader: Reader, world: World) -> None:
    """K7."""
    muff, pin = await listing(world), await listing(world, title="Pin", stock=2)
    (tier,) = await campaign(world, step("gift", product=pin.product, USD=1000))
    await change(reader, "add", product=muff.product)
    assert "Pin A gift of this cart Free No, thanks" in text_of((await reader.get("/cart")).text)
    await change(reader, "decline", tier=tier)
    page = text_of((await reader.get("/cart")).text)
    assert "You said no to this gift." in page and "Add it after all" in page
    assert "You declined the gift of this cart" in page and "Every reward" not in page
    await change(reader, "want", tier=tier)
    async with unit(world.database) as db:
        await db.execute("update products set stock = 0 where id = $1", pin.product)
    page = text_of((await reader.get("/cart")).text)
    assert "This gift is sold out." in page and "Pin, free: the gift is sold out." in page
    assert "The gift of this cart is sold out" in page and "Every reward" not in page


async def test_of_all_rewards_the_bar_claims_only_those_that_come_along(
    reader: Reader, world: World
) -> None:
    muff, pin = await listing(world), await listing(world, title="Pin")
    off, gift, last = await campaign(
        world,
        step("percent", percent=1000, USD=1000),
        step("gift", product=pin.product, USD=1500),
        step("shipping", USD=3000),
    )
    await change(reader, "add", product=muff.product)
    await change(reader, "decline", tier=gift)
    page = text_of((await reader.get("/cart")).text)
    assert "Yours now: 10% off" in page and "Yours now: Pin" not in page
    await change(reader, "set", product=muff.product, quantity=2)
    page = text_of((await reader.get("/cart")).text)
    assert "Every reward is yours but the gift that you declined" in page
    await change(reader, "want", tier=gift)
    assert "Every reward is yours " in text_of((await reader.get("/cart")).text)
    assert off and last


async def test_a_cart_that_is_not_begun_shows_the_bar_only_where_its_display_says_so(
    reader: Reader, world: World
) -> None:
    await listing(world)
    await campaign(world, step("percent", percent=1000, USD=3000))
    async with unit(world.database) as db:
        await db.execute('update cart_campaigns set design = \'{"places": ["drawer"]}\'')
    assert "Add $30" not in (await reader.get("/cart")).text
    assert "Add $30" in (await reader.get("/cart/drawer")).json()["html"]
    async with unit(world.database) as db:
        await db.execute("update cart_campaigns set state = 'paused'")
    assert "Add $30" not in (await reader.get("/cart/drawer")).json()["html"]


async def test_a_change_asks_the_database_twice_and_the_page_once(
    served: Served, reader: Reader, world: World
) -> None:
    """V9."""
    muff = await listing(world)
    await campaign(world, *(step("percent", percent=100, USD=1000 * n) for n in range(1, 11)))
    await change(reader, "add", product=muff.product)
    await scripted(reader, "add", product=muff.product)  # the driver knows all types by now
    start = len(served.statements)
    await scripted(reader, "add", product=muff.product)
    assert [s.split()[0] for s in served.statements_since(start)] == ["select", "update"]
    start = len(served.statements)
    await reader.get("/cart")
    assert len(served.statements_since(start)) == 1


async def test_shipping_and_currency_are_chosen(reader: Reader, world: World) -> None:
    await sells_in(world, "USD", "EUR")
    muff = await listing(world, variants=[Variant(prices={"USD": 1900, "EUR": 1700})])
    await change(reader, "add", product=muff.product)
    assert "Shipping, estimated Not offered yet" in text_of((await reader.get("/cart")).text)
    await shipping(world, "Post", "DE", USD=490, EUR=450)
    assert "Shipping, estimated Choose a country" in text_of((await reader.get("/cart")).text)
    await change(reader, "ship", country="DE")
    assert "Shipping, estimated $4.90 Total $23.90" in text_of((await reader.get("/cart")).text)
    await change(reader, "pay", currency="EUR")
    assert "€4.50 Total €21.50" in text_of((await reader.get("/cart")).text)
    await change(reader, "ship", country="JP")
    assert "We can't ship there" in text_of((await reader.get("/cart")).text)


@pytest.mark.parametrize("layout", ["classic", "segmented", "single"])
async def test_each_layout_says_the_same_in_words(
    reader: Reader, world: World, layout: str
) -> None:
    """S24, S30, S34."""
    muff = await listing(world)
    await campaign(
        world,
        step("percent", percent=1000, USD=1000),
        step("shipping", USD=3000),
        design={"layout": layout, "done": "replace", "colour": "#aa3355"},
    )
    await change(reader, "add", product=muff.product)
    html = (await reader.get("/cart")).text
    assert f"cart-milestones is-{layout}" in html and "/brand/bar-aa3355.css" in html
    assert "Add $11 for free shipping" in text_of(html)
    assert len(re.findall('role="progressbar"', html)) == (2 if layout == "segmented" else 1)


async def test_the_bar_stays_where_the_campaign_wants_it(reader: Reader, world: World) -> None:
    """S22."""
    muff = await listing(world)
    await campaign(world, step("shipping", USD=3000), design={"places": ["drawer"]})
    await change(reader, "add", product=muff.product)
    assert "cart-milestones" not in (await reader.get("/cart")).text
    assert "cart-milestones" in (await reader.get("/cart/drawer", headers=SCRIPT)).json()["html"]


async def test_whoever_signs_in_brings_the_cart_along_and_leaves_it_behind_when_signing_out(
    served: Served, world: World
) -> None:
    muff, stand = await listing(world), await listing(world, title="Stand")
    campaign_id = await world.campaign()
    await world.pledged(campaign_id, "Dana")
    await customer(world, "Dana")
    async with Reader(served.url) as phone, Reader(served.url) as desk:
        await change(phone, "add", product=muff.product)
        await sign_in(phone, world, "Dana")
        await change(desk, "add", product=stand.product)
        await sign_in(desk, world, "Dana")
        assert (await phone.get("/cart")).text.count('class="cart-line"') == 2
        await do(desk, "/me/sign-out")
        assert COOKIE not in desk.cookies
        assert "Your cart is empty." in (await desk.get("/cart")).text


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"do": "dance"},
        {"do": "add", "product": "x"},
        {"do": "set", "product": "1"},
        {"do": "set", "product": "99999999999999999999", "quantity": "-4"},
        {"do": "decline", "tier": "\x00"},
        {"do": "ship", "country": "DE", "option": "9" * 30},
    ],
)
async def test_what_makes_no_sense_changes_nothing(
    reader: Reader, world: World, fields: dict[str, str]
) -> None:
    muff = await listing(world)
    await change(reader, "add", product=muff.product)
    answer = await do(reader, "/cart/change", **fields)
    assert answer.status_code == 303
    rows = await world.rows("select lines from carts")
    assert [row["lines"] for row in rows] == [[{"product": muff.product, "quantity": 1}]]
