"""`/api/v1/products`, `/listings`, `/stock`: what there is, changed by the studio's own rules."""

from typing import Any

from milepost.services.preparing import NewStore, create_store
from milepost.storage.database import unit
from tests.shop import Variant, listing
from tests.web.api.program import Program, program_of
from tests.web.client import Reader
from tests.web.studio import creator, enter, log_of
from tests.world import World, recorders


async def product_of(program: Program, product: int) -> tuple[Any, str]:
    """A product, and its ETag."""
    answer = await program.get(f"/products/{product}")
    assert answer.status_code == 200, answer.text
    return answer.json(), answer.headers["etag"]


async def test_a_shop_s_script_makes_a_product_sells_it_and_changes_its_price(
    program: Program, world: World, reader: Reader
) -> None:
    made = await program.send("POST", "/products", {"title": "Carry strap", "stock": 12})
    assert made.status_code == 201, made.text
    strap, at = made.json(), made.headers["location"]
    assert at == f"/api/v1/products/{strap['id']}" and strap["listing"] is None
    muff = await listing(world, slug="muff", variants=[Variant("Small", 1900)])
    sent = {
        "listing": muff.id, "label": "Large", "prices": {"USD": 2400}, "stock": 3,
        "translations": {"de": {"label": "Groß"}},
    }  # fmt: skip
    large = (await program.send("POST", "/products", sent)).json()
    assert (large["title"], large["label"], large["prices"]) == (
        "Wind muff, Large", "Large", {"USD": 2400},
    )  # fmt: skip
    assert "$24" in (await reader.get("/shop/muff")).text
    _, tag = await product_of(program, large["id"])
    assert tag == (await program.get(f"/products/{large['id']}")).headers["etag"]
    wish = {"prices": {"USD": 2600}, "every": {"count": 1, "unit": "month"}}
    changed = await program.send("PATCH", f"/products/{large['id']}", wish, if_match=tag)
    assert changed.status_code == 200, changed.text
    assert "product_changed" not in [what for _, what, *_ in await log_of(world)]  # of its listing
    assert changed.json() | wish == changed.json()
    assert changed.json()["translations"] == {"de": {"title": None, "label": "Groß"}}
    assert changed.headers["etag"] == (await product_of(program, large["id"]))[1] != tag
    again = await program.send("PATCH", f"/products/{large['id']}", wish, if_match=tag)
    assert again.status_code == 412
    assert (await program.send("PATCH", f"/products/{large['id']}", wish)).status_code == 428
    once = {"every": None, "title": "The large one"}
    changed = await program.send(
        "PATCH", f"/products/{large['id']}", once, if_match=changed.headers["etag"]
    )
    assert (changed.json()["every"], changed.json()["title"]) == (None, "The large one")
    assert changed.json()["translations"]["de"]["label"] == "Groß"
    stock = await world.row("select stock from products where id = $1", large["id"])
    assert stock["stock"] == 3
    done = [(who, what) for who, what, *_ in await log_of(world)]
    assert ("Alice", "product_added") in done and ("Alice", "variant_saved") in done
    ids = [p["id"] for p in await program.every("/products", limit=1)]
    assert ids == sorted({strap["id"], muff.product, large["id"]})
    of_muff = await program.every("/products", listing=muff.id)
    assert [p["label"] for p in of_muff] == ["Small", "Large"]


async def test_alice_s_form_notices_that_a_program_has_saved_and_keeps_what_she_typed(
    program: Program, world: World, reader: Reader
) -> None:
    muff = await listing(world, variants=[Variant("Small", 1900)])
    await enter(reader, "Alice")
    path = f"/studio/larkfield/shop/{muff.id}/{muff.product}"
    _, tag = await product_of(program, muff.product)
    sent = {"label": "Tiny"}
    answer = await program.send("PATCH", f"/products/{muff.product}", sent, if_match=tag)
    assert answer.status_code == 200, answer.text
    typed = {"label": "Smallish", "price-USD": "19", "stock": "", "stock_was": "", "base": "0"}
    late = await reader.post(path, data=typed, headers=reader.from_here)
    assert late.status_code == 409 and "Smallish" in late.text
    assert (await product_of(program, muff.product))[0]["label"] == "Tiny"


async def test_what_can_t_be_sold_so_is_refused_beside_its_field(
    program: Program, world: World
) -> None:
    plain = await world.product()
    muff = await listing(world, variants=[Variant("Small", 1900), Variant("Large", 2400)])
    _, plain_tag = await product_of(program, plain)
    _, tag = await product_of(program, muff.product)
    for product, sent, match, status, pointer in (
        (plain, {"label": "Large"}, plain_tag, 409, "/label"),
        (plain, {"title": ""}, plain_tag, 422, "/title"),
        (plain, {"title": "a\x00b"}, plain_tag, 422, "/title"),
        (plain, {"stock": 4}, plain_tag, 422, "/stock"),
        (plain, {"translations": {"en": {"title": "A"}}}, plain_tag, 422, "/translations/en"),
        (muff.product, {"prices": {"ISK": 4}}, tag, 422, "/prices/ISK"),
        (muff.product, {"prices": {"USD": -4}}, tag, 422, "/prices/USD"),
        (muff.product, {"label": "large"}, tag, 422, "/label"),
        (muff.product, {"every": {"count": 40, "unit": "month"}}, tag, 422, "/every/count"),
    ):
        answer = await program.send("PATCH", f"/products/{product}", sent, if_match=match)
        assert answer.status_code == status, (sent, answer.text)
        assert answer.json()["errors"][0]["pointer"] == pointer, answer.text
    for sent, pointer in (
        ({}, "/title"), ({"title": "Strap", "label": "Long"}, "/label"),
        ({"listing": muff.id, "title": "Strap"}, "/title"),
        ({"listing": muff.id, "label": "Huge", "prices": {"ISK": 1}}, "/prices/ISK"),
    ):  # fmt: skip
        answer = await program.send("POST", "/products", sent)
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["pointer"] == pointer
    unknown = await program.send("POST", "/products", {"listing": 999, "label": "Huge"})
    assert unknown.status_code == 404


async def test_listings_are_read_with_their_variants_and_another_stores_are_not_there(
    program: Program, world: World
) -> None:
    muff = await listing(world, slug="muff", text="Soft.", variants=[Variant("S", 1), Variant("L")])
    draft = await listing(world, slug="draft", published=False)
    page = (await program.get(f"/listings/{muff.id}")).json()
    assert (page["slug"], page["text"], [v["label"] for v in page["variants"]]) == (
        "muff", "Soft.", ["S", "L"],
    )  # fmt: skip
    assert page["url"].endswith("/shop/muff")
    assert [x["id"] for x in await program.every("/listings", limit=1)] == [muff.id, draft.id]
    assert [x["id"] for x in await program.every("/listings", published=True)] == [muff.id]
    async with unit(world.database) as db:
        other = await create_store(db, NewStore("elsewhere", "Elsewhere"), world.now)
    await creator(world, "Charlie", "owner", other)
    async with program_of(program.served, world, "shop:read", "shop:write", store_id=other,
                          who="Charlie") as charlie:  # fmt: skip
        for path in (f"/listings/{muff.id}", f"/products/{muff.product}",
                     f"/products/{muff.product}/stock"):  # fmt: skip
            assert (await charlie.get(path)).status_code == 404, path
        for path in ("/products", "/listings", "/stock"):
            assert await charlie.every(path) == []
        put = await charlie.send(
            "PUT", f"/products/{muff.product}/stock", {"stock": 9}, if_match="*"
        )
        assert put.status_code == 404
        gone = await charlie.send(
            "POST", "/stock/changes", [{"product": muff.product, "change": 1}]
        )
        assert gone.status_code == 422


async def test_a_delivery_goes_first_to_the_backers_who_wait_for_it(
    program: Program, world: World
) -> None:
    muff = await world.product(stock=1)
    campaign = await world.campaign()
    milestone = await world.milestone(campaign, 2, product_id=muff)
    for who in ("dana", "eli", "vic"):
        await world.pledged(campaign, who, recorders(1))
    of_muff = f"/products/{muff}/stock"
    answer = await program.get(of_muff)
    assert answer.json() == {"product": muff, "stock": 0, "claimed": 0, "waiting": 2, "left": 0}
    more = [{"product": muff, "change": 1, "why": "Delivery 17"}]
    done = await program.send("POST", "/stock/changes", more, key="delivery-17")
    assert done.json() == [{"product": muff, "stock": 0, "claimed": 0, "waiting": 1, "left": 0}]
    again = await program.send("POST", "/stock/changes", more, key="delivery-17")
    assert again.json() == done.json() and again.headers["idempotency-replayed"] == "true"
    late = await program.send("PUT", of_muff, {"stock": 5}, if_match=answer.headers["etag"])
    assert late.status_code == 412
    tag = (await program.get(of_muff)).headers["etag"]
    put = await program.send("PUT", of_muff, {"stock": 5}, if_match=tag)
    assert put.json() == {"product": muff, "stock": 4, "claimed": 0, "waiting": 0, "left": 4}
    rows = await world.rows("select backordered from grants where milestone_id = $1", milestone)
    assert [row["backordered"] for row in rows] == [False] * 3
    endless = await program.send("PUT", of_muff, {"stock": None}, if_match=put.headers["etag"])
    assert (endless.json()["stock"], endless.json()["left"]) == (None, None)
    counted = await program.send("POST", "/stock/changes", [{"product": muff, "change": 4}])
    assert counted.status_code == 409 and "never runs out" in counted.json()["detail"]
    deeds = [d for d in await log_of(world) if d[1] == "product_changed"]
    assert deeds[0][2:] == ("Wind muff", {"stock": 0}, {"stock": 1, "why": "Delivery 17"})
    assert [d[4]["stock"] for d in deeds] == [1, 5, None]


async def test_a_thousand_changes_are_as_many_statements_as_one_and_all_or_none(
    program: Program, world: World
) -> None:
    async with unit(world.database) as db:
        rows = await db.fetch(
            "insert into products (store_id, title, stock) select $1, 'Part ' || n, 3"
            " from generate_series(1, 1000) n returning id", world.store_id,
        )  # fmt: skip
    ids = [row["id"] for row in rows]
    said = []
    for some in (ids[:1], ids):
        changes = [{"product": id_, "change": 2} for id_ in some]
        await program.send("POST", "/stock/changes", changes)
        before = len(program.served.statements)
        answer = await program.send("POST", "/stock/changes", changes)
        assert answer.status_code == 200, answer.text
        said.append(len(program.served.statements_since(before)))
    assert said[0] == said[1] <= 18, said
    wrong = [{"product": id_, "change": -1} for id_ in ids]
    wrong[700]["change"] = -8
    answer = await program.send("POST", "/stock/changes", wrong)
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["pointer"] == "/700/change"
    assert "7 are there, so 8 can’t be taken away" in answer.json()["detail"]
    twice = [{"product": ids[0], "change": 1}] * 2
    answer = await program.send("POST", "/stock/changes", twice)
    assert answer.status_code == 422 and answer.json()["errors"][0]["pointer"] == "/1/product"
    total = await world.row("select sum(stock)::int as there from products")
    assert total["there"] == 7 * 1000 + 4
    page = await program.every("/stock", limit=200)
    assert [each["product"] for each in page] == sorted(ids)
