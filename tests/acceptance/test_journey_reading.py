"""How pages read in a real browser: by keyboard, by zone, in print, at rest; what they weigh."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, expect

from tests.acceptance.browser import Visit, barriers
from tests.acceptance.crowd import live_campaign, world_of
from tests.acceptance.processes import Milepost, eventually
from tests.web.kept import link_of
from tests.world import World, recorders

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("reading"),
]
BERLIN, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")


@pytest.fixture(scope="module")
async def world(milepost: Milepost) -> AsyncIterator[World]:
    async with world_of(milepost) as world:
        yield world


@pytest.fixture(scope="module")
async def pages(world: World) -> list[str]:
    """Every kind of page there is, with something on each."""
    today = world.now.replace(tzinfo=None, microsecond=0)
    story = "## How it began\n\nIn the *valley*.\n\n- One\n- Two\n\n> Listen.\n\n`code`"
    live = await live_campaign(
        world, "live", goal=20, blurb="To listen with.", story=story, zone="Europe/Berlin"
    )
    early = {"opens_at": today + timedelta(days=2), "closes_at": today + timedelta(days=30)}
    over = {"opens_at": today - timedelta(days=30), "closes_at": today - timedelta(days=1)}
    money = {"basis": "money", "currency": "EUR", "goal": 1_000_000}
    await world.tier(await world.campaign(slug="early", funding_model="all_or_nothing", **early))
    await world.tier(await world.campaign(slug="over", **over, **money))
    await world.tier(live, title="One recorder", text="With a strap.", slots=50)
    await world.tier(live, title="Gone", slots=0)
    await world.milestone(live, 2, text_after="Stereo.", exclusive="**4711**", codes=("CODE-1",))
    await world.milestone(live, 3, "new_backers", product_id=await world.product())
    await world.milestone(live, 3, reveal="manual", text_before="Soon.")
    await world.milestone(live, 15, mystery=True)
    paid = await link_of(world, await world.pledged(live, "Dana", recorders(3)))
    started = await link_of(world, await world.started(live))
    return [
        "/",
        "/c/live",
        "/c/live?lang=de",
        "/c/early",
        "/c/over",
        "/c/live/pledge?tier=1&quantity=2",
        paid,
        started,
        f"{started}/again",
        "/c/nobody",
    ]


async def test_no_page_has_a_barrier_in_light_or_dark(
    visit: Visit, pages: list[str], subtests: pytest.Subtests
) -> None:
    """WCAG 2.2 AA, as far as axe can tell."""
    async with visit(reduced_motion="reduce") as reader:
        for path in pages:
            await reader.open(path)
            with subtests.test(path):
                assert await barriers(reader.page) == []
        reader.troubles = [t for t in reader.troubles if "status of 404" not in t]


async def test_a_form_that_is_wrong_has_no_barrier_either(visit: Visit, pages: list[str]) -> None:
    async with visit(reduced_motion="reduce") as reader:
        await reader.open("/c/live/pledge")
        await reader.choose("One recorder", quantity="1", bonus="a lot")
        await expect(reader.page.get_by_role("alert")).to_be_focused()
        assert await barriers(reader.page) == []


async def test_no_page_is_wider_than_a_small_phone(visit: Visit, pages: list[str]) -> None:
    async with visit(viewport={"width": 320, "height": 640}) as reader:
        for path in pages[:-1]:
            await reader.open(path)
            wide = await reader.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 320, path


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
async def test_the_deadline_is_told_in_the_reader_s_zone_or_in_the_campaign_s(
    visit: Visit, world: World, scripts: bool
) -> None:
    slug = f"deadline-{scripts}".lower()
    day = (datetime.now(UTC) + timedelta(days=20)).replace(tzinfo=None)
    closes_at = day.replace(hour=18, minute=30, second=0, microsecond=0)
    await live_campaign(world, slug, zone="Europe/Berlin", closes_at=closes_at)
    zone = TOKYO if scripts else BERLIN
    local = closes_at.replace(tzinfo=BERLIN).astimezone(zone)
    async with visit(scripts=scripts, timezone_id="Asia/Tokyo") as reader:
        await reader.open(f"/c/{slug}")
        moment = reader.page.locator("time[data-moment]").first
        await expect(moment).to_contain_text(f"{local:%H:%M}")
        await expect(moment).to_contain_text(str(local.day))
        await expect(moment).to_contain_text("GMT+9" if scripts else "Berlin time")


async def tab_to(page: Page, what: str, most: int = 80) -> None:
    """Press Tab until `what` has the focus; each stop on the way shows that it has it."""
    for _ in range(most):
        await page.keyboard.press("Tab")
        shown = await page.evaluate(
            "() => { const s = getComputedStyle(document.activeElement);"
            " return s.outlineStyle !== 'none' || s.boxShadow !== 'none' }"
        )
        assert shown, await page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if await page.evaluate("what => document.activeElement.matches(what)", what):
            return
    raise AssertionError(f"no Tab leads to {what}")


async def test_a_keyboard_is_enough_from_the_top_of_the_page_to_the_payment(
    visit: Visit, pages: list[str]
) -> None:
    async with visit() as reader:
        await reader.open("/c/live")
        page, press = reader.page, reader.page.keyboard.press
        await tab_to(page, "a.skip", most=1)
        await press("Enter")
        await tab_to(page, 'a[href="#pledge"]')
        await press("Enter")
        await tab_to(page, "summary", most=3)
        await press("Enter")
        await tab_to(page, '[name="quantity"]', most=1)
        await press("ControlOrMeta+a")
        await page.keyboard.type("2")
        await tab_to(page, '[name="bonus"]', most=1)
        await page.keyboard.type("3,50")
        await tab_to(page, "button[type=submit]", most=1)
        await expect(page.locator("button:focus")).to_have_text("Pledge $93.50")
        await press("Enter")
        await expect(page.locator(".total")).to_have_text("$93.50")


BURSTS = """
window.bursts = 0;
new MutationObserver(changes => changes.forEach(change => change.addedNodes.forEach(
  node => { if (node.classList && node.classList.contains("burst")) window.bursts += 1 })))
  .observe(document, {childList: true, subtree: true});
"""


async def has_burst(page: Page) -> bool:
    """True once a burst was drawn; a policy without `eval` lets no page wait for this itself."""
    return bool(await page.evaluate("window.bursts") == 1)


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
async def test_a_reach_is_a_burst_once_and_none_for_whoever_wants_rest(
    visit: Visit, world: World, motion: str
) -> None:
    slug = f"motion-{motion}"
    campaign_id = await live_campaign(world, slug, goal=10)
    await world.milestone(campaign_id, 2, title="A bell", text_after="Rung.")
    async with visit(reduced_motion=motion) as reader:
        await reader.page.add_init_script(BURSTS)
        await reader.open(f"/c/{slug}")
        await world.pledged(campaign_id, f"backer-of-{slug}", recorders(3))
        stop = reader.page.locator(".stop", has_text="A bell")
        await expect(stop).to_contain_text("Rung.")
        await expect(reader.page.locator("[data-say]")).to_have_text("Milestone reached: A bell!")
        if motion == "reduce":
            assert await reader.page.evaluate("document.getAnimations().length") == 0
        else:
            await eventually(lambda: has_burst(reader.page), "the burst")
            await expect(reader.page.locator(".burst")).to_have_count(0)
        await world.pledged(campaign_id, f"another-of-{slug}")
        await expect(reader.page.locator(".figure-total [data-total]")).to_have_text("4")
        assert await reader.page.evaluate("window.bursts") == (motion != "reduce")


async def test_paper_shows_what_there_is_to_read_and_nothing_to_press(
    visit: Visit, pages: list[str]
) -> None:
    async with visit(color_scheme="dark") as reader:
        for path in pages[:-1]:
            await reader.open(path)
            await reader.page.emulate_media(media="print")
            for what in ("button", "summary", ".skip", ".languages", "input:not([type=hidden])"):
                for thing in await reader.page.locator(what).all():
                    assert not await thing.is_visible(), f"{what} on {path}"
            await expect(reader.page.get_by_role("heading", level=1)).to_be_visible()
            ink = await reader.page.evaluate("getComputedStyle(document.body).color")
            assert await lightness(reader.page, ink) < 0.5, f"{ink} on white paper: {path}"
            assert (await reader.page.pdf()).startswith(b"%PDF")
            await reader.page.emulate_media(media="screen")


async def lightness(page: Page, colour: str) -> float:
    """How light a CSS colour is, from 0 to 1."""
    told = await page.evaluate(
        "colour => { const c = new OffscreenCanvas(1, 1).getContext('2d'); c.fillStyle = colour;"
        " c.fillRect(0, 0, 1, 1); return [...c.getImageData(0, 0, 1, 1).data] }",
        colour,
    )
    return float(sum(told[:3])) / 3 / 255


async def test_a_campaign_s_page_is_light_and_stands_still(visit: Visit, pages: list[str]) -> None:
    async with visit() as reader:
        session = await reader.context.new_cdp_session(reader.page)
        bytes_of: dict[str, float] = {}
        session.on(
            "Network.loadingFinished",
            lambda told: bytes_of.update({told["requestId"]: told["encodedDataLength"]}),
        )
        await session.send("Network.enable")
        await reader.open("/c/live")
        await reader.page.evaluate("document.fonts.ready.then(() => true)")
        asked = [r.url for r in reader.requests if not re.match("data:|.*[.](avif|png)", r.url)]
        assert len(asked) == len(set(asked)) <= 8, asked
        assert sum(bytes_of.values()) < 60_000, bytes_of
        shift = await reader.page.evaluate(
            "new Promise(done => new PerformanceObserver(list => done(list.getEntries()"
            ".reduce((sum, entry) => sum + entry.value, 0)))"
            ".observe({type: 'layout-shift', buffered: true}) || setTimeout(() => done(0), 300))"
        )
        assert shift < 0.01
