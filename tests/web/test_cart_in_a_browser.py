"""The cart in a real browser: the bar runs and falls back, the drawer opens, other tabs follow."""

import re
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from milepost.storage.database import unit
from tests.acceptance.browser import Visitor, barriers, visiting
from tests.carts import campaign, step
from tests.shop import Listed, listing
from tests.web.elsewhere import another_site
from tests.web.serving import Served
from tests.world import World

MOVED = """
window.moved = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.moved += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


async def tiers(world: World, layout: str, **design: Any) -> tuple[Listed, Listed, list[int]]:
    """A muff at $19, a pin to give, and the tiers: 10 % at $30, shipping at $50, the pin at $90."""
    muff = await listing(world, title="Wind muff")
    pin = await listing(world, title="Enamel pin", stock=5)
    made = await campaign(
        world,
        step("percent", percent=1000, USD=3000),
        step("shipping", USD=5000),
        step("gift", product=pin.product, USD=9000),
        design={"layout": layout} | design,
    )
    return muff, pin, made


async def put(visitor: Visitor, product: int, quantity: int = 1) -> None:
    """The product lies in the visitor's cart, and its page is open."""
    await visitor.open("/cart")
    await visitor.page.evaluate(
        """([product, quantity]) => fetch("/cart/change", { method: "POST",
             headers: { accept: "application/json" },
             body: new URLSearchParams({ do: "add", product, quantity }) })""",
        [product, quantity],
    )
    await visitor.open("/cart")


async def on_a_shop_page(visitor: Visitor, product: int) -> None:
    """A page in the shop's frame with the form that puts the product into the cart."""
    answer = await visitor.context.request.get(f"{visitor.home}/cart")
    form = (
        f'<form method="post" action="/cart/change"><input type="hidden" name="do" value="add">'
        f'<input type="hidden" name="product" value="{product}"><button>Put it in</button></form>'
    )
    html = re.sub(r"<h1>.*?</main>", f"<h1>A muff</h1>{form}</div></main>", await answer.text(),
                  flags=re.DOTALL)  # fmt: skip

    async def fulfil(route: Any) -> None:
        await route.fulfill(body=html, content_type="text/html")

    await visitor.context.route("**/a-shop-page", fulfil)
    await visitor.page.goto(f"{visitor.home}/a-shop-page")


def more(page: Page) -> Locator:
    return page.get_by_role("button", name="One more of Wind muff")


def less(page: Page) -> Locator:
    return page.get_by_role("button", name="One fewer of Wind muff")


in_each_layout = pytest.mark.parametrize("layout", ["classic", "segmented", "single"])


@in_each_layout
async def test_the_bar_fills_crosses_celebrates_once_and_runs_back(
    served: Served, world: World, browser: Browser, layout: str
) -> None:
    """S24, S34, S37."""
    muff, _, _ = await tiers(world, layout, done="replace")
    async with visiting(browser, served.url) as dana:
        page = dana.page
        await page.add_init_script(MOVED)
        await put(dana, muff.product)
        message = page.locator(".bar-message")
        await expect(message).to_have_text("Add $11 for 10% off")
        assert await page.locator(".bar-burst").count() == 0
        await more(page).click()
        await expect(page.locator(".bar-burst")).to_be_attached()
        await expect(message).to_have_text("Add $12 for free shipping")
        await expect(more(page)).to_be_focused()
        await expect(page.locator("body > [data-cart-said]")).to_contain_text("unlocked 10% off")
        if layout != "single":
            await expect(page.locator(".bar-tier.is-reached")).to_have_count(1)
        await expect(page.locator(".bar-burst")).to_have_count(0)
        await more(page).click()
        await expect(message).to_have_text("Add $33 for Enamel pin, free")
        await less(page).click()
        await expect(message).to_have_text("Add $12 for free shipping")
        await less(page).click()
        await expect(message).to_have_text("Add $11 for 10% off")
        await expect(page.locator(".is-reached")).to_have_count(0)
        await expect(page.locator("body > [data-cart-said]")).to_contain_text("taken back")
        full = await page.locator("[data-fill]").first.get_attribute("width")
        assert full == {"classic": "21.11%", "segmented": "63.33%", "single": "63.33%"}[layout]
        assert await page.evaluate("moved") < 0.02
        assert await barriers(page) == []


@in_each_layout
async def test_the_drawer_opens_keeps_the_focus_and_other_tabs_follow(
    served: Served, world: World, browser: Browser, layout: str
) -> None:
    muff, _, _ = await tiers(world, layout)
    async with visiting(browser, served.url) as dana:
        page = dana.page
        await page.add_init_script(MOVED)
        await on_a_shop_page(dana, muff.product)
        put_in = page.get_by_role("button", name="Put it in")
        await put_in.click()
        drawer = page.get_by_role("dialog", name="Your cart")
        await expect(drawer).to_be_visible()
        await expect(drawer.locator(".bar-message")).to_have_text("Add $11 for 10% off")
        await expect(drawer.locator("[data-cart-said]")).to_contain_text("comes to $19")
        await expect(page.locator(".cart-count")).to_have_text("1")
        assert await page.evaluate("document.activeElement.closest('dialog') !== null")
        await more(page).press("Enter")
        await expect(drawer.locator(".cart-total dd")).to_have_text("$34.20")
        await expect(more(page)).to_be_focused()
        other = await dana.another_page()
        await other.goto(f"{served.url}/cart")
        await expect(other.locator(".cart-total dd")).to_have_text("$34.20")
        await less(page).click()
        await expect(other.locator(".cart-total dd")).to_have_text("$19.00")
        await other.get_by_role("button", name="Remove Wind muff").click()
        await expect(drawer.get_by_text("Your cart is empty.")).to_be_visible()
        await expect(page.locator(".cart-count")).to_be_hidden()
        await page.keyboard.press("Escape")
        await expect(drawer).to_be_hidden()
        await expect(put_in).to_be_focused()
        assert await page.evaluate("moved") < 0.02
        await put_in.click()
        await expect(drawer).to_be_visible()
        assert await barriers(page) == []


@in_each_layout
async def test_a_gift_is_declined_wanted_and_sold_out_while_somebody_shops(
    served: Served, world: World, browser: Browser, layout: str
) -> None:
    """K7."""
    muff, pin, _ = await tiers(world, layout)
    async with visiting(browser, served.url) as dana:
        page = dana.page
        await put(dana, muff.product, 5)
        gift = page.locator(".cart-gift")
        await gift.get_by_role("button", name="No, thanks").click()
        await expect(gift).to_contain_text("You said no to this gift.")
        await expect(gift.get_by_role("button")).to_be_focused()
        await gift.get_by_role("button", name="Add it after all").click()
        await expect(gift).to_contain_text("Free")
        async with unit(world.database) as db:
            await db.execute("update products set stock = 0 where id = $1", pin.product)
        await more(page).click()
        await expect(gift).to_contain_text("This gift is sold out.")
        await expect(page.locator(".bar-note")).to_have_text(
            "Enamel pin, free: the gift is sold out."
        )
        field = page.get_by_label("How many of Wind muff")
        await field.fill("4")
        await field.press("Tab")
        await expect(gift).to_have_count(0)
        await field.fill("0")
        await field.press("Enter")
        await expect(page.get_by_text("Your cart is empty.").first).to_be_visible()


@in_each_layout
async def test_without_a_script_the_buttons_do_the_same(
    served: Served, world: World, browser: Browser, layout: str
) -> None:
    """B16."""
    muff, _, _ = await tiers(world, layout)
    async with visiting(browser, served.url, scripts=False) as dana:
        page = dana.page
        await on_a_shop_page(dana, muff.product)
        await page.get_by_role("button", name="Put it in").click()
        await expect(page.locator(".bar-message")).to_have_text("Add $11 for 10% off")
        await more(page).click()
        await expect(page.locator(".cart-total dd")).to_have_text("$34.20")
        await page.get_by_label("How many of Wind muff").fill("5")
        await page.get_by_label("How many of Wind muff").press("Enter")
        await expect(page.locator(".bar-message")).to_have_text("Every reward is yours")
        await page.get_by_role("button", name="Remove Wind muff").click()
        await expect(page.get_by_text("Your cart is empty.")).to_be_visible()


async def test_the_element_shows_the_cart_on_another_site_and_checks_out_here(
    served: Served, world: World, browser: Browser
) -> None:
    """S22 for any other site, under a policy as strict as ours."""
    muff, _, _ = await tiers(world, "classic", colour="#aa3355")
    html = (
        '<!doctype html><html lang="en"><title>Blog</title>'
        f'<script src="{served.url}/embed/cart.js" async></script><milepost-cart></milepost-cart>'
        f'<button data-milepost-add="{muff.product}" data-quantity="2">Take two</button>'
    )
    policy = f"default-src 'none'; script-src {served.url}; connect-src {served.url}"
    async with another_site(html, policy) as blog, visiting(browser, served.url) as dana:
        async with unit(world.database) as db:
            await db.execute("update stores set embed_origins = $1", [blog])
        page = dana.page
        await page.goto(f"{blog}/post")
        element = page.locator("milepost-cart")
        await expect(element.get_by_text("Your cart is empty.").first).to_be_visible()
        await page.get_by_role("button", name="Take two").click()
        await expect(element.locator(".bar-message")).to_have_text("Add $12 for free shipping")
        await more(page).click()
        await expect(element.locator(".cart-total dd")).to_have_text("$51.30")
        colours = await element.evaluate(
            "e => getComputedStyle(e.shadowRoot.querySelector('.bar-fill')).fill"
        )
        assert colours != "rgb(0, 0, 0)"
        await page.reload()
        await expect(element.locator(".cart-total dd")).to_have_text("$51.30")
        await element.get_by_role("button", name="Check out").click()
        await expect(page).to_have_url(f"{served.url}/cart")
        await expect(page.locator(".cart-total dd")).to_have_text("$51.30")


async def test_a_click_whose_answer_is_lost_on_the_way_is_sent_again_and_counts_once(
    served: Served, world: World, browser: Browser
) -> None:
    muff = await listing(world)
    html = (
        '<!doctype html><html lang="en"><title>Blog</title>'
        f'<script src="{served.url}/embed/cart.js" async></script><milepost-cart></milepost-cart>'
        f'<button data-milepost-add="{muff.product}">Take it</button>'
    )
    policy = f"default-src 'none'; script-src {served.url}; connect-src {served.url}"
    heard: list[str] = []

    async def lose(route: Route) -> None:
        heard.append(route.request.headers["idempotency-key"])
        await route.fetch()  # the shop has heard it
        await route.abort()

    async with another_site(html, policy) as blog, visiting(browser, served.url) as dana:
        async with unit(world.database) as db:
            await db.execute("update stores set embed_origins = $1", [blog])
        page = dana.page
        await page.goto(f"{blog}/post")
        quantity = page.locator("milepost-cart .cart-quantity input[type=number]")
        await page.get_by_role("button", name="Take it").click()
        await expect(quantity).to_have_value("1")
        await page.route("**/api/v1/cart/changes*", lose, times=1)
        await page.get_by_role("button", name="Take it").click()
        await expect(quantity).to_have_value("2")
        assert len(heard) == len(dana.troubles) == 1
        dana.troubles.clear()  # the browser says which answer it never got
    (cart,) = await world.rows("select lines from carts")
    assert cart["lines"][0]["quantity"] == 2
