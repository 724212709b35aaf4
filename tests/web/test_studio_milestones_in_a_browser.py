"""Milestones in a real browser: stones moved by keyboard and mouse, with and without scripts."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.acceptance.browser import Visitor, barriers, visiting
from tests.web.kept import nothing_changes
from tests.web.serving import Served
from tests.web.studio import PASSWORD, staff
from tests.world import World, recorders

pytestmark = pytest.mark.browser
BASE = "/studio/larkfield/campaigns/recorder/milestones"
DESK = {"viewport": {"width": 1280, "height": 900}}


async def sign_in(alice: Visitor, path: str) -> Page:
    """Alice signs in by password and goes to a page of hers."""
    await alice.open("/studio/sign-in")
    await alice.page.fill("#email", "alice@example.org")
    await alice.page.fill("#password", PASSWORD)
    await alice.page.get_by_role("button", name="Sign in", exact=True).click()
    await alice.page.wait_for_url("**/studio/larkfield")
    await alice.open(path)
    return alice.page


async def target_of(world: World, milestone: int) -> int:
    row = await world.row("select target from milestones where id = $1", milestone)
    return int(row["target"])


async def test_a_stone_is_moved_by_keyboard_and_saved_only_when_that_is_said(
    served: Served, world: World, browser: Browser
) -> None:
    await staff(world)
    campaign = await world.campaign(slug="recorder", goal=100)
    milestone = await world.milestone(campaign, 40, title="A song")
    async with visiting(browser, served.url, **DESK) as alice:
        page = await sign_in(alice, BASE)
        stone = page.get_by_role("slider", name="Target of “A song”")
        async with nothing_changes(world):
            await stone.focus()
            for key in ("ArrowRight", "ArrowRight", "PageUp", "ArrowLeft"):
                await page.keyboard.press(key)
            assert await stone.get_attribute("aria-valuenow") == "51"
            await expect(page.get_by_text("“A song” from 40 to 51")).to_be_visible()
            await page.keyboard.press("Escape")
            assert await stone.get_attribute("aria-valuenow") == "40"
            await expect(page.locator("#foresight")).to_be_hidden()
        await page.keyboard.press("PageUp")
        await page.keyboard.press("Enter")
        save = page.get_by_role("button", name="Move it to 50")
        await expect(save).to_be_focused()
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        await expect(page.get_by_text("The milestone is moved.")).to_be_visible()
    assert await target_of(world, milestone) == 50


async def test_a_stone_is_dragged_and_what_it_would_do_at_once_is_looked_at_first(
    served: Served, world: World, browser: Browser
) -> None:
    """A10, N4."""
    await staff(world)
    campaign = await world.campaign(slug="recorder", goal=100)
    await world.pledged(campaign, "dana", recorders(30))
    milestone = await world.milestone(campaign, 60, title="A song")
    async with visiting(browser, served.url, **DESK) as alice:
        page = await sign_in(alice, BASE)
        box = await page.locator(".line-knob[role=slider]").bounding_box()
        road = await page.locator(".line-map").bounding_box()
        assert box and road
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        await page.mouse.move(x, y)
        await page.mouse.down()
        await page.mouse.move(x - road["width"] * 40 / 115, y, steps=5)
        await page.mouse.up()
        await expect(page.get_by_text("“A song” from 60 to 20")).to_be_visible()
        await expect(page.get_by_text("Reached at once: the crowd stands at 30.")).to_be_visible()
        assert await target_of(world, milestone) == 60
        async with page.expect_navigation():
            await page.get_by_role("button", name="Move it to 20").click()
        await expect(page.get_by_text("Reached: its target and audience stand.")).to_be_visible()
    assert await target_of(world, milestone) == 20


async def test_without_a_script_a_target_is_typed_and_looked_at_and_moved(
    served: Served, world: World, browser: Browser
) -> None:
    await staff(world)
    campaign = await world.campaign(slug="recorder", goal=100)
    milestone = await world.milestone(campaign, 40, title="A song")
    async with visiting(browser, served.url, scripts=False) as alice:
        page = await sign_in(alice, BASE)
        await page.locator("summary", has_text="Move").click()
        await page.get_by_label("Target in units").fill("60")
        async with page.expect_navigation():
            await page.get_by_role("button", name="What would this do?").click()
        assert "“A song” from 40 to 60" in await page.inner_text("#foresight")
        async with page.expect_navigation():
            await page.get_by_role("button", name="Move it to 60").click()
    assert await target_of(world, milestone) == 60


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_milestone_is_created_and_what_it_would_do_is_shown_before(
    served: Served, world: World, browser: Browser, scripts: bool
) -> None:
    """S44, N4: live as one types, or by a button."""
    await staff(world)
    campaign = await world.campaign(slug="recorder", goal=100)
    await world.pledged(campaign, "dana", recorders(30))
    await world.product(title="Mug", stock=3)
    async with visiting(browser, served.url, scripts=scripts, **DESK) as alice:
        page = await sign_in(alice, f"{BASE}/new")
        await page.fill("#target", "20")
        await page.get_by_label("A product of the store").check()
        assert not await page.locator("#exclusive").is_visible(), "what a product has not is away"
        await page.get_by_label("Mug").check()
        await page.fill("#title", "A mug for all")
        await page.fill("#cost", "5")
        if not scripts:
            async with page.expect_navigation():
                await page.get_by_role("button", name="What would this do?").click()
        lead = page.get_by_text("Reached at once: the crowd stands at 30.")
        await expect(lead).to_be_visible()
        await expect(page.locator("#foresight").get_by_text("1 reward")).to_be_visible()
        await expect(page.locator("#foresight").get_by_text("$5, 0% of $1,350")).to_be_visible()
        assert await world.rows("select from milestones") == []
        async with page.expect_navigation():
            await page.get_by_role("button", name="Create milestone").click()
        await expect(page.get_by_text("The milestone stands on the trail.")).to_be_visible()
    row = await world.row("select target, reached_seq from milestones")
    assert tuple(row) == (20, 1)


async def test_every_reader_can_use_each_page_of_the_milestones(
    served: Served, world: World, browser: Browser
) -> None:
    """B16."""
    await staff(world)
    campaign, product = await world.campaign(slug="recorder"), await world.product(stock=1)
    await world.milestone(campaign, 2, product_id=product)
    await world.milestone(campaign, 3, "new_backers", reveal="manual", codes=("A", "B"))
    await world.milestone(campaign, 50, exclusive="For you", mystery=True)
    for who in ("dana", "eli"):
        await world.pledged(campaign, who, recorders(2))
    store = "/studio/larkfield/products"
    paths = [BASE, f"{BASE}/new", f"{BASE}/1", f"{BASE}/2", f"{BASE}/3", f"{BASE}/1/edit",
             f"{BASE}/3/edit", f"{BASE}/2/archive", store, f"{store}/new", f"{store}/{product}",
             "/studio/larkfield/log"]  # fmt: skip
    async with visiting(browser, served.url) as alice:
        page, wrong = await sign_in(alice, BASE), []
        for path in paths:
            await alice.open(path)
            wrong += await barriers(page)
    assert wrong == []
