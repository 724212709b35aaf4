"""The cart on other sites: who may show it, what it says, and how large its script is (S22)."""

import html
import re
from typing import Any

import pytest

from milepost.domain.errors import Invalid
from milepost.services.embedding import origin_of
from milepost.storage.database import unit
from milepost.web.static import embedded_cart
from tests.carts import campaign, step
from tests.shop import Variant, listing
from tests.web.client import Reader
from tests.web.serving import Served
from tests.web.studio import enter, send, staff
from tests.world import World

BLOG = "https://blog.example.org"


@pytest.fixture
async def allowed(world: World) -> None:
    """The store's cart may be shown on the blog."""
    async with unit(world.database) as db:
        await db.execute("update stores set embed_origins = $1", [BLOG])


async def ask(reader: Reader, path: str = "", token: str = "", **fields: Any) -> Any:
    """What the element asks from the blog; fields are a change."""
    headers = {"origin": BLOG, "sec-fetch-site": "cross-site"}
    headers |= {"milepost-cart": token} if token else {}
    if fields:
        return await reader.post(f"/api/v1/cart{path}", json=fields, headers=headers)
    return await reader.get(f"/api/v1/cart{path}", headers=headers)


@pytest.mark.usefixtures("allowed")
async def test_another_site_fills_a_cart_and_reads_bar_and_bill(
    reader: Reader, world: World
) -> None:
    """N8."""
    muff = await listing(world)
    (tier,) = await campaign(world, step("percent", percent=1000, USD=3000))
    empty = (await ask(reader)).json()
    assert (empty["count"], empty["lines"], empty["milestones"]["reading"]) == (0, [], 0)
    assert empty["milestones"]["message"] == "Add $30 for 10% off"
    answer = await ask(reader, "/changes", do="add", product=muff.product)
    cart = answer.json()
    token = cart["token"]
    assert answer.headers["access-control-allow-origin"] == BLOG
    assert "set-cookie" not in answer.headers
    assert cart["milestones"]["message"] == "Add $11 for 10% off"
    assert cart["lines"][0]["url"].startswith(str(reader.base_url).rstrip("/") + "/shop/")
    cart = (await ask(reader, "/changes", token, do="add", product=muff.product)).json()
    assert (cart["reached"], cart["bill"]["tiers_off"], cart["bill"]["total"]) == (
        [tier],
        380,
        3420,
    )
    assert "token" not in cart and "html" not in cart
    cart = (
        await ask(reader, "/changes?html=1&lang=de", token, do="remove", product=muff.product)
    ).json()
    assert cart["count"] == 0 and "is-embed" in cart["html"] and "css" not in cart
    assert "--road" in (await ask(reader, "?html=1", token)).json()["css"]


@pytest.mark.usefixtures("allowed")
async def test_a_refused_change_says_why_and_shows_the_cart_as_it_is(
    reader: Reader, world: World
) -> None:
    muff = await listing(world, stock=0)
    token = (await ask(reader, currency="USD")).json()["token"]
    for fields, about, status in (
        ({"do": "add", "product": muff.product}, "product", 409),
        ({"do": "code", "code": "nope"}, "code", 422),
    ):
        answer = await ask(reader, "/changes", token, **fields)
        told = answer.json()
        assert (answer.status_code, told["errors"][0]["pointer"]) == (status, f"/{about}")
        assert told["cart"]["count"] == 0 and told["cart"]["said"] == told["detail"]
        assert answer.headers["access-control-allow-origin"] == BLOG


@pytest.mark.usefixtures("allowed")
async def test_a_browser_hears_yes_for_the_named_sites_alone(reader: Reader, world: World) -> None:
    for origin, status in ((BLOG, 204), ("https://evil.example", 403), ("null", 403)):
        answer = await reader.options("/api/v1/cart/changes", headers={"origin": origin})
        assert answer.status_code == status
        assert answer.headers.get("access-control-allow-origin") == (
            origin if status == 204 else None
        )
    muff = await listing(world)
    form = {"do": "add", "product": str(muff.product)}  # what a browser sends without asking
    answer = await reader.post("/api/v1/cart/changes", data=form, headers={"origin": BLOG})
    assert answer.status_code == 415 and await world.rows("select from carts") == []
    for body in (b"{", b"[]", b'"x"'):
        headers = {"origin": BLOG, "content-type": "application/json"}
        answer = await reader.post("/api/v1/cart/changes", content=body, headers=headers)
        assert answer.status_code == 422
    strange = await reader.get("/api/v1/cart", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in strange.headers


@pytest.mark.usefixtures("allowed")
async def test_no_cookie_is_looked_at(reader: Reader, world: World) -> None:
    muff = await listing(world)
    sent = {"do": "add", "product": str(muff.product)}
    await reader.post("/cart/change", data=sent, headers=reader.from_here)
    assert "milepost_cart" in reader.cookies
    assert (await ask(reader)).json()["count"] == 0


@pytest.mark.usefixtures("allowed")
async def test_a_cart_from_another_site_is_taken_over_with_what_lay_in_the_own(
    reader: Reader, world: World
) -> None:
    muff, stand = await listing(world), await listing(world, title="Stand")
    sent = {"do": "add", "product": str(muff.product)}
    await reader.post("/cart/change", data=sent, headers=reader.from_here)
    token = (await ask(reader, "/changes", do="add", product=stand.product)).json()["token"]
    own = reader.cookies["milepost_cart"]
    await reader.post("/cart/take", data={"token": token}, headers=reader.from_here)
    page = (await reader.get("/cart")).text
    assert reader.cookies["milepost_cart"] == own
    assert page.count('class="cart-line"') == 2
    reader.cookies.clear()
    token = (await ask(reader, "/changes", do="add", product=stand.product)).json()["token"]
    await reader.post("/cart/take", data={"token": token}, headers=reader.from_here)
    assert reader.cookies["milepost_cart"] == token
    await reader.post("/cart/take", data={"token": "of nobody"}, headers=reader.from_here)
    assert reader.cookies["milepost_cart"] == token


async def test_the_script_is_small_and_has_all_it_needs(reader: Reader) -> None:
    """Under 12 KB with its styles."""
    answer = await reader.get("/embed/cart.js", headers={"accept-encoding": "br"})
    assert answer.headers["content-encoding"] == "br"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert 3_000 < int(answer.headers["content-length"]) < 12_000
    text = (await reader.get("/embed/cart.js", headers={"accept-encoding": "identity"})).text
    assert f'const BASE = "{str(reader.base_url).rstrip("/")}"' in text
    assert not re.search(r"^(import|export) ", text, re.MULTILINE)
    assert "cart-milestones" in embedded_cart() and ":root" not in embedded_cart()
    again = await reader.get("/embed/cart.js", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://Blog.example.org/", "https://blog.example.org"),
        ("blog.example.org", "https://blog.example.org"),
        ("https://blog.example.org:443/page?x", "https://blog.example.org"),
        ("http://localhost:3000", "http://localhost:3000"),
    ],
)
def test_an_address_becomes_its_origin(typed: str, origin: str) -> None:
    assert origin_of(typed) == origin


@pytest.mark.parametrize(
    "typed", ["http://example.org", "ftp://x.org", "https://", "https://a b", "*", "https://u@x.org",
              "https://x.org:99999"]
)  # fmt: skip
def test_what_is_no_site_with_tls_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="not the address of a site"):
        origin_of(typed)


async def test_alice_names_the_sites_and_it_is_noted(reader: Reader, world: World) -> None:
    await staff(world)
    await enter(reader, "Alice")
    path = "/studio/larkfield/shop/embed"
    answer = await send(reader, path, origins="blog.example.org\nnot a site")
    assert answer.status_code == 422 and "not a site" in answer.text
    answer = await send(reader, path, origins="blog.example.org\n\nhttps://blog.example.org")
    assert answer.headers["location"] == f"{path}?done=saved"
    assert [row["embed_origins"] for row in await world.rows("select embed_origins from stores"
            " where id = $1", world.store_id)] == [[BLOG]]  # fmt: skip
    assert "other sites the cart may be shown" in (await reader.get("/studio/larkfield/log")).text
    assert "milepost-cart" in (await reader.get(path)).text


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize(
    ("lang", "said", "way"),
    [
        ("en", "Add $11 for 10% off", "ltr"),
        ("de-AT", "Noch 11 $ für 10 % Rabatt", "ltr"),
        ("fr", "Encore 11 $US pour 10 % de remise", "ltr"),
        ("es", "Añade 11 US$ y consigue: 10 % de descuento", "ltr"),
        ("ja", "あと$11で10%オフ", "ltr"),
        ("ar", "أضِف", "rtl"),
    ],
)
async def test_the_cart_speaks_six_languages_and_never_shows_a_variable(
    reader: Reader, world: World, lang: str, said: str, way: str
) -> None:
    """K8."""
    muff = await listing(world)
    await campaign(world, step("percent", percent=1000, USD=3000), step("shipping", USD=9000))
    path = f"/changes?html=1&lang={lang}"
    told = (await ask(reader, path, do="add", product=muff.product)).json()
    assert told["dir"] == way and told["lang"] == lang[:2]
    message = told["milestones"]["message"].replace("\u00a0", " ").replace("\u202f", " ")
    assert message.startswith(said), message
    assert "{{" not in told["html"] and told["said"]


async def test_a_creator_copies_the_button_of_a_product_with_its_number(
    world: World, served: Served
) -> None:
    await staff(world)
    await enter(served.reader, "Bob")
    own = "/studio/larkfield/shop/embed"
    assert "The shop is empty" in (await served.reader.get(own)).text
    variants = (Variant("Small", 900), Variant("Large", 1200))
    cup = await listing(world, title="Cup", variants=variants)
    muff = await listing(world, title="Wind muff")
    page = html.unescape((await served.reader.get(own)).text)
    assert f'<script src="{served.url}/embed/cart.js" async></script>' in page
    for number in (*cup.products, muff.product):
        assert f'<button data-milepost-add="{number}">' in page
    assert "Cup, Small" in page
    page = html.unescape((await served.reader.get(f"{own}?find=muff")).text)
    assert f'data-milepost-add="{muff.product}"' in page and "Cup" not in page
    assert "No title in the shop" in (await served.reader.get(f"{own}?find=zzz")).text
    start = len(served.statements)
    await served.reader.get(own)
    assert len(served.statements_since(start)) <= 4
