"""The studio's pledges and fulfilment: found, decided, packed, sent, and told to the backer."""

import csv
import io
from typing import Any

import httpx

from milepost.domain.lines import Line
from milepost.storage.database import unit
from tests.web.client import Reader
from tests.web.serving import Served
from tests.web.studio import enter, send, staff
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


async def test_a_batch_goes_from_owed_to_ready_to_shipped_and_the_backer_follows_it(
    served: Served, world: World
) -> None:
    await staff(world)
    road = await parcel_road(world, "Dana", "Eli")
    reader = served.reader
    await enter(reader, "Carol")
    page = await reader.get(f"{HERE}/fulfilment")
    assert page.status_code == 200 and "Wind muff" in page.text
    batch = await batched(reader, road)
    page = await reader.get(batch)
    assert page.status_code == 200 and "2 boxes" in page.text and "0 of 4 sent" in page.text
    sheet = await reader.get(f"{batch}/packing")
    assert (
        "1 Larch Lane" in sheet.text and "Wind muff" in sheet.text and "One recorder" in sheet.text
    )
    out = await reader.get(f"{batch}/csv")
    rows = list(csv.DictReader(io.StringIO(out.text.removeprefix("\ufeff"))))
    assert [row["pledge"] for row in rows] == [str(road["Dana"]), str(road["Eli"])]
    lines = "pledge;carrier;tracking\n" + "".join(
        f"{row['pledge']};DHL;0034{row['pledge']}\n" for row in rows
    )
    looked = await brought(reader, lines)
    assert "Send 2 good lines" in looked.text
    assert (await world.row("select count(*) from parcels where state = 'shipped'"))[0] == 0
    run = (await world.row("select id from tracking_runs"))["id"]
    sent = await send(reader, f"{HERE}/fulfilment/tracking/{run}/send")
    assert sent.status_code == 303
    assert "2 boxes are marked as sent" in (await reader.get(sent.headers["location"])).text
    assert await world.grants(road["milestone"]) == {"dana": "fulfilled", "eli": "fulfilled"}
    letters = await world.rows(
        "select pledge_id, detail from mails where kind = 'shipped' order by 1"
    )
    assert [row["pledge_id"] for row in letters] == [road["Dana"], road["Eli"]]
    assert letters[0]["detail"]["url"].startswith("https://www.dhl.com/")
    key = (await world.row("select key from pledges where id = $1", road["Dana"]))["key"]
    key = f"{key}-as-long-as-a-real-one"
    await world.rows("update pledges set key = $2 where id = $1 returning id", road["Dana"], key)
    mine = await reader.get(f"/p/{key}")
    assert mine.text.count(f"0034{road['Dana']}</a>") == 2
