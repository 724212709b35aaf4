"""A pledge form says what the pledge would unlock, for whom, and keeps a mystery one (N7)."""

import re
from html import unescape

import pytest
from playwright.async_api import Browser, expect

from milepost.domain.lines import Line
from tests.acceptance.browser import visiting
from tests.shopping import Till
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


def told(html: str) -> list[str]:
    """What the forms of a page say."""
    notes = re.findall(r'<p class="field-note pledge-unlocks"([^>]*)>([^<]*)</p>', html)
    return [unescape(text) for attributes, text in notes if "hidden" not in attributes]


async def test_a_milestone_that_is_reached_or_a_pledge_that_is_held_unlocks_nothing(
    reader: Reader, world: World
) -> None:
    """C4, C6."""
    reached = await world.campaign(slug="reached", basis="money", goal=90000)
    await world.tier(reached)
    await world.milestone(reached, 4000)
    await world.pledged(reached, "Dana", Line("own_amount", "", 1, 4500, 1))
    assert "unlocks" not in (await reader.get("/c/reached/pledge")).text
    held = await world.campaign(slug="held", basis="money", goal=90000, review_limit=4499)
    tier = await world.tier(held)
    await world.milestone(held, 4000, title="A second colour")
    assert told((await reader.get("/c/held/pledge")).text) == []
    await world.rows("update campaigns set review_limit = 4500, version = version + 1 returning 1")
    page = await reader.get(f"/c/held/pledge?tier={tier}")
    assert told(page.text) == [ALL]
    more = await reader.get(f"/c/held/pledge?tier={tier}&bonus=0.01")
    assert told(more.text) == []


async def test_all_that_is_typed_counts_and_each_milestone_on_the_way_is_named(
    reader: Reader, world: World
) -> None:
    campaign_id = await world.campaign(slug="recorder", goal=100)
    tier = await world.tier(campaign_id)
    strap = await world.tier(campaign_id, kind="addon", title="A strap", price=500, units=2)
    await world.milestone(campaign_id, 2, title="Two")
    await world.milestone(campaign_id, 4, title="Four", switches={"cap": 10})
    await world.milestone(campaign_id, 6, title="Six", mystery=True)
    two = "This pledge unlocks “Two” for everybody."
    four = "This pledge unlocks “Four” for those whom it is meant for."
    six = "This pledge unlocks the mystery at 6 for everybody."
    for asked, sentences in {
        "": [],
        f"tier={tier}&quantity=1&bonus=500": [],
        f"tier={tier}&quantity=2": [two],
        f"tier={tier}&quantity=1&addon-{strap}=2": [two, four],
        f"tier={tier}&quantity=7": [two, four, six],
        f"tier={tier}&quantity=x": [],
        f"tier={tier}&quantity=0": [],
        f"tier={tier}&quantity=2&bonus=much": [],
    }.items():
        page = await reader.get(f"/c/recorder/pledge?{asked}")
        assert told(page.text) == (["\n".join(sentences)] if sentences else []), asked
    typed = {"tier": "", "amount": "5", f"addon-{strap}": "1", "shown_total": "1"}
    again = await reader.post("/c/recorder/pledge", data=typed, headers=reader.from_here)
    assert again.status_code == 422 and told(again.text) == [two]


async def test_the_payment_page_says_what_the_pledge_then_unlocks(
    reader: Reader, world: World, till: Till
) -> None:
    """Whatever a browser showed before: it is judged where the pledge is made."""
    campaign_id = await world.campaign(slug="recorder", goal=100, funding_model="keep_it_all")
    tier = await world.tier(campaign_id)
    await world.milestone(campaign_id, 2, title="Two")
    await world.milestone(campaign_id, 4, title="Four", audience="new_backers")
    await world.milestone(campaign_id, 5, title="Five", mystery=True)
    for quantity, note in (
        (1, None),
        (3, "As the trail stands now: This pledge unlocks “Two” for everybody. This pledge unlocks"
            " “Four” for new backers, from here on."),
        (1, "As the trail stands now: This pledge unlocks the mystery at 5 for everybody."),
        (9, None),
    ):  # fmt: skip
        typed = {"tier": str(tier), "quantity": str(quantity)}
        answer = await reader.post("/c/recorder/pledge", data=typed, headers=reader.from_here)
        paying = str(answer.headers["location"])
        session = paying.rpartition("/")[2].partition("?")[0]
        text = next(s for s in till.sandbox.all("sessions") if s["id"] == session)
        assert text["custom_text"]["submit"] == ({"message": note} if note else None)
        before = await reached(world)
        till.pay(session, "Dana")
        await till.catch_up()
        assert (await reached(world) > before) is (note is not None), "what was said is so"


async def reached(world: World) -> int:
    """How many milestones are."""
    rows = await world.rows("select from milestones where reached_seq is not null")
    return len(rows)


@pytest.mark.browser
async def test_the_sentence_follows_what_is_typed_and_what_others_pledge(
    served: Served, world: World, browser: Browser
) -> None:
    campaign_id = await world.campaign(slug="recorder", goal=100)
    await world.tier(campaign_id)
    await world.milestone(campaign_id, 3, title="A second colour")
    await world.milestone(campaign_id, 6, title="A third one")
    third = ALL.replace("A second colour", "A third one")
    async with visiting(browser, served.url) as dana:
        await dana.open("/c/recorder")
        tier = dana.tier("One recorder")
        await tier.locator("summary").click()
        note = tier.locator("[data-unlocks]")
        await expect(note).to_be_hidden()
        await tier.locator('[name="quantity"]').fill("3")
        await expect(note).to_have_text(ALL)
        await tier.locator('[name="quantity"]').fill("6")
        await expect(note).to_have_text(f"{ALL} {third}")
        await tier.locator('[name="quantity"]').fill("2")
        await expect(note).to_be_hidden()
        await world.pledged(campaign_id, "Eli")
        await expect(note).to_have_text(ALL)
        await world.pledged(campaign_id, "Eli", Line("tier", "One recorder", 2, 4500, 2))
        await expect(note).to_be_hidden()
        await tier.locator('[name="quantity"]').fill("3")
        await expect(note).to_have_text(third)
