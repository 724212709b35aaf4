"""From a batch to the number on the backer's page: by keyboard, with scripts and without."""

import pytest
from playwright.async_api import Browser, Page

from tests.acceptance.browser import barriers, visiting
from tests.web.kept import link_of
from tests.web.parcels import HERE, batched, brought, parcel_road
from tests.web.serving import Served
from tests.web.studio import PASSWORD, enter, staff
from tests.world import World

pytestmark = pytest.mark.browser
FOCUSED = """() => {
  const at = document.activeElement;
  const label = at.labels?.[0]?.innerText ?? at.getAttribute("aria-label") ?? at.innerText ?? "";
  return (at.value && at.type === "submit" ? at.value : label).trim();
}"""


async def tab_to(page: Page, words: str) -> None:
    """Press Tab until what these words name has the focus."""
    for _ in range(90):
        await page.keyboard.press("Tab")
        if (await page.evaluate(FOCUSED)).startswith(words):
            return
    raise AssertionError(f"“{words}” can't be reached by keyboard")


async def press(page: Page, words: str, key: str = "Enter") -> None:
    """Go to what these words name, press the key, and wait for the page that it leads to."""
    await tab_to(page, words)
    async with page.expect_navigation():
        await page.keyboard.press(key)


async def sign_in(page: Page) -> None:
    """Carol signs in by password."""
    await tab_to(page, "Mail address")
    await page.keyboard.type("carol@example.org")
    await tab_to(page, "Password")
    await page.keyboard.type(PASSWORD)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_by_keyboard_alone_a_batch_is_packed_and_sent_and_its_backer_sees_the_number(
    served: Served, world: World, browser: Browser, scripts: bool
) -> None:
    await staff(world)
    road = await parcel_road(world, "Dana", "Eli")
    backers_page = await link_of(world, road["Dana"])
    async with visiting(browser, served.url, scripts=scripts) as carol:
        page = carol.page
        await carol.open(f"/studio/sign-in?next={HERE}/fulfilment")
        await sign_in(page)
        await carol.open(f"{HERE}/fulfilment")
        await press(page, "Make a batch")
        await tab_to(page, "Name")
        await page.keyboard.type("First parcels")
        await press(page, "Make the batch")
        assert "The batch is ready" in await page.inner_text("main")
        batch = page.url.split("?")[0].removeprefix(served.url)
        await press(page, "Print packing lists")
        lists = await page.inner_text("main")
        assert lists.count("1 Larch Lane") == 2 and "Wind muff" in lists
        await page.emulate_media(media="print")
        assert not await page.locator(".rail, .tabs").first.is_visible()
        await page.emulate_media(media="screen")
        await carol.open(batch)
        await press(page, "Bring tracking numbers in")
        await tab_to(page, "Or paste the lines")
        await page.keyboard.type(f"{road['Dana']};00340434\n4711;1\n{road['Eli']};00340435")
        await tab_to(page, "Carrier")
        await page.keyboard.type("DHL")
        await press(page, "Look through it")
        looked = await page.inner_text("main")
        assert "There is no pledge with this number." in looked and "4711;1" in looked
        await press(page, "Send 2 good lines")
        assert "2 boxes are marked as sent" in await page.inner_text("main")
        await carol.open(backers_page)
        link = page.get_by_role("link", name="00340434").first
        assert (await link.get_attribute("href") or "").startswith("https://www.dhl.com/")


async def test_every_reader_can_use_each_page_of_fulfilment(
    served: Served, world: World, browser: Browser
) -> None:
    """B16."""
    await staff(world)
    road = await parcel_road(world, "Dana", "Eli")
    await enter(served.reader, "Alice")
    await batched(served.reader, road)
    await brought(served.reader, f"pledge,carrier,tracking\n{road['Dana']},DHL,1\n4711,DHL,2\n")
    paths = [
        "/pledges", f"/pledges/{road['Dana']}", f"/pledges/{road['Dana']}/refund", "/disputes",
        "/fulfilment", f"/fulfilment/parcels?of={road['milestone']}", "/fulfilment/batches/new",
        "/fulfilment/batches/1", "/fulfilment/batches/1/packing",
        "/fulfilment/batches/1/dissolve", "/fulfilment/tracking", "/fulfilment/tracking/1",
        "/fulfilment/questions", "/fulfilment/lock",
    ]  # fmt: skip
    async with visiting(browser, served.url) as alice:
        page, wrong = alice.page, []
        await alice.open("/studio/sign-in")
        await page.fill("#email", "alice@example.org")
        await page.fill("#password", PASSWORD)
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await page.wait_for_url("**/studio/larkfield")
        for path in paths:
            await alice.open(HERE + path)
            wrong += await barriers(page)
    assert wrong == []
