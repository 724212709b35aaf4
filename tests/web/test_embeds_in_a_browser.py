"""A campaign on another site in a real browser: it moves, it is modest, and it can be read."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from milepost.services.milestones import reveal_milestone
from tests.acceptance.browser import barriers, visiting
from tests.waiting import until
from tests.web.elsewhere import another_site
from tests.web.serving import Served
from tests.world import World, recorders

DOCS = Path(__file__).parents[2] / "docs" / "embeds.md"
KEPT = """
window.streams = [];
window.EventSource = class extends EventSource {
  constructor(...told) { super(...told); window.streams.push(this); }
};
"""
EXAMPLE = "https://fund.example.org"


@pytest.fixture
async def campaign_id(world: World) -> int:
    """The recorder: 2 of 10, milestones at 1, 3 and, secret, 12."""
    campaign_id = await world.campaign(
        slug="field-recorder", title="Field <b>Recorder</b>", goal=10, blurb="Hear the field."
    )
    await world.tier(campaign_id)
    await world.milestone(campaign_id, 1, title="Case", text_after="A case for all.")
    await world.milestone(campaign_id, 3, title="Print", text_before="A print.", reveal="manual")
    await world.milestone(campaign_id, 12, title="Hush", mystery=True)
    await world.pledged(campaign_id, "Dana", recorders(2))
    return campaign_id


def snippet(kind: str, has: str = "") -> str:
    """The first example of that kind in the docs with these words in it."""
    blocks = re.findall(rf"```{kind}\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    return next(block for block in blocks if has in block)


def page_with(html: str, url: str) -> str:
    """Another site's page with the docs' snippet in it, for the site at `url`."""
    head = (
        '<!doctype html><html lang="en"><head><title>Blog</title></head><body><main><h1>Blog</h1>'
    )
    return head + html.replace(EXAMPLE, url) + "</main></body></html>"


def policy(url: str) -> str:
    """As strict as the docs say that it may be."""
    return f"default-src 'none'; {snippet('csp').strip().replace(EXAMPLE, url)}"


async def listening(page: Page, count: int) -> bool:
    """Whether the page has so many open streams; it was told to keep them by `KEPT`."""
    return await page.evaluate("streams.filter((one) => one.readyState === 1).length") == count


async def test_pledges_move_the_element_under_a_strict_policy_without_a_cookie(
    served: Served, world: World, browser: Browser, campaign_id: int
) -> None:
    html = page_with(snippet("html"), served.url)
    async with another_site(html, policy(served.url)) as blog, visiting(browser, blog) as eli:
        page = eli.page
        await page.add_init_script(KEPT)
        await page.add_init_script(
            "window.told = []; document.addEventListener('milepost-campaign',"
            " (event) => window.told.push(event.detail.total))"
        )
        await eli.open("/post")
        card = page.locator("milepost-campaign")
        await expect(card.get_by_role("article")).to_be_visible()
        await expect(card.locator("h2")).to_have_text("Field <b>Recorder</b>")
        await expect(card.locator(".total")).to_have_text("2 of 10 pledged")
        road = card.get_by_role("progressbar", name="Progress of Field <b>Recorder</b>")
        await expect(road).to_have_attribute(
            "aria-valuetext", "2 of 10 pledged, 20%. 1 to go to the next milestone."
        )
        await expect(card.locator("li.is-next")).to_contain_text("1 to go")
        await expect(card.locator("ol > li")).to_have_count(4)
        await expect(card).not_to_contain_text("Hush")
        spoken = card.locator("[role=status]").first
        await expect(spoken).to_have_text("")
        await until(lambda: listening(page, 1))
        await world.pledged(campaign_id, "Fay", recorders(1))
        await expect(card.locator(".total")).to_have_text("3 of 10 pledged")
        await expect(spoken).to_have_text("Milestone reached: Print!")
        await expect(card.locator("li.is-passed")).to_have_count(2)
        await expect(card.locator("li", has_text="Print")).to_contain_text("will reveal it")
        await expect(card.locator("li.is-next")).to_contain_text("The goal")
        row = await world.row("select id from milestones where target = 3")
        await reveal_milestone(world.database, row["id"], "alice", world.now)
        await expect(card.locator("li", has_text="Print")).not_to_contain_text("will reveal it")
        await expect(spoken).to_have_text("Milestone reached: Print!")
        assert (await page.evaluate("told"))[-1] == 3
        assert await eli.context.cookies() == []
        assert await page.evaluate("localStorage.length + sessionStorage.length") == 0
        sent = [await request.all_headers() for request in eli.requests]
        assert not [headers for headers in sent if "cookie" in headers]
        await card.get_by_role("link", name="Choose a reward").press("Enter")
        await expect(page).to_have_url(f"{served.url}/c/field-recorder#pledge")


@pytest.mark.usefixtures("campaign_id")
async def test_without_a_script_the_link_stands_there(served: Served, browser: Browser) -> None:
    html = page_with(snippet("html"), served.url)
    async with (
        another_site(html, policy(served.url)) as blog,
        visiting(browser, blog, scripts=False) as dana,
    ):
        await dana.open("/")
        await dana.page.get_by_role("link", name="Field Recorder No. 2").click()
        await expect(dana.page).to_have_url(f"{served.url}/c/field-recorder")
        await expect(dana.page.locator("h1")).to_have_text("Field <b>Recorder</b>")


@pytest.mark.usefixtures("campaign_id")
async def test_nothing_keeps_anybody_from_reading_it(served: Served, browser: Browser) -> None:
    scheme = '<meta name="color-scheme" content="light dark">'
    html = page_with(snippet("html"), served.url).replace("</head>", f"{scheme}</head>")
    async with another_site(html, policy(served.url)) as blog, visiting(browser, blog) as dana:
        await dana.open("/")
        await expect(dana.page.locator("milepost-campaign .total")).to_be_visible()
        assert await barriers(dana.page) == []
        await dana.page.set_viewport_size({"width": 256, "height": 800})
        assert await dana.page.evaluate("document.documentElement.scrollWidth") <= 256


async def test_a_campaign_that_is_not_there_is_said_kindly_beside_the_link(
    served: Served, browser: Browser
) -> None:
    html = page_with(snippet("html"), served.url)
    async with another_site(html, policy(served.url)) as blog, visiting(browser, blog) as dana:
        await dana.open("/")
        card = dana.page.locator("milepost-campaign")
        await expect(card.get_by_role("status")).to_contain_text("There is no campaign")
        await expect(card.get_by_role("link", name="Field Recorder No. 2")).to_be_visible()
        dana.troubles.clear()  # Chromium calls the 404 an error of loading


@pytest.mark.usefixtures("campaign_id")
async def test_it_listens_while_it_is_in_sight_and_its_words_may_change(
    served: Served, browser: Browser
) -> None:
    below = '<p id="far"></p>' + snippet("html")
    html = page_with(below, served.url)
    async with another_site(html, policy(served.url)) as blog, visiting(browser, blog) as dana:
        page = dana.page
        await page.add_init_script(KEPT)
        await dana.open("/")
        card = page.locator("milepost-campaign")
        await expect(card.locator(".total")).to_be_attached()
        await until(lambda: listening(page, 1))
        await page.evaluate("document.getElementById('far').style.paddingTop = '300vh'")
        await until(lambda: listening(page, 0))
        await card.scroll_into_view_if_needed()
        await until(lambda: listening(page, 1))
        await card.evaluate("(e) => e.setAttribute('lang', 'ar')")
        await expect(card.locator(".place")).to_have_attribute("dir", "rtl")
        await card.evaluate("(e) => e.toggleAttribute('compact')")
        await expect(card.locator("ol")).to_have_count(0)
        await expect(card.locator(".next")).to_be_visible()
        await card.evaluate("(e) => e.remove()")
        await until(lambda: listening(page, 0))


@pytest.mark.usefixtures("campaign_id")
async def test_a_frame_shows_the_same_and_opens_the_campaign_beside_it(
    served: Served, browser: Browser
) -> None:
    html = page_with(snippet("html", "iframe"), served.url)
    wide = {"width": 1000, "height": 900}
    only = f"default-src 'none'; frame-src {served.url}"
    async with another_site(html, only) as blog, visiting(browser, blog, viewport=wide) as dana:
        await dana.open("/")
        framed = dana.page.frame_locator("iframe")
        await expect(framed.locator(".total")).to_have_text("2 of 10 pledged")
        inside = next(f for f in dana.page.frames if "/embed/" in f.url)
        assert await inside.evaluate("document.documentElement.scrollHeight <= innerHeight")
        async with dana.context.expect_page() as opened:
            await framed.get_by_role("link", name="Choose a reward").click()
        campaign = await opened.value
        await expect(campaign).to_have_url(f"{served.url}/c/field-recorder?via=embed#pledge")
        assert await campaign.evaluate("window.opener") is None
        assert await dana.context.cookies() == []


@pytest.mark.usefixtures("campaign_id")
async def test_a_frame_that_its_host_shuts_in_shows_it_all_the_same(
    served: Served, browser: Browser
) -> None:
    """WordPress shuts in what it does not know: such a frame has no origin of its own."""
    shut = snippet("html", "iframe").replace("<iframe", '<iframe sandbox="allow-scripts"')
    only = f"default-src 'none'; frame-src {served.url}"
    html = page_with(shut, served.url)
    async with another_site(html, only) as blog, visiting(browser, blog) as dana:
        await dana.open("/")
        framed = dana.page.frame_locator("iframe")
        await expect(framed.locator(".total")).to_have_text("2 of 10 pledged")
        await dana.page.wait_for_load_state("networkidle")


async def test_it_comes_back_when_the_site_does_and_looks_where_no_stream_is_to_be_had(
    served: Served, world: World, browser: Browser, campaign_id: int
) -> None:
    html = page_with(snippet("html"), served.url)
    async with another_site(html, policy(served.url)) as blog, visiting(browser, blog) as dana:
        page = dana.page
        await page.clock.install()
        await page.route("**/embed/c/**", lambda route: route.abort())
        await page.route("**/live?*", lambda route: route.fulfill(status=503))
        await dana.open("/")
        card = page.locator("milepost-campaign")
        await expect(card.get_by_role("status")).to_contain_text("can’t be reached just now")
        await expect(card.get_by_role("link", name="Field Recorder No. 2")).to_be_visible()
        await page.unroute("**/embed/c/**")
        await page.clock.run_for(6_000)
        await expect(card.locator(".total")).to_have_text("2 of 10 pledged")
        await expect(card.locator(".note")).to_have_text("")
        await world.pledged(campaign_id, "Fay")
        await until(lambda: page_says(served, 3))
        await page.clock.run_for(35_000)
        await expect(card.locator(".total")).to_have_text("3 of 10 pledged")
        dana.troubles.clear()  # Chromium calls each of the refusals an error of loading


async def page_says(served: Served, total: int) -> bool:
    """Whether the site itself has counted so far."""
    found = (await served.reader.get("/embed/c/field-recorder.json")).json()
    return bool(found["state"]["total"] == total)
