"""Somebody with a real browser, who notices everything that goes wrong in it."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Literal, Protocol

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    ViewportSize,
    async_playwright,
    expect,
)

# The shell draws no window of a browser, so each page costs it half.
CHROMIUMS = ("chromium-headless-shell", "chromium", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 20_000  # milliseconds, on a busy machine
KINDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# No rule of these reads style sheets; to load them for it takes axe a third of its time.
USUAL = {"resultTypes": ["violations"], "preload": {"assets": ["media"]}}
WHOLE = USUAL | {"runOnly": KINDS}
CONTRAST = USUAL | {"runOnly": ["color-contrast"]}
AXE = Axe().axe_script
LOOK = "async (options) => (await axe.run(options)).violations"
PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=800)
Look = tuple[ViewportSize, Literal["light", "dark"], Any]
LOOKS: tuple[Look, ...] = (
    (PHONE, "light", WHOLE),
    (PHONE, "dark", CONTRAST),
    (DESK, "light", WHOLE),
)
# For a page that was looked at already and now says the same in another language: its colours are
# those that it had, and what they are against each other is two thirds of what axe has to do.
LOOKS_OF_WORDS: tuple[Look, ...] = (
    (PHONE, "light", WHOLE | {"rules": {"color-contrast": {"enabled": False}}}),
)
expect.set_options(timeout=PATIENCE)
# A refused payment and a wrong form are answers, which Chromium calls errors of loading.
# What Chromium says of its own transition when somebody goes on before it has begun.
HASTY = "Transition was aborted"
ANSWERS = ("status of 402", "status of 422")


def chromium() -> str:
    """The Chromium to drive; skips the test where there is none, unless `CHROMIUM` names one."""
    named = os.environ.get("CHROMIUM")
    found = filter(None, (named, *map(shutil.which, CHROMIUMS)))
    return next(found, None) or pytest.skip("no Chromium here; name one with CHROMIUM")


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """A Chromium without a screen."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield browser
        await browser.close()


class Visitor:
    """One person at one browser window."""

    def __init__(self, context: BrowserContext, page: Page, home: str) -> None:
        self.context = context
        self.page = page
        self.home = home
        self.troubles: list[str] = []
        self.requests: list[Request] = []
        self._watch(page)

    def _watch(self, page: Page) -> None:
        def said(message: ConsoleMessage) -> None:
            known = any(answer in message.text for answer in ANSWERS)
            if message.type in ("error", "warning") and not known:
                self.troubles.append(f"{message.type} on {page.url}: {message.text}")

        def broke(error: Error) -> None:
            if HASTY not in str(error):
                self.troubles.append(f"error on {page.url}: {error}")

        page.on("console", said)
        page.on("pageerror", broke)
        page.on("request", lambda request: self.requests.append(request))

    async def another_page(self) -> Page:
        """One more window of the same browser, watched like the first."""
        page = await self.context.new_page()
        self._watch(page)
        return page

    async def open(self, path: str) -> None:
        """Go to an address of the site."""
        answer = await self.page.goto(self.home + path)
        assert answer is not None and answer.status < 500

    def tier(self, title: str) -> Locator:
        """The reward of that title, on the page that is open."""
        return self.page.locator("li.tier", has_text=title)

    async def choose(self, title: str, **typed: str) -> None:
        """Open a reward's form, fill in its fields by name, and send it."""
        tier = self.tier(title)
        if await tier.locator("details[open]").count() == 0:
            await tier.locator("summary").click()
        for name, value in typed.items():
            await tier.locator(f'[name="{name}"]').fill(value)
        await tier.get_by_role("button").click()

    async def fill_payment(self, number: str, who: str = "Dana", **more: str) -> None:
        """Fill in the payment page's form."""
        await expect(self.page.locator("button.pay")).to_be_visible()
        fields = {
            "email": f"{who.lower()}@example.org",
            "name": who,
            "number": number,
            "expiry": "12 / 34",
            "cvc": "123",
            "postal_code": "94107",
        }
        for name, value in (fields | more).items():
            await self.page.locator(f"#{name}").fill(value)
        await self.page.locator("#country").select_option("US")

    async def pay(self, number: str = "4242 4242 4242 4242", who: str = "Dana") -> None:
        """Fill in the payment page's form and send it."""
        await self.fill_payment(number, who)
        await self.page.locator("button.pay").click()


async def read_again(page: Page) -> None:
    """Load the page once more; one that waits for something may be doing so by itself just now."""
    for _ in range(5):
        try:
            await page.reload()
            return
        except Error:
            await page.wait_for_load_state()
    await page.reload()


async def barriers(page: Page, looks: tuple[Look, ...] = LOOKS) -> list[str]:
    """What keeps somebody from the page, in each of the looks: WCAG 2.2 AA by axe, and its width.

    Motion is off, so that nothing is looked at half way.
    """
    found = []
    await page.evaluate(AXE)
    for size, scheme, options in looks:
        await page.set_viewport_size(size)
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [
            f"{page.url}, {scheme}, {size['width']}: {wrong['id']}, {wrong['nodes'][0]['html']}"
            for wrong in await page.evaluate(LOOK, options)
        ]
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found += [f"{page.url} is {wide} px too wide at {size['width']}"] if wide > 0 else []
    return found


@asynccontextmanager
async def visiting(
    browser: Browser, home: str, *, scripts: bool = True, **options: Any
) -> AsyncIterator[Visitor]:
    """A visitor with a browser of their own; whatever went wrong in it fails the test."""
    context = await browser.new_context(
        **{"java_script_enabled": scripts, "viewport": PHONE, "locale": "en-GB"} | options
    )
    context.set_default_timeout(PATIENCE)
    visitor = Visitor(context, await context.new_page(), home)
    try:
        yield visitor
        assert not visitor.troubles, "\n".join(visitor.troubles)
    finally:
        await context.close()


class Visit(Protocol):
    """Somebody who comes to the running site, with these options of the browser."""

    def __call__(self, **options: Any) -> AbstractAsyncContextManager[Visitor]: ...
