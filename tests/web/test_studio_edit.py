"""A campaign from nothing to published, as a creator makes it: forms, previews, what stands."""

from typing import Any

import pytest

from tests.web.client import Reader
from tests.web.serving import Served
from tests.web.studio import enter, log_of, send, staff
from tests.world import World

HERE = "/studio/larkfield/campaigns"
DRAFT = {
    "title": "Field Recorder",
    "slug": "",
    "basis": "units",
    "currency": "USD",
    "goal": "500",
    "funding_model": "all_or_nothing",
    "zone": "Europe/Berlin",
}


async def begun(served: Served, world: World, who: str = "Alice", **typed: str) -> str:
    """A draft that `who` has begun; where its pages are."""
    if not await world.rows("select from creators"):
        await staff(world)
    await enter(served.reader, who)
    answer = await send(served.reader, f"{HERE}/new", **DRAFT | typed)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].split("/edit")[0]


async def base_of(reader: Reader, path: str) -> str:
    page = (await reader.get(path)).text
    return page.split('name="base" value="')[1].split('"')[0]


async def save(reader: Reader, path: str, **typed: str) -> Any:
    """Save a part as its own form does, on the revision that stands."""
    return await send(reader, path, base=await base_of(reader, path), do="save", **typed)


async def test_a_draft_begins_with_a_title_and_is_seen_by_nobody(
    served: Served, world: World
) -> None:
    home = await begun(served, world)
    assert home == f"{HERE}/field-recorder"
    row = await world.row("select * from campaigns")
    assert (row["published"], row["basis"], row["goal"]) == (False, "units", 500)
    assert row["opens_at"] < row["closes_at"]
    page = await served.reader.get(f"{home}/edit?done=begun")
    assert "The draft is there" in page.text and "Field Recorder" in page.text
    for path in ("/c/field-recorder", "/c/field-recorder.json", "/c/field-recorder/history"):
        assert (await served.reader.get(path)).status_code == 404
    assert [d[1] for d in await log_of(world)][-1] == "campaign_begun"


@pytest.mark.parametrize(
    ("typed", "about"),
    [
        ({"title": " "}, "title"),
        ({"goal": "0"}, "goal"),
        ({"goal": "many"}, "goal"),
        ({"basis": "money", "goal": "12.345"}, "goal"),
        ({"currency": "dollars"}, "currency"),
        ({"currency": "ISK"}, "currency"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"slug": "Not An Address"}, "slug"),
        ({"slug": "new"}, "slug"),
        ({"basis": "hope"}, "basis"),
    ],
)
async def test_what_a_draft_cannot_be_is_said_beside_its_field(
    served: Served, world: World, typed: dict[str, str], about: str
) -> None:
    await staff(world)
    await enter(served.reader, "Bob")
    answer = await send(served.reader, f"{HERE}/new", **DRAFT | typed)
    assert answer.status_code == 422
    assert f'id="{about}-note"' in answer.text
    assert "Field Recorder" in answer.text or about == "title"
    assert not await world.rows("select from campaigns")


async def test_two_campaigns_never_share_an_address(served: Served, world: World) -> None:
    home = await begun(served, world)
    slug = home.rsplit("/", 1)[1]
    typed = await send(served.reader, f"{HERE}/new", **DRAFT | {"slug": slug})
    assert typed.status_code == 422 and "Another campaign is at this address" in typed.text
    made = await send(served.reader, f"{HERE}/new", **DRAFT | {"slug": ""})
    assert made.headers["location"] == f"{home}-2/edit?done=begun"


async def test_the_page_s_texts_are_saved_and_previewed_by_the_server_s_own_markdown(
    served: Served, world: World
) -> None:
    home = await begun(served, world)
    story = "# Quiet\n\nIt **hears** <script>alert(1)</script> grass grow."
    typed = {"title": "Recorder", "slug": "recorder", "blurb": "It hears.", "story": story}
    seen = await send(served.reader, f"{home}/edit", base="0", do="preview", **typed)
    assert "<strong>hears</strong>" in seen.text and "<script>alert" not in seen.text
    fragment = await send(served.reader, "/studio/larkfield/prose", text=story)
    assert "<h1>Quiet</h1>" in fragment.json()["html"] and "<script>" not in fragment.text
    answer = await save(served.reader, f"{home}/edit", **typed)
    assert answer.headers["location"] == f"{HERE}/recorder/edit?done=saved"
    row = await world.row("select title, slug, blurb, story from campaigns")
    assert tuple(row) == ("Recorder", "recorder", "It hears.", story)


async def test_a_text_that_is_too_long_is_refused_whole_and_given_back(
    served: Served, world: World
) -> None:
    home = await begun(served, world)
    typed = {"title": "x" * 200, "slug": "field-recorder", "blurb": "kept", "story": "long " * 9}
    answer = await save(served.reader, f"{home}/edit", **typed)
    assert answer.status_code == 422 and "there is room for 120" in answer.text
    assert "x" * 200 in answer.text and "kept" in answer.text
    again = await served.reader.get(f"{home}/edit")
    assert "x" * 200 in again.text, "what was refused is still there when they come back"


async def test_rewards_are_added_changed_ordered_and_removed(served: Served, world: World) -> None:
    home = await begun(served, world)
    at = f"{home}/edit/rewards"
    for title, price in (("One", "45"), ("Two", "80.50")):
        answer = await save(served.reader, f"{at}/new", title=title, price=price, units="1")
        assert answer.headers["location"].endswith("rewards?done=added"), answer.text
    await save(served.reader, f"{at}/new-addon", title="Cable", price="9", ships="on")
    one, two = await world.rows("select id from tiers where kind = 'tier' order by position, id")
    await send(served.reader, at, tier=str(two["id"]), do="up")
    early = {"slots": "10", "opens_at": "2026-06-10T09:00", "closes_at": "2026-06-12T09:00"}
    answer = await save(
        served.reader, f"{at}/{one['id']}", title="One", price="44", units="2", **early
    )
    assert answer.status_code == 303, answer.text
    rows = await world.rows(
        "select title, price, units, slots, opens_at from tiers order by position"
    )
    assert [r["title"] for r in rows] == ["Two", "One", "Cable"]
    assert (rows[1]["price"], rows[1]["units"], rows[1]["slots"]) == (4400, 2, 10)
    assert rows[1]["opens_at"].isoformat() == "2026-06-10T07:00:00+00:00", "on Berlin's clock"
    await send(served.reader, at, tier=str(one["id"]), do="remove")
    assert [r["title"] for r in await world.rows("select title from tiers order by id")] == [
        "Two",
        "Cable",
    ]


async def test_a_reward_that_was_pledged_for_is_closed_and_never_removed(
    served: Served, world: World
) -> None:
    await staff(world)
    campaign = await world.campaign(slug="recorder")
    tier = await world.tier(campaign)
    await enter(served.reader, "Bob")
    at = f"{HERE}/recorder/edit/rewards"
    answer = await send(served.reader, at, tier=str(tier), do="remove")
    assert answer.status_code == 409 and "so it stays" in answer.text
    await send(served.reader, at, tier=str(tier), do="close")
    assert "Ended" in (await served.reader.get("/c/recorder")).text
    await send(served.reader, at, tier=str(tier), do="open")
    assert (await world.row("select closes_at from tiers"))["closes_at"] is None
    assert [d[1] for d in await log_of(world)][-2:] == ["tier_closed", "tier_opened"]


async def test_a_limit_never_falls_below_what_is_claimed(served: Served, world: World) -> None:
    await staff(world)
    campaign = await world.campaign(slug="recorder")
    tier = await world.tier(campaign, slots=10)
    async with world.database.connection() as db:
        await db.raw_connection.execute("update tiers set claimed = 4")
    await enter(served.reader, "Bob")
    at = f"{HERE}/recorder/edit/rewards/{tier}"
    answer = await save(served.reader, at, title="One", price="45", slots="3", units="1")
    assert answer.status_code == 422 and "4 are claimed already" in answer.text


async def test_shipping_zones_hold_countries_by_name_or_code_and_fees(
    served: Served, world: World
) -> None:
    home = await begun(served, world)
    await save(served.reader, f"{home}/edit/rewards/new", title="One", price="45", ships="on")
    (tier,) = await world.rows("select id from tiers")
    at = f"{home}/edit/shipping"
    fee = {f"first-{tier['id']}": "5", f"further-{tier['id']}": "2.50"}
    answer = await save(
        served.reader, f"{at}/new", title="Near", countries="Germany\nfr, Österreich", **fee
    )
    assert answer.status_code == 303, answer.text
    zone = await world.row("select * from shipping_zones")
    assert zone["countries"] == ["AT", "DE", "FR"]
    fees = await world.row("select first, further from shipping_fees")
    assert tuple(fees) == (500, 250)
    for countries, sentence in (
        ("Atlantis", "“Atlantis” is not a country"),
        ("Germany", "is in the zone “Near” already"),
    ):
        again = await save(served.reader, f"{at}/new", title="Far", countries=countries, **fee)
        assert again.status_code == 422 and sentence in again.text
    answer = await save(served.reader, at, excluded="Norway")
    assert (await world.row("select excluded_countries from campaigns"))[0] == ["NO"]
    await send(served.reader, f"{at}/{zone['id']}", base="1", do="remove")
    assert not await world.rows("select from shipping_zones")


TERMS = {
    "goal": "10000",
    "basis": "money",
    "currency": "EUR",
    "funding_model": "keep_it_all",
    "opens_at": "2026-06-10T09:00",
    "closes_at": "2026-07-10T21:00",
    "zone": "America/New_York",
}


async def test_money_and_dates_of_a_draft_are_free_to_choose(served: Served, world: World) -> None:
    home = await begun(served, world)
    answer = await save(served.reader, f"{home}/edit/money", **TERMS, tax="on", review_limit="500")
    assert answer.status_code == 303, answer.text
    row = await world.row("select * from campaigns")
    assert (row["goal"], row["basis"], row["currency"]) == (1_000_000, "money", "EUR")
    assert row["closes_at"].isoformat() == "2026-07-11T01:00:00+00:00"
    assert (row["tax"], row["review_limit"], row["last_day_guard"]) == (True, 50_000, False)
    for wrong, about in (
        ({"closes_at": "2026-06-10T08:00"}, "closes_at"),
        ({"opens_at": "soon"}, "opens_at"),
        ({"goal": ""}, "goal"),
    ):
        answer = await save(served.reader, f"{home}/edit/money", **TERMS | wrong)
        assert answer.status_code == 422 and f'id="{about}-note"' in answer.text
        await send(served.reader, f"{home}/edit/keep/money", do="forget")


async def test_what_was_published_stands_and_goal_and_deadline_move_as_promises(
    served: Served, world: World
) -> None:
    await staff(world)
    campaign = await world.campaign(slug="recorder", goal=100)
    await enter(served.reader, "Alice")
    at = f"{HERE}/recorder/edit/money"
    page = (await served.reader.get(at)).text
    assert "Backers were promised this" in page and 'name="basis"' not in page
    sneaky = TERMS | {"goal": "80", "closes_at": "2026-07-05T00:00"}
    answer = await save(served.reader, at, **sneaky)
    assert answer.status_code == 303, answer.text
    row = await world.row("select * from campaigns")
    assert (row["goal"], row["basis"], row["currency"]) == (80, "units", "USD")
    assert row["zone"] == "Etc/UTC" and row["funding_model"] == "keep_it_all"
    kinds = [r["kind"] for r in await world.rows("select kind from promises order by number")]
    assert kinds == ["begun", "goal", "deadline"]
    await world.started(campaign)
    answer = await save(served.reader, at, **sneaky | {"closes_at": "2026-06-20T00:00"})
    assert answer.status_code == 409 and "it may move later" in answer.text.lower()
    answer = await save(served.reader, at, **sneaky | {"goal": "90"})
    assert answer.status_code == 409 and "can't rise" in answer.text.replace("&#39;", "'")


async def test_texts_in_another_language_are_shown_to_its_readers_and_the_rest_falls_back(
    served: Served, world: World
) -> None:
    await staff(world)
    campaign = await world.campaign(slug="recorder", blurb="It hears.", story="Long.")
    tier = await world.tier(campaign, text="One of them.")
    await enter(served.reader, "Bob")
    at = f"{HERE}/recorder/edit/languages/de"
    said = {"title": "Feldrekorder", "story": "Lang.", f"title-{tier}": "Ein Rekorder"}
    assert (await save(served.reader, at, **said)).status_code == 303
    page = (await served.reader.get("/c/recorder?lang=de")).text
    assert "Feldrekorder" in page and "Ein Rekorder" in page and "It hears." in page
    assert "Field Recorder" in (await served.reader.get("/c/recorder?lang=en")).text
    assert (await served.reader.get(f"{HERE}/recorder/edit/languages/en")).status_code == 404
    overview = (await served.reader.get(f"{HERE}/recorder/edit/languages")).text
    assert "3 of 5 texts" in overview


async def test_another_campaign_s_reward_or_zone_is_not_there(served: Served, world: World) -> None:
    home = await begun(served, world)
    other = await world.campaign(slug="other")
    tier = await world.tier(other)
    zone = await world.zone(other, {tier: (1, 1)})
    assert (await served.reader.get(f"{home}/edit/rewards/{tier}")).status_code == 404
    assert (await served.reader.get(f"{home}/edit/shipping/{zone}")).status_code == 404
    answer = await send(served.reader, f"{home}/edit/rewards", tier=str(tier), do="close")
    assert answer.status_code == 404
    assert (await world.row("select closes_at from tiers"))["closes_at"] is None


async def test_each_part_asks_a_fixed_number_of_queries(served: Served, world: World) -> None:
    await staff(world)
    campaign = await world.campaign(slug="recorder")
    for number in range(12):
        tier = await world.tier(campaign, title=f"Reward {number}", ships=True)
    await world.zone(campaign, {tier: (1, 1)})
    await enter(served.reader, "Alice")
    home = f"{HERE}/recorder"
    for path, most in (
        ("/edit", 3),
        ("/edit/rewards", 3),
        (f"/edit/rewards/{tier}", 4),
        ("/edit/shipping", 5),
        ("/edit/money", 3),
        ("/edit/languages/de", 4),
        ("/launch", 5),
    ):
        start = len(served.statements)
        assert (await served.reader.get(home + path)).status_code == 200
        said = served.statements_since(start)
        assert len(said) <= most, (path, said)
