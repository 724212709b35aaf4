"""A pledge form says what the pledge would unlock, for whom, and keeps a mystery one (N7)."""

import pytest
from playwright.async_api import Browser, expect

from milepost.domain.lines import Line
from tests.acceptance.browser import visiting
from tests.web.client import Reader
from tests.web.serving import Served
from tests.world import World

ALL = "This pledge unlocks “A second colour” for everybody."


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({}, ALL),
        ({"audience": "new_backers"},
         "This pledge unlocks “A second colour” for new backers, from here on."),
        ({"mystery": True}, "This pledge unlocks the mystery at $90 for everybody."),
    ],
)  # fmt: skip
async def test_the_form_says_what_the_chosen_pledge_unlocks(
    reader: Reader, world: World, columns: dict[str, object], sentence: str
) -> None:
    campaign_id = await world.campaign(slug="recorder", basis="money", goal=90000)
    tier_id = await world.tier(campaign_id)
    await world.milestone(campaign_id, 9000, title="A second colour", **columns)  # type: ignore[arg-type]
    for quantity, is_hidden in (("1", True), ("2", False)):
        page = await reader.get(f"/c/recorder/pledge?tier={tier_id}&quantity={quantity}")
        (note,) = [
            part.partition("</p>")[0]
            for part in page.text.split("pledge-unlocks")[1:]
            if "hidden" not in part.partition(">")[0]
        ] or [""]
        assert (sentence in note) is not is_hidden
        assert ("A second colour" in page.text) is not ("mystery" in columns)


async def test_a_milestone_that_is_reached_or_a_pledge_that_is_held_unlocks_nothing(
    reader: Reader, world: World
) -> None:
    """C4, C6."""
    reached = await world.campaign(slug="reached", basis="money", goal=90000)
    await world.tier(reached)
    await world.milestone(reached, 4000)
    await world.pledged(reached, "Dana", Line("own_amount", "", 1, 4500, 1))
    held = await world.campaign(slug="held", basis="money", goal=90000, review_limit=100_000)
    await world.tier(held)
    await world.milestone(held, 4000)
    for slug in ("reached", "held"):
        assert "pledge-unlocks" not in (await reader.get(f"/c/{slug}/pledge")).text


async def test_the_sentence_follows_what_is_typed_and_what_others_pledge(
    served: Served, world: World, browser: Browser
) -> None:
    campaign_id = await world.campaign(slug="recorder", goal=100)
    await world.tier(campaign_id)
    await world.milestone(campaign_id, 3, title="A second colour")
    async with visiting(browser, served.url) as dana:
        await dana.open("/c/recorder")
        tier = dana.tier("One recorder")
        await tier.locator("summary").click()
        note = tier.locator("[data-unlocks]")
        await expect(note).to_be_hidden()
        await tier.locator('[name="quantity"]').fill("3")
        await expect(note).to_have_text(ALL)
        await tier.locator('[name="quantity"]').fill("2")
        await expect(note).to_be_hidden()
        await world.pledged(campaign_id, "Eli")
        await expect(note).to_be_visible()
        await world.pledged(campaign_id, "Eli", Line("tier", "One recorder", 2, 4500, 2))
        await expect(note).to_have_count(0)
