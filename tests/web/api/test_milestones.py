"""`/api/v1/…/milestones`: looked at before, made, changed as promises may, and opened."""

from typing import Any

import pytest

from milepost.domain.lines import Line
from milepost.domain.scopes import SEE_CAMPAIGNS
from milepost.services.preparing import NewStore, create_store
from milepost.storage.database import unit
from tests.web.api.program import Program, program_of
from tests.web.studio import log_of
from tests.world import World

HERE = "/campaigns/recorder/milestones"
MUFF = {"title": "A wind muff", "text_before": "For you.", "text_after": "It is yours."}


@pytest.fixture
async def campaign(world: World) -> int:
    """A campaign that is open."""
    return await world.campaign(slug="recorder")


async def _edit(program: Program, milestone: int, **sent: Any) -> Any:
    tag = (await program.get(f"{HERE}/{milestone}")).headers["etag"]
    return await program.send("PATCH", f"{HERE}/{milestone}", sent, If_Match=tag)


async def test_a_milestone_that_a_program_adds_stands_on_the_trail(
    program: Program, world: World, campaign: int
) -> None:
    reward = MUFF | {"exclusive": "A song.", "translations": {"de": {"title": "Ein Fell"}}}
    sent = {"target": 3, "audience": "all_backers", "cap": 100, "reward": reward}
    answer = await program.send("POST", HERE, sent)
    made = answer.json()
    assert answer.status_code == 201, answer.text
    assert (made["state"], made["target"], made["cap"], made["per"]) == ("ahead", 3, 100, "backer")
    assert made["reward"]["translations"] == {"de": {"title": "Ein Fell"}}
    assert (made["reward"]["kind"], made["reward"]["exclusive"]) == ("reveal", "A song.")
    page = (await program.served.reader.get("/c/recorder")).text
    assert "A wind muff" in page
    assert "A song." not in page
    assert [each["id"] for each in await program.every(HERE)] == [made["id"]]
    assert (await program.get(f"{HERE}/{made['id']}")).headers["etag"] == answer.headers["etag"]
    kinds = [row["kind"] for row in await world.rows("select kind from promises order by number")]
    assert kinds == ["begun", "added"]
    assert (await log_of(world))[-1][1] == "milestone_added"


async def test_what_is_reached_at_once_must_have_been_looked_at(
    program: Program, world: World, campaign: int
) -> None:
    for who in ("Dana", "Eli"):
        await world.pledged(campaign, who)
    product = await world.product(stock=1)
    sent: dict[str, Any] = {
        "target": 2,
        "audience": "all_backers",
        "reward": {"product": product, "cost": 300},
    }
    unseen = await program.send("POST", HERE, sent)
    assert (unseen.status_code, unseen.json()["errors"][0]["pointer"]) == (409, "/seen")
    asked = {"target": 2, "audience": "all_backers", "product": product, "cost": 300}
    foresight = (await program.get("/campaigns/recorder/foresight", **asked)).json()
    assert foresight["reached"] is True
    assert foresight["now"] == {
        "grants": 2, "pieces": 2, "raised": 9000, "cost": 600, "missing": 1,
    }  # fmt: skip
    wrong = await program.send("POST", HERE, sent | {"seen": "1.1.1.0"})
    assert wrong.status_code == 409
    answer = await program.send("POST", HERE, sent | {"seen": foresight["seen"]})
    made = answer.json()
    assert answer.status_code == 201, answer.text
    assert (made["state"], made["reward"]["title"]) == ("revealed", "Wind muff")
    assert made["reward"]["product"] == product
    await world.settle()
    assert await world.grants(made["id"]) == {"dana": "owed", "eli": "owed"}
    totals = (await program.get(f"{HERE}/{made['id']}/totals")).json()
    assert (totals["owed"], totals["pieces"], totals["backordered"]) == (2, 2, 1)


async def test_a_reached_milestone_keeps_what_it_promised(
    program: Program, world: World, campaign: int
) -> None:
    milestone = await world.milestone(campaign, 1, **MUFF)
    await world.pledged(campaign, "Dana")
    for locked in (
        {"target": 2},
        {"audience": "new_backers"},
        {"per": "unit"},
        {"cap": 5},
        {"mystery": True},
        {"reveal": "manual"},
        {"exclude_late": True},
    ):
        answer = await _edit(program, milestone, **locked)
        assert answer.status_code == 409, locked
        assert answer.json()["errors"][0]["pointer"] == f"/{next(iter(locked))}"
    same = await _edit(program, milestone, target=1, reward={"text_after": "For you all."})
    told = same.json()
    assert (told["target"], told["reward"]["version"]) == (1, 2)
    assert told["reward"]["title"] == "A wind muff"
    assert (await world.row("select r.version from grants g join rewards r on r.id = g.reward_id"))[
        "version"
    ] == 1
    reward = {"text_after": "For all of you."}
    unseen = await _edit(program, milestone, reward=reward, also_granted=True)
    assert unseen.status_code == 409
    reissue = (await program.get(f"{HERE}/{milestone}/reissue")).json()
    assert (reissue["bill"]["grants"], reissue["kept"]) == (1, 0)
    seen = reissue["seen"]
    done = await _edit(program, milestone, reward=reward, also_granted=True, seen=seen)
    assert done.status_code == 200, done.text
    assert (await world.row("select r.version from grants g join rewards r on r.id = g.reward_id"))[
        "version"
    ] == 3


async def test_an_unreached_target_moves_and_the_change_is_kept(
    program: Program, world: World, campaign: int
) -> None:
    tier = await world.tier(campaign)
    milestone = await world.milestone(campaign, 10, **MUFF)
    tag = (await program.get(f"{HERE}/{milestone}")).headers["etag"]
    sent = {"target": 8, "tiers": [tier], "audience": "new_backers", "include_crossing": True}
    told = (await _edit(program, milestone, **sent)).json()
    assert (told["target"], told["tiers"], told["include_crossing"]) == (8, [tier], True)
    assert (told["reward"]["version"], told["reward"]["title"]) == (1, "A wind muff")
    late = await program.send("PATCH", f"{HERE}/{milestone}", {"target": 5}, If_Match=tag)
    assert late.status_code == 412
    changes = await world.rows("select what, made_by from milestone_changes order by id")
    assert [tuple(row) for row in changes][1:] == [
        ("audience", "alice@example.org"),
        ("target", "alice@example.org"),
    ]
    strange = await _edit(program, milestone, tiers=[tier + 100])
    assert (strange.status_code, strange.json()["errors"][0]["pointer"]) == (422, "/tiers")


@pytest.mark.parametrize(
    ("sent", "about"),
    [
        ({"target": 0}, "/target"),
        ({"target": 2**53}, "/target"),
        ({"reward": {"text_before": "untitled"}}, "/reward/title"),
        ({"reward": {"title": "x", "product": 999_999}}, "/reward/product"),
        ({"reward": {"title": "x", "code_kind": "shared"}}, "/reward/shared_code"),
        ({"reward": {"title": "x", "image": "/media/9/x.avif"}}, "/reward/image"),
        ({"reward": {"title": "x", "translations": {"en": {}}}}, "/reward/translations"),
        ({"codes": ["A"]}, "/codes"),
        ({"reward": {"title": "x", "code_kind": "pool"}, "codes": ["A", " A"]}, "/codes"),
        ({"tiers": [999_999]}, "/tiers"),
    ],
)
async def test_what_no_milestone_can_be_is_refused_with_its_place(
    program: Program, world: World, campaign: int, sent: dict[str, Any], about: str
) -> None:
    answer = await program.send("POST", HERE, {"target": 9, "reward": {"title": "Muff"}} | sent)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == about
    assert await program.every(HERE) == []


async def test_a_pool_takes_more_codes_and_whoever_waits_gets_one(
    program: Program, world: World, campaign: int
) -> None:
    reward = {"title": "A code", "code_kind": "pool"}
    sent = {"target": 2, "audience": "all_backers", "reward": reward, "codes": ["ONE"]}
    milestone = (await program.send("POST", HERE, sent)).json()["id"]
    for who in ("Dana", "Eli"):
        await world.pledged(campaign, who)
    totals = (await program.get(f"{HERE}/{milestone}/totals")).json()
    assert (totals["backordered"], totals["pool"]) == (1, {"codes": 1, "free": 0})
    pool = await program.send("POST", f"{HERE}/{milestone}/codes", {"codes": ["TWO", "THREE"]})
    assert pool.json() == {"codes": 3, "free": 1}
    again = await program.send("POST", f"{HERE}/{milestone}/codes", {"codes": ["TWO"]})
    assert again.status_code == 422


async def test_a_milestone_is_revealed_by_hand_and_archived(
    program: Program, world: World, campaign: int
) -> None:
    milestone = await world.milestone(campaign, 1, reveal="manual", **MUFF)
    path = f"{HERE}/{milestone}"
    assert (await program.send("POST", f"{path}/reveal")).status_code == 409
    await world.pledged(campaign, "Dana")
    assert (await program.get(path)).json()["state"] == "reached"
    told = (await program.send("POST", f"{path}/reveal")).json()
    assert (told["state"], told["revealed_at"]) == ("revealed", "2026-06-01T12:00:00Z")
    assert "It is yours." in (await program.served.reader.get("/c/recorder")).text
    assert (await program.send("POST", f"{path}/reveal")).status_code == 200
    assert (await program.send("POST", f"{path}/archive")).json()["state"] == "archived"
    assert await world.grants(milestone) == {"dana": "owed"}
    assert await program.every(HERE, archived=False) == []


async def test_a_token_that_may_only_look_reads_no_secret(
    program: Program, world: World, campaign: int
) -> None:
    secrets = {"exclusive": "A song.", "code_kind": "shared", "shared_code": "SECRET"}
    milestone = await world.milestone(campaign, 9, **MUFF, **secrets)
    async with program_of(program.served, world, SEE_CAMPAIGNS) as other:
        for answer in (await other.get(HERE), await other.get(f"{HERE}/{milestone}")):
            assert answer.status_code == 200
            for secret in ("It is yours.", "A song.", "SECRET"):
                assert secret not in answer.text
        seen = answer.headers["etag"]
    path = f"{HERE}/{milestone}"
    sent = {"reward": {"shared_code": "ANOTHER"}}
    assert (await program.get(path)).headers["etag"] == seen
    assert (await program.send("PATCH", path, sent, If_Match=seen)).status_code == 200
    assert (await program.send("PATCH", path, sent, If_Match=seen)).status_code == 412
    assert "ANOTHER" in (await program.get(HERE)).text


async def test_another_campaigns_milestone_is_not_found(
    program: Program, world: World, campaign: int
) -> None:
    own = await world.milestone(await world.campaign(slug="other"), 5)
    async with unit(world.database) as db:
        world.store_id = await create_store(db, NewStore("elsewhere", "Elsewhere"), world.now)
    strange = await world.milestone(await world.campaign(slug="strange"), 5)
    for path in (f"{HERE}/{own}", f"{HERE}/{strange}", f"/campaigns/strange/milestones/{strange}"):
        assert (await program.get(path)).status_code == 404
        assert (await program.get(f"{path}/totals")).status_code == 404
        assert (await program.get(f"{path}/reissue")).status_code == 404
        for deed in ("reveal", "archive"):
            assert (await program.send("POST", f"{path}/{deed}")).status_code == 404
        assert (await program.send("POST", f"{path}/codes", {"codes": ["A"]})).status_code == 404
        answer = await program.send("PATCH", path, {"target": 4}, If_Match="*")
        assert answer.status_code == 404
    foresight = "/campaigns/recorder/foresight"
    assert (await program.get(foresight, target=1, milestone=strange)).status_code == 404


async def test_a_page_of_milestones_is_as_many_statements_for_any_crowd(
    program: Program, world: World, campaign: int
) -> None:
    counts = []
    for target in (1, 2, 3):
        await world.milestone(campaign, target)
        await world.pledged(campaign, "Dana", Line("tier", "One recorder", 1, 4500, 1))
        start = len(program.served.statements)
        await program.get(HERE)
        counts.append(len(program.served.statements_since(start)))
    assert counts[1] == counts[2]
