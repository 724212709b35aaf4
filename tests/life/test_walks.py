"""Each funding model walked to its end in a real browser, by its backers (P2, P5, P8, B3)."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.acceptance.browser import Visitor, read_again, visiting
from tests.acceptance.processes import eventually
from tests.life.life import ASKS_ALWAYS, DECLINED_LATER, GOOD, Life
from tests.sandbox.door import AS_STRIPE_POSTS
from tests.web.me import mailed
from tests.web.serving import serve

pytestmark = [AS_STRIPE_POSTS, pytest.mark.browser]
DEADLINE = datetime(2026, 6, 10, 18)
both = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])


@dataclass
class Walk:
    """A campaign on a running site, and whoever comes to it."""

    life: Life
    site: Any
    browser: Browser
    doors: AsyncExitStack
    scripts: bool = True

    async def campaign(self, **columns: Any) -> int:
        """Recorders at $45, two of which are the goal; open until 10 June."""
        made = await self.life.world.campaign(
            **{
                "slug": "recorder",
                "basis": "money",
                "goal": 9000,
                "closes_at": DEADLINE,
                "funding_model": "all_or_nothing",
            }
            | columns
        )
        await self.life.world.tier(made, title="One recorder", price=4500)
        await self.life.world.milestone(
            made, 4000, title="A second microphone", text_after="It hears in stereo."
        )
        return made

    async def visitor(self) -> Visitor:
        """Somebody with a browser of their own."""
        return await self.doors.enter_async_context(
            visiting(self.browser, self.site.url, scripts=self.scripts)
        )

    async def back(self, who: str, card: str = GOOD, *, asks: bool = False) -> Visitor:
        """`who` pledges for a recorder and comes back to their own page."""
        visitor = await self.visitor()
        await visitor.open("/c/recorder")
        await visitor.choose("One recorder")
        await visitor.pay(card, who)
        if asks:
            await visitor.page.get_by_role("button", name="Accept").click()
        await expect(visitor.page.get_by_role("heading", name="Your pledge")).to_be_visible()
        await self.life.catch_up()
        await read_again(visitor.page)
        return visitor

    async def sign_in(self, visitor: Visitor) -> None:
        """By the link in the mail that the pledge's own page asks for."""
        await visitor.page.get_by_role("button", name="Manage this pledge").click()
        await expect(visitor.page.locator("main")).to_contain_text("link")
        way_in = (await mailed(self.life.world))[-1]
        await visitor.open(way_in)
        await visitor.page.get_by_role("button", name="Sign in").click()
        await expect(visitor.page.get_by_role("heading", name="Field Recorder")).to_be_visible()

    async def mend(self, visitor: Visitor, who: str, card: str = GOOD) -> None:
        """What was declined is paid on the page that the mail leads to."""
        await visitor.page.get_by_role("link", name="Pay now").click()
        await visitor.page.get_by_role("button", name="Go on to the payment").click()
        await visitor.pay(card, who)
        if card == ASKS_ALWAYS:
            await visitor.page.get_by_role("button", name="Accept").click()
        await expect(visitor.page.get_by_role("heading", name="Field Recorder")).to_be_visible()
        await self.life.catch_up()
        await read_again(visitor.page)

    async def deadline(self) -> None:
        """The campaign's time is up, and what is due is charged."""
        left = DEADLINE.replace(tzinfo=UTC) - self.life.world.now
        self.life.later(seconds=max(0.0, left.total_seconds()))
        await self.life.close()
        await self.life.charge()


@pytest.fixture
async def walk(life: Life, database_url: str, browser: Browser) -> AsyncIterator[Walk]:
    """A site on the test's own database and clock, and a browser."""
    async with (
        serve(database_url, life.sandbox.url, life.world.clock) as site,
        AsyncExitStack() as doors,
    ):
        yield Walk(life, site, browser, doors)


async def reads(visitor: Visitor, words: str) -> None:
    """The campaign's page says so, as soon as it is made anew."""

    async def is_there() -> bool:
        await visitor.open("/c/recorder")
        return words in await visitor.page.locator("main").inner_text()

    await eventually(is_there, f"the campaign's page says “{words}”")


def says(visitor: Visitor, words: str) -> Any:
    """That the page that is open says so."""
    return expect(visitor.page.locator("main")).to_contain_text(words)


@both
async def test_all_or_nothing_funded_charges_the_saved_cards_and_one_is_mended(
    walk: Walk, scripts: bool
) -> None:
    walk.scripts = scripts
    await walk.campaign()
    dana = await walk.back("Dana")
    await says(dana, "Your card is saved today and charged on 10 June only if")
    await says(dana, "Yours if the campaign is funded.")
    eli = await walk.back("Eli", DECLINED_LATER)
    assert walk.life.taken() == 0
    await walk.deadline()
    assert walk.life.taken() == 4500
    await read_again(dana.page)
    await says(dana, "Paid. Thank you for walking along.")
    await says(dana, "Owed to you.")
    await walk.sign_in(eli)
    await says(eli, "declined")
    await walk.mend(eli, "Eli")
    await says(eli, "Paid")
    assert walk.life.taken() == 9000
    await reads(dana, "The goal was reached.")


async def test_all_or_nothing_failed_charges_nobody_and_says_so(walk: Walk) -> None:
    await walk.campaign(goal=50_000)
    dana = await walk.back("Dana")
    await walk.deadline()
    assert walk.life.taken() == 0
    await read_again(dana.page)
    await says(dana, "The campaign closed below its goal. Your card was not charged.")
    await says(dana, "No longer yours.")
    await reads(dana, "The campaign closed below its goal. No card was charged.")


async def test_keep_it_all_charges_at_the_pledge_and_stands_below_its_goal(walk: Walk) -> None:
    await walk.campaign(goal=50_000, funding_model="keep_it_all")
    dana = await walk.back("Dana")
    await says(dana, "Paid. Thank you for walking along.")
    assert walk.life.taken() == 4500
    await walk.deadline()
    await reads(dana, "The campaign closed below its goal. Every pledge stands.")
    assert walk.life.taken() == 4500


async def test_a_pledge_that_no_try_can_charge_is_dropped_and_its_backer_sees_it(
    walk: Walk,
) -> None:
    await walk.campaign()
    await walk.back("Dana")
    eli = await walk.back("Eli", DECLINED_LATER)
    await walk.deadline()
    await read_again(eli.page)
    await says(eli, "Your card was declined. It is tried again in the next days.")
    for _ in range(8):
        walk.life.later(days=1)
        await walk.life.charge()
    await read_again(eli.page)
    await says(eli, "Your card could not be charged, so the pledge was dropped.")
    assert walk.life.taken() == 4500


async def test_a_late_pledge_is_charged_at_once(walk: Walk) -> None:
    await walk.campaign(goal=4000, late_pledges=True)
    await walk.back("Dana")
    await walk.deadline()
    fay = await walk.back("Fay")
    await says(fay, "Paid. Thank you for walking along.")
    assert walk.life.taken() == 9000


async def test_a_bank_that_asks_at_the_end_is_answered_on_the_page(walk: Walk) -> None:
    await walk.campaign(goal=4000)
    eli = await walk.back("Eli", ASKS_ALWAYS, asks=True)
    await walk.deadline()
    await walk.sign_in(eli)
    await walk.mend(eli, "Eli", ASKS_ALWAYS)
    await says(eli, "Paid")
    assert walk.life.taken() == 4500


@both
async def test_a_backer_changes_pays_the_difference_and_cancels(walk: Walk, scripts: bool) -> None:
    walk.scripts = scripts
    await walk.campaign(funding_model="keep_it_all")
    dana = await walk.back("Dana")
    await walk.sign_in(dana)
    await dana.page.get_by_role("link", name="Change the pledge").click()
    await dana.choose("One recorder", quantity="2")
    await dana.pay(GOOD, "Dana")
    await expect(dana.page.get_by_role("heading", name="Field Recorder")).to_be_visible()
    await walk.life.catch_up()
    await read_again(dana.page)
    await says(dana, "$90")
    assert walk.life.taken() == 9000
    await dana.page.get_by_role("link", name="Cancel the pledge").click()
    await dana.page.get_by_role("button", name="Cancel the pledge").click()
    await says(dana, "$90")
    await walk.life.refund()
    await read_again(dana.page)
    await says(dana, "Refunded")
    assert walk.life.taken() == 0
