"""Visits are counted without a cookie or a query, and a pledge knows where it came from."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser

from milepost.services.visiting import keep_visits
from milepost.web import arrivals
from tests.acceptance.browser import visiting
from tests.sandbox.process import Sandbox
from tests.web.client import Reader
from tests.web.serving import Served, serve
from tests.world import World

PERSON = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
FROM_AFAR = {**PERSON, "referer": "https://mastodon.social/@dana/1?secret=yes"}


@pytest.fixture
async def quick(
    world: World, database_url: str, payments: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Served]:
    """The site, writing its visits down at once."""
    monkeypatch.setattr(arrivals, "EACH", 0.02)
    async with serve(database_url, payments.url, world.clock) as served:
        yield served


async def visits(world: World, expected: int) -> list[tuple[str, str, int]]:
    """The visits by source and tag, once so many are written down."""
    async with asyncio.timeout(10):
        while True:
            rows = await world.rows(
                "select source, tag, sum(seen)::int as n from visited group by 1, 2 order by 1, 2"
            )
            if sum(row["n"] for row in rows) >= expected:
                return [(row["source"], row["tag"], row["n"]) for row in rows]
            await asyncio.sleep(0.02)


async def test_a_visit_is_counted_with_its_source_and_tag_and_nothing_else(
    quick: Served, world: World
) -> None:
    """B12."""
    await world.campaign(slug="recorder")
    reader = quick.reader
    await reader.get("/c/recorder", headers=PERSON)
    await reader.get("/c/recorder", headers=FROM_AFAR)
    await reader.get("/c/recorder?via=June", headers=FROM_AFAR)
    await reader.get("/c/recorder/pledge?via=june", headers=PERSON)
    assert await visits(world, 4) == [
        ("", "", 1),
        ("", "june", 1),
        ("mastodon.social", "", 1),
        ("mastodon.social", "june", 1),
    ]
    columns = await world.rows(
        "select column_name from information_schema.columns where table_name = 'visited'"
    )
    assert {c[0] for c in columns} == {"campaign_id", "day", "source", "tag", "seen"}


async def test_robots_prefetches_and_steps_within_the_campaign_are_not_counted(
    quick: Served, world: World
) -> None:
    await world.campaign(slug="recorder")
    reader = quick.reader
    robots = ("Googlebot/2.1", "curl/8.9", "python-httpx/0.28", "facebookexternalhit/1.1", "")
    for robot in robots:
        await reader.get("/c/recorder", headers={"user-agent": robot})
    await reader.get("/c/recorder", headers={**PERSON, "sec-purpose": "prefetch;prerender"})
    for own in ("/c/recorder?lang=de", "/c/recorder/pledge"):
        await reader.get("/c/recorder", headers={**PERSON, "referer": quick.url + own})
    await reader.head("/c/recorder", headers=PERSON)
    await reader.get("/c/recorder.json", headers=PERSON)
    await reader.get("/c/recorder", headers={**PERSON, "referer": "https://last.example/"})
    assert await visits(world, 1) == [("last.example", "", 1)]


async def test_a_warm_page_is_counted_without_any_query(served: Served, world: World) -> None:
    """V2."""
    await world.campaign(slug="recorder")
    await served.reader.get("/c/recorder", headers=PERSON)
    start = len(served.statements)
    for _ in range(20):
        answer = await served.reader.get("/c/recorder?via=news", headers=FROM_AFAR)
        assert "set-cookie" not in answer.headers
    assert served.statements_since(start) == []


async def test_visits_are_written_down_when_the_process_ends(
    world: World, database_url: str, payments: Sandbox
) -> None:
    await world.campaign(slug="recorder")
    async with serve(database_url, payments.url, world.clock) as served:
        await served.reader.get("/c/recorder", headers=PERSON)
        assert await world.rows("select 1 from visited") == []
    assert await visits(world, 1) == [("", "", 1)]


async def test_visits_wait_while_the_database_is_away(
    served: Served, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tally = arrivals.Arrivals(world.database, served.url, world.clock)
    campaign_id = await world.campaign(slug="recorder")
    headers = {b"user-agent": PERSON["user-agent"].encode()}
    tally.saw(campaign_id, "recorder", headers, b"")
    with monkeypatch.context() as patch:

        async def away(*_: Any) -> None:
            raise OSError("the database is away")

        patch.setattr(arrivals, "keep_visits", away)
        await tally.write_down()
    tally.saw(campaign_id, "recorder", headers, b"")
    await tally.write_down()
    assert await visits(world, 2) == [("", "", 2)]


async def test_tags_of_anybody_s_invention_fill_neither_memory_nor_table(
    served: Served, world: World
) -> None:
    tally = arrivals.Arrivals(world.database, served.url, world.clock)
    campaign_id = await world.campaign(slug="recorder")
    headers = {b"user-agent": PERSON["user-agent"].encode()}
    for number in range(arrivals.MOST + 50):
        tally.saw(campaign_id, "recorder", headers, b"via=junk%d" % number)
    assert len(tally._seen) <= arrivals.MOST + 1
    await tally.write_down()
    row = await world.row("select count(*) as kinds, sum(seen) as seen from visited")
    assert row["kinds"] <= 301 and row["seen"] == arrivals.MOST + 50
    await keep_visits(world.database, {(campaign_id, "", "late"): 7, (campaign_id, "", "junk0"): 1},
                      world.now)  # fmt: skip
    row = await world.row("select count(*) as kinds, sum(seen) as seen from visited")
    assert row["kinds"] <= 301 and row["seen"] == arrivals.MOST + 58


async def origin_of(world: World) -> tuple[str | None, str | None]:
    row = await world.row("select source, tag from pledges order by id desc limit 1")
    return row["source"], row["tag"]


async def test_without_a_script_the_pledge_keeps_the_tag_of_the_page_that_led_to_it(
    reader: Reader, world: World
) -> None:
    """B12."""
    tier = await world.tier(await world.campaign(slug="recorder"))
    page = str(reader.base_url.join("/c/recorder?via=newsletter"))
    typed = {"tier": str(tier), "quantity": "1"}
    headers = {**reader.from_here, "referer": page}
    answer = await reader.post("/c/recorder/pledge", data=typed, headers=headers)
    assert answer.status_code == 303
    assert await origin_of(world) == (None, "newsletter")


async def test_the_form_s_own_page_carries_source_and_tag_on_also_when_something_is_wrong(
    reader: Reader, world: World
) -> None:
    tier = await world.tier(await world.campaign(slug="recorder"))
    form = await reader.get("/c/recorder/pledge?via=june", headers=FROM_AFAR)
    hidden = {"via": "june", "came_from": "mastodon.social"}
    for name, value in hidden.items():
        assert f'name="{name}" value="{value}"' in form.text
    wrong = await reader.pledge("recorder", tier=str(tier), quantity="no", **hidden)
    assert wrong.status_code == 422
    for name, value in hidden.items():
        assert f'name="{name}" value="{value}"' in wrong.text
    right = await reader.pledge("recorder", tier=str(tier), quantity="1", **hidden)
    assert right.status_code == 303
    assert await origin_of(world) == ("mastodon.social", "june")


async def test_what_a_form_pretends_to_come_from_is_cleaned(reader: Reader, world: World) -> None:
    tier = await world.tier(await world.campaign(slug="recorder"))
    junk = {"via": "<b>x</b>" * 40, "came_from": "not a host\0"}
    answer = await reader.pledge("recorder", tier=str(tier), quantity="1", **junk)
    assert answer.status_code == 303
    source, tag = await origin_of(world)
    assert source is None and tag is not None and len(tag) <= 40 and "<" not in tag


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False])
async def test_in_a_browser_the_pledge_knows_its_tag_and_with_scripts_its_source(
    served: Served, world: World, browser: Browser, scripts: bool
) -> None:
    """Another site's page links to the campaign; no cookie and no storage is used on the way."""
    tier = await world.tier(await world.campaign(slug="recorder"))
    assert tier
    async with visiting(browser, served.url, scripts=scripts) as dana:

        async def another_site(route: Any) -> None:
            link = f'<a href="{served.url}/c/recorder?via=blog">Look</a>'
            await route.fulfill(body=link, content_type="text/html")

        await dana.context.route("http://blog.example/**", another_site)
        await dana.page.goto("http://blog.example/post/1")
        await dana.page.get_by_text("Look").click()
        await dana.choose("One recorder", quantity="1")
        await dana.page.wait_for_url(lambda url: "/c/" not in url)
        assert await dana.context.cookies(served.url) == []
    assert await origin_of(world) == ("blog.example" if scripts else None, "blog")
