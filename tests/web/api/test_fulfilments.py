"""`/api/v1/fulfilments`: parcels that are ready or were sent, and marking them as sent."""

from typing import Any

import pytest

from milepost.services.preparing import NewStore, create_store
from milepost.storage.database import unit
from tests.web.api.program import Program, program_of
from tests.web.parcels import batched, parcel_road
from tests.web.studio import creator, enter, log_of
from tests.world import World

SHIP = "/campaigns/recorder/fulfilments"


async def reward_of(world: World, pledge_id: int) -> str:
    """The id of the pledge's one grant."""
    row = await world.row("select * from grants where pledge_id = $1", pledge_id)
    return f"{row['milestone_id']}:{row['beneficiary']}"


async def ship(program: Program, *shipments: dict[str, Any], **said: Any) -> dict[str, Any]:
    """The answer to a call with these shipments."""
    answer = await program.send(
        "POST", SHIP, {"carrier": "DHL"} | said | {"shipments": list(shipments)}
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_grant_or_all_of_a_pledge_is_sent_and_its_backer_is_told_once_a_box(
    program: Program, world: World
) -> None:
    road = await parcel_road(world, "Dana", "Eli")
    muff = await reward_of(world, road["Dana"])
    answer = await ship(
        program,
        {"grant": muff, "tracking": " 0034  1 "},
        {"pledge": road["Eli"], "tracking": "1Z9", "carrier": "UPS"},
    )
    assert answer == {"sent": 2, "parcels": 3, "already": 0, "refused": []}
    one = (await program.get(f"/grants/{muff}")).json()
    assert (one["state"], one["parcel"]["carrier"], one["parcel"]["tracking"]) == (
        "fulfilled", "DHL", "0034 1",
    )  # fmt: skip
    assert one["parcel"]["tracking_url"].startswith("https://www.dhl.com/")
    letters = await world.rows(
        "select pledge_id, detail from mails where kind = 'shipped' order by pledge_id"
    )
    assert [(row["pledge_id"], row["detail"]["tracking"]) for row in letters] == [
        (road["Dana"], "0034 1"),
        (road["Eli"], "1Z9"),
    ]
    assert await ship(program, {"pledge": road["Dana"], "tracking": "0034 2"}) == {
        "sent": 1, "parcels": 1, "already": 0, "refused": [],
    }  # fmt: skip
    deeds = [(who, what, after) for who, what, _, _, after in await log_of(world)]
    assert deeds[-1] == ("Alice", "shipments_sent", {"boxes": 1, "parcels": 1})
    await enter(program.served.reader, "Alice")
    page = await program.served.reader.get("/studio/larkfield/log")
    assert "Marked shipments of recorder as sent" in page.text and "Warehouse" in page.text


async def test_what_was_sent_with_the_same_number_changes_nothing(
    program: Program, world: World
) -> None:
    road = await parcel_road(world, "Dana")
    muff = await reward_of(world, road["Dana"])
    box = {"pledge": road["Dana"], "tracking": "A1"}
    assert (await ship(program, box))["parcels"] == 2
    again = await ship(program, box, {"grant": muff, "tracking": "A1"}, box | {"tracking": "B2"})
    assert (again["sent"], again["already"]) == (0, 2)
    assert [(one["index"], one["reason"]) for one in again["refused"]] == [(2, "otherwise")]
    assert (await world.row("select count(*) from mails where kind = 'shipped'"))[0] == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("update pledges set held = true where id = $1", "held"),
        ("update pledges set state = 'disputed' where id = $1", "disputed"),
        ("update pledges set state = 'past_due' where id = $1", "unpaid"),
        ("update pledges set state = 'refunded' where id = $1", "over"),
        ("update grants set state = 'held' where pledge_id = $1", "held"),
        ("update grants set state = 'provisional' where pledge_id = $1", "unpaid"),
        ("update grants set state = 'void' where pledge_id = $1", "over"),
        ("update grants set backordered = true where pledge_id = $1", "backordered"),
        ("update milestones set revealed_at = null", "unrevealed"),
        ("update rewards set kind = 'reveal', product_id = null", "no_parcel"),
    ],
)
async def test_what_may_not_go_is_refused_by_itself_and_the_rest_is_sent(
    program: Program, world: World, change: str, reason: str
) -> None:
    road = await parcel_road(world, "Dana", "Eli")
    muff, fine = [await reward_of(world, road[who]) for who in ("Dana", "Eli")]
    elsewhere = await world.pledged(await world.campaign(slug="other"), "Frank")
    of_all = "$1" not in change
    async with unit(world.database) as db:
        await db.execute("set local session_replication_role = replica")
        await db.execute(change, *() if of_all else (road["Dana"],))
    told = {one["id"]: one["hindrance"] for one in await program.every("/grants")}
    assert told == {muff: reason, fine: reason if of_all else None}
    answer = await ship(
        program,
        {"grant": muff, "tracking": "A"},
        {"grant": fine, "tracking": "B"},
        {"grant": "999:1", "tracking": "C"},
        {"pledge": elsewhere, "tracking": "D"},
        {"pledge": 999, "tracking": "E"},
    )
    wanted = [(0, reason), (2, "unknown"), (3, "elsewhere"), (4, "unknown")]
    if of_all:
        wanted.insert(1, (1, reason))
    assert [(one["index"], one["reason"]) for one in answer["refused"]] == wanted
    assert answer["sent"] == (not of_all)
    assert all(one["detail"].endswith(".") for one in answer["refused"])


async def test_parcels_are_read_as_they_stand_and_batches_how_far_they_are(
    program: Program, world: World
) -> None:
    road = await parcel_road(world, "Dana", "Eli")
    await enter(program.served.reader, "Alice")
    await batched(program.served.reader, road)
    (batch,) = await program.every("/batches")
    assert (batch["campaign"], batch["name"], batch["boxes"], batch["parcels"]) == (
        "recorder", "First", 2, 4,
    )  # fmt: skip
    assert batch["own_goods"] and batch["milestones"] == [road["milestone"]]
    assert {(one["title"], one["count"]) for one in batch["picks"]} == {
        ("One recorder", 2), ("Wind muff", 2),
    }  # fmt: skip
    ready = await program.every("/fulfilments", limit=1, state="ready", batch=batch["id"])
    assert [(one["pledge"], one["grant"] is None, one["box"]) for one in ready] == [
        (road["Dana"], True, 1), (road["Eli"], True, 2),
        (road["Dana"], False, 1), (road["Eli"], False, 2),
    ]  # fmt: skip
    assert ready[0]["contents"] == [{"title": "One recorder", "quantity": 1}]
    assert ready[2]["contents"] == [{"title": "Wind muff", "quantity": 1}]
    assert ready[0]["address"]["line1"] == "1 Larch Lane" and ready[0]["hindrance"] is None
    assert await program.every("/fulfilments", state="shipped") == []
    await ship(program, {"pledge": road["Dana"], "tracking": "A1"})
    since = world.now.isoformat()
    sent = await program.every("/fulfilments", limit=1, shipped_since=since)
    assert {one["parcel"]["tracking"] for one in sent} == {"A1"} and len(sent) == 2
    assert await program.every("/fulfilments", shipped_since="2030-01-01T00:00:00Z") == []
    assert len(await program.every("/fulfilments", campaign="recorder")) == 4
    assert (await program.get(f"/batches/{batch['id']}")).json()["sent"] == 2
    assert (await program.get("/batches/999")).status_code == 404


async def test_a_parcel_that_was_not_sent_after_all_is_owed_again(
    program: Program, world: World
) -> None:
    road = await parcel_road(world, "Dana")
    muff = await reward_of(world, road["Dana"])
    await ship(program, {"pledge": road["Dana"], "tracking": "A1"})
    back = await program.send("POST", f"{SHIP}/corrections", {"grant": muff})
    assert (back.status_code, back.json()) == (200, {"grant": muff, "pledge": None})
    assert (await program.get(f"/grants/{muff}")).json()["state"] == "owed"
    goods = await program.send("POST", f"{SHIP}/corrections", {"pledge": road["Dana"]})
    assert goods.status_code == 200
    again = await program.send("POST", f"{SHIP}/corrections", {"grant": muff})
    assert again.status_code == 404
    assert (await ship(program, {"pledge": road["Dana"], "tracking": "B2"}))["parcels"] == 2
    assert (await world.row("select count(*) from mails where kind = 'shipped'"))[0] == 2


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"shipments": []}, "/shipments"),
        ({"shipments": [{"tracking": "A"}]}, "/shipments/0/pledge"),
        ({"shipments": [{"grant": "3:1", "pledge": 1}]}, "/shipments/0/pledge"),
        ({"shipments": [{"grant": "3"}]}, "/shipments/0/grant"),
        ({"shipments": [{"pledge": 1, "tracking": "A"}]}, "/shipments/0/carrier"),
        ({"shipments": [{"pledge": 1, "tracking": "A\u0000"}]}, "/shipments/0/tracking"),
        ({"shipments": [{"pledge": 1}] * 10_001}, "/shipments"),
    ],
)
async def test_what_can_not_be_read_is_refused_as_a_whole_and_says_where(
    program: Program, world: World, body: Any, pointer: str
) -> None:
    await world.campaign(slug="recorder")
    answer = await program.send("POST", SHIP, body)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]


async def test_another_stores_parcels_are_not_found_nor_sent(
    program: Program, world: World
) -> None:
    road = await parcel_road(world, "Dana")
    async with unit(world.database) as db:
        other = await create_store(db, NewStore("elsewhere", "Elsewhere"), world.now)
    await creator(world, "Charlie", "owner", other)
    async with program_of(
        program.served, world, "fulfilment:read", "fulfilment:write", store_id=other, who="Charlie"
    ) as theirs:
        box = {"shipments": [{"pledge": road["Dana"]}]}
        assert (await theirs.send("POST", SHIP, box)).status_code == 404
        assert (
            await theirs.send("POST", f"{SHIP}/corrections", {"pledge": road["Dana"]})
        ).status_code == 404
        assert await theirs.every("/fulfilments") == await theirs.every("/batches") == []
    assert (await program.send("POST", "/campaigns/none/fulfilments", box)).status_code == 404
    async with program_of(program.served, world, "fulfilment:read") as reading:
        assert (await reading.send("POST", SHIP, box)).status_code == 403
