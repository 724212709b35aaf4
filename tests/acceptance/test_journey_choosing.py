"""Add-ons and shipping in a real browser, with JavaScript and without: the sum is the sum."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zlib import crc32

import pytest
from playwright.async_api import Locator, expect

from milepost.domain.shipping import Fee
from milepost.services.preparing import NewZone, create_zone
from milepost.storage.database import unit
from tests.acceptance.browser import Visit, Visitor, barriers
from tests.acceptance.crowd import live_campaign, world_of
from tests.acceptance.processes import Milepost
from tests.waiting import until
from tests.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("choosing"),
]
both = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])


@pytest.fixture(scope="module")
async def world(milepost: Milepost) -> AsyncIterator[World]:
    async with world_of(milepost) as world:
        yield world


@pytest.fixture
async def slug(world: World, request: pytest.FixtureRequest) -> str:
    """A book that is sent out, pages that are not, a lamp and a print; for one test alone."""
    name = f"atlas-{crc32(request.node.name.encode())}"
    campaign_id = await live_campaign(world, name, basis="money", currency="EUR", goal=100_000)
    book = await world.tier(campaign_id, title="The book", price=4500, ships=True)
    await world.tier(campaign_id, title="The pages", price=1200)
    addon = {"kind": "addon", "units": 0}
    lamp = await world.tier(campaign_id, title="Red lamp", price=900, most=2, ships=True, **addon)
    await world.tier(campaign_id, title="Signed print", price=2050, slots=3, **addon)
    near = {book: Fee(900, 300), lamp: Fee(500, 100)}
    async with unit(world.database) as db:
        await create_zone(db, campaign_id, NewZone("Europe", ("AT", "DE"), near))
        await create_zone(db, campaign_id, NewZone("Elsewhere", (), {book: Fee(1600, 600)}))
    return name


async def opened(visitor: Visitor, title: str) -> Locator:
    """The form of that reward, open."""
    tier = visitor.page.locator("li.tier", has=visitor.page.get_by_role("heading", name=title))
    await tier.locator("summary").click()
    return tier.locator("form")


@both
async def test_the_sum_on_the_button_is_the_one_on_the_payment_page(
    visit: Visit, slug: str, scripts: bool
) -> None:
    async with visit(scripts=scripts) as dana:
        await dana.open(f"/c/{slug}")
        form = await opened(dana, "The book")
        button = form.get_by_role("button")
        await form.get_by_label("How many").fill("2")
        await form.get_by_label("Red lamp").fill("1")
        await form.get_by_label("Signed print").fill("1")
        await form.get_by_label("Bonus on top").fill("1,50")
        if scripts:
            await expect(button).to_have_text("Pledge for this reward")
        await form.get_by_label("Send it to").select_option("Austria")
        if scripts:
            await expect(button).to_have_text("Pledge €134")
            await expect(form.get_by_text("Shipping: €13")).to_be_visible()
        await button.click()
        await expect(dana.page.locator(".total")).to_have_text("€134.00")
        await expect(dana.page.get_by_text("Shipping: Austria")).to_be_visible()
        await dana.pay()
        await dana.page.wait_for_url("**/p/*")
        receipt = dana.page.locator(".lines")
        await expect(receipt).to_contain_text("Shipping: Austria")
        await expect(receipt).to_contain_text("€134.00")

        async def counted() -> bool:
            await dana.open(f"/c/{slug}")  # without scripts it stays as it was read
            total = dana.page.locator(".figure-total [data-total]")
            return await total.text_content() == "€121"

        await until(counted)


@both
async def test_what_is_not_sent_there_is_said_and_nothing_typed_is_lost(
    visit: Visit, slug: str, scripts: bool
) -> None:
    async with visit(scripts=scripts) as eli:
        await eli.open(f"/c/{slug}")
        form = await opened(eli, "The book")
        await form.get_by_label("Red lamp").fill("2")
        await form.get_by_label("Send it to").select_option("JP")
        await form.get_by_role("button").click()
        alert = eli.page.get_by_role("alert")
        await expect(alert).to_contain_text("We can't ship “Red lamp” to Japan.")
        form = eli.page.locator("details[open] form")
        await expect(form.get_by_label("Red lamp")).to_have_value("2")
        await expect(form.get_by_label("Send it to")).to_have_value("JP")
        await form.get_by_label("Send it to").select_option("DE")
        await form.get_by_role("button").click()
        await expect(eli.page.locator(".total")).to_have_text("€74.00")


async def test_a_country_is_asked_for_only_when_something_is_sent(visit: Visit, slug: str) -> None:
    async with visit() as dana:
        await dana.open(f"/c/{slug}")
        form = await opened(dana, "The pages")
        country, button = form.get_by_label("Send it to"), form.get_by_role("button")
        await expect(country).to_be_hidden()
        await expect(button).to_have_text("Pledge €12")
        await form.get_by_label("Red lamp").fill("1")
        await expect(country).to_be_visible()
        await expect(button).to_have_text("Pledge for this reward")
        await country.select_option("DE")
        await expect(button).to_have_text("Pledge €26")
        await form.get_by_label("Red lamp").fill("0")
        await expect(country).to_be_hidden()
        await expect(button).to_have_text("Pledge €12")


async def test_an_open_page_says_how_many_add_ons_are_left(visit: Visit, slug: str) -> None:
    async with visit() as dana, visit() as eli:
        await eli.open(f"/c/{slug}")
        theirs = await opened(eli, "No reward")
        addon = theirs.locator(".addon", has_text="Signed print")
        await expect(addon).to_contain_text("3 left")
        await dana.open(f"/c/{slug}")
        form = await opened(dana, "The pages")
        await form.get_by_label("Signed print").fill("3")
        await form.get_by_role("button").click()
        await expect(dana.page.locator(".total")).to_have_text("€73.50")
        await expect(addon).to_contain_text("Sold out")
        await expect(addon.get_by_role("spinbutton")).to_be_disabled()


async def test_a_reward_that_opens_while_somebody_reads_gets_its_form(
    visit: Visit, world: World
) -> None:
    campaign_id = await live_campaign(world, "opens-soon")
    soon = datetime.now(UTC) + timedelta(seconds=4)
    await world.tier(campaign_id, title="Later bird", opens_at=soon)
    async with visit() as dana:
        await dana.open("/c/opens-soon")
        tier = dana.tier("Later bird")
        await expect(tier).to_contain_text("Opens on")
        await expect(tier.locator("form")).to_have_count(0)
        await expect(tier.locator("form")).to_have_count(1)
        await expect(tier).not_to_contain_text("Opens on")


async def test_the_open_form_has_no_barrier_and_a_keyboard_is_enough(
    visit: Visit, slug: str
) -> None:
    async with visit(reduced_motion="reduce") as dana:
        await dana.open(f"/c/{slug}")
        form = await opened(dana, "The book")
        assert await barriers(dana.page) == []
        press, words = dana.page.keyboard.press, dana.page.keyboard.type
        await form.get_by_label("How many").focus()
        await press("Tab")
        await words("1")
        await press("Tab")
        await words("1")
        await press("Tab")
        await press("Tab")
        await words("Ger")
        await press("Tab")
        await expect(dana.page.locator("button:focus")).to_have_text("Pledge €65")
        await press("Enter")
        await expect(dana.page.locator(".total")).to_have_text("€65.00")
