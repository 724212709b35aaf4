"""How a creator brings a campaign to other sites: what they copy, and what it becomes."""

import html
import re

from playwright.async_api import Browser, expect

from tests.acceptance.browser import barriers, visiting
from tests.web.serving import Served
from tests.web.studio import enter, staff
from tests.world import World

HERE = "/studio/larkfield/campaigns/recorder/elsewhere"


async def test_alice_copies_what_works_with_her_own_addresses(served: Served, world: World) -> None:
    await staff(world)
    await world.campaign(slug="recorder", title="Field <2> & more")
    await enter(served.reader, "Alice")
    page = (await served.reader.get(HERE)).text
    (element,) = re.findall(r'<textarea id="element".*?>\n(.*?)</textarea>', page, re.DOTALL)
    assert html.unescape(element) == (
        f'<script type="module" src="{served.url}/embed/campaign.js"></script>\n'
        '<milepost-campaign slug="recorder">\n'
        f'  <a href="{served.url}/c/recorder">Field &lt;2&gt; &amp; more</a>\n'
        "</milepost-campaign>"
    )
    (frame,) = re.findall(r'<input id="frame".*? value="(.*?)"', page)
    for address in re.findall(r'(?:src|href)="(.*?)"', html.unescape(element + frame)):
        assert (await served.reader.get(address)).status_code == 200
    (feed,) = re.findall(r'<input id="feed".*? value="(.*?)"', page)
    assert (await served.reader.get(feed)).status_code == 200
    start = len(served.statements)
    await served.reader.get(HERE)
    assert len(served.statements_since(start)) == 1


async def test_a_draft_is_shown_to_nobody_and_says_when_it_will_be(
    served: Served, world: World
) -> None:
    await staff(world)
    await world.campaign(slug="recorder", published=False)
    await enter(served.reader, "Bob")
    page = (await served.reader.get(HERE)).text
    assert "Nobody can see this campaign yet." in page
    assert "<milepost-campaign" not in page


async def test_the_preview_is_the_element_itself(
    served: Served, world: World, browser: Browser
) -> None:
    await staff(world)
    campaign_id = await world.campaign(slug="recorder", goal=10)
    await world.tier(campaign_id)
    await world.milestone(campaign_id, 3, title="Case")
    await enter(served.reader, "Alice")
    kept = [
        {"name": name, "value": value, "url": served.url}
        for name, value in served.reader.cookies.items()
    ]
    async with visiting(browser, served.url) as alice:
        await alice.context.add_cookies(kept)  # type: ignore[arg-type]
        await alice.open(HERE)
        whole, compact = (alice.page.locator("milepost-campaign").nth(n) for n in (0, 1))
        for card in (whole, compact):
            await expect(card.locator(".total")).to_have_text("0 of 10 pledged")
        await world.pledged(campaign_id, "Dana")
        for card in (whole, compact):
            await card.scroll_into_view_if_needed()
            await expect(card.locator(".total")).to_have_text("1 of 10 pledged")
        await expect(whole.locator("ol > li")).to_have_count(2)
        await expect(compact.locator("ol")).to_have_count(0)
        assert await barriers(alice.page) == []
