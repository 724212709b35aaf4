"""The shop in a real browser: a variant that is chosen, the stars, and every reader."""

import pytest
from playwright.async_api import Browser, expect

from tests.acceptance.browser import barriers, visiting
from tests.shop import Variant, bought, collection, listing, reviewed, sells_in
from tests.web.me import ask, mailed
from tests.web.serving import Served
from tests.web.studio import PASSWORD, staff
from tests.world import World

pytestmark = pytest.mark.browser


async def stocked(world: World) -> str:
    """A shop with a little of everything; the address of one listing."""
    await sells_in(world, "USD", "EUR")
    shelf = await collection(world, title="Prints", slug="prints")
    listed = await listing(
        world,
        title="Wind muff",
        text="**Warm.** It keeps the wind out.\n\n- Mohair\n- Two sizes",
        collections=[shelf],
        variants=(Variant("Small", 900, stock=0), Variant("Medium", 1200, stock=3),
                  Variant("Large", 1550)),
    )  # fmt: skip
    await listing(world, title="Poster", price=2500, stock=0, collections=[shelf])
    await bought(world, "Dana", listed)
    await bought(world, "Eli", listed)
    await reviewed(world, "Eli", listed, 4, "It **does**.", state="shown")
    return f"/shop/{listed.slug}"


async def test_the_chosen_variant_says_its_price_and_goes_into_the_cart(
    served: Served, world: World, browser: Browser
) -> None:
    path = await stocked(world)
    async with visiting(browser, served.url) as dana:
        page = dana.page
        await dana.open(path)
        await expect(page.locator("[data-price]")).to_have_text("$12")
        await page.get_by_text("Large").click()
        await expect(page.locator("[data-price]")).to_have_text("$15.50")
        await page.get_by_role("button", name="Add to cart").click()
        await expect(page.get_by_role("dialog", name="Your cart")).to_contain_text("Large")


async def test_the_stars_are_chosen_by_keyboard_and_sent(
    served: Served, world: World, browser: Browser
) -> None:
    path = await stocked(world)
    async with visiting(browser, served.url) as dana:
        page = dana.page
        assert (await ask(served.reader, "Dana")).status_code == 200
        await dana.open((await mailed(world))[-1])
        await page.locator("main form button").click()
        await page.wait_for_url("**/me")
        await dana.open(f"{path}/reviews")
        await page.get_by_label("1 star", exact=True).focus()
        for _ in range(3):
            await page.keyboard.press("ArrowRight")
        await page.get_by_label("In your words").fill("Quiet at last.")
        await page.get_by_role("button", name="Send the review").click()
        await expect(page.get_by_text("Others see your review once")).to_be_visible()
        assert (await world.row("select stars from reviews where name = 'Dana'"))["stars"] == 4
        assert await barriers(page) == []


async def test_nothing_keeps_anybody_from_an_order_of_theirs(
    served: Served, world: World, browser: Browser
) -> None:
    await stocked(world)
    key = "Dana-s-order-of-a-muff-24"
    await world.rows("update orders set key = $1 where email like 'dana@%' returning id", key)
    async with visiting(browser, served.url) as dana:
        await ask(served.reader, "Dana")
        await dana.open((await mailed(world))[-1])
        await dana.page.locator("main form button").click()
        await dana.page.wait_for_url("**/me")
        own = f"/me/orders/{key}"
        for at in (f"/o/{key}", "/me", own, f"{own}/receipt"):
            await dana.open(at)
            await expect(dana.page.get_by_text("Wind muff").first).to_be_visible()
            assert await barriers(dana.page) == [], at


async def test_nothing_in_the_shop_keeps_anybody_out(
    served: Served, world: World, browser: Browser
) -> None:
    path = await stocked(world)
    async with visiting(browser, served.url) as somebody:
        for at in ("/shop", "/shop/in/prints", path, f"{path}/reviews", "/"):
            await somebody.open(at)
            assert await barriers(somebody.page) == [], at


async def test_nothing_in_the_studio_s_shop_keeps_anybody_out(
    served: Served, world: World, browser: Browser
) -> None:
    await staff(world)
    await stocked(world)
    await world.product(title="Sticker")
    async with visiting(browser, served.url) as alice:
        page = alice.page
        await alice.open("/studio/sign-in")
        await page.fill("#email", "alice@example.org")
        await page.fill("#password", PASSWORD)
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await page.wait_for_url("**/studio/larkfield")
        for at in ("", "/new", "/1", "/1/2", "/1/new", "/1/products", "/collections", "/codes",
                   "/reviews?state=shown", "/settings", "/shipping", "/embed"):  # fmt: skip
            await alice.open(f"/studio/larkfield/shop{at}")
            assert await barriers(page) == [], at
        order = (await world.row("select min(id) as id from orders"))["id"]
        for at in ("", "?show=send", f"/{order}", f"/{order}/refund"):
            await alice.open(f"/studio/larkfield/orders{at}")
            assert await barriers(page) == [], at
