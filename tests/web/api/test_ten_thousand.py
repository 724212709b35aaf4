"""10,000 grants marked as sent in one call: once, whoever repeats it, in a few statements (A15)."""

import asyncio
from typing import Any

import httpx

from tests.many import many, more
from tests.web.api.program import Program
from tests.web.serving import serve
from tests.world import World

MANY = 10_000
SHIP = "/campaigns/recorder/fulfilments"


async def shipments(world: World) -> dict[str, Any]:
    """What a fulfilment house sends for each grant that is owed."""
    rows = await world.rows("select milestone_id, beneficiary from grants where state = 'owed'")
    each = [{"grant": f"{m}:{b}", "tracking": f"0034{b}"} for m, b in rows]
    return {"carrier": "DHL", "shipments": each}


async def listens(world: World) -> None:
    """Somebody is told of everything."""
    await world.rows(
        "insert into hooks (store_id, url, types, secret, made_at) values ($1, $2, $3, 'x', $4)"
        " returning id",
        world.store_id, "https://example.org", [], world.now,
    )  # fmt: skip


async def what_stands(world: World) -> list[tuple[Any, ...]]:
    """Grants that are fulfilled, parcels, mails, happenings, deeds and calls that were kept."""
    row = await world.row(
        "select (select count(*) from grants where state = 'fulfilled'),"
        " (select count(distinct tracking) from parcels where state = 'shipped'),"
        " (select count(*) from mails where kind = 'shipped'),"
        " (select count(*) from happenings where type = 'fulfilment.shipped'),"
        " (select count(*) from deeds where what = 'shipments_sent'),"
        " (select count(*) from api_calls)"
    )
    return tuple(row)  # type: ignore[return-value]


async def test_ten_thousand_grants_are_sent_once_in_as_many_statements_as_ten(
    program: Program, world: World
) -> None:
    road = await many(world, 10)
    await listens(world)
    counts: list[int] = []
    for more_of_them in (0, MANY):
        if more_of_them:
            await more(world, road, more_of_them)
        body = await shipments(world)
        answers = []
        for _ in range(2):
            start = len(program.served.statements)
            answer = await program.send("POST", SHIP, body, key=f"night-{more_of_them}")
            counts.append(len(program.served.statements_since(start)))
            answers.append(answer)
        first, second = answers
        assert first.status_code == second.status_code == 200, first.text
        sent = more_of_them or 10
        assert first.json() == {"sent": sent, "parcels": sent, "already": 0, "refused": []}
        assert second.content == first.content
        assert second.headers["idempotency-replayed"] == "true"
    all_of_them = MANY + 10
    assert await what_stands(world) == (all_of_them, all_of_them, all_of_them, all_of_them, 2, 2)
    ten, ten_again, thousands, thousands_again = counts
    assert (ten, ten_again) == (thousands, thousands_again)


async def test_two_web_processes_are_told_of_ten_thousand_at_once_and_send_them_once(
    program: Program, world: World, database_url: str
) -> None:
    await many(world, MANY)
    await listens(world)
    body = await shipments(world)
    here = program.served
    async with serve(database_url, here.settings.stripe_api_base or "", world.clock) as other:

        async def tell(url: str) -> httpx.Response:
            headers = {"authorization": f"Bearer {program.token}", "idempotency-key": "night"}
            async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as http:
                return await http.post(f"/api/v1{SHIP}", json=body)

        one, another = await asyncio.gather(tell(here.url), tell(other.url))
    assert one.status_code == another.status_code == 200, one.text
    assert one.content == another.content
    assert one.json()["sent"] == MANY
    replayed = [answer.headers.get("idempotency-replayed") for answer in (one, another)]
    assert sorted(map(str, replayed)) == ["None", "true"]
    assert await what_stands(world) == (MANY, MANY, MANY, MANY, 1, 1)
