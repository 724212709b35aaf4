"""A new creator by keyboard alone: from an empty studio to a shipped batch."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from tests.acceptance.browser import Visit
from tests.acceptance.crowd import world_of
from tests.acceptance.keyboard import Keys
from tests.acceptance.processes import Milepost, eventually
from tests.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("creator"),
]
MILESTONES = (
    (2, "A second microphone", "By your button"),
    (4, "A windshield", "By itself"),
    (6, "A longer cable", "By itself"),
    (8, "A map of quiet places", "By itself"),
    (10, "The hidden valley", "By itself"),
)


@pytest.fixture(scope="module")
async def world(milepost: Milepost) -> AsyncIterator[World]:
    async with world_of(milepost) as world:
        yield world


async def enter(keys: Keys, milepost: Milepost) -> None:
    """From the operator's link to a password of one's own, and to the store."""
    said = milepost.run("create-owner", "alice@example.org", "--name", "Alice").stdout
    link = re.search(r"http://\S+", said)
    assert link, said
    await keys.page.goto(link[0])
    await keys.press("Sign in")
    await keys.type("password", "four words in a row")
    await keys.press("Set")
    await keys.page.goto(f"{milepost.webs[0]}/studio")


async def draft(keys: Keys) -> None:
    """A campaign by units, which charges with the pledge, with its texts and one reward."""
    await keys.follow("New campaign")
    await keys.type("title", "Field Recorder")
    await keys.choose("basis", "Units")
    await keys.type("goal", "10")
    await keys.type("currency", "USD")
    await keys.choose("funding_model", "Keep it all")
    await keys.press("Make the draft")
    await keys.type("blurb", "To listen with.")
    await keys.type("story", "It hears **everything**.")
    await keys.press("Save")
    await keys.follow("Rewards")
    await keys.follow("Add a reward")
    await keys.type("title", "One recorder")
    await keys.type("price", "45")
    await keys.press("Save")
    await keys.reads("One recorder")


async def five_milestones(keys: Keys) -> None:
    await keys.follow("Milestones")
    for target, title, opens in MILESTONES:
        await keys.follow("Create milestone")
        await keys.type("target", str(target))
        await keys.choose("kind", "A reveal")
        await keys.type("title", title)
        await keys.type("text_before", "It will hear more.")
        await keys.type("text_after", f"You get: {title}.")
        await keys.choose("audience", "All backers")
        await keys.choose("reveal", opens)
        await keys.press("Create milestone")
        await keys.reads(title)
        if "/milestones/" in keys.page.url:
            await keys.follow("Milestones")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
async def test_by_keyboard_alone_a_new_creator_launches_reveals_and_ships(
    milepost: Milepost, world: World, visit: Visit, scripts: bool
) -> None:
    desk = {"width": 1280, "height": 900}
    async with visit(scripts=scripts, viewport=desk) as alice, visit(scripts=True) as dana:
        keys = Keys(alice.page)
        await enter(keys, milepost)
        await draft(keys)
        await five_milestones(keys)
        await keys.follow("Page")
        await keys.follow("Preview and launch")
        await keys.choose("when", "At once")
        await keys.press("Publish the campaign")
        await keys.follow("See the page")
        slug = alice.page.url.rsplit("/", 1)[1]

        await dana.open(f"/c/{slug}")
        other = await dana.another_page()
        await other.goto(dana.page.url)
        await dana.choose("One recorder", quantity="3")
        await dana.pay()
        await dana.page.wait_for_url("**/p/*")
        own = dana.page.url
        await expect(other.locator("main")).to_contain_text("A second microphone")
        await expect(other.locator("main")).not_to_contain_text("You get: A second")

        campaign = f"/studio/larkfield/campaigns/{slug}"

        async def is_reached() -> bool:
            await alice.open(f"{campaign}/milestones")
            return await alice.page.get_by_text("Reveal…").count() > 0

        await eventually(is_reached, "the milestone waits for its creator")
        await keys.follow("Reveal…")
        await keys.press("Reveal it everywhere now")
        await keys.reads("Open on every page")
        await expect(other.locator("main")).to_contain_text("You get: A second microphone.")

        await keys.follow("Fulfilment")
        await keys.follow("Make a batch")
        await keys.type("name", "First box")
        await keys.tick("A second microphone")
        await keys.tick("Only with an address", on=False)
        await keys.press("Make the batch")
        await keys.reads("0 of 1 sent")
        await keys.follow("Bring tracking numbers in")
        (row,) = await world.rows(
            "select p.id from pledges p join campaigns c on c.id = p.campaign_id"
            " where c.slug = $1 and p.state = 'charged'",
            slug,
        )
        await keys.type("lines", f"pledge,carrier,tracking\n{row['id']},DHL,JD014600003\n")
        await keys.press("Look")
        await expect(alice.page.locator("#run")).to_have_attribute("data-state", "checked")
        await keys.press("Send")
        await expect(alice.page.locator("#run")).to_have_attribute("data-state", "done")

        await dana.page.goto(own)
        await expect(dana.page.locator("main")).to_contain_text("JD014600003")
    (alice,) = await world.rows("select password_hash from creators where email like 'alice%'")
    assert alice["password_hash"].startswith("$argon2id$v=19$m=65536,t=3,p=4$"), "RFC 9106"
    assert milepost.run("audit").returncode == 0
