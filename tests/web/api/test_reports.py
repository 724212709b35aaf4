"""`…/report` and `…/costs`: what the overview shows and what milestones will cost, for machines."""

from datetime import timedelta
from typing import Any

import pytest

from milepost.domain.lines import Line
from milepost.services.preparing import NewStore, create_store
from milepost.storage.database import unit
from tests.many import many
from tests.web.api.program import Program
from tests.web.studio import enter
from tests.world import World

HERE = "/campaigns/recorder"


async def test_a_report_says_what_the_overview_shows(program: Program, world: World) -> None:
    campaign = await world.campaign(slug="recorder", goal=10)
    tier = await world.tier(campaign, slots=50)
    await world.milestone(campaign, 1, reveal="manual")
    far = await world.milestone(campaign, 8)
    line = Line("tier", "One recorder", 2, 4500, 2, tier)
    await world.pledged(campaign, "Dana", line)
    world.now += timedelta(days=2)
    await world.pledged(campaign, "Eli", line, Line("bonus", "", 1, 500))
    told = (await program.get(f"{HERE}/report")).json()
    sums = {name: told[name] for name in ("total", "raised", "units", "backers", "through")}
    assert sums == {"total": 4, "raised": 18_500, "units": 4, "backers": 2, "through": 2}
    days = [(day["day"], day["confirmed"], day["total_raised"]) for day in told["days"]]
    assert days == [("2026-06-01", 1, 9000), ("2026-06-02", 0, 9000), ("2026-06-03", 1, 18_500)]
    chosen = {(c["name"], c["tier"]): (c["pledges"], c["raised"]) for c in told["chosen"]}
    assert chosen == {("One recorder", tier): (2, 18_000), ("bonus", None): (1, 500)}
    assert told["waiting"]["to_reveal"] == 1
    (ahead,) = told["ahead"]
    assert (ahead["milestone"], ahead["left"]) == (far, 4)
    (last,) = (await program.get(f"{HERE}/report", days=1)).json()["days"]
    assert last["day"] == "2026-06-03"
    reader = program.served.reader
    await enter(reader, "Alice")
    page = await reader.get("/studio/larkfield/campaigns/recorder")
    assert "$185" in page.text
    assert (await program.get(f"{HERE}/report", days=0)).json()["days"] == []
    assert (await program.get(f"{HERE}/report", days=367)).status_code == 422


async def test_a_report_asks_as_much_for_a_crowd_as_for_nobody(
    program: Program, world: World
) -> None:
    await world.campaign(slug="quiet")
    await many(world, 300)
    counts = []
    for slug in ("quiet", "recorder"):
        await program.get(f"/campaigns/{slug}/report")
        start = len(program.served.statements)
        await program.get(f"/campaigns/{slug}/report")
        counts.append(len(program.served.statements_since(start)))
    assert counts[0] == counts[1]


async def test_costs_are_those_of_the_pieces_that_are_given(program: Program, world: World) -> None:
    campaign = await world.campaign(slug="recorder")
    product = await world.product(stock=1)
    reached = await world.milestone(campaign, 2, product_id=product, cost=300)
    others: dict[str, Any] = {
        "all": await world.milestone(campaign, 10, cost=100),
        "new": await world.milestone(campaign, 20, "new_backers", cost=100),
        "units": await world.milestone(campaign, 30, switches={"per": "unit"}, cost=100),
        "capped": await world.milestone(campaign, 40, switches={"cap": 1}, cost=100),
        "unknown": await world.milestone(campaign, 50),
    }
    gone = await world.milestone(campaign, 60)
    async with unit(world.database) as db:
        await db.execute("update milestones set archived_at = now() where id = $1", gone)
    await world.pledged(campaign, "Dana", Line("tier", "One recorder", 2, 4500, 2))
    await world.pledged(campaign, "Eli", Line("tier", "One recorder", 1, 4500, 1))
    told = {cost["milestone"]: cost for cost in await program.every(f"{HERE}/costs", limit=2)}
    assert told[reached]["now"] == {
        "grants": 2, "pieces": 2, "raised": 13_500, "cost": 600, "missing": 1,
    }  # fmt: skip
    assert told[reached]["later"] is None
    costs = {name: told[id_]["now"]["cost"] for name, id_ in others.items()}
    assert costs == {"all": 200, "new": 0, "units": 300, "capped": 100, "unknown": None}
    for name, audience in (("all", {}), ("units", {"per": "unit"}), ("capped", {"cap": 1})):
        asked = {"target": 3, "audience": "all_backers", "cost": 100} | audience
        foreseen = (await program.get(f"{HERE}/foresight", **asked)).json()
        assert told[others[name]]["now"]["cost"] == foreseen["now"]["cost"]
    assert gone not in told


@pytest.mark.parametrize("path", ["report", "costs"])
async def test_another_stores_campaign_is_not_reported(
    program: Program, world: World, path: str
) -> None:
    async with unit(world.database) as db:
        world.store_id = await create_store(db, NewStore("elsewhere", "Elsewhere"), world.now)
    await world.campaign(slug="recorder")
    assert (await program.get(f"{HERE}/{path}")).status_code == 404
