"""Two editors at once are told and not overwritten; what is typed is kept before it is saved."""

from typing import Any

import pytest

from tests.web.client import Reader
from tests.web.serving import Served
from tests.web.studio import enter, send, staff
from tests.world import World

AT = "/studio/larkfield/campaigns/recorder/edit"
KEEP = f"{AT}/keep/page"
PAGE = {"title": "Recorder", "slug": "recorder", "blurb": "It hears.", "story": "The story."}


@pytest.fixture
async def bob(served: Served, world: World) -> Any:
    """Alice sits at the served reader, Bob at this one; both at the recorder's draft."""
    await staff(world)
    await world.campaign(slug="recorder", published=False)
    await enter(served.reader, "Alice")
    async with Reader(served.url) as reader:
        await enter(reader, "Bob")
        yield reader


async def test_what_is_typed_is_kept_and_offered_again_and_on_no_page(
    served: Served, world: World, bob: Reader
) -> None:
    typed = PAGE | {"story": "Half a senten"}
    answer = await send(served.reader, KEEP, base="0", **typed)
    assert answer.json()["overtaken"] is False and answer.json()["others"] == []
    page = (await served.reader.get(AT)).text
    assert "Half a senten" in page and "have not saved it" in page
    assert (await world.row("select story from campaigns"))["story"] == ""
    assert "Half a senten" not in (await bob.get(AT)).text


async def test_a_creator_is_told_who_else_has_text_here(
    served: Served, world: World, bob: Reader
) -> None:
    await send(bob, KEEP, base="0", **PAGE)
    assert "Bob has text here that is not saved" in (await served.reader.get(AT)).text
    answer = await send(served.reader, KEEP, base="0", **PAGE | {"title": "Mine"})
    assert [other["name"] for other in answer.json()["others"]] == ["Bob"]


async def test_whoever_saves_second_sees_both_texts_and_overwrites_only_knowingly(
    served: Served, world: World, bob: Reader
) -> None:
    assert (await send(bob, AT, base="0", **PAGE | {"story": "Bob's"})).status_code == 303
    mine = PAGE | {"story": "Alice's"}
    answer = await send(served.reader, AT, base="0", **mine)
    assert answer.status_code == 409
    assert "Bob saved this part while you were typing" in answer.text
    text = answer.text.replace("&#39;", "'")
    assert "Bob's" in text and "Alice's" in text
    assert (await world.row("select story from campaigns"))["story"] == "Bob's"
    again = (await served.reader.get(AT)).text.replace("&#39;", "'")
    assert "Bob's" in again and "Alice's" in again, "nothing is lost by going away"
    assert (await send(served.reader, AT, base="1", **mine)).status_code == 303
    assert (await world.row("select story from campaigns"))["story"] == "Alice's"


async def test_whoever_was_overtaken_may_take_what_is_saved(
    served: Served, world: World, bob: Reader
) -> None:
    await send(bob, AT, base="0", **PAGE | {"story": "Saved by another."})
    await send(served.reader, AT, base="0", **PAGE | {"story": "Given up."})
    answer = await send(served.reader, KEEP, do="forget", back=AT)
    assert answer.headers["location"] == f"{AT}?done=forgotten"
    page = (await served.reader.get(AT)).text
    assert "Saved by another." in page and "Given up." not in page
    assert not await world.rows("select from unsaved")


async def test_other_parts_are_nobody_s_hindrance(
    served: Served, world: World, bob: Reader
) -> None:
    tier = {"title": "One", "price": "45", "units": "1", "base": "0"}
    assert (await send(bob, f"{AT}/rewards/new", **tier)).status_code == 303
    assert (await send(served.reader, AT, base="0", **PAGE)).status_code == 303


async def test_saving_takes_away_one_s_own_unsaved_text_and_nobody_else_s(
    served: Served, world: World, bob: Reader
) -> None:
    await send(bob, KEEP, base="0", **PAGE)
    await send(served.reader, KEEP, base="0", **PAGE)
    await send(served.reader, AT, base="0", **PAGE)
    rows = await world.rows("select c.name from unsaved u join creators c on c.id = u.creator_id")
    assert [row["name"] for row in rows] == ["Bob"]


async def test_a_late_message_that_repeats_what_was_saved_is_no_unsaved_text(
    served: Served, world: World, bob: Reader
) -> None:
    await send(served.reader, AT, base="0", **PAGE)
    await send(served.reader, KEEP, base="0", **PAGE)  # it was on its way when Save was pressed
    page = (await served.reader.get(AT)).text
    assert "have not saved it" not in page and "while you were typing" not in page


async def test_the_way_back_leads_nowhere_else(served: Served, world: World, bob: Reader) -> None:
    for back in ("https://evil.example/", f"{AT}/../../..", f"{AT}//evil.example", "/studio"):
        answer = await send(served.reader, KEEP, do="forget", back=back)
        assert answer.headers["location"] == f"{AT}?done=forgotten"
    back = f"{AT}/rewards/new"
    answer = await send(served.reader, KEEP, do="forget", back=back)
    assert answer.headers["location"] == f"{back}?done=forgotten"


async def test_the_store_s_brand_is_edited_together_too(
    served: Served, world: World, bob: Reader
) -> None:
    at = "/studio/larkfield/brand"
    await world.campaign(slug="open")
    before = (await served.reader.get("/c/open")).text
    typed = {"name": "Larkfield Labs", "tagline": "Quiet things", "brand": "#a03"}
    assert (await send(bob, at, base="0", **typed)).status_code == 303
    answer = await send(served.reader, at, base="0", **typed | {"brand": "#123456"})
    assert answer.status_code == 409 and "#123456" in answer.text and "#aa0033" in answer.text
    wrong = await send(served.reader, at, base="1", **typed | {"brand": "reddish"})
    assert wrong.status_code == 422 and "is not a colour" in wrong.text
    assert (await world.row("select brand from stores where id = 1"))["brand"] == "#aa0033"
    page = (await served.reader.get("/")).text
    assert "Larkfield Labs" in page and "Larkfield Labs" not in before
    look = await served.reader.get(f"{at}/look", params={"brand": "#ffee00"})
    assert "Everything can be read" in look.json()["html"]
    css = await served.reader.get(f"{at}/look.css", params={"brand": "#ffee00"})
    assert ".brand-look" in css.text and ":root" not in css.text
