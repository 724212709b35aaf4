"""The shop as everybody meets it: shelves, a listing, search, currencies (B21)."""

import re
from typing import Any

import orjson
import pytest

from milepost.storage.database import unit
from milepost.web.shop import shelves
from tests.shop import Variant, bought, collection, listing, reviewed, sells_in
from tests.web.client import Reader, parse
from tests.web.serving import Served
from tests.world import World

HTML = "{http://www.w3.org/1999/xhtml}"
PICTURE = "/media/pictures/muff-1600.avif"


async def seen(reader: Reader, path: str = "/shop", **asked: str) -> str:
    """The page, which is there."""
    answer = await reader.get(path, params=asked or None)
    assert answer.status_code == 200, answer.text
    return answer.text


def titles(html: str) -> list[str]:
    """The titles of the listings on a shelf, in their order."""
    found = [h.find(f"{HTML}a") for h in parse(html).iter(f"{HTML}h3")]
    return ["".join(a.itertext()) for a in found if a is not None]


async def test_nothing_leads_to_a_shop_in_which_there_is_nothing(
    reader: Reader, world: World
) -> None:
    await world.campaign(slug="recorder")
    await listing(world, published=False)
    for path in ("/", "/c/recorder", "/c/recorder/updates"):
        assert 'href="/shop' not in await seen(reader, path)
    assert "Nothing is for sale yet" in await seen(reader)
    assert (await reader.get("/shop/listing-1")).status_code == 404


async def test_the_front_page_and_the_campaigns_lead_to_what_is_published(
    reader: Reader, world: World
) -> None:
    await world.campaign(slug="recorder")
    listed = await listing(world, title="Wind muff")
    assert f'href="/shop/{listed.slug}"' in await seen(reader, "/")
    for path in ("/", "/c/recorder", "/c/recorder/updates"):
        assert 'href="/shop"' in await seen(reader, path)


async def test_a_shop_without_a_campaign_has_a_front_page_too(reader: Reader, world: World) -> None:
    await listing(world, title="Wind muff")
    home = await seen(reader, "/")
    assert "Wind muff" in home and "No campaign is open yet" not in home and "Larkfield" in home


async def test_a_card_says_the_price_from_and_what_is_left(reader: Reader, world: World) -> None:
    await listing(world, title="One price", price=1950, stock=3)
    await listing(world, title="Two prices", variants=(Variant("S", 900), Variant("M", 1200)))
    await listing(world, title="Cheap one gone", variants=(
        Variant("S", 100, stock=0), Variant("M", 1200), Variant("L", 1200)))  # fmt: skip
    await listing(world, title="All gone", price=500, stock=0)
    await listing(world, title="In euros", currency="EUR")
    cards = [re.sub(r"<[^>]+>|\s+", " ", card) for card in (await seen(reader)).split("<article")]
    said = {re.sub(" +", " ", card) for card in cards}
    for title, words in (
        ("One price", "$19.50"), ("One price", "3 left"), ("Two prices", "from $9"),
        ("Cheap one gone", "$12"), ("All gone", "Sold out"), ("In euros", "Not sold in USD"),
    ):  # fmt: skip
        assert any(title in card and words in card for card in said), (title, words)
    assert not any("Cheap one gone" in card and "from" in card for card in said)


async def test_a_collection_shows_what_is_in_it_and_an_empty_one_is_not_offered(
    reader: Reader, world: World
) -> None:
    prints = await collection(world, title="Prints", slug="prints")
    await collection(world, title="Nothing", slug="nothing")
    hidden = await collection(world, title="Hidden", slug="hidden")
    await listing(world, title="A print", collections=[prints])
    await listing(world, title="A draft", collections=[prints, hidden], published=False)
    await listing(world, title="A muff")
    assert titles(await seen(reader)) == ["A muff", "A print"]
    assert titles(await seen(reader, "/shop/in/prints")) == ["A print"]
    assert "/shop/in/nothing" not in await seen(reader)
    for slug in ("nothing", "hidden", "%00", "x" * 500):
        assert (await reader.get(f"/shop/in/{slug}")).status_code == 404


async def test_a_word_is_found_in_titles_texts_labels_and_translations(
    reader: Reader, world: World
) -> None:
    await listing(world, title="Wind muff", text="Soft **mohair**.")
    await listing(world, title="Poster", translations={"de": {"title": "Plakat"}})
    await listing(world, title="Shirt", variants=(Variant("Vermilion"), Variant("Blue")))
    for find, found in (("MUFF", "Wind muff"), ("mohair", "Wind muff"), ("plakat", "Poster"),
                        ("vermil", "Shirt")):  # fmt: skip
        assert titles(await seen(reader, find=find)) == [found]
    for nothing in ("title", "100%", "_", "\\", "<b>"):
        html = await seen(reader, find=nothing)
        assert titles(html) == [] and "Nothing here holds" in html


async def test_the_shelves_go_on_by_key_and_ask_as_often_for_many_as_for_few(
    reader: Reader, served: Served, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelves, "PAGE", 2)
    shelf = await collection(world, slug="all")
    counts = []
    for number in range(5):
        listed = await listing(world, title=f"Thing {number}", collections=[shelf],
                               variants=(Variant("A"), Variant("B")))  # fmt: skip
        if number in (0, 4):
            counts.append([await asked_for(served, path) for path in (
                "/shop", "/shop/in/all", f"/shop/{listed.slug}")])  # fmt: skip
    assert counts[0] == counts[1] == [2, 2, 3]
    found, path = [], "/shop/in/all"
    while path:
        html = await seen(reader, path)
        found += titles(html)
        older = re.search(r'href="([^"]+before=\d+)" rel="next"', html)
        path = older[1].replace("&amp;", "&") if older else ""
    assert found == [f"Thing {n}" for n in (4, 3, 2, 1, 0)]
    for odd in ("0", "-1", "x", "9" * 30):
        assert (await reader.get("/shop", params={"before": odd})).status_code == 200
        sorted_too = {"before": odd, "sort": "low"}
        assert (await reader.get("/shop", params=sorted_too)).status_code == 200


@pytest.mark.parametrize(
    ("sort", "currency", "expected"),
    [
        ("low", "USD", ["Pin", "Map", "Cup", "Muff", "Poster"]),
        ("high", "USD", ["Muff", "Map", "Cup", "Pin", "Poster"]),
        ("low", "EUR", ["Poster", "Map", "Muff", "Cup", "Pin"]),
        ("odd", "USD", ["Map", "Poster", "Muff", "Cup", "Pin"]),
    ],
)
async def test_a_shopper_goes_along_the_shelf_by_price_page_by_page(
    reader: Reader, world: World, monkeypatch: pytest.MonkeyPatch, sort: str, currency: str,
    expected: list[str],
) -> None:  # fmt: skip
    """By the lowest price of each, the newer of equals first; what has none comes last."""
    monkeypatch.setattr(shelves, "PAGE", 2)
    await sells_in(world, "USD", "EUR")
    await listing(world, title="Pin", price=300)
    dear, cheap = Variant("Large", 1900), Variant("Small", 900)
    await listing(world, title="Cup", variants=(dear, cheap))
    await listing(world, title="Muff", price=1900)
    await listing(world, title="Poster", variants=(Variant(prices={"EUR": 100}),))
    await listing(world, title="Map", variants=(Variant(prices={"USD": 900, "EUR": 800}),))
    found, path = [], f"/shop?sort={sort}&currency={currency}"
    while path:
        html = await seen(reader, path)
        found += titles(html)
        older = re.search(r'href="([^"]+before=\d+[^"]*)" rel="next"', html)
        path = older[1].replace("&amp;", "&") if older else ""
    assert found == expected


async def asked_for(served: Served, path: str) -> int:
    start = len(served.statements)
    assert (await served.reader.get(path)).status_code == 200
    return len(served.statements_since(start))


async def test_a_listing_offers_what_is_there_and_says_what_is_not(
    reader: Reader, world: World
) -> None:
    listed = await listing(world, title="Muff", text="**Warm.** <script>x</script>", variants=(
        Variant("Small", 900, stock=0), Variant("Medium", 1200, stock=2), Variant("Large", 1500),
        Variant("Only in yen", prices={"JPY": 5}),
    ))  # fmt: skip
    html = await seen(reader, f"/shop/{listed.slug}")
    form = next(f for f in parse(html).iter(f"{HTML}form") if f.get("action") == "/cart/change")
    fields = {f.get("name"): f.get("value") for f in form.iter(f"{HTML}input")}
    assert (fields["do"], fields["quantity"]) == ("add", "1")
    kinds = [f for f in form.iter(f"{HTML}input") if f.get("name") == "product"]
    said = [(int(f.get("value")), f.get("checked"), f.get("disabled")) for f in kinds]
    small, medium, large, _ = listed.products
    assert said == [(small, None, ""), (medium, "", None), (large, None, None)]
    assert "2 left" in html and "Sold out" in html and "from $12" in html
    assert "<strong>Warm.</strong>" in html and "<script>x" not in html


async def test_what_is_sold_out_can_t_be_put_into_the_cart(reader: Reader, world: World) -> None:
    listed = await listing(world, title="Muff", stock=0)
    html = await seen(reader, f"/shop/{listed.slug}")
    assert "Sold out" in html and 'action="/cart/change"' not in html
    async with unit(world.database) as db:
        await db.execute("update products set stock = 6")
    html = await seen(reader, f"/shop/{listed.slug}")
    assert 'action="/cart/change"' in html and "left" not in re.sub(r"<[^>]+>", "", html)


async def test_prices_are_in_the_currency_asked_for_then_the_cart_s_then_the_store_s(
    reader: Reader, world: World
) -> None:
    await sells_in(world, "EUR", "JPY", "USD")
    listed = await listing(world, variants=(Variant(prices={"EUR": 900, "JPY": 1500}),))
    path = f"/shop/{listed.slug}"
    assert "€9" in await seen(reader, path) and "€9" in await seen(reader, path, currency="GBP")
    assert "¥1,500" in await seen(reader, path, currency="JPY")
    assert "not sold in USD" in await seen(reader, path, currency="USD")
    typed = {"do": "add", "product": str(listed.product), "quantity": "1", "currency": "JPY"}
    added = await reader.post("/cart/change", data=typed, headers=reader.from_here)
    assert added.status_code == 303
    reader.cookies = added.cookies
    assert (await world.row("select currency from carts"))["currency"] == "JPY"
    answer = await reader.get(path)
    assert "¥1,500" in answer.text and answer.headers["cache-control"] == "no-store"


async def test_a_listing_is_in_the_reader_s_language(reader: Reader, world: World) -> None:
    listed = await listing(world, title="Muff", text="Warm.", translations={
        "de": {"title": "Windschutz", "text": "Warm, wirklich."}}, variants=(
        Variant("Grey", translations={"de": {"label": "Grau"}}), Variant("Blue")))  # fmt: skip
    html = await seen(reader, f"/shop/{listed.slug}", lang="de")
    assert "Windschutz" in html and "wirklich" in html and "Grau" in html and "Blue" in html
    assert titles(await seen(reader, lang="de")) == ["Windschutz"]


async def test_search_engines_and_friends_are_told_what_it_is_and_costs(
    reader: Reader, world: World
) -> None:
    small = Variant("S", 950, stock=0, image=PICTURE, image_alt="A muff")
    listed = await listing(
        world,
        title="Muff </script><b>",
        text="Warm & soft.",
        variants=(small, Variant("M", 1200)),
    )
    await bought(world, "Dana", listed)
    await reviewed(world, "Dana", listed, 4, state="shown")
    html = await seen(reader, f"/shop/{listed.slug}")
    data = linked(html)
    assert data["name"] == "Muff </script><b>" and data["description"] == "Warm & soft."
    assert [(o["price"], o["priceCurrency"], o["availability"]) for o in data["offers"]] == [
        ("9.50", "USD", "https://schema.org/SoldOut"),
        ("12.00", "USD", "https://schema.org/InStock"),
    ]
    assert data["aggregateRating"] == {
        "@type": "AggregateRating", "ratingValue": 4.0, "reviewCount": 1}  # fmt: skip
    told = {m.get("property"): m.get("content") for m in parse(html).iter(f"{HTML}meta")}
    assert told["og:title"] == "Muff </script><b>" and told["og:type"] == "product"
    assert told["og:image"].endswith("/media/pictures/muff-800.avif.jpg")
    assert told["product:price:amount"] == "12.00"


def linked(html: str) -> Any:
    """The page's data block, as JSON."""
    blocks = [s.text for s in parse(html).iter(f"{HTML}script") if s.get("type") != "module"]
    assert len(blocks) == 1
    return orjson.loads(blocks[0])


async def test_a_page_for_everybody_is_answered_anew_only_if_it_has_changed(
    reader: Reader, world: World
) -> None:
    listed = await listing(world)
    first = await reader.get(f"/shop/{listed.slug}")
    tag = {"if-none-match": first.headers["etag"]}
    assert "s-maxage" in first.headers["cache-control"]
    assert (await reader.get(f"/shop/{listed.slug}", headers=tag)).status_code == 304
    async with unit(world.database) as db:
        await db.execute("update products set stock = 1")
    assert (await reader.get(f"/shop/{listed.slug}", headers=tag)).status_code == 200


async def test_odd_addresses_of_the_shop_are_not_there(reader: Reader) -> None:
    for path in ("/shop/nothing", "/shop/%00", "/shop/A", "/shop/" + "x" * 500, "/shop/in/x"):
        assert (await reader.get(path)).status_code == 404
    assert (await reader.get("/shop/nothing/reviews")).status_code == 404
