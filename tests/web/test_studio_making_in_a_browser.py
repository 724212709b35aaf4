"""From nothing to a live campaign in a real browser: by keyboard alone, without scripts, killed."""

from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.acceptance.browser import barriers, visiting
from tests.web.serving import Served
from tests.web.studio import PASSWORD, staff
from tests.world import World

pytestmark = pytest.mark.browser
HOME = "/studio/larkfield/campaigns/field-recorder"


async def sign_in(visitor: Any, who: str = "alice") -> None:
    await visitor.open("/studio/sign-in")
    await visitor.page.fill("#email", f"{who}@example.org")
    await visitor.page.fill("#password", PASSWORD)
    await visitor.page.keyboard.press("Enter")
    await visitor.page.wait_for_url("**/studio/larkfield")


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on what is called so; a keyboard can do no more."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        if await page.evaluate(_FOCUSED) == name:
            return
    raise AssertionError(f"Tab never comes to {name!r} on {page.url}")


_FOCUSED = """() => {
  const own = document.activeElement;
  const label = own.labels?.[0];
  const strong = label?.querySelector("strong");
  return (strong ?? label ?? own).textContent.trim();
}"""


async def press(page: Page, name: str) -> None:
    """Go to a link or a button and press Enter."""
    await tab_to(page, name)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def write(page: Page, name: str, text: str) -> None:
    """Go to a field and write into it."""
    await tab_to(page, name)
    await page.keyboard.type(text)


async def begin(page: Page, text: str) -> None:
    """Write into the first field, which has the focus as soon as the page is drawn."""
    await expect(page.locator("[autofocus]")).to_be_focused()
    await page.keyboard.type(text)


async def choose(page: Page, name: str) -> None:
    """Go to a group of choices and take this one."""
    for _ in range(80):
        if await page.evaluate(_FOCUSED) == name:
            break
        is_radio = await page.evaluate("() => document.activeElement.type === 'radio'")
        await page.keyboard.press("ArrowDown" if is_radio else "Tab")
    else:
        raise AssertionError(f"no choice called {name!r} on {page.url}")
    await page.keyboard.press("Space")


async def make_it_live(page: Page) -> None:
    """What a creator does between an empty store and a campaign that takes pledges."""
    await press(page, "New campaign")
    await begin(page, "Field Recorder")
    await choose(page, "Money")
    await write(page, "Goal", "10000")
    await choose(page, "All or nothing")
    await press(page, "Make the draft")
    await write(page, "In one sentence", "A recorder that hears grass grow.")
    await write(page, "The story", "# Quiet\n\nWe have built **three** of them.")
    await press(page, "Save")
    await press(page, "Rewards")
    await press(page, "Add a reward")
    await begin(page, "One recorder")
    await write(page, "Price", "120")
    await press(page, "Save")
    await press(page, "Preview and launch")
    await choose(page, "At once")
    await press(page, "Publish the campaign")


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_campaign_goes_from_nothing_to_live_by_keyboard_alone(
    served: Served, world: World, browser: Browser, scripts: bool
) -> None:
    await staff(world)
    async with visiting(browser, served.url, scripts=scripts) as alice:
        await sign_in(alice)
        await make_it_live(alice.page)
        await alice.open("/c/field-recorder")
        text = await alice.page.inner_text("main")
        assert "A recorder that hears grass grow." in text and "One recorder" in text
    row = await world.row("select * from campaigns")
    assert (row["published"], row["goal"], row["basis"]) == (True, 1_000_000, "money")
    assert [r["kind"] for r in await world.rows("select kind from promises")] == ["begun"]


async def a_draft(world: World) -> None:
    await staff(world)
    await world.campaign(slug="field-recorder", published=False, story="Saved words.")


async def test_text_that_was_typed_when_the_browser_was_killed_is_there_again(
    served: Served, world: World, browser: Browser
) -> None:
    await a_draft(world)
    async with visiting(browser, served.url) as alice:
        await sign_in(alice)
        await alice.open(f"{HOME}/edit")
        await alice.page.fill("#story", "Words that nobody has saved.")
        await expect(alice.page.locator("[data-keep-status]")).to_contain_text("Kept at")
        cookies = await alice.context.cookies()
    async with visiting(browser, served.url) as again:  # another browser: the server has it
        await again.context.add_cookies(cookies)
        await again.open(f"{HOME}/edit")
        assert await again.page.input_value("#story") == "Words that nobody has saved."
        await expect(again.page.get_by_text("have not saved it")).to_be_visible()
        await again.page.get_by_role("button", name="Save", exact=True).click()
        await expect(again.page.get_by_text("Saved.", exact=True)).to_be_visible()
    assert (await world.row("select story from campaigns"))["story"].startswith("Words that")


async def test_text_that_could_not_be_sent_is_kept_in_the_browser_and_sent_later(
    served: Served, world: World, browser: Browser
) -> None:
    await a_draft(world)
    async with visiting(browser, served.url) as alice:
        await sign_in(alice)
        await alice.open(f"{HOME}/edit")
        await alice.context.clear_cookies()  # the sitting ended while she was typing
        await alice.page.fill("#story", "Typed in a tunnel.")
        status = alice.page.locator("[data-keep-status]")
        await expect(status).to_contain_text("kept in this browser")
        assert not await world.rows("select from unsaved")
        await sign_in(alice)
        await alice.open(f"{HOME}/edit")
        await expect(alice.page.locator("#story")).to_have_value("Typed in a tunnel.")
        await expect(status).to_contain_text("Kept at")
    assert (await world.row("select typed from unsaved"))["typed"]["story"] == "Typed in a tunnel."


async def test_the_story_is_previewed_as_it_is_typed(
    served: Served, world: World, browser: Browser
) -> None:
    await a_draft(world)
    async with visiting(browser, served.url) as alice:
        await sign_in(alice)
        await alice.open(f"{HOME}/edit")
        await alice.page.get_by_role("button", name="Preview the story").click()
        await alice.page.fill("#story", "It **hears**.")
        await expect(alice.page.locator("[data-prose-shown] strong")).to_have_text("hears")


async def test_every_part_of_the_editor_can_be_used_by_every_reader(
    served: Served, world: World, browser: Browser
) -> None:
    await a_draft(world)
    campaign = (await world.row("select id from campaigns"))["id"]
    tier = await world.tier(campaign, ships=True)
    await world.zone(campaign, {tier: (500, 200)})
    async with visiting(browser, served.url) as alice:
        await sign_in(alice)
        wrong: list[str] = []
        paths = [f"{HOME}/edit{part}" for part in ("", "/rewards", "/rewards/new", "/shipping")]
        paths += [f"{HOME}/edit{part}" for part in ("/shipping/new", "/money", "/languages/de")]
        paths += [f"{HOME}/launch", "/studio/larkfield/brand", "/studio/larkfield/campaigns/new"]
        for path in paths:
            await alice.open(path)
            wrong += await barriers(alice.page)
    assert wrong == []
