"""The list of somebody's pledges, how little it asks, and all that is known of them."""

import orjson
import pytest

from milepost.storage.database import unit
from tests.web.client import Reader, parse
from tests.web.me import do, sign_in, with_atlas
from tests.web.serving import Served
from tests.web.test_me_pages import ATLAS, HOME, H, value, words
from tests.world import World, paid


@pytest.fixture
async def dana(reader: Reader, world: World) -> Reader:
    """Dana's browser, signed in; her pledge to the atlas is `atlas-of-dana-0001`."""
    return await with_atlas(reader, world)


async def test_somebody_without_pledges_is_told_what_to_do(reader: Reader, world: World) -> None:
    campaign_id = await world.campaign()
    await world.pledged(campaign_id, "Dana")
    await sign_in(reader, world, "Dana")
    await world.rows("update pledges set customer_id = null returning id")
    assert "Choose a campaign, and it shows here." in words(await reader.get("/me"))


async def many_pledges(world: World, campaign_id: int, count: int) -> None:
    """So many pledges of Dana's, each paid and settled."""
    async with unit(world.database) as db:
        made = await db.fetch(
            "insert into pledges (key, campaign_id, units, money, started_at, expires_at)"
            " select 'dana-has-this-one-' || n, $1, 1, 4500, $2, $2 from generate_series(1, $3) n"
            " returning id", campaign_id, world.now, count,
        )  # fmt: skip
    await world.hear(campaign_id, *[paid(row["id"], "Dana") for row in made])
    await world.settle()


async def test_no_page_asks_more_when_somebody_has_two_hundred_pledges(
    served: Served, dana: Reader, world: World
) -> None:
    (campaign,) = await world.rows("select id from campaigns")
    await many_pledges(world, campaign["id"], 1)
    paths = ["/me", ATLAS, *(f"{ATLAS}/{p}" for p in ("receipt", "address", "change", "cancel"))]

    async def counted() -> dict[str, int]:
        found = {}
        for path in paths:
            start = len(served.statements)
            assert (await dana.get(path)).status_code == 200, path
            found[path] = len(served.statements_since(start))
        return found

    await counted()  # the first look at a pledge makes its link for friends
    few = await counted()
    async with unit(world.database) as db:
        await db.execute("update pledges set key = 'first-' || key where key like 'dana-%'")
    await many_pledges(world, campaign["id"], 198)
    assert await counted() == few
    assert few["/me"] == 6 and few[ATLAS] <= 15, few


async def test_the_list_goes_on_to_earlier_pledges_each_once(dana: Reader, world: World) -> None:
    (campaign,) = await world.rows("select id from campaigns")
    await many_pledges(world, campaign["id"], 45)
    seen: list[str] = []
    path: str | None = "/me"
    while path:
        tree = parse((await dana.get(path)).text)
        links = [(a.get("href"), "".join(a.itertext())) for a in tree.iter(f"{H}a")]
        seen += [h for h, _ in links if h.startswith("/me/pledges/") and h.count("/") == 3]
        path = next((h for h, text in links if text == "Earlier pledges"), None)
    assert len(seen) == len(set(seen)) == 46
    assert seen[-1] == ATLAS


async def test_the_export_is_a_file_with_everything(dana: Reader) -> None:
    await do(dana, f"{ATLAS}/address", **HOME)
    answer = await dana.get("/me/data.json")
    assert answer.headers["content-disposition"].startswith("attachment")
    found = orjson.loads(answer.content)
    assert found["address"] == "dana@example.org"
    assert [p["key"] for p in found["pledges"]] == ["atlas-of-dana-0001"]
    assert found["addresses"][0]["line1"] == "5 Elm Road"
    assert [x["source"] for x in found["lines"]] == ["tier", "shipping"]
    assert {m["kind"] for m in found["mails"]} >= {"sign_in", "receipt"}
    assert "token" not in answer.text and "/me/sign-in/" not in answer.text


async def test_erasing_needs_the_address_typed_and_signs_out_everywhere(
    dana: Reader, world: World
) -> None:
    page = await dana.get("/me/erase")
    assert "the law lets a seller keep its books" in words(page)
    wrong = await do(dana, "/me/erase", email="eli@example.org")
    assert wrong.status_code == 422 and value(wrong, "email") == "eli@example.org"
    gone = await do(dana, "/me/erase", email=" Dana@Example.org")
    assert gone.status_code == 200 and "Your data is erased" in words(gone)
    assert (await dana.get("/me")).status_code == 303
    assert await world.rows("select 1 from visits") == []
    assert "dana" not in (await dana.get("/p/atlas-of-dana-0001")).text.lower().replace(
        "atlas-of-dana", ""
    )


async def test_erasing_waits_for_what_still_stands(reader: Reader, world: World) -> None:
    campaign_id = await world.campaign(slug="recorder")
    await world.milestone(campaign_id, 1, product_id=await world.product())
    await world.pledged(campaign_id, "Dana")
    await sign_in(reader, world, "Dana")
    page = await reader.get("/me/erase")
    assert "is owed to you and not sent yet" in words(page)
    refused = await do(reader, "/me/erase", email="dana@example.org")
    assert refused.status_code == 409 and "Nothing was erased" in words(refused)
    assert await world.rows("select 1 from customers where erased_at is not null") == []
