"""A backer's journey in a real browser, with JavaScript and without."""

import re
from collections.abc import AsyncIterator
from typing import Any
from zlib import crc32

import pytest
from playwright.async_api import Page, expect

from tests.acceptance.browser import Visit
from tests.acceptance.crowd import live_campaign, world_of
from tests.acceptance.processes import Milepost
from tests.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("journey"),
]
both = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
DECLINED, ASKS_FIRST = "4000000000000002", "4000002760003184"


@pytest.fixture(scope="module")
async def world(milepost: Milepost) -> AsyncIterator[World]:
    async with world_of(milepost) as world:
        yield world


@pytest.fixture
async def slug(world: World, request: pytest.FixtureRequest) -> str:
    """A campaign of the test's own: two recorders open its first milestone, five are the goal."""
    name = f"recorder-{crc32(request.node.name.encode())}"
    german = {"de": {"title": "Feldrekorder", "blurb": "Zum Lauschen."}}
    campaign_id = await live_campaign(
        world, name, goal=5, blurb="To listen with.", zone="Europe/Berlin", translations=german
    )
    await world.tier(campaign_id, title="One recorder", price=4500)
    await world.tier(campaign_id, title="Signed print", price=9000, slots=3)
    await world.milestone(
        campaign_id,
        2,
        title="A second microphone",
        text_before="It will hear more.",
        text_after="It hears in stereo.",
        exclusive="The workshop's door code is **4711**.",
    )
    await world.milestone(
        campaign_id, 4, mystery=True, title="The hidden valley", text_after="A map of it."
    )
    return name


def total(page: Page) -> Any:
    """The figure on a campaign's page."""
    return page.locator(".figure-total [data-total]")


@both
async def test_a_pledge_moves_every_open_page_and_opens_the_milestone(
    visit: Visit, slug: str, scripts: bool
) -> None:
    async with visit(scripts=scripts) as dana:
        await dana.open(f"/c/{slug}")
        other = await dana.another_page()
        await other.goto(dana.page.url)
        await expect(total(other)).to_have_text("0")
        if scripts:
            await other.evaluate("window.stayed = true")
        await dana.choose("One recorder", quantity="2", bonus="1.50")
        await expect(dana.page.locator(".total")).to_have_text("$91.50")
        await dana.pay()
        await dana.page.wait_for_url("**/p/*")
        await expect(dana.page.get_by_text("Thank you for walking along.")).to_be_visible()
        reward = dana.page.locator(".reward", has_text="A second microphone")
        await expect(reward).to_contain_text("It hears in stereo.")
        await expect(reward).to_contain_text("The workshop's door code is 4711.")
        await expect(reward).to_contain_text("You have this because everyone who backs")
        if not scripts:
            await other.reload()
        await expect(total(other)).to_have_text("2")
        stop = other.locator(".stop", has_text="A second microphone")
        await expect(stop).to_contain_text("It hears in stereo.")
        await expect(stop).to_contain_text("Reached on")
        await expect(other.get_by_text("The workshop")).to_have_count(0)
        if scripts:
            assert await other.evaluate("window.stayed"), "the page was loaded anew"
            await expect(other.locator("[data-say]")).to_have_text(
                "Milestone reached: A second microphone!"
            )
        await other.close()


@both
async def test_a_declined_card_is_said_and_nothing_moves(
    visit: Visit, slug: str, scripts: bool
) -> None:
    async with visit(scripts=scripts) as eli:
        await eli.open(f"/c/{slug}")
        await eli.choose("One recorder")
        await eli.pay(DECLINED, "Eli")
        await expect(eli.page.get_by_role("alert")).to_contain_text("declined")
        await expect(eli.page.locator("#email")).to_have_value("eli@example.org")
        await expect(eli.page.locator("#name")).to_have_value("Eli")
        payment_page = eli.page.url
        await eli.open(f"/c/{slug}")
        await expect(total(eli.page)).to_have_text("0")
        await eli.page.goto(payment_page)
        await eli.pay(who="Eli")
        await expect(eli.page.get_by_text("Thank you for walking along.")).to_be_visible()


@both
async def test_a_bank_that_asks_first_may_be_told_yes_or_no(
    visit: Visit, slug: str, scripts: bool
) -> None:
    async with visit(scripts=scripts) as dana:
        await dana.open(f"/c/{slug}")
        await dana.choose("One recorder")
        await dana.pay(ASKS_FIRST)
        await dana.page.get_by_role("button", name="Refuse").click()
        await expect(dana.page.get_by_role("alert")).to_contain_text("Nothing has been charged")
        await dana.pay(ASKS_FIRST)
        await dana.page.get_by_role("button", name="Accept").click()
        await expect(dana.page.get_by_text("Thank you for walking along.")).to_be_visible()
        await dana.page.get_by_role("link", name="Field Recorder").first.click()
        await expect(total(dana.page)).to_have_text("1")


@both
async def test_a_slow_bank_is_waited_for_on_the_pledge_s_page(
    visit: Visit, slug: str, scripts: bool, milepost: Milepost
) -> None:
    async with visit(scripts=scripts) as dana:
        await dana.open(f"/c/{slug}")
        await dana.choose("One recorder")
        await expect(dana.page.locator("button.pay")).to_be_visible()
        session = dana.page.url.rpartition("/")[2]
        await dana.page.get_by_label("Bank debit").check()
        for name, value in {
            "email": "dana@example.org",
            "name": "Dana",
            "account": "000123456789",
            "postal_code": "94107",
        }.items():
            await dana.page.locator(f"#{name}").fill(value)
        await dana.page.locator("button.pay").click()
        await dana.page.wait_for_url("**/p/*")
        await expect(dana.page.get_by_text("Your payment is on its way.")).to_be_visible()
        milepost.switch(f"sessions/{session}/settle")
        await expect(dana.page.get_by_text("Thank you for walking along.")).to_be_visible()


@both
async def test_whoever_turns_back_finds_the_form_as_it_was_typed(
    visit: Visit, slug: str, scripts: bool
) -> None:
    async with visit(scripts=scripts) as dana:
        await dana.open(f"/c/{slug}")
        await dana.choose("Signed print", quantity="2", bonus="7.25")
        await dana.page.get_by_role("link", name="Back").click()
        await expect(dana.page.locator(".notice")).to_contain_text("Nothing was charged.")
        chosen = dana.tier("Signed print")
        await expect(chosen.locator('[name="quantity"]')).to_have_value("2")
        await expect(chosen.locator('[name="bonus"]')).to_have_value("7.25")
        await dana.choose("Signed print", quantity="3")
        await expect(dana.page.locator(".total")).to_have_text("$277.25")
        await dana.pay()
        await expect(dana.page.get_by_text("Thank you for walking along.")).to_be_visible()
        await dana.open(f"/c/{slug}")
        await expect(dana.tier("Signed print")).to_contain_text("Sold out")


@both
async def test_a_slip_in_the_form_is_shown_beside_its_field(
    visit: Visit, slug: str, scripts: bool
) -> None:
    async with visit(scripts=scripts) as dana:
        await dana.open(f"/c/{slug}/pledge")
        await dana.choose("One recorder", quantity="2", bonus="12.345")
        bonus = dana.tier("One recorder").locator('[name="bonus"]')
        await expect(bonus).to_have_value("12.345")
        await expect(bonus).to_have_attribute("aria-invalid", "true")
        described = re.compile("“12.345” is not an amount in USD")
        await expect(bonus).to_have_accessible_description(described)


@both
async def test_a_mystery_shows_itself_when_the_crowd_gets_there(
    visit: Visit, slug: str, scripts: bool
) -> None:
    async with visit(scripts=scripts) as dana:
        await dana.open(f"/c/{slug}")
        watched = await dana.another_page()
        await watched.goto(dana.page.url)
        await expect(watched.locator(".is-mystery")).to_contain_text("Something is waiting here")
        assert "hidden valley" not in await watched.content()
        await dana.choose("One recorder", quantity="4")
        await dana.pay()
        await expect(dana.page.locator(".reward", has_text="The hidden valley")).to_be_visible()
        if not scripts:
            await watched.reload()
        await expect(watched.locator(".stop", has_text="The hidden valley")).to_contain_text(
            "A map of it."
        )


@pytest.mark.parametrize("by_browser", [True, False], ids=["by the browser", "in the address"])
async def test_the_whole_way_is_german_for_whoever_asks_for_it(
    visit: Visit, slug: str, by_browser: bool
) -> None:
    locale = "de-AT" if by_browser else "en-GB"
    async with visit(scripts=by_browser, locale=locale) as dana:
        await dana.open(f"/c/{slug}" + ("" if by_browser else "?lang=de"))
        page = dana.page
        await expect(page.locator("html")).to_have_attribute("lang", "de")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Feldrekorder")
        await expect(page.get_by_role("heading", name="Belohnung wählen").first).to_be_visible()
        await dana.choose("Signed print", quantity="7")
        await expect(page.locator("html")).to_have_attribute("lang", "de")
        await dana.choose("Signed print", quantity="1")
        await dana.pay()
        await page.wait_for_url("**/p/*")
        await expect(page.locator("html")).to_have_attribute("lang", "de")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Deine Zusage")
