"""A campaign's overview: its figures, what waits, how it stood at any entry, for whom."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from milepost.domain.facts import Fact
from milepost.services.reckoning import reckon_all
from milepost.services.visiting import keep_visits
from tests.acceptance.browser import Visitor, barriers, visiting
from tests.web.client import Reader
from tests.web.serving import Served
from tests.web.studio import PASSWORD, enter, staff
from tests.world import NOON, World, paid, recorders

HERE = "/studio/larkfield/campaigns/recorder"
CROWD = """
with people as (
    insert into customers (store_id, email, created_at)
    select $2, 'crowd-' || gen_random_uuid() || '@example.org', $4
    from generate_series(1, $3::int) returning id
), made as (
    insert into pledges (key, campaign_id, customer_id, state, units, money, entered, counted_units,
                         counted_money, started_at, expires_at, confirmed_at, source, tag, country)
    select 'crowd-' || id, $1, id, 'charged', 1, 4500, true, 1, 4500, $4, $4, $4,
           'site-' || id % 50 || '.example', 'tag-' || id % 50, 'DE'
    from people returning id, customer_id
), numbered as (
    select made.id, customer_id, c.seq + row_number() over (order by made.id) as seq
    from made cross join (select seq from campaigns where id = $1) c
), written as (
    insert into entries (campaign_id, seq, kind, pledge_id, customer_id, units, money, inbox_id,
                         made_at)
    select $1, seq, 'confirmed', id, customer_id, 1, 4500, 0,
           $4::timestamptz + seq * interval '1 second' from numbered
), moved as (
    update campaigns set seq = seq + $3, units = units + $3, money = money + $3 * 4500::bigint,
           backers = backers + $3, version = version + $3 where id = $1 returning 1
)
insert into backers (campaign_id, customer_id, first_seq, live, pledge_id)
select $1, customer_id, seq, true, id from numbered
"""


async def crowd(world: World, campaign_id: int, count: int) -> None:
    """So many pledges at once, as settling would have written them."""
    await world.rows(CROWD, campaign_id, world.store_id, count, world.now)


async def lived(world: World, **columns: Any) -> int:
    """A campaign with ten pledges in two days, of which one is given back."""
    campaign_id = await world.campaign(
        slug="recorder", goal=20, opens_at=NOON.replace(tzinfo=None), **columns
    )
    await world.milestone(campaign_id, 4, title="Wind muff")
    await world.milestone(campaign_id, 10, title="Album")
    first = 0
    for number in range(10):
        world.now += timedelta(hours=5)
        pledge_id = await world.pledged(campaign_id, f"backer-{number}", recorders(1))
        first = first or pledge_id
    await world.hear(campaign_id, Fact("refund", first, amount=4500, ref="re_1"))
    await world.settle()
    world.now += timedelta(hours=1)
    return campaign_id


async def test_the_overview_says_how_far_it_is_and_how_fast(alice: Reader, world: World) -> None:
    """S55, B10."""
    await lived(world)
    page = (await alice.get(HERE)).text
    assert "45% of 20" in page
    assert "The days since the opening brought 4 a day." in page
    assert "Reached on 2 June" in page, "the first milestone, by the fourth pledge"
    assert ">1 June 2026</th>" in page, "each day is in the table"
    assert 'role="img"' in page and "<desc" in page


async def test_the_store_s_page_leads_to_each_campaign_s_overview(
    alice: Reader, world: World
) -> None:
    await world.campaign(slug="recorder")
    assert f'href="{HERE}"' in (await alice.get("/studio/larkfield")).text


async def test_a_draft_an_upcoming_and_a_closed_campaign_say_what_they_are(
    alice: Reader, world: World
) -> None:
    await world.campaign(slug="draft", published=False)
    await world.campaign(slug="soon", opens_at=(NOON + timedelta(days=3)).replace(tzinfo=None))
    await lived(world)
    base = "/studio/larkfield/campaigns"
    assert "Nobody can see this campaign yet" in (await alice.get(f"{base}/draft")).text
    assert "The road lies ahead" in (await alice.get(f"{base}/soon")).text
    world.now = NOON + timedelta(days=60)
    await enter(alice, "Alice")
    assert "It closed on" in (await alice.get(HERE)).text


async def test_from_a_visit_to_a_pledge_each_step_is_counted(alice: Reader, world: World) -> None:
    campaign_id = await lived(world)
    await keep_visits(world.database, {(campaign_id, "radio.example", "june"): 40}, world.now)
    await world.started(campaign_id)
    page = " ".join((await alice.get(HERE)).text.split())
    assert "radio.example" in page and ">june<" in page
    for count in (40, 11, 10):
        assert f'<td class="is-number">{count}</td>' in page
    assert "28% of those" in page and "91% of those" in page


async def test_what_waits_comes_first_with_its_count_and_a_link(
    alice: Reader, world: World
) -> None:
    campaign_id = await world.campaign(slug="recorder", review_limit=9000)
    await world.milestone(campaign_id, 2, title="Score", reveal="manual")
    pledges = [await world.pledged(campaign_id, who, recorders(1)) for who in ("Dana", "Eli")]
    await world.pledged(campaign_id, "Whale", recorders(5))
    await world.hear(campaign_id, Fact("disputed", pledges[0], ref="dp_1"))
    await world.settle()
    page = (await alice.get(HERE)).text
    for words, href in (
        ("1 reached milestone to reveal", f"{HERE}/milestones"),
        ("1 held pledge to release", f"{HERE}/pledges?show=held"),
        ("1 disputed payment to answer", f"{HERE}/disputes"),
    ):
        assert f'<a href="{href}">{words}</a>' in page
    async with Reader(str(alice.base_url)) as vic:
        await enter(vic, "Vic")
        seen = (await vic.get(HERE)).text
    assert "held pledge" not in seen and "disputed payment" not in seen


async def test_a_near_milestone_and_a_fresh_reach_ask_to_be_shared(
    alice: Reader, world: World
) -> None:
    """S58."""
    campaign_id = await world.campaign(slug="recorder")
    await world.milestone(campaign_id, 10, title="Album")
    await world.pledged(campaign_id, "Dana", recorders(8))
    assert "is near" not in (await alice.get(HERE)).text
    await world.pledged(campaign_id, "Eli", recorders(1))
    page = (await alice.get(HERE)).text
    assert "“Album” is near: 1 to go" in page and "/c/recorder?via=nearly-there" in page
    await world.pledged(campaign_id, "Fay", recorders(1))
    page = (await alice.get(HERE)).text
    assert "“Album” is reached" in page and "/c/recorder?via=reached" in page
    world.now += timedelta(days=4)
    assert "“Album” is reached" not in (await alice.get(HERE)).text


async def queries_of(served: Served, path: str) -> list[str]:
    start = len(served.statements)
    assert (await served.reader.get(path)).status_code == 200
    return served.statements_since(start)


async def test_a_page_asks_the_same_for_two_pledges_and_for_a_thousand_more(
    served: Served, alice: Reader, world: World
) -> None:
    """V11."""
    campaign_id = await world.campaign(slug="recorder", goal=5000)
    await world.milestone(campaign_id, 2000)
    await crowd(world, campaign_id, 1)
    await queries_of(served, HERE)
    await crowd(world, campaign_id, 1)
    fresh, seen = await queries_of(served, HERE), await queries_of(served, HERE)
    travelled = await queries_of(served, f"{HERE}?at=2")
    await crowd(world, campaign_id, 1000)
    assert await queries_of(served, HERE) == fresh
    assert await queries_of(served, HERE) == seen
    assert await queries_of(served, f"{HERE}?at=1001") == travelled
    assert len(seen) <= 9 and len(travelled) <= 5


async def test_figures_hold_whether_or_not_the_worker_has_been_by(
    alice: Reader, world: World
) -> None:
    await lived(world)
    before = (await alice.get(HERE)).text
    await reckon_all(world.database, world.now)
    assert (await alice.get(HERE)).text == before


async def test_sources_and_tags_beyond_the_first_go_together(alice: Reader, world: World) -> None:
    campaign_id = await world.campaign(slug="recorder", goal=5000)
    await crowd(world, campaign_id, 100)
    page = (await alice.get(HERE)).text
    assert page.count("Others<") == 2
    assert page.count("site-") == 8


async def test_a_goal_is_not_called_whole_before_it_is_reached(alice: Reader, world: World) -> None:
    campaign_id = await world.campaign(slug="recorder", goal=1000)
    await crowd(world, campaign_id, 999)
    assert "99% of 1,000" in (await alice.get(HERE)).text


async def test_days_without_anything_stand_between_the_others(alice: Reader, world: World) -> None:
    campaign_id = await world.campaign(slug="recorder")
    await world.pledged(campaign_id, "Dana")
    world.now += timedelta(days=3)
    await world.pledged(campaign_id, "Eli")
    page = (await alice.get(HERE)).text
    assert page.count(" June 2026</th>") == 4
    days = read((await alice.get(f"{HERE}/days.csv")).text)
    assert [row["pledges confirmed"] for row in days] == ["1", "0", "0", "1"]


# Time travel (N3)


async def test_each_entry_shows_the_campaign_as_it_stood_then(alice: Reader, world: World) -> None:
    await lived(world)
    fourth = (await alice.get(f"{HERE}?at=4")).text
    assert "A pledge was confirmed" in fourth and "20% of 20" in fourth
    assert "Reached by this entry" in fourth and "6 to go" in fourth
    last = (await alice.get(f"{HERE}?at=11")).text
    assert "A pledge was refunded" in last and "−$45" in last
    assert "Reached by entry 10" in last, "a reach latches (C5)"
    start = (await alice.get(f"{HERE}?at=0")).text
    assert "Before the first entry" in start
    assert (await alice.get(f"{HERE}?at=999")).text == last
    assert "Travel in time" in (await alice.get(f"{HERE}?at=x")).text


async def test_an_entry_names_its_pledge_only_to_those_who_may_see_pledges(
    served: Served, alice: Reader, world: World
) -> None:
    await lived(world)
    assert f"{HERE}/pledges/" in (await alice.get(f"{HERE}?at=4")).text
    async with Reader(served.url) as vic:
        await enter(vic, "Vic")
        seen = (await vic.get(f"{HERE}?at=4")).text
        assert f"{HERE}/pledges/" not in seen and "backer-" not in seen
        ledger = (await vic.get(f"{HERE}/entries.csv")).text
        assert ledger.splitlines()[0] == '"entry","at","kind","units","money"'


# Downloads


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


async def test_the_days_and_the_ledger_can_be_taken_along(alice: Reader, world: World) -> None:
    await lived(world)
    answer = await alice.get(f"{HERE}/entries.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="recorder-entries.csv"' in answer.headers["content-disposition"]
    entries = read(answer.text)
    assert len(entries) == 11
    assert sum(float(row["money"]) for row in entries) == 405
    assert entries[-1]["kind"] == "refunded" and entries[-1]["money"] == "-45.00"
    days = read((await alice.get(f"{HERE}/days.csv")).text)
    assert [row["day"] for row in days] == ["2026-06-01", "2026-06-02", "2026-06-03"]
    assert days[-1]["units until then"] == "9" and days[-1]["money until then"] == "405.00"


async def test_a_long_ledger_is_sent_as_it_is_read(
    served: Served, alice: Reader, world: World
) -> None:
    campaign_id = await world.campaign(slug="recorder", goal=9000)
    await crowd(world, campaign_id, 4500)
    start = len(served.statements)
    rows = read((await alice.get(f"{HERE}/entries.csv")).text)
    assert [int(row["entry"]) for row in rows] == list(range(1, 4501))
    assert len(served.statements_since(start)) == 4, "the desk, and three pages of the ledger"


# In a browser


async def sit_down(visitor: Visitor) -> Page:
    """Alice signs in and opens the overview."""
    page = visitor.page
    await visitor.open("/studio/sign-in")
    await page.fill("#email", "alice@example.org")
    await page.fill("#password", PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.wait_for_url("**/studio/larkfield")
    await visitor.open(HERE)
    return page


@pytest.mark.browser
async def test_the_slider_goes_through_the_ledger_by_keyboard(
    served: Served, world: World, browser: Browser
) -> None:
    """N3, B16."""
    await staff(world)
    await lived(world)
    async with visiting(browser, served.url) as visitor:
        page = await sit_down(visitor)
        slider = page.get_by_role("slider")
        await slider.focus()
        assert await slider.get_attribute("aria-valuetext") == "Entry 11 of 11"
        await page.keyboard.press("ArrowLeft")
        await expect(page.locator("[data-then]")).to_contain_text("50% of 20")
        assert await slider.get_attribute("aria-valuetext") == "Entry 10 of 11"
        await page.keyboard.press("Home")
        await expect(page.locator("[data-then]")).to_contain_text("Before the first entry")
        await page.get_by_role("link", name="To the reach of “Wind muff”").press("Enter")
        await expect(page.locator("[data-then]")).to_contain_text("Reached by this entry")
        assert await slider.input_value() == "4"


@pytest.mark.browser
async def test_without_a_script_the_slider_is_a_form_and_its_ways_are_links(
    served: Served, world: World, browser: Browser
) -> None:
    await staff(world)
    await lived(world)
    async with visiting(browser, served.url, scripts=False) as visitor:
        page = await sit_down(visitor)
        await page.get_by_role("slider").focus()
        await page.keyboard.press("Home")
        await page.keyboard.press("ArrowRight")
        await page.get_by_role("button", name="Show this entry").click()
        await page.wait_for_url("**?at=1")
        await page.get_by_role("link", name="Next entry").click()
        await page.wait_for_url("**?at=2")
        await page.get_by_role("link", name="To the reach of “Album”").click()
        assert "Reached by this entry" in await page.inner_text("main")
        await page.get_by_role("link", name="Back to today").click()
        assert "The way so far" in await page.inner_text("main")


@pytest.mark.browser
async def test_an_open_overview_follows_the_crowd_and_keeps_what_was_opened(
    served: Served, world: World, browser: Browser
) -> None:
    await staff(world)
    campaign_id = await lived(world)
    async with visiting(browser, served.url) as visitor:
        page = await sit_down(visitor)
        await expect(page.locator(".figures")).to_contain_text("45% of 20")
        await page.locator("#days summary").click()
        pledge_id = await world.started(campaign_id, recorders(5))
        await world.hear(campaign_id, paid(pledge_id, "Late", 22500))
        await world.settle()
        await expect(page.locator(".figures")).to_contain_text("70% of 20")
        assert await page.locator("#days").get_attribute("open") is not None
        held = await page.evaluate("document.activeElement.parentElement.id")
        assert held == "days", "the keyboard is where it was"
        assert await page.get_by_role("slider").get_attribute("max") == "12"


@pytest.mark.browser
async def test_every_reader_can_use_the_overview(
    served: Served, world: World, browser: Browser
) -> None:
    """B16."""
    await staff(world)
    campaign_id = await lived(world)
    await keep_visits(world.database, {(campaign_id, "a.example", "june"): 40}, world.now)
    async with visiting(browser, served.url) as visitor:
        page, wrong = await sit_down(visitor), []
        for path in (HERE, f"{HERE}?at=4"):
            await visitor.open(path)
            wrong += await barriers(page)
        assert wrong == []
