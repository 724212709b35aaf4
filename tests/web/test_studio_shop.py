"""The shop in the studio: listings, variants with one stock, collections, currencies (B21)."""

import re
from typing import Any

import pytest

from milepost.storage.database import unit
from milepost.web.studio import shop as page
from tests.shop import Variant, bought, collection, listing, reviewed, sells_in
from tests.web.client import Reader
from tests.web.serving import Served
from tests.web.studio import enter, log_of, send, staff
from tests.world import World

SHOP = "/studio/larkfield/shop"


@pytest.fixture
async def alice(served: Served, world: World) -> Reader:
    """Alice, signed in at her store."""
    await staff(world)
    await enter(served.reader, "Alice")
    return served.reader


def pictured(html: str) -> str:
    """The address of the picture that a form keeps."""
    found = re.search(r'name="image_kept" value="([^"]+)"', html)
    return found[1] if found else ""


async def made(reader: Reader, **typed: str) -> int:
    """A listing that Alice made by the form; its id."""
    answer = await send(reader, f"{SHOP}/new", **typed)
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].split("?")[0].rsplit("/", 1)[1])


async def test_a_listing_is_made_with_its_first_variant_and_seen_once_it_is_published(
    alice: Reader, world: World
) -> None:
    assert (await alice.get(SHOP)).text.count("The shop is empty") == 1
    shelf = await collection(world)
    listing_id = await made(
        alice,
        **{"title": "Für Große!", "text": "**Warm.**", "price-USD": "12.50", "stock": "7"},
        **{f"collection-{shelf}": "on", "ships": "on", "title-de": "Für Große", "text-de": "Ja"},
    )
    row = await world.row("select * from listings")
    product = await world.row("select * from products where listing_id = $1", listing_id)
    assert (row["slug"], row["published"], row["translations"]) == (
        "fur-grosse", False, {"de": {"title": "Für Große", "text": "Ja"}})  # fmt: skip
    assert (product["title"], product["prices"], product["stock"]) == (
        "Für Große!",
        {"USD": 1250},
        7,
    )
    assert (await alice.get("/shop/fur-grosse")).status_code == 404
    assert (await send(alice, f"{SHOP}/{listing_id}/publish")).status_code == 303
    assert (await alice.get("/shop/fur-grosse")).status_code == 200
    assert (await send(alice, f"{SHOP}/{listing_id}/withdraw")).status_code == 303
    assert (await alice.get("/shop/fur-grosse")).status_code == 404
    told = [what for _, what, *_ in await log_of(world)]
    assert told == ["listing_added", "variant_added", "listing_published", "listing_withdrawn"]
    assert "Put “Für Große!” into the shop" in (await alice.get("/studio/larkfield/log")).text


async def test_what_was_typed_is_kept_beside_the_reason_why_it_was_refused(alice: Reader) -> None:
    answer = await send(alice, f"{SHOP}/new", **{"title": "Muff", "price-USD": "a lot"})
    assert answer.status_code == 422 and 'id="price-USD-note"' in answer.text
    assert 'value="a lot"' in answer.text and 'value="Muff"' in answer.text
    assert 'id="title-note"' in (await send(alice, f"{SHOP}/new", text="No title")).text


async def test_a_price_stands_on_the_steps_that_its_currency_is_charged_in(
    alice: Reader, world: World
) -> None:
    """Stripe charges dinars in steps of ten fils; another price could never be paid."""
    await sells_in(world, "KWD", "USD")
    answer = await send(alice, f"{SHOP}/new", **{"title": "Muff", "price-KWD": "1.005"})
    assert answer.status_code == 422 and 'id="price-KWD-note"' in answer.text
    assert "KWD is charged in steps of 0.010." in answer.text and 'value="1.005"' in answer.text
    way = {"title": "Post", "price-KWD": "0.255"}
    answer = await send(alice, f"{SHOP}/shipping/new", **way)
    assert answer.status_code == 422 and "steps of 0.010" in answer.text
    home = "/studio/larkfield/cart-milestones"
    made_at = (await send(alice, f"{home}/new", name="Spring", trigger="value")).headers["location"]
    tier = {"t0": "new", "t0-kind": "amount", "t0-amount-KWD": "0.505", "t0-target-KWD": "9"}
    rule = {"base": "0", "name": "Spring", "trigger": "value", "adds_up": "all", "do": "save"}
    answer = await send(alice, made_at, **rule, **tier)
    assert answer.status_code == 422 and "steps of 0.010" in answer.text
    assert await world.rows("select from products") == []
    good = await send(alice, f"{SHOP}/new", **{"title": "Muff", "price-KWD": "1.010"})
    assert good.status_code == 303


async def test_nothing_without_a_price_is_published(alice: Reader, world: World) -> None:
    listing_id = await made(alice, title="Muff")
    answer = await send(alice, f"{SHOP}/{listing_id}/publish")
    assert answer.status_code == 409 and "Nothing of it has a price yet" in answer.text
    assert not (await world.row("select published from listings"))["published"]


async def test_an_address_stands_from_the_first_day_in_the_shop_on(
    alice: Reader, world: World
) -> None:
    first, second = await made(alice, title="Muff"), await made(alice, title="Muff")
    assert [r["slug"] for r in await world.rows("select slug from listings order by id")] == [
        "muff", "muff-2"]  # fmt: skip
    answer = await send(alice, f"{SHOP}/{second}", base="0", title="Muff", slug="muff")
    assert answer.status_code == 422 and "Another listing is at this address" in answer.text
    assert (
        await send(alice, f"{SHOP}/{second}", base="0", title="Muff", slug="in")
    ).status_code == 422
    await send(alice, f"{SHOP}/{first}", base="0", title="Muff", slug="warm-muff")
    public = await listing(world, slug="stays")
    await send(alice, f"{SHOP}/{public.id}", base="0", title="Other", slug="moves")
    slugs = [r["slug"] for r in await world.rows("select slug from listings order by id")]
    assert slugs == ["warm-muff", "muff-2", "stays"]


async def test_a_variant_that_is_restocked_serves_whoever_waits_for_it_as_a_reward(
    alice: Reader, world: World
) -> None:
    campaign_id = await world.campaign()
    product_id = await world.product(title="Muff", stock=0)
    milestone_id = await world.milestone(campaign_id, 1, product_id=product_id)
    await world.pledged(campaign_id, "Dana")
    await world.pledged(campaign_id, "Eli")
    assert await waiting(world) == 2
    listing_id = await made(alice, title="Muffs", **{"price-USD": "9"})
    put_up = await send(alice, f"{SHOP}/{listing_id}/products", product=str(product_id))
    assert put_up.headers["location"] == f"{SHOP}/{listing_id}/{product_id}"
    form = await alice.get(f"{SHOP}/{listing_id}/{product_id}")
    assert 'name="stock_was" value="0"' in form.text and 'value="Muff"' in form.text
    typed = {"label": "Grey", "price-USD": "12", "stock": "5", "stock_was": "0", "ships": "on"}
    saved = await send(alice, f"{SHOP}/{listing_id}/{product_id}", base="0", image_alt="", **typed)
    assert saved.status_code == 303 and "served=2" in saved.headers["location"]
    assert "2 pieces went at once" in (await alice.get(saved.headers["location"])).text
    row = await world.row("select * from products where id = $1", product_id)
    assert (row["stock"], row["label"], row["prices"], row["title"]) == (
        3, "Grey", {"USD": 1200}, "Muff")  # fmt: skip
    assert await waiting(world) == 0 and milestone_id


async def waiting(world: World) -> int:
    row = await world.row("select count(*) from grants where backordered")
    return int(row["count"])


async def test_what_is_sold_while_a_form_is_open_stays_sold(alice: Reader, world: World) -> None:
    listed = await listing(world, stock=10)
    path = f"{SHOP}/{listed.id}/{listed.product}"
    async with unit(world.database) as db:
        await db.execute("update products set stock = stock - 4")
    typed = {"price-USD": "19", "stock": "12", "stock_was": "10", "image_alt": ""}
    assert (await send(alice, path, base="0", **typed)).status_code == 303
    assert (await world.row("select stock from products"))["stock"] == 8
    typed |= {"stock": "0", "stock_was": "10"}
    answer = await send(alice, path, base="1", **typed)
    assert answer.status_code == 409 and "so 8 are left to take away" in answer.text


async def test_nobody_overwrites_what_another_has_saved(alice: Reader, world: World) -> None:
    listed = await listing(world, title="Muff")
    async with Reader(str(alice.base_url)) as bob:
        await enter(bob, "Bob")
        assert (await send(bob, f"{SHOP}/{listed.id}", base="0", title="Bob's")).status_code == 303
    answer = await send(alice, f"{SHOP}/{listed.id}", base="0", title="Alice's")
    assert answer.status_code == 409 and "Bob saved this part" in answer.text
    assert "Alice&#39;s" in answer.text and "Bob&#39;s" in answer.text
    assert (await world.row("select title from listings"))["title"] == "Bob's"
    kept = await send(alice, f"{SHOP}/keep/listing-{listed.id}", base="1", title="Mine again")
    assert kept.json()["overtaken"] is False
    assert "Mine again" in (await alice.get(f"{SHOP}/{listed.id}")).text


async def test_variants_have_an_order_and_labels_of_their_own_and_can_be_taken_off(
    alice: Reader, world: World
) -> None:
    listed = await listing(world, title="Muff", variants=(Variant("S"), Variant("M")))
    here = f"{SHOP}/{listed.id}"
    new = {"label": "L", "price-USD": "20", "stock": "", "image_alt": "", "label-de": "Groß"}
    assert (await send(alice, f"{here}/new", **new | {"label": "m"})).status_code == 422
    assert (await send(alice, f"{here}/new", **new | {"label": ""})).status_code == 422
    assert (await send(alice, f"{here}/new", **new)).status_code == 303
    third = (await world.row("select max(id) as id from products"))["id"]
    await send(alice, f"{here}/{third}/move", to="up")
    assert await labels(world, listed.id) == ["S", "L", "M"]
    row = await world.row("select title, translations from products where id = $1", third)
    assert (row["title"], row["translations"]) == ("Muff, L", {"de": {"label": "Groß"}})
    await send(alice, f"/studio/larkfield/products/{third}/edit", title="Large", stock="",
               stock_was="", **{"de-title": "Große"})  # fmt: skip
    row = await world.row("select translations from products where id = $1", third)
    assert row["translations"] == {"de": {"label": "Groß", "title": "Große"}}
    await send(alice, here, base="0", title="Cuff")
    titles = await world.rows("select title from products order by id")
    assert [r["title"] for r in titles] == ["Cuff, S", "Cuff, M", "Large"]
    for product_id in (third, listed.products[1]):
        assert (await send(alice, f"{here}/{product_id}/off")).status_code == 303
    last = await send(alice, f"{here}/{listed.product}/off")
    assert last.status_code == 409 and "the only variant" in last.text
    assert await labels(world, listed.id) == ["S"]


async def labels(world: World, listing_id: int) -> list[str]:
    rows = await world.rows(
        "select label from products where listing_id = $1 order by position, id", listing_id
    )
    return [row["label"] for row in rows]


async def test_a_reward_can_be_put_up_as_a_listing_and_then_not_be_removed(
    alice: Reader, world: World
) -> None:
    product_id = await world.product(title="Print", stock=3)
    assert (
        f"{SHOP}/new?product={product_id}"
        in (await alice.get(f"/studio/larkfield/products/{product_id}")).text
    )
    path = f"{SHOP}/new?product={product_id}"
    assert 'value="Print"' in (await alice.get(path)).text
    answer = await send(alice, path, title="Signed print", **{"price-USD": "40"})
    assert answer.status_code == 303
    row = await world.row("select * from products")
    assert (row["stock"], row["prices"], row["title"]) == (3, {"USD": 4000}, "Print")
    assert (await alice.get(path)).status_code == 404
    removed = await send(alice, f"/studio/larkfield/products/{product_id}/remove")
    assert removed.status_code == 409 and "so it stays" in removed.text


async def test_a_listing_that_was_in_the_shop_stays_and_a_draft_can_go(
    alice: Reader, world: World
) -> None:
    draft, public = await listing(world, published=False), await listing(world)
    assert (await send(alice, f"{SHOP}/{public.id}/remove")).status_code == 409
    await send(alice, f"{SHOP}/{public.id}/withdraw")
    assert (await send(alice, f"{SHOP}/{public.id}/remove")).status_code == 409
    gone = await send(alice, f"{SHOP}/{draft.id}/remove")
    assert gone.headers["location"] == f"{SHOP}?done=removed"
    assert [r["id"] for r in await world.rows("select id from listings")] == [public.id]
    assert len(await world.rows("select id from products")) == 2


async def test_collections_are_made_renamed_ordered_and_removed(
    alice: Reader, world: World
) -> None:
    at = f"{SHOP}/collections"
    for title in ("Prints", "Wool"):
        await send(alice, f"{at}/add", title=title, **{"title-de": "Auf Deutsch", "title-xx": "?"})
    assert (await send(alice, f"{at}/add", title="wool")).status_code == 422
    assert (await send(alice, f"{at}/add", title=" ")).status_code == 422
    rows = await world.rows("select id, slug, translations from collections order by position")
    assert [r["slug"] for r in rows] == ["prints", "wool"]
    assert rows[0]["translations"] == {"de": {"title": "Auf Deutsch"}}
    listed = await listing(world, collections=[rows[1]["id"]])
    await send(alice, f"{at}/{rows[1]['id']}", title="Warm things")
    await send(alice, f"{at}/{rows[1]['id']}/move", to="up")
    there = await world.rows("select slug, title from collections order by position")
    assert [tuple(r) for r in there] == [("wool", "Warm things"), ("prints", "Prints")]
    assert "1 listing" in (await alice.get(at)).text
    await send(alice, f"{at}/{rows[1]['id']}/remove")
    assert len(await world.rows("select * from collected")) == 0
    assert (await alice.get(f"/shop/{listed.slug}")).status_code == 200
    assert (await send(alice, f"{at}/{rows[1]['id']}/remove")).status_code == 404


async def test_a_currency_with_prices_is_left_out_after_a_question_alone(
    alice: Reader, world: World
) -> None:
    at = f"{SHOP}/settings"
    await sells_in(world, "EUR", "JPY")
    await listing(world, variants=(Variant(prices={"EUR": 900, "JPY": 1500}),))
    for wrong in ("", "EURO", "XYZ", "EUR, ISK"):
        assert (await send(alice, at, currencies=wrong)).status_code == 422
    asked = await send(alice, at, currencies="usd, eur")
    assert asked.status_code == 409 and "1 variant has a price in it" in asked.text
    assert await currencies(world) == ["EUR", "JPY"]
    saved = await send(alice, at, currencies="usd, eur", accepted="JPY")
    assert saved.status_code == 303 and await currencies(world) == ["USD", "EUR"]
    _, what, _, before, after = (await log_of(world))[-1]
    assert (what, before["currencies"]) == ("currencies_saved", ["EUR", "JPY"])
    assert after["currencies"] == ["USD", "EUR"]
    prices = (await world.row("select prices from products"))["prices"]
    assert prices == {"EUR": 900, "JPY": 1500}


async def currencies(world: World) -> Any:
    return (await world.row("select currencies from stores where slug = 'larkfield'"))["currencies"]


async def test_reviews_wait_are_shown_and_hidden_and_their_stars_are_kept_with_the_listing(
    alice: Reader, world: World
) -> None:
    listed = await listing(world)
    for who, stars in (("Dana", 5), ("Eli", 2)):
        await bought(world, who, listed)
        await reviewed(world, who, listed, stars, f"{who} says so.")
    at = f"{SHOP}/reviews"
    assert "2 reviews wait for you" in (await alice.get(SHOP)).text
    assert "Dana says so." in (await alice.get(at)).text
    ids = [r["id"] for r in await world.rows("select id from reviews order by id")]
    steps = [(0, "show", 5, 1), (1, "show", 7, 2), (1, "show", 7, 2), (0, "hide", 2, 1)]
    for which, do, stars, count in steps:
        await send(alice, f"{at}/{ids[which]}", do=do)
        row = await world.row("select stars, reviews from listings")
        assert (row["stars"], row["reviews"]) == (stars, count)
    assert [(w, a) for _, w, a, *_ in await log_of(world)] == [
        ("review_shown", str(ids[0])), ("review_shown", str(ids[1])),
        ("review_hidden", str(ids[0]))]  # fmt: skip
    assert "Dana says so." in (await alice.get(f"{at}?state=hidden")).text
    assert (await send(alice, f"{at}/999", do="show")).status_code == 404


async def test_another_store_s_listing_is_not_there(alice: Reader, world: World) -> None:
    other = await world.row("select id from stores where slug = 'elsewhere'")
    theirs = await listing(world, store_id=other["id"])
    own = await listing(world)
    for path in (f"{theirs.id}", f"{theirs.id}/{theirs.product}", f"{own.id}/{theirs.product}"):
        assert (await alice.get(f"{SHOP}/{path}")).status_code == 404
        assert (await send(alice, f"{SHOP}/{path}", base="0", title="Mine")).status_code == 404
    taken = await send(alice, f"{SHOP}/{own.id}/products", product=str(theirs.product))
    assert taken.status_code in (404, 409)


async def test_the_list_is_paged_by_key_and_asks_as_often_for_many_as_for_few(
    alice: Reader, served: Served, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "PAGE", 2)
    for number in range(5):
        await listing(world, title=f"Thing {number}", variants=(Variant("A"), Variant("B")))
        if number == 0:
            few = await asked_for(served, alice)
    assert await asked_for(served, alice) == few
    seen, path = [], SHOP
    while path:
        html = (await alice.get(path)).text
        seen += re.findall(r"Thing \d", html)
        older = re.search(r'href="([^"]+before=\d+)"', html)
        path = older[1].replace("&amp;", "&") if older else ""
    assert seen == [f"Thing {n}" for n in (4, 3, 2, 1, 0)]
    assert re.findall(r"Thing \d", (await alice.get(f"{SHOP}?find=thing+3")).text) == ["Thing 3"]


async def asked_for(served: Served, reader: Reader) -> int:
    start = len(served.statements)
    assert (await reader.get(SHOP)).status_code == 200
    return len(served.statements_since(start))
