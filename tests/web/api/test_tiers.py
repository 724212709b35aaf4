"""`/api/v1/campaigns/{slug}/tiers`: what can be chosen, and what of it is claimed."""

from typing import Any

import pytest

from milepost.domain.lines import Line
from milepost.storage.database import unit
from tests.web.api.program import Program
from tests.web.studio import log_of
from tests.world import World

HERE = "/campaigns/recorder/tiers"


@pytest.fixture
async def campaign(world: World) -> int:
    """A campaign that is open."""
    return await world.campaign(slug="recorder")


async def _edit(program: Program, tier: int, **sent: Any) -> Any:
    tag = (await program.get(f"{HERE}/{tier}")).headers["etag"]
    return await program.send("PATCH", f"{HERE}/{tier}", sent, If_Match=tag)


async def test_a_tier_that_a_program_adds_stands_on_the_page(
    program: Program, world: World, campaign: int
) -> None:
    sent = {
        "title": " Recorder  with muff ",
        "price": 12_900,
        "text": "Both.",
        "slots": 500,
        "translations": {"de": {"title": "Rekorder mit Fell", "text": ""}},
    }
    answer = await program.send("POST", HERE, sent, key="once")
    made = answer.json()
    assert answer.status_code == 201, answer.text
    assert (made["title"], made["units"], made["kind"]) == ("Recorder with muff", 1, "tier")
    assert made["translations"] == {"de": {"title": "Rekorder mit Fell"}}
    again = await program.send("POST", HERE, sent, key="once")
    assert (again.json(), again.headers["location"]) == (made, answer.headers["location"])
    path = answer.headers["location"].removeprefix("/api/v1")
    assert (await program.get(path)).headers["etag"] == answer.headers["etag"]
    addon = await program.send("POST", HERE, {"title": "Strap", "price": 900, "kind": "addon"})
    assert addon.json()["units"] == 0
    assert [each["title"] for each in await program.every(HERE, limit=1)] == [
        "Recorder with muff",
        "Strap",
    ]
    assert [each["title"] for each in await program.every(HERE, kind="addon")] == ["Strap"]
    assert "Recorder with muff" in (await program.served.reader.get("/c/recorder")).text
    assert [entry[1] for entry in await log_of(world)][1:] == ["tier_added", "tier_added"]


async def test_a_tier_changes_for_whoever_comes_next(
    program: Program, world: World, campaign: int
) -> None:
    tier = await world.tier(campaign, slots=10)
    await world.pledged(campaign, "Dana", Line("tier", "One recorder", 2, 4500, 2, tier))
    async with unit(world.database) as db:
        await db.execute("update tiers set claimed = 2")
    tag = (await program.get(f"{HERE}/{tier}")).headers["etag"]
    answer = await _edit(program, tier, price=5000, slots=2, most=3)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["price"], told["slots"], told["most"], told["title"]) == (
        5000, 2, 3, "One recorder",
    )  # fmt: skip
    (claims,) = await program.every("/campaigns/recorder/claimed")
    assert claims == {"id": tier, "slots": 2, "claimed": 2, "left": 0, "state": "sold_out"}
    fewer = await _edit(program, tier, slots=1)
    assert (fewer.status_code, fewer.json()["errors"][0]["pointer"]) == (422, "/slots")
    late = await program.send("PATCH", f"{HERE}/{tier}", {"price": 1}, If_Match=tag)
    assert late.status_code == 412
    assert (await world.row("select unit_price from pledge_lines"))["unit_price"] == 4500
    closed = await _edit(program, tier, closes_at="2026-05-20T12:00:00Z")
    assert closed.status_code == 200
    (claims,) = await program.every("/campaigns/recorder/claimed")
    assert claims["state"] == "ended"
    told = (
        await _edit(program, tier, closes_at=None, translations={"de": {"title": "Ein"}})
    ).json()
    assert (told["closes_at"], told["translations"]) == (None, {"de": {"title": "Ein"}})


@pytest.mark.parametrize(
    ("sent", "about"),
    [
        ({"title": "x", "price": 0}, "/price"),
        ({"title": "x", "price": 12_345}, "/price"),  # KWD goes in tens
        ({"title": "x", "price": True}, "/price"),
        ({"price": 10}, "/title"),
        ({"title": "x", "price": 10, "most": 101}, "/most"),
        ({"title": "x", "price": 10, "translations": {"en": {}}}, "/translations"),
        (
            {
                "title": "x",
                "price": 10,
                "opens_at": "2026-06-02T00:00:00Z",
                "closes_at": "2026-06-01T00:00:00Z",
            },
            "/closes_at",
        ),
    ],
)
async def test_what_no_tier_can_be_is_refused_with_its_place(
    program: Program, world: World, sent: dict[str, Any], about: str
) -> None:
    await world.campaign(slug="recorder", currency="KWD")
    answer = await program.send("POST", HERE, sent)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == about
    assert await program.every(HERE) == []


async def test_only_a_drafts_tier_that_nothing_names_is_removed(
    program: Program, world: World, campaign: int
) -> None:
    draft = await world.campaign(slug="draft", published=False)
    there, gone = await world.tier(campaign), await world.tier(draft)
    refused = await program.send("DELETE", f"{HERE}/{there}", If_Match="*")
    assert refused.status_code == 409
    path = f"/campaigns/draft/tiers/{gone}"
    assert (await program.send("DELETE", f"{HERE}/{gone}", If_Match="*")).status_code == 404
    assert (await program.send("DELETE", path)).status_code == 428
    removed = await program.send("DELETE", path, If_Match="*", key="away")
    assert (removed.status_code, removed.content) == (204, b"")
    assert (await program.send("DELETE", path, If_Match="*", key="away")).status_code == 204
    assert (await program.get(path)).status_code == 404


async def test_a_page_of_tiers_is_as_many_statements_as_an_empty_one(
    program: Program, world: World, campaign: int
) -> None:
    counts = []
    for _ in range(3):
        start = len(program.served.statements)
        await program.get(HERE)
        counts.append(len(program.served.statements_since(start)))
        await world.tier(campaign)
    assert len(set(counts[1:])) == 1
