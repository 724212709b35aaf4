"""The backer's own pages in a real browser: by keyboard, without JavaScript, for every reader."""

import pytest
from playwright.async_api import Browser, Page

from milepost.domain.lines import Line
from milepost.services.surveying import NewQuestion, ask
from milepost.storage.database import unit
from tests.acceptance.browser import LOOKS, LOOKS_OF_WORDS, Look, barriers, visiting
from tests.web.me import atlas_of, key_of, mailed, shipped_campaign
from tests.web.serving import Served
from tests.world import World

INSIDE = ("", "/receipt", "/address", "/answers", "/change", "/cancel")


@pytest.fixture
async def keys(world: World) -> list[str]:
    """Dana's pledges: one that is paid, sent and asked about, one whose card was declined."""
    campaign_id, tier_id = await shipped_campaign(world)
    await world.milestone(campaign_id, 1, codes=("A-CODE",), exclusive="For her.")
    await world.milestone(campaign_id, 9000)
    _, atlas = await atlas_of(world, campaign_id, tier_id, "Dana")
    async with unit(world.database) as db:
        questions = [NewQuestion("Which?", "choice", ("Moss", "Sand")), NewQuestion("What name?")]
        await ask(db, campaign_id, questions, world.now)
    saving = await world.campaign(slug="saving", funding_model="all_or_nothing")
    late = await world.pledged(saving, "Dana", Line("own_amount", "", 1, 4500, 1))
    await world.rows("update pledges set state = 'past_due', paid = '{}' where id = $1"
                     " returning id", late)  # fmt: skip
    return [atlas, await key_of(world, late)]


async def press_on(page: Page, text: str) -> None:
    """Go on with the Tab key until the focus is on what says so, and press Enter."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        said = await page.evaluate("document.activeElement.innerText ?? ''")
        if said.strip() == text:
            async with page.expect_navigation():
                await page.keyboard.press("Enter")
            return
    raise AssertionError(f"the keyboard never came to “{text}”")


async def type_into(page: Page, name: str, text: str) -> None:
    """Go on with the Tab key until the focus is in that field, and type."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.name ?? ''") == name:
            await page.keyboard.type(text)
            return
    raise AssertionError(f"the keyboard never came to {name}")


async def test_without_javascript_and_mouse_somebody_signs_in_answers_and_signs_out(
    served: Served, world: World, browser: Browser, keys: list[str]
) -> None:
    """B16."""
    async with visiting(browser, served.url, scripts=False) as dana:
        page = dana.page
        await dana.open("/me")
        await type_into(page, "email", "dana@example.org")
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        assert await page.locator("h1").inner_text() == "Look into your mail"
        await dana.open((await mailed(world))[0])
        await press_on(page, "Sign in as dana@example.org")
        await press_on(page, "Say where to send it")
        for name, typed in (("line1", "5 Elm Road"), ("postal_code", "10115"), ("city", "Berlin")):
            await type_into(page, name, typed)
        await press_on(page, "Save the address")
        assert "Your address is saved." in await page.inner_text("main")
        await press_on(page, "Answer the questions")
        for _ in range(60):
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement.type") == "radio":
                break
        await page.keyboard.press("Space")
        await type_into(page, "q-2", "Dana")
        await press_on(page, "Save the answers")
        assert "Moss" in await page.inner_text("main")
        await press_on(page, "Sign out")
        assert await page.locator("h1").inner_text() == "You are signed out"
    rows = await world.rows("select answer from answers order by question_id")
    assert [row["answer"] for row in rows] == ["Moss", "Dana"]


async def test_every_page_can_be_read_by_everybody(
    served: Served,
    world: World,
    browser: Browser,
    keys: list[str],
    subtests: pytest.Subtests,
) -> None:
    """B16: no fault that axe knows, nothing wider than the screen."""
    atlas, late = keys
    async with visiting(
        browser,
        served.url,
    ) as dana:
        await dana.open("/me/sign-in")
        await look_at(dana.page, "/me/sign-in", subtests)
        await dana.page.fill("#email", "dana@example.org")
        await dana.page.click("text=Mail me a link")
        await dana.open((await mailed(world))[-1])
        await look_at(dana.page, "the link", subtests)
        await dana.page.click("text=Sign in as")
        own = [f"/me/pledges/{atlas}{path}" for path in INSIDE]
        for path in ["/me", *own, f"/me/pledges/{late}", f"/me/pledges/{late}/pay", "/me/erase"]:
            await dana.open(f"{path}?lang=en")
            await look_at(dana.page, f"{path} en", subtests)
            await dana.open(f"{path}?lang=de")
            await look_at(dana.page, f"{path} de", subtests, LOOKS_OF_WORDS)


async def look_at(
    page: Page, what: str, subtests: pytest.Subtests, looks: tuple[Look, ...] = LOOKS
) -> None:
    """The page as it is open."""
    with subtests.test(what):
        assert await barriers(page, looks) == []
