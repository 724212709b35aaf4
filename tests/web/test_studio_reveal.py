"""Revealing from the studio: what each would see, the mail, the button; stock and codes (R3)."""

import re
from html import unescape
from typing import Any

import pytest

from milepost.mailing.composing import Composer
from milepost.services.posting import announce, post_waiting
from milepost.services.telling import tell_codes_of
from tests.web.client import Reader
from tests.web.kept import link_of, nothing_changes
from tests.web.serving import Served
from tests.web.studio import enter, log_of, staff
from tests.world import World, recorders

BASE = "/studio/larkfield/campaigns/recorder/milestones"


@pytest.fixture
async def alice(served: Served, world: World) -> Reader:
    """Alice at her desk."""
    await staff(world)
    await enter(served.reader, "Alice")
    return served.reader


async def press(reader: Reader, milestone: int) -> Any:
    return await reader.post(f"{BASE}/{milestone}/reveal", headers=reader.from_here)


async def test_its_page_says_ahead_near_waiting_and_revealed(alice: Reader, world: World) -> None:
    campaign = await world.campaign(slug="recorder")
    milestone = await world.milestone(campaign, 10, reveal="manual")

    async def page() -> str:
        return (await alice.get(f"{BASE}/{milestone}")).text

    assert "Ahead" in await page() and "10 to go to 10." in await page()
    await world.pledged(campaign, "dana", recorders(8))
    assert ">Near<" in await page() and "Then it waits for your button" in await page()
    async with nothing_changes(world):
        assert (await press(alice, milestone)).status_code == 409, "it is not reached yet"
    await world.pledged(campaign, "eli", recorders(2))
    assert "waiting for you" in await page() and "Reveal it everywhere now" in await page()
    assert (await press(alice, milestone)).status_code == 303
    shown = await page()
    assert "Open on every page since 1 June 2026." in shown
    assert f"/updates/new?milestone={milestone}" in shown
    async with nothing_changes(world):
        assert (await press(alice, milestone)).status_code == 303, "twice changes nothing"
    assert [deed[:2] for deed in await log_of(world)] == [("Alice", "milestone_revealed")]


async def test_one_button_opens_it_on_every_page(alice: Reader, world: World) -> None:
    """S50, R3."""
    campaign = await world.campaign(slug="recorder")
    milestone = await world.milestone(
        campaign, 1, reveal="manual", text_after="zq-after", exclusive="zq-own"
    )
    dana = await world.pledged(campaign, "dana", recorders(1))
    own = await link_of(world, dana)
    async with alice.watching("/c/recorder/live") as frames:
        assert "zq-" not in await anext(frames)
        assert "zq-" not in (await alice.get(own)).text
        assert (await press(alice, milestone)).status_code == 303
        assert "zq-after" in await anext(frames)
    assert "zq-after" in (await alice.get("/c/recorder")).text
    opened = (await alice.get(own)).text
    assert "zq-after" in opened and "zq-own" in opened
    jobs = (
        "select convert_from(payload, 'utf8') as said from pgqueuer where entrypoint = 'announce'"
    )
    assert f'{{"milestone_id":{milestone}}}' in [row["said"] for row in await world.rows(jobs)]


async def test_the_previews_are_what_each_of_them_then_sees(alice: Reader, world: World) -> None:
    """R2: Dana backed before the reach and is left out; Eli came after it."""
    campaign = await world.campaign(slug="recorder")
    milestone = await world.milestone(
        campaign, 2, "new_backers", reveal="manual", title="A song", text_after="Listen.",
        exclusive="Only **here**", code_kind="shared", shared_code="LARK-7",
    )  # fmt: skip
    dana = await world.pledged(campaign, "dana", recorders(2))
    eli = await world.pledged(campaign, "eli", recorders(1))
    page = (await alice.get(f"{BASE}/{milestone}")).text
    public, entitled, others = re.split(r"The entitled, on|Every other backer, on", page)
    assert "Listen." in public and "LARK-7" not in public and "<strong>here" not in public
    await press(alice, milestone)
    hers = (await alice.get(await link_of(world, dana))).text
    his = (await alice.get(await link_of(world, eli))).text
    for words in ("LARK-7", "<strong>here</strong>", "Listen.", reason_in(entitled)):
        assert words in entitled and words in his and words not in hers, words
    assert reason_in(others) in hers and reason_in(others) != reason_in(entitled)


def reason_in(page: str) -> str:
    """The first sentence that says why."""
    found = re.search(r"(You have this because[^<]+|“A song” is for those[^<]+)<", page)
    assert found
    return found[1]


async def test_the_mails_are_shown_exactly_as_they_will_be_sent(
    alice: Reader, served: Served, world: World
) -> None:
    """But for names, links and one's own entry."""
    campaign = await world.campaign(slug="recorder")
    milestone = await world.milestone(
        campaign, 2, "new_backers", reveal="manual", title="A song", text_after="Listen.",
        code_kind="shared", shared_code="LARK-7",
    )  # fmt: skip
    await world.pledged(campaign, "dana", recorders(2))
    await world.pledged(campaign, "eli", recorders(1))
    page = (await alice.get(f"{BASE}/{milestone}")).text
    shown = [
        unescape(text) for text in re.findall(r'<pre class="mail-text">(.*?)</pre>', page, re.S)
    ]
    frames = [
        (await alice.get(f"{BASE}/{milestone}/mail?{question}")).text
        for question in ("to=entitled", "to=entitled&kind=code", "to=others")
    ]
    await press(alice, milestone)
    await announce(world.database, milestone, world.clock)
    await tell_codes_of(world.database, milestone, world.clock)
    composer = Composer(served.settings.base_url, served.settings.secret_key)
    while await post_waiting(world.database, None, composer, world.clock):
        pass
    rows = await world.rows("select * from mails where kind in ('milestone', 'code')")
    sent = {(row["kind"], row["recipient"].split("@")[0]): row for row in rows}
    expected = [sent["milestone", "eli"], sent["code", "eli"], sent["milestone", "dana"]]
    assert [bare(text) for text in shown] == [bare(row["text"]) for row in expected]
    assert [bare(html) for html in frames] == [bare(row["html"]) for row in expected]


def bare(text: str) -> str:
    """Without addresses, which are each reader's own."""
    return re.sub(r'https?://[^\s"<]+', "", text).strip()


async def test_a_mail_s_frame_runs_nothing_and_is_for_editors(
    alice: Reader, served: Served, world: World
) -> None:
    campaign = await world.campaign(slug="recorder")
    milestone = await world.milestone(campaign, 2, reveal="manual", exclusive="zq-own")
    framed = await alice.get(f"{BASE}/{milestone}/mail?to=entitled")
    assert "sandbox" in framed.headers["content-security-policy"]
    assert framed.headers["cache-control"] == "no-store"
    page = await alice.get(f"{BASE}/{milestone}")
    assert "frame-src 'self'" in page.headers["content-security-policy"]
    nobody_else = await alice.get(f"{BASE}/{milestone}/mail?to=others")
    assert nobody_else.status_code == 404, "the rules leave nobody out"
    async with Reader(served.url) as carol:
        await enter(carol, "Carol")
        assert (await carol.get(f"{BASE}/{milestone}/mail?to=entitled")).status_code == 403


async def test_missing_codes_are_counted_and_more_of_them_go_to_those_who_wait(
    alice: Reader, world: World
) -> None:
    """A14, R2."""
    campaign = await world.campaign(slug="recorder")
    milestone = await world.milestone(campaign, 1, codes=("C1",))
    for who in ("dana", "eli", "fay"):
        await world.pledged(campaign, who, recorders(1))
    page = (await alice.get(f"{BASE}/{milestone}")).text
    assert "2 backers wait for a code." in page and "Add codes to the pool" in page
    added = await alice.post(
        f"{BASE}/{milestone}/codes", data={"codes": "C2\nC3\nC4"}, headers=alice.from_here
    )
    assert added.status_code == 303
    page = (await alice.get(f"{BASE}/{milestone}")).text
    assert "wait for a code" not in page
    owners = await world.rows("select code from reward_codes where beneficiary is not null")
    assert {row["code"] for row in owners} == {"C1", "C2", "C3"}
    assert (await log_of(world))[-1][1:3] == ("codes_added", "Reward at 1")


async def test_missing_stock_is_said_with_the_ways_to_mend_it(alice: Reader, world: World) -> None:
    """A14."""
    campaign, product = await world.campaign(slug="recorder"), await world.product(stock=1)
    milestone = await world.milestone(campaign, 1, product_id=product)
    for who in ("dana", "eli", "fay"):
        await world.pledged(campaign, who, recorders(1))
    page = (await alice.get(f"{BASE}/{milestone}")).text
    assert "2 pieces are owed and out of stock." in page
    assert f"/studio/larkfield/products/{product}" in page and "Substitute another reward" in page


async def test_restocking_wakes_whoever_waits_in_every_campaign(
    alice: Reader, world: World
) -> None:
    """A14."""
    product = await world.product(title="Mug", stock=1)
    for slug in ("recorder", "atlas"):
        campaign = await world.campaign(slug=slug)
        await world.milestone(campaign, 1, product_id=product)
        for who in ("dana", "eli"):
            await world.pledged(campaign, who, recorders(1))
    path = f"/studio/larkfield/products/{product}"
    page = (await alice.get(path)).text
    assert "1 waiting" in page and "2 waiting" in page
    changed = await restock(alice, path, was="0", stock="5")
    assert changed.headers["location"] == f"{path}?done=changed&served=3"
    assert "3 pieces went at once to backers" in (await alice.get(path + "?served=3")).text
    assert (await world.row("select stock from products"))["stock"] == 2
    assert await world.rows("select from grants where backordered") == []
    assert (await log_of(world))[-1] == (
        "Alice", "product_changed", "Mug", {"stock": 0}, {"stock": 5},
    )  # fmt: skip
    assert ">5<" in (await alice.get("/studio/larkfield/log")).text


async def restock(reader: Reader, path: str, was: str, stock: str) -> Any:
    fields = {"title": "Mug", "stock": stock, "stock_was": was}
    return await reader.post(f"{path}/edit", data=fields, headers=reader.from_here)


async def test_a_stock_is_changed_by_what_was_typed_not_by_what_was_shown(
    alice: Reader, world: World
) -> None:
    """A14: pledges take some while the form is open; nothing is counted twice."""
    campaign, product = await world.campaign(slug="recorder"), await world.product(stock=5)
    await world.milestone(campaign, 1, product_id=product)
    path = f"/studio/larkfield/products/{product}"
    await world.pledged(campaign, "dana", recorders(1))
    await world.pledged(campaign, "eli", recorders(1))
    assert (await restock(alice, path, was="5", stock="15")).status_code == 303
    assert (await world.row("select stock from products"))["stock"] == 13
    async with nothing_changes(world):
        refused = await restock(alice, path, was="15", stock="0")
    assert refused.status_code == 409 and "13 are left to take away" in refused.text
    assert (await restock(alice, path, was="13", stock="")).status_code == 303
    assert (await world.row("select stock from products"))["stock"] is None


async def test_a_product_that_was_a_reward_is_never_deleted(alice: Reader, world: World) -> None:
    """A13."""
    used, spare = await world.product(title="Used"), await world.product(title="Spare")
    await world.milestone(await world.campaign(slug="recorder"), 1, product_id=used)
    async with nothing_changes(world):
        kept = await alice.post(
            f"/studio/larkfield/products/{used}/remove", headers=alice.from_here
        )
    assert kept.status_code == 409 and "so it stays" in kept.text
    gone = await alice.post(f"/studio/larkfield/products/{spare}/remove", headers=alice.from_here)
    assert gone.status_code == 303
    assert [row["title"] for row in await world.rows("select title from products")] == ["Used"]


async def test_products_are_listed_newest_first_searched_and_paged_by_key(
    alice: Reader, served: Served, world: World
) -> None:
    for number in range(30):
        await world.product(title=f"Thing {number:02}")
    first = (await alice.get("/studio/larkfield/products")).text
    assert "Thing 29" in first and "Thing 05" not in first
    older = re.search(r'href="([^"]+before=\d+)"', first)
    assert older
    start = len(served.statements)
    second = (await alice.get(unescape(older[1]))).text
    assert "Thing 05" in second and "Thing 29" not in second
    assert len(served.statements_since(start)) == 2
    found = (await alice.get("/studio/larkfield/products?find=thing+07")).text
    assert "Thing 07" in found and "Thing 08" not in found
    assert (
        "No product’s title holds" in (await alice.get("/studio/larkfield/products?find=<b>")).text
    )


async def test_a_product_is_made_with_its_words(alice: Reader, world: World) -> None:
    fields = {"title": "Mug", "stock": "3", "de-title": "Becher"}
    wrong = await alice.post(
        "/studio/larkfield/products/new", data=fields | {"stock": "some"}, headers=alice.from_here
    )
    assert wrong.status_code == 422 and "not a whole number" in wrong.text
    made = await alice.post("/studio/larkfield/products/new", data=fields, headers=alice.from_here)
    assert made.status_code == 303
    row = await world.row("select title, stock, translations from products")
    assert tuple(row) == ("Mug", 3, {"de": {"title": "Becher"}})
    german = await alice.get("/studio/larkfield/products?lang=de")
    assert "Becher" in german.text


async def test_another_store_s_product_is_nobody_s_here(alice: Reader, world: World) -> None:
    elsewhere = await world.row("select id from stores where slug = 'elsewhere'")
    world.store_id = elsewhere["id"]
    theirs = await world.product(title="zq-theirs")
    async with nothing_changes(world):
        for path in ("", "/edit", "/remove"):
            page = await alice.get(f"/studio/larkfield/products/{theirs}{path}")
            assert page.status_code == 404 and "zq-theirs" not in page.text
            if path:
                answer = await alice.post(
                    f"/studio/larkfield/products/{theirs}{path}",
                    data={"title": "Mine"},
                    headers=alice.from_here,
                )
                assert answer.status_code == 404
