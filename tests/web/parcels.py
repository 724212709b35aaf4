"""A campaign that sends things, and the studio's batches and tracking numbers of it."""

from typing import Any

import httpx

from milepost.domain.lines import Line
from milepost.storage.database import unit
from tests.web.client import Reader
from tests.world import World

HERE = "/studio/larkfield/campaigns/recorder"


async def parcel_road(world: World, *who: str) -> dict[str, Any]:
    """A campaign whose tier is sent by post, with a milestone's product; who backs it, by name."""
    campaign = await world.campaign(slug="recorder")
    tier = await world.tier(campaign, ships=True)
    muff = await world.product(stock=50)
    milestone = await world.milestone(campaign, 1, product_id=muff)
    road: dict[str, Any] = {"campaign": campaign, "tier": tier, "milestone": milestone}
    for name in who:
        line = Line("tier", "One recorder", 1, 4500, 1, tier)
        road[name] = await world.pledged(campaign, name, line)
        await lives(world, road[name], name)
    return road


async def lives(world: World, pledge_id: int, name: str, **address: str) -> None:
    """Where the pledge is sent."""
    columns = {"name": name, "line1": "1 Larch Lane", "city": "Bern", "country": "CH"} | address
    async with unit(world.database) as db:
        names = ", ".join(columns)
        marks = ", ".join(f"${n}" for n in range(3, 3 + len(columns)))
        await db.execute(
            f"insert into addresses (pledge_id, changed_at, {names}) values ($1, $2, {marks})",
            pledge_id,
            world.now,
            *columns.values(),
        )


async def batched(reader: Reader, road: dict[str, Any], **typed: str) -> str:
    """A batch of own goods and the milestone's reward; its address."""
    form = {"name": "First", "addressed": "on", "answered": "on"} | typed
    answer = await reader.post(
        f"{HERE}/fulfilment/batches/new",
        data=form | {"contents": ["0", str(road["milestone"])]},
        headers=reader.from_here,
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].split("?")[0]


async def brought(reader: Reader, lines: str, **typed: str) -> httpx.Response:
    """The page of a run after these lines were pasted."""
    form = {"lines": lines, "carrier": "", "batch": ""} | typed
    answer = await reader.post(
        f"{HERE}/fulfilment/tracking",
        data=form,
        files={"file": ("", b"")},
        headers=reader.from_here,
    )
    if answer.status_code != 303:
        return answer
    return await reader.get(answer.headers["location"])
