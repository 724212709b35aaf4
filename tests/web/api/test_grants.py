"""`/api/v1/grants`: what is owed, to whom and where it goes, as a fulfilment house reads it."""

from datetime import timedelta
from typing import Any

from milepost.domain.program_plans import Step
from milepost.services.preparing import NewStore, create_store
from milepost.storage import surveys
from milepost.storage.database import unit
from tests.loyalty import open_programs, reward
from tests.many import many
from tests.web.api.program import Program, program_of
from tests.web.parcels import lives, parcel_road
from tests.web.studio import creator
from tests.world import World


async def muffs(world: World) -> dict[str, Any]:
    """Dana and Eli back a campaign whose milestone gives each a muff."""
    road = await parcel_road(world, "Dana", "Eli")
    await world.settle()
    rows = await world.rows("select beneficiary, pledge_id from grants order by pledge_id")
    return road | {"grants": [f"{road['milestone']}:{row['beneficiary']}" for row in rows]}


async def test_a_grant_says_what_goes_where_and_why(program: Program, world: World) -> None:
    road = await muffs(world)
    async with unit(world.database) as db:
        await db.execute("update addresses set phone = '+41 31 000 00 00'")
        question = await surveys.add(
            db,
            road["campaign"],
            world.now,
            prompt="Which colour?",
            kind="choice",
            options=["Moss", "Rust"],
            required=True,
            tiers=[],
            milestone_id=None,
            translations={},
        )
        await db.execute(
            "insert into answers (question_id, pledge_id, answer, answered_at)"
            " values ($1, $2, $3, $4)",
            question, road["Dana"], "Moss", world.now,
        )  # fmt: skip
    dana, eli = road["grants"]
    one = (await program.get(f"/grants/{dana}")).json()
    assert one["id"] == dana
    assert (one["campaign"], one["program"], one["pledge"]) == ("recorder", None, road["Dana"])
    assert (one["state"], one["quantity"], one["hindrance"]) == ("owed", 1, None)
    assert (one["reward"]["kind"], one["reward"]["title"]) == ("product", "Wind muff")
    assert one["address"]["name"] == "Dana" and one["address"]["line1"] == "1 Larch Lane"
    assert one["address"]["phone"] == "+41 31 000 00 00" and one["address"]["country"] == "CH"
    assert one["answers"] == [{"question": "Which colour?", "answer": "Moss"}]
    assert one["parcel"] is None
    assert one["reason"]["rule"] == "all_backers"
    assert "You have this because" in one["reason"]["sentence"]
    assert [each["id"] for each in await program.every("/grants", limit=1)] == [dana, eli]


async def test_grants_are_found_by_what_they_are(program: Program, world: World) -> None:
    road = await muffs(world)
    dana, eli = road["grants"]
    async with unit(world.database) as db:
        await db.execute("update grants set state = 'held' where pledge_id = $1", road["Eli"])

    async def found(**asked: Any) -> list[str]:
        return [each["id"] for each in await program.every("/grants", limit=1, **asked)]

    customer = int(eli.split(":")[1])
    assert await found(state="owed") == [dana]
    assert await found(state="held") == [eli]
    assert await found(pledge=road["Eli"]) == await found(customer=customer) == [eli]
    assert await found(campaign="recorder", milestone=road["milestone"]) == [dana, eli]
    assert await found(campaign="unknown") == await found(milestone=999) == []
    assert await found(pledge=999) == await found(customer=999) == []
    assert await found(backordered="true") == []
    assert await found(backordered="false", state="held") == [eli]
    (held,) = await program.every("/grants", state="held")
    assert held["hindrance"] == "held"
    assert (await program.get("/grants", state="lost")).status_code == 422


async def test_another_stores_grants_are_not_found(program: Program, world: World) -> None:
    road = await muffs(world)
    async with unit(world.database) as db:
        other = await create_store(db, NewStore("elsewhere", "Elsewhere"), world.now)
    await creator(world, "Charlie", "owner", other)
    async with program_of(
        program.served, world, "fulfilment:read", store_id=other, who="Charlie"
    ) as theirs:
        for asked in ({}, {"pledge": road["Dana"]}, {"milestone": road["milestone"]}):
            assert await theirs.every("/grants", **asked) == []
        assert (await theirs.get(f"/grants/{road['grants'][0]}")).status_code == 404
    for nothing in ("3:999", "999999999999999999:1"):
        assert (await program.get(f"/grants/{nothing}")).status_code == 404
    assert (await program.get("/grants/3-41")).status_code == 422


async def test_a_page_of_grants_costs_as_many_statements_whatever_their_number(
    program: Program, world: World
) -> None:
    await many(world, 300)
    counts = set()
    for limit in (1, 200):
        start = len(program.served.statements)
        page = (await program.get("/grants", limit=limit, state="owed")).json()
        counts.add(len(program.served.statements_since(start)))
        assert len(page["data"]) == limit
    assert len(counts) == 1
    everybody = [each["id"] for each in await program.every("/grants", limit=200)]
    assert len(everybody) == len(set(everybody)) == 300


async def test_an_erased_address_is_told_no_more(program: Program, world: World) -> None:
    road = await muffs(world)
    async with unit(world.database) as db:
        await db.execute("delete from addresses where pledge_id = $1", road["Dana"])
    one = (await program.get(f"/grants/{road['grants'][0]}")).json()
    assert one["address"] is None
    await lives(world, road["Dana"], "Dana", city="Thun")
    world.now += timedelta(days=1)
    assert (await program.get(f"/grants/{road['grants'][0]}")).json()["address"]["city"] == "Thun"


async def test_what_a_program_owes_is_in_no_parcel(program: Program, world: World) -> None:
    programs = await open_programs(world)
    await programs.on("orders", Step("orders", 1, reward()))
    await programs.order("Dana")
    (grant,) = await program.every("/grants", state="owed")
    assert (grant["campaign"], grant["reward"]["kind"]) == (None, "points")
    assert grant["hindrance"] == "no_parcel"
