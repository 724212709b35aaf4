"""Store credit and a gift in a real browser: the switch, the gift kept for later, with and without
a script."""

import pytest
from playwright.async_api import Browser, expect

from tests.acceptance.browser import barriers, visiting
from tests.earned import credit, earns
from tests.loyalty import open_programs
from tests.shop import listing
from tests.shopping import Shopper
from tests.web.serving import Served
from tests.world import World


@pytest.mark.parametrize("scripts", [True, False])
async def test_the_switch_pays_with_credit_or_not_and_a_gift_waits_or_comes(
    world: World, served: Served, browser: Browser, scripts: bool
) -> None:
    await credit(world, "Dana", 1200)
    mug = await listing(world, title="Mug", ships=False)
    await earns(await open_programs(world), "Dana", "gift", [mug.product])
    dana = Shopper(world, served.reader)
    await dana.put((await listing(world, ships=False)).product)
    await dana.sign_in()
    known = {"milepost_cart": dana.token, "milepost-visit": dana.visit}
    async with visiting(browser, served.url, scripts=scripts) as visitor:
        await visitor.context.add_cookies(
            [{"name": name, "value": value, "url": served.url} for name, value in known.items()]
        )
        page = visitor.page
        await visitor.open("/cart")
        switch = page.get_by_role("switch", name="Use $12.00 of your store credit")
        total = page.locator(".cart-total dd")
        await expect(switch).to_be_checked()
        await expect(total).to_have_text("$7.00")
        if scripts:
            assert await barriers(page) == []
        await switch.focus()
        await page.keyboard.press("Space")
        if scripts:
            await expect(total).to_have_text("$19.00")
            await expect(switch).to_be_focused()
            said = page.locator("body > [data-cart-said]")
            await expect(said).to_contain_text("Your cart comes to $19.")
        else:
            await page.get_by_role("button", name="Apply").click()
            await expect(total).to_have_text("$19.00")
        await expect(switch).not_to_be_checked()
        await page.get_by_role("button", name="Keep it for later").click()
        await expect(page.get_by_text("It comes with a later order.")).to_be_visible()
        await page.get_by_role("button", name="Send it with this order").click()
        await expect(page.get_by_text("It comes with a later order.")).to_have_count(0)
