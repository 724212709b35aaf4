"""A three-tier campaign is drawn up by keyboard in a real browser, watched live, and activated."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.acceptance.browser import Visitor, barriers, visiting
from tests.shop import Variant, listing
from tests.web.serving import Served
from tests.web.studio import PASSWORD, staff
from tests.world import World

pytestmark = pytest.mark.browser
HOME = "/studio/larkfield/cart-milestones"
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


async def press(page: Page, button: str) -> None:
    """The button of that name, by keyboard; the page that it leads to is there."""
    await page.get_by_role("button", name=button, exact=True).first.focus()
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def typed(page: Page, field: str, text: str) -> None:
    """That text in the field, key by key."""
    at = page.locator(f"[id='{field}']")
    await at.focus()
    await expect(at).to_be_focused()
    await page.keyboard.type(text)
    await expect(at).to_have_value(text)


async def chosen(page: Page, name: str, value: str) -> None:
    """That choice, by keyboard."""
    await page.locator(f"[name='{name}'][value='{value}']").focus()
    await page.keyboard.press("Space")


async def test_three_tiers_are_made_by_keyboard_and_activated_without_a_barrier(
    served: Served, world: World, browser: Browser
) -> None:
    await staff(world)
    await listing(world, title="Enamel pin", variants=[Variant(price=900, stock=4)])
    async with visiting(browser, served.url, **DESK) as alice:
        page = await sign_in(alice, f"{HOME}/new")
        await expect(page.locator("#name")).to_be_focused()
        await page.keyboard.type("Spring")
        await press(page, "Begin the draft")
        for place, kind, target in ((0, "percent", "40"), (1, "shipping", "60"), (2, "gift", "80")):
            await press(page, "Add a tier")
            await chosen(page, f"t{place}-kind", kind)
            await typed(page, f"t{place}-target-USD", target)
        await typed(page, "t0-percent", "10")
        await page.locator("[name='t2-product']").focus()
        await page.keyboard.press("Space")
        first = page.locator("[name='t0-kind'][value='shipping']")
        await expect(first).to_be_disabled()
        await expect(page.locator(".bar-stage")).to_contain_text("Enamel pin")
        await press(page, "Save")
        await expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
        assert await barriers(page) == []
        slider = page.get_by_role("slider", name="Fill the cart")
        await slider.focus()
        await page.keyboard.press("End")
        await expect(page.locator(".bar-message")).to_have_text("Every reward is yours")
        await page.keyboard.press("Home")
        await expect(page.locator(".bar-message")).to_have_text("Add $40 for 10% off")
        for step in ("display", "design", "languages"):
            await alice.open(f"{HOME}/{await world_cart(world)}/{step}")
            assert await barriers(page) == [], step
        await typed(page, "before-en", "Add {{amont_left}}")
        await expect(page.get_by_text("Did you mean {{amount_left}}?")).to_be_visible()
        await page.locator("#before-en").fill("Only {{amount_left}} more")
        await expect(page.locator(".bar-message")).to_contain_text("Only $")
        await press(page, "Save")
        await press(page, "Activate")
        await expect(page.get_by_text("It is active: carts show it from now on.")).to_be_visible()
        await alice.open(HOME)
        assert await barriers(page) == []
        assert alice.troubles == []
    row = await world.row("select state, messages from cart_campaigns")
    assert tuple(row) == ("active", {"en": {"before": "Only {{amount_left}} more"}})
    assert len(await world.rows("select from cart_tiers")) == 3


async def world_cart(world: World) -> int:
    return int((await world.row("select id from cart_campaigns"))["id"])


async def test_without_scripts_a_tier_is_added_and_the_bar_shown_at_any_cart(
    served: Served, world: World, browser: Browser
) -> None:
    await staff(world)
    async with visiting(browser, served.url, java_script_enabled=False, **DESK) as alice:
        page = await sign_in(alice, f"{HOME}/new")
        await page.fill("#name", "Spring")
        await page.get_by_role("button", name="Begin the draft").click()
        await page.get_by_role("button", name="Add a tier").click()
        await page.check("[name='t0-kind'][value='shipping']")
        await page.fill("[id='t0-target-USD']", "60")
        await page.get_by_role("button", name="Save", exact=True).click()
        await page.fill("#at", "45")
        await page.get_by_role("button", name="Show that cart").click()
        await expect(page.locator(".bar-message")).to_have_text("Add $15 for free shipping")
        await page.fill("#at", "60")
        await page.get_by_role("button", name="Show that cart").click()
        await expect(page.locator(".bar-message")).to_have_text("Every reward is yours")
