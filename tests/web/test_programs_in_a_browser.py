"""A program is drawn up, saved and turned on by keyboard in a real browser, without a barrier."""

import pytest
from playwright.async_api import Browser, expect

from milepost.services.judging import run_program
from tests.acceptance.browser import barriers, visiting
from tests.loyalty import open_programs
from tests.shop import listing
from tests.web.serving import Served
from tests.web.studio import staff
from tests.web.test_cart_milestones_in_a_browser import chosen, press, sign_in, typed
from tests.world import World

pytestmark = pytest.mark.browser
HOME = "/studio/larkfield/programs"
DESK = {"viewport": {"width": 1280, "height": 900}}


async def test_a_program_is_drawn_up_saved_and_turned_on_by_keyboard(
    served: Served, world: World, browser: Browser
) -> None:
    await staff(world)
    await listing(world, title="Enamel pin")
    loyal = await open_programs(world)
    for _ in range(3):
        await loyal.order("Dana", at=world.now)
    async with visiting(browser, served.url, **DESK) as alice:
        page = await sign_in(alice, HOME)
        assert await barriers(page) == []
        await page.get_by_role("link", name="Add rule").focus()
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        assert await barriers(page) == []
        await page.locator("[name='kind'][value='orders']").focus()
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        await press(page, "Add a milestone")
        await typed(page, "m1-target", "5")
        await chosen(page, "m1-reward", "gift")
        await expect(page.locator("[id='m1-points']")).to_be_hidden()
        await page.locator("[name^='m1-product-']").focus()
        await page.keyboard.press("Space")
        await expect(page.locator(".loyal-trail")).to_contain_text("Enamel pin, free")
        await press(page, "Save")
        await expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
        assert await barriers(page) == []
        rule = page.url.split("?")[0].removeprefix(served.url)
        await alice.open(f"{rule}/languages")
        await typed(page, "name-de", "Stammgäste")
        await expect(page.locator(".program-heard h3")).to_have_text("Stammgäste")
        await expect(page.locator(".program-heard")).to_contain_text("5 Bestellungen")
        assert await barriers(page) == []
        await press(page, "Save")
        await expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
        await alice.open(rule)
        await page.get_by_role("link", name="Turn on").focus()
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        await chosen(page, "from", "past")
        await press(page, "Show what that gives")
        await expect(page.get_by_text("One reward is given at once.")).to_be_visible()
        assert await barriers(page) == []
        await press(page, "Turn on")
        await expect(page.get_by_text("It is on, and counts what customers do.")).to_be_visible()
        program = int(rule.split("/")[-1])
        assert await run_program(world.database, program, world.clock) == 1
        for path in (f"{HOME}/settings", f"{HOME}/customers", f"{rule}/turn", f"{HOME}/help"):
            await alice.open(path)
            assert await barriers(page) == [], path
        await alice.open(f"{HOME}/customers")
        await page.get_by_role("link", name="dana@example.org").click()
        await expect(page.get_by_text("500 points for 3 orders")).to_be_visible()
        assert await barriers(page) == []
        assert alice.troubles == []
