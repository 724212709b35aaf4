"""`/api/v1/campaigns`: what was set, page by page, what an edit stands on, and what may change."""

import asyncio
from typing import Any

import pytest

from milepost.services.preparing import NewStore, create_store
from milepost.storage.database import unit
from tests.web.api.program import Program
from tests.web.studio import enter, log_of, send
from tests.world import World

HERE = "/campaigns/recorder"
EDIT = "/studio/larkfield/campaigns/recorder/edit"


async def _edit(program: Program, **sent: Any) -> Any:
    """Change what is said, standing on what is there now."""
    tag = (await program.get(HERE)).headers["etag"]
    return await program.send("PATCH", HERE, sent, If_Match=tag)


async def test_campaigns_come_page_by_page_and_each_once(program: Program, world: World) -> None:
    slugs = [f"recorder-{number}" for number in range(5)]
    for slug in slugs:
        await world.campaign(slug=slug, published=slug != "recorder-3")
    first = (await program.get("/campaigns", limit=2)).json()
    assert [each["slug"] for each in first["data"]] == slugs[:2]
    assert [each["slug"] for each in await program.every("/campaigns", limit=2)] == slugs
    (draft,) = await program.every("/campaigns", published=False)
    assert (draft["slug"], draft["published"], draft["state"]) == ("recorder-3", False, "draft")


async def test_a_campaign_that_is_not_the_stores_is_not_found(
    program: Program, world: World
) -> None:
    async with unit(world.database) as db:
        world.store_id = await create_store(db, NewStore("elsewhere", "Elsewhere"), world.now)
    await world.campaign(slug="recorder")
    for answer in (
        await program.get("/campaigns/unknown"),
        await program.get(HERE),
        await program.get(f"{HERE}/totals"),
        await program.send("PATCH", HERE, {"title": "Mine"}, If_Match="*"),
    ):
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"] == "There is no such campaign."
    assert await program.every("/campaigns") == []


async def test_an_edit_shows_on_the_page_and_is_noted(program: Program, world: World) -> None:
    await world.campaign(slug="recorder", blurb="It records.")
    answer = await _edit(program, title="Pocket Recorder", story="# New\r\n\nWith *sound*.")
    edited = answer.json()
    assert (edited["title"], edited["blurb"]) == ("Pocket Recorder", "It records.")
    assert answer.headers["etag"] == (await program.get(HERE)).headers["etag"]
    page = await program.served.reader.get("/c/recorder")
    assert "Pocket Recorder" in page.text
    assert "<em>sound</em>" in page.text
    who, what, about, before, after = (await log_of(world))[-1]
    assert (who, what, about) == ("Alice", "page_saved", "Field Recorder")
    assert (before["title"], after["title"]) == ("Field Recorder", "Pocket Recorder")


async def test_a_tag_that_a_compressing_proxy_made_weak_still_stands(
    program: Program, world: World
) -> None:
    await world.campaign(slug="recorder")
    assert (await program.send("PATCH", HERE, {"blurb": "One"}, If_Match="W/*")).status_code == 400
    tag = f"W/{(await program.get(HERE)).headers['etag']}"
    assert (await program.send("PATCH", HERE, {"blurb": "One"}, If_Match=tag)).status_code == 200
    assert (await program.send("PATCH", HERE, {"blurb": "Two"}, If_Match=tag)).status_code == 412


async def test_an_edit_stands_on_what_was_read(program: Program, world: World) -> None:
    await world.campaign(slug="recorder")
    tag = (await program.get(HERE)).headers["etag"]
    assert (await program.send("PATCH", HERE, {"blurb": "One"}, If_Match=tag)).status_code == 200
    late = await program.send("PATCH", HERE, {"blurb": "Two"}, If_Match=tag)
    assert (late.status_code, (await program.get(HERE)).json()["blurb"]) == (412, "One")
    assert (await program.send("PATCH", HERE, {"blurb": "Two"})).status_code == 428
    await world.pledged((await world.row("select id from campaigns"))["id"], "Dana")
    tag = (await program.get(HERE)).headers["etag"]
    assert (await program.send("PATCH", HERE, {"blurb": "3"}, If_Match=tag)).status_code == 200


async def test_of_two_edits_at_once_one_stands(program: Program, world: World) -> None:
    await world.campaign(slug="recorder")
    tag = (await program.get(HERE)).headers["etag"]
    answers = await asyncio.gather(
        *(program.send("PATCH", HERE, {"blurb": blurb}, If_Match=tag) for blurb in "abc")
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412]
    (stands,) = (a.json()["blurb"] for a in answers if a.status_code == 200)
    assert (await program.get(HERE)).json()["blurb"] == stands


async def test_whoever_types_in_the_studio_meanwhile_loses_nothing(
    program: Program, world: World
) -> None:
    await world.campaign(slug="recorder")
    reader = program.served.reader
    await enter(reader, "Alice")
    await send(reader, f"{EDIT}/keep/page", base="0", title="Typed by Alice")
    assert (await _edit(program, title="Set by a program")).status_code == 200
    page = await reader.get(EDIT)
    assert "Typed by Alice" in page.text
    assert "Set by a program" in page.text
    typed = {"title": "Typed by Alice", "slug": "recorder", "blurb": "", "story": ""}
    assert (await send(reader, EDIT, base="0", **typed)).status_code == 409


@pytest.mark.parametrize(
    ("sent", "about"),
    [
        ({"title": " "}, "/title"),
        ({"title": None}, "/title"),
        ({"blurb": "nul \0"}, "/blurb"),
        ({"surname": "x"}, "/surname"),
        ({"image": "https://elsewhere.example/a.jpg"}, "/image"),
        ({"image": "/media/1/of-somebody-else-8x8.avif"}, "/image"),
        ({"closes_at": "0001-01-01T00:00:00+14:00"}, "/closes_at"),
        ({"closes_at": "2026-07-02T00:00:00"}, "/closes_at"),
        ({"closes_at": "2026-05-02T00:00:00Z"}, "/closes_at"),
        ({"translations": {"xx": {"title": "?"}}}, "/translations"),
        ({"translations": {"en": {"title": "?"}}}, "/translations"),
        ({"goal": 0}, "/goal"),
    ],
)
async def test_what_it_cannot_be_is_refused_with_its_place(
    program: Program, world: World, sent: dict[str, Any], about: str
) -> None:
    await world.campaign(slug="recorder")
    answer = await _edit(program, **sent)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == about
    assert (await program.get(HERE)).json()["title"] == "Field Recorder"


async def test_what_a_published_campaign_promises_moves_only_as_it_may(
    program: Program, world: World
) -> None:
    campaign = await world.campaign(slug="recorder", zone="Europe/Berlin")
    for stands in (
        {"currency": "EUR"},
        {"basis": "money"},
        {"zone": "Etc/UTC"},
        {"opens_at": "2026-05-02T00:00:00Z"},
        {"slug": "pocket"},
        {"funding_model": "all_or_nothing"},
    ):
        answer = await _edit(program, **stands)
        assert answer.status_code == 409, stands
        assert answer.json()["errors"][0]["pointer"] == f"/{next(iter(stands))}"
    await world.pledged(campaign, "Dana")
    assert (await _edit(program, goal=101)).status_code == 409
    assert (await _edit(program, closes_at="2026-06-20T00:00:00Z")).status_code == 409
    moved = await _edit(program, goal=90, closes_at="2026-07-02T10:00:00+02:00", late_pledges=True)
    told = moved.json()
    assert (told["goal"], told["late_pledges"]) == (90, True)
    assert told["closes_at"] == "2026-07-02T08:00:00Z"
    kinds = [row["kind"] for row in await world.rows("select kind from promises order by number")]
    assert kinds == ["begun", "goal", "deadline"]


async def test_a_draft_can_still_be_all_else(program: Program, world: World) -> None:
    await world.campaign(slug="recorder", published=False, zone="Europe/Berlin")
    answer = await _edit(
        program,
        slug="pocket",
        basis="money",
        currency="JPY",
        goal=500_000,
        funding_model="all_or_nothing",
        opens_at="2026-10-25T00:30:00Z",  # an hour that comes twice in Berlin: the first of both
        closes_at="2026-11-25T00:30:00Z",
        review_limit=10_000,
    )
    assert answer.status_code == 200, answer.text
    told = (await program.get("/campaigns/pocket")).json()
    assert told["opens_at"] == "2026-10-25T00:30:00Z"
    assert (told["basis"], told["currency"], told["goal"]) == ("money", "JPY", 500_000)
    assert (await program.get(HERE)).status_code == 404


async def test_texts_in_another_language_are_changed_one_by_one(
    program: Program, world: World
) -> None:
    await world.campaign(slug="recorder", translations={"de": {"title": "Gerät", "blurb": "Ja."}})
    told = (await _edit(program, translations={"de": {"title": "Rekorder"}})).json()
    assert told["translations"] == {"de": {"title": "Rekorder", "blurb": "Ja."}}
    told = (await _edit(program, translations={"de": {"blurb": ""}})).json()
    assert told["translations"] == {"de": {"title": "Rekorder"}}
    page = await program.served.reader.get("/c/recorder", headers={"accept-language": "de"})
    assert "Rekorder" in page.text


async def test_a_picture_is_one_that_the_store_has(program: Program, world: World) -> None:
    await world.campaign(slug="recorder")
    mine = f"/media/{world.store_id}/a-8x8.avif"
    async with unit(world.database) as db:
        await db.execute(
            "insert into pictures values ($1, $2, 8, 8, 9, null, now())", world.store_id, mine
        )
    wordless = await _edit(program, image=mine)
    assert wordless.json()["errors"][0]["pointer"] == "/image_alt"
    told = (await _edit(program, image=mine, image_alt="A recorder")).json()
    assert told["image"] == program.served.url + mine
    same = (await _edit(program, image=told["image"], image_alt="A small recorder")).json()
    assert same["image"] == told["image"]
    bare = (await _edit(program, image=None)).json()
    assert (bare["image"], bare["image_alt"]) == (None, "")


async def test_totals_are_told_apart_from_what_was_set(program: Program, world: World) -> None:
    campaign = await world.campaign(slug="recorder")
    before = (await program.get(HERE)).headers["etag"]
    await world.pledged(campaign, "Dana")
    totals = (await program.get(f"{HERE}/totals")).json()
    assert (totals["total"], totals["raised"], totals["backers"], totals["seq"]) == (1, 4500, 1, 1)
    assert (totals["state"], totals["version"]) == ("live", totals["seq"] + 1)
    assert (await program.get(HERE)).headers["etag"] == before


async def test_a_page_of_campaigns_is_one_question(program: Program, world: World) -> None:
    counts = []
    for number in range(3):
        await world.campaign(slug=f"recorder-{number}")
        start = len(program.served.statements)
        await program.get("/campaigns")
        counts.append(len(program.served.statements_since(start)))
    assert counts[1] == counts[2]


async def test_an_etag_without_its_quotation_marks_is_not_taken_for_an_old_one(
    program: Program, world: World
) -> None:
    await world.campaign(slug="recorder", blurb="It records.")
    bare = (await program.get(HERE)).headers["etag"].strip('"')
    answer = await program.send("PATCH", HERE, {"blurb": "New"}, if_match=bare)
    assert (answer.status_code, (await program.get(HERE)).json()["blurb"]) == (400, "It records.")
    assert "with them" in answer.json()["detail"]
