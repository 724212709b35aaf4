"""Updates and comments in a real browser: with scripts and without, and for every reader."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from milepost.services.moderating import answer_comment
from tests.acceptance.browser import barriers, visiting
from tests.waiting import until
from tests.web.me import mailed
from tests.web.serving import Served
from tests.web.studio import PASSWORD, log_of, staff
from tests.web.talk import alice_at, asked, drafted, published, said
from tests.world import World

pytestmark = pytest.mark.browser
HOME = "/studio/larkfield/campaigns/recorder/updates"
both = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])


@pytest.fixture
async def campaign_id(world: World) -> int:
    """The recorder, which Dana backs; its first milestone is open."""
    campaign_id = await world.campaign(slug="recorder", goal=500)
    await staff(world)
    await world.milestone(campaign_id, 1, title="Wind muff", text_after="One for **each**.")
    await world.pledged(campaign_id, "Dana")
    return campaign_id


async def enter(page: Page) -> None:
    """Alice signs in by password."""
    await page.fill("#email", "alice@example.org")
    await page.fill("#password", PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def sign_in(page: Page, world: World, home: str) -> None:
    """Dana types her address where she is asked to, and presses the button in her mail."""
    await page.fill("#email", "dana@example.org")
    await page.get_by_role("button", name="Mail me a link").click()
    await expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    await page.goto(home + (await mailed(world))[-1])
    await page.get_by_role("button", name="Sign in").click()


@both
async def test_an_update_about_a_milestone_goes_out_and_is_talked_about(
    served: Served, world: World, browser: Browser, campaign_id: int, scripts: bool
) -> None:
    async with (
        visiting(browser, served.url, scripts=scripts) as alice,
        visiting(browser, served.url, scripts=scripts) as dana,
    ):
        page = alice.page
        await alice.open(f"/studio/sign-in?next={HOME}")
        await enter(page)
        await page.get_by_role("link", name="Draft an update Wind muff").click()
        await expect(page.get_by_label("Title").first).to_have_value("“Wind muff” is open")
        await page.get_by_label("Text").first.fill("It **keeps** the wind out.")
        await page.get_by_role("radio", name=re.compile("Backers only")).check()
        await page.get_by_role("button", name="Preview").click()
        await expect(page.locator(".preview strong")).to_have_text("keeps")
        await page.get_by_role("button", name="Go on to publishing").click()
        await expect(page.get_by_text("1 backer gets it by mail")).to_be_visible()
        await page.get_by_role("button", name="Publish the update").click()
        await expect(page.get_by_text("The update is out.")).to_be_visible()

        page = dana.page
        await dana.open("/c/recorder")
        await page.get_by_role("link", name="“Wind muff” is open").click()
        assert "wind out" not in await page.content()
        await page.get_by_role("main").get_by_role("link", name="Sign in", exact=True).click()
        await sign_in(page, world, served.url)
        await expect(page.locator(".story strong")).to_have_text("keeps")
        await page.get_by_label("Your comment").fill("Does it fit in a pocket?")
        await page.get_by_label("Name that others see").fill("Dana")
        await page.get_by_role("button", name="Send the comment").click()
        await expect(page.get_by_text("Others see your comment once")).to_be_visible()

        page = alice.page
        await alice.open(f"{HOME}/comments")
        queued = page.locator(".queued", has_text="Does it fit in a pocket?")
        await queued.locator("summary", has_text="Show and answer").click()
        await queued.get_by_label(re.compile("Your answer")).fill("In every pocket.")
        await queued.get_by_role("button", name="Send the answer").click()
        await expect(page.get_by_text("Your answer stands below the comment.")).to_be_visible()

        page = dana.page
        await page.reload()
        answer = page.locator(".remark-answers .is-creators")
        await expect(answer).to_contain_text("In every pocket.")
        await expect(answer).to_contain_text("Creator")
    assert [what for _, what, *_ in await log_of(world)] == [
        "update_published", "comment_shown", "comment_answered"]  # fmt: skip


async def test_a_draft_keeps_itself_and_nothing_typed_is_lost(
    served: Served, world: World, browser: Browser, campaign_id: int
) -> None:
    async with visiting(browser, served.url) as alice:
        page = alice.page
        await alice.open(f"/studio/sign-in?next={HOME}/new")
        await enter(page)
        await page.get_by_label("Title").first.fill("Half a tit")
        await expect(page.get_by_text("Saved as a draft")).to_be_visible()
        await expect(page).to_have_url(re.compile(r"/updates/\d+$"))
        await page.get_by_label("Text").first.fill("All of it")

        async def is_kept() -> bool:
            rows = await world.rows("select title, text from updates")
            return [tuple(row) for row in rows] == [("Half a tit", "All of it")]

        await until(is_kept)
        await expect(page.get_by_text("Saved as a draft")).to_be_visible()
        await page.route("**/keep", lambda route: route.abort())
        await page.get_by_label("Text").first.fill("Typed while the network was away")
        await expect(page.get_by_text("It is kept in this browser.")).to_be_visible()
        page.once("dialog", lambda dialog: dialog.accept())
        await page.reload()
        await expect(page.get_by_label("Text").first).to_have_value("All of it")
        await page.unroute("**/keep")
        await page.get_by_role("button", name="Bring it back").click()
        await expect(page.get_by_label("Text").first).to_have_value(
            "Typed while the network was away"
        )
        await page.get_by_role("button", name="Save the draft").click()
        await expect(page.get_by_text("The draft is saved.")).to_be_visible()
        assert (await world.row("select text from updates"))["text"].startswith("Typed while")
        alice.troubles = [t for t in alice.troubles if "ERR_FAILED" not in t]


async def test_the_preview_follows_what_is_typed_and_an_open_page_hears_of_news(
    served: Served, world: World, browser: Browser, campaign_id: int
) -> None:
    async with visiting(browser, served.url) as alice, visiting(browser, served.url) as reader:
        page = alice.page
        await alice.open(f"/studio/sign-in?next={HOME}/new")
        await enter(page)
        await page.get_by_label("Title").first.fill("A title")
        await page.get_by_role("button", name="Preview").click()
        await expect(page.locator(".preview h1")).to_have_text("A title")
        await page.get_by_label("Text").first.fill("Now _slanted_ <script>alert(1)</script>")
        await expect(page.locator(".preview em")).to_have_text("slanted")
        assert await page.locator(".preview script").count() == 0
        await reader.open("/c/recorder")
        fresh = reader.page.get_by_role("link", name="A new update is here")
        await expect(fresh).to_be_hidden()
        await published(world, campaign_id)
        await expect(fresh).to_be_visible()


async def test_every_reader_can_use_each_page(
    served: Served, world: World, browser: Browser, campaign_id: int
) -> None:
    """B16."""
    await published(world, campaign_id, text="# One\n\nTwo.\n\n> Three\n\n- four\n\n`five`")
    await published(world, campaign_id, title="Ours", audience="backers")
    await drafted(world, campaign_id)
    for n in range(2):
        await asked(world, campaign_id, f"Question {n}?", "*Yes*.")
    at = await alice_at(world, campaign_id)
    await answer_comment(
        world.database, at, await said(world, campaign_id, "Dana", "Stereo?"), "Yes.", world.now
    )
    await said(world, campaign_id, "Dana", "And how long?")
    await world.rows("update comments set reports = 1 where id = 1 returning id")
    update = (await world.row("select max(id) as id from updates"))["id"]
    public = ("", "/updates", "/updates/1", "/updates/2", "/comments", "/comments/1/report")
    inside = (
        "",
        "/new",
        f"/{update}",
        f"/{update}/publish",
        "/comments?only=all",
        "/faq",
        "/faq/1",
    )
    async with visiting(browser, served.url) as alice:
        page, wrong = alice.page, []

        async def check(path: str) -> None:
            await alice.open(path)
            for more in await page.locator("details > summary").all():
                await more.click()
            wrong.extend(await barriers(page))

        for path in public:
            await check(f"/c/recorder{path}")
        await alice.open("/me/sign-in?next=/c/recorder/comments")
        await sign_in(page, world, served.url)
        await check("/c/recorder/comments?answer=1")
        await check("/c/recorder/updates/2")
        await alice.open(f"/studio/sign-in?next={HOME}")
        await enter(page)
        await expect(page.get_by_role("heading", name="Drafts")).to_be_visible()
        for path in inside:
            await check(f"{HOME}{path}")
    assert wrong == []
