"""The studio in a real browser: passkeys, the keyboard alone, no JavaScript, every reader."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.acceptance.browser import barriers, visiting
from tests.sandbox.process import Sandbox
from tests.web.serving import Served, open_door, serve
from tests.web.studio import PASSWORD, enter, log_of, mailed, send, staff
from tests.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
async def at_localhost(
    world: World, database_url: str, payments: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Served]:
    """The site under a name: passkeys belong to names, and never to an address of digits."""
    door = open_door()
    monkeypatch.setattr("tests.web.serving.open_door", lambda: door)
    url = f"http://localhost:{door.getsockname()[1]}"
    async with serve(database_url, payments.url, world.clock, base_url=url) as served:
        served.url = url
        yield served


async def authenticator(page: Page) -> Any:
    """A passkey's device in the page's browser, whose owner always agrees."""
    cdp = await page.context.new_cdp_session(page)
    await cdp.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
               "hasUserVerification": True, "isUserVerified": True}  # fmt: skip
    await cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return cdp


async def fill_in(page: Page, who: str = "alice") -> None:
    """Sign in by password."""
    await page.fill("#email", f"{who}@example.org")
    await page.fill("#password", PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.wait_for_url("**/studio/larkfield")


async def test_a_passkey_is_added_signs_in_and_opens_nothing_once_it_is_removed(
    at_localhost: Served, world: World, browser: Browser
) -> None:
    await staff(world)
    async with visiting(browser, at_localhost.url) as alice:
        page = alice.page
        await authenticator(page)
        await alice.open("/studio/sign-in")
        await fill_in(page)
        await alice.open("/studio/account")
        await page.get_by_role("button", name="Add a passkey").click()
        await expect(page.get_by_text("The passkey is added.")).to_be_visible()
        await page.get_by_role("button", name="Sign out", exact=True).click()
        await alice.open("/studio/sign-in?next=/studio/larkfield/people")
        await page.get_by_role("button", name="Sign in with a passkey").click()
        await expect(page.get_by_role("heading", name="People")).to_be_visible()
        row = await world.row("select sign_count, used_at from passkeys")
        assert row["sign_count"] > 0 and row["used_at"] == world.now
        assert await world.rows("select from passkey_challenges") == [], "each is answered once"
        await alice.open("/studio/account")
        await page.get_by_role("button", name="Remove").click()
        await expect(page.get_by_text("The passkey is removed.")).to_be_visible()
        await page.get_by_role("button", name="Sign out", exact=True).click()
        await alice.open("/studio/sign-in")
        await page.get_by_role("button", name="Sign in with a passkey").click()
        await expect(page.get_by_text("This passkey did not work.")).to_be_visible()
    assert [what for _, what, *_ in await log_of(world)] == ["passkey_added", "passkey_removed"]


async def test_adding_a_passkey_asks_for_a_fresh_proof(
    at_localhost: Served, world: World, browser: Browser
) -> None:
    await staff(world)
    async with visiting(browser, at_localhost.url) as alice:
        page = alice.page
        await authenticator(page)
        await alice.open("/studio/sign-in")
        await fill_in(page)
        await world.rows("update sittings set proved_at = proved_at - interval '11 minutes'"
                         " returning id")  # fmt: skip
        await alice.open("/studio/account")
        await page.get_by_role("button", name="Add a passkey").click()
        await page.wait_for_url("**/studio/account/proof?**")
        alice.troubles.clear()  # Chromium calls the refusal an error of loading
        await page.fill("#password", PASSWORD)
        await page.get_by_role("button", name="Go on").click()
        await page.get_by_role("button", name="Add a passkey").click()
        await expect(page.get_by_text("The passkey is added.")).to_be_visible()


@pytest.mark.parametrize(
    "answer", ["", "{}", "[]", "null", '{"response": {"clientDataJSON": "e30"}}']
)
async def test_what_is_no_answer_of_a_passkey_signs_nobody_in(
    served: Served, world: World, answer: str
) -> None:
    reader = served.reader
    await staff(world)
    refused = await reader.post(
        "/studio/sign-in/passkey/answer", content=answer, headers=reader.from_here
    )
    assert refused.status_code == 422 and "set-cookie" not in refused.headers
    assert "did not work" in refused.json()["error"]


async def test_without_javascript_and_mouse_a_creator_signs_in_and_invites(
    served: Served, world: World, browser: Browser
) -> None:
    await staff(world)
    async with visiting(browser, served.url, scripts=False) as alice:
        page = alice.page
        await alice.open("/studio/larkfield/people")
        assert await page.get_by_role("button", name="Sign in with a passkey").count() == 0
        await page.keyboard.type("alice@example.org")
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        await page.wait_for_url("**/studio/larkfield/people")
        for _ in range(40):
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement.id") == "email":
                break
        await page.keyboard.type("dora@example.org")
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        assert "The invitation is on its way." in await page.inner_text("main")
    assert len(await mailed(world, "invitation")) == 1


async def test_every_reader_can_use_each_page(
    served: Served, world: World, browser: Browser
) -> None:
    """B16."""
    await staff(world)
    await world.campaign(slug="recorder")
    reader = served.reader
    await enter(reader, "Alice")
    await send(reader, "/studio/larkfield/people/invite", email="dora@example.org", role="viewer")
    (invitation,) = await mailed(world, "invitation")
    outside = ("/studio/sign-in", "/studio/sign-in/link", invitation, "/studio/sign-in/nothing")
    inside = ("larkfield", "larkfield/people", "larkfield/log", "account", "account/password",
              "account/proof")  # fmt: skip
    async with visiting(browser, served.url) as alice:
        page, wrong = alice.page, []
        for path in (*outside, "in", *(f"/studio/{path}" for path in inside)):
            if path == "in":
                await alice.open("/studio/sign-in")
                await fill_in(page)
                continue
            await alice.open(path)
            wrong += await barriers(page)
        alice.troubles = [t for t in alice.troubles if "status of 410" not in t]
    assert wrong == []
