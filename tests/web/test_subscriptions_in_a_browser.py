"""Somebody subscribes, cancels and undoes that in a real browser, with scripts and without."""

import pytest
from playwright.async_api import Browser, Page, expect

from milepost.storage.database import unit
from tests.acceptance.browser import Visitor, barriers, read_again, visiting
from tests.shop import Variant, listing
from tests.shop_money import option
from tests.subscribing import Subscriptions
from tests.web.me import ask, mailed
from tests.web.serving import Served
from tests.web.studio import staff
from tests.web.test_cart_milestones_in_a_browser import sign_in
from tests.world import World

pytestmark = pytest.mark.browser


async def two_rhythms(world: World) -> str:
    """A listing that is sold each month, or each quarter for less; where it is."""
    await option(world, "Standard", ("DE", "US"))
    variants = (Variant("Each month", 1200), Variant("Each quarter", 3000))
    listed = await listing(world, title="Bird of the month", variants=variants)
    async with unit(world.database) as db:
        for product, count in zip(listed.products, (1, 3), strict=True):
            await db.execute(
                "update products set every_unit = 'month', every_count = $2 where id = $1",
                product,
                count,
            )
    return f"/shop/{listed.slug}"


async def press(page: Page, name: str) -> None:
    """The button or link of that name, and the page that it leads to is there."""
    either = page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name))
    async with page.expect_navigation():
        await either.first.click()


async def is_free_of_barriers(visitor: Visitor, scripts: bool) -> None:
    """Nobody is kept from the page that is open; looking needs scripts."""
    if scripts:
        assert await barriers(visitor.page) == []


@pytest.mark.parametrize("scripts", [True, False])
async def test_somebody_chooses_a_rhythm_subscribes_cancels_and_undoes_that(
    served: Served, world: World, subs: Subscriptions, browser: Browser, scripts: bool
) -> None:
    """S8, B16, B21."""
    here = await two_rhythms(world)
    async with visiting(browser, served.url, scripts=scripts) as dana:
        page = dana.page
        await dana.open(here)
        await is_free_of_barriers(dana, scripts)
        quarter = page.locator("form.offer-again", has_text="$30.00 every 3 months")
        async with page.expect_navigation():
            await quarter.get_by_role("button", name="Subscribe").click()
        await page.get_by_label("Sent to").select_option("US")
        await press(page, "Show what it costs")
        await expect(page.get_by_text("You pay $35.00 today and every 3 months")).to_be_visible()
        await is_free_of_barriers(dana, scripts)
        await press(page, "Subscribe for $35.00 every 3 months")
        sent_to = {"ship_name": "Dana", "line1": "Lark Lane 1", "city": "Larkfield", "state": "CA"}
        await dana.fill_payment("4242 4242 4242 4242", **sent_to, ship_postal_code="94107")
        await page.locator("button.pay").click()
        await page.wait_for_url("**/s/*")
        await subs.catch_up()
        await read_again(page)
        await expect(page.get_by_text("It runs.")).to_be_visible()
        await is_free_of_barriers(dana, scripts)
        await ask(served.reader, "Dana")
        (way_in,) = await mailed(world)
        await dana.open(way_in)
        await press(page, "Sign in as")
        await is_free_of_barriers(dana, scripts)
        await press(page, "Bird of the month")
        await expect(page.get_by_text("1 September 2026")).to_be_visible()
        await is_free_of_barriers(dana, scripts)
        await press(page, "Change the address")
        await is_free_of_barriers(dana, scripts)
        await page.get_by_label("Street and number").fill("Elm Road 2")
        await press(page, "Save the address")
        await expect(page.get_by_text("Elm Road 2")).to_be_visible()
        await press(page, "Cancel the subscription")
        await is_free_of_barriers(dana, scripts)
        await press(page, "Cancel the subscription")
        await expect(page.get_by_text("You pay nothing more.")).to_be_visible()
        await press(page, "Keep the subscription")
        await expect(page.get_by_text("It goes on.")).to_be_visible()
        await expect(page.get_by_role("link", name="Cancel the subscription")).to_be_visible()


async def test_the_studio_keeps_nobody_from_its_subscriptions(
    served: Served, world: World, subs: Subscriptions, browser: Browser
) -> None:
    await staff(world)
    listed = await subs.sells(ships=False)
    await subs.begin(listed, "Dana")
    eli = await subs.begin(listed, "Eli")
    subs.break_card(eli)
    await subs.later(days=30.5)
    async with visiting(browser, served.url) as alice:
        page = await sign_in(alice, "/studio/larkfield/orders")
        await press(page, "Subscriptions")
        assert await barriers(page) == []
        frame = page.locator(".table-frame")
        assert not await frame.evaluate("frame => frame.scrollWidth > frame.clientWidth")
        await press(page, "Eli")
        await expect(page.get_by_text("card declined")).to_be_visible()
        assert await barriers(page) == []
        await press(page, "End this subscription")
        assert await barriers(page) == []
        await press(page, "End this subscription")
        await expect(page.get_by_text("It is over. Nothing is charged any more.")).to_be_visible()
