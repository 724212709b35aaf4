"""`/api/v1/pledges`: each once, whole, in as many statements for a crowd as for one."""

from datetime import timedelta
from typing import Any

import pytest

from milepost.domain.facts import Fact
from milepost.domain.lines import Line
from milepost.services.preparing import NewStore, create_store
from milepost.storage import api_pledges
from milepost.storage.database import unit
from tests.many import many
from tests.web.api.program import Program
from tests.web.parcels import lives
from tests.world import World, paid


async def test_a_pledge_is_told_whole(program: Program, world: World) -> None:
    campaign = await world.campaign(slug="recorder")
    tier = await world.tier(campaign, ships=True)
    milestone = await world.milestone(campaign, 1, product_id=await world.product())
    lines = [Line("tier", "One recorder", 2, 4500, 2, tier), Line("shipping", "Bern", 1, 700)]
    pledge = await world.pledged(campaign, "Dana", *lines)
    await lives(world, pledge, "Dana")
    async with unit(world.database) as db:
        question = await db.fetchval(
            "insert into questions (campaign_id, position, prompt, kind, asked_at)"
            " values ($1, 0, 'Which colour?', 'text', $2) returning id",
            campaign,
            world.now,
        )
        await db.execute("insert into answers values ($1, $2, 'Green', now())", question, pledge)
    told = (await program.get(f"/pledges/{pledge}")).json()
    customer = (await world.row("select id from customers"))["id"]
    whose = told["customer"], told["name"], told["email"]
    assert whose == (customer, "Dana", "dana@example.org")
    assert (told["state"], told["campaign"], told["currency"]) == ("charged", "recorder", "USD")
    sums = {name: told[name] for name in ("goods", "shipping", "tax", "total", "paid", "refunded")}
    assert sums == {
        "goods": 9000, "shipping": 700, "tax": 0, "total": 9700, "paid": 9700, "refunded": 0,
    }  # fmt: skip
    assert told["lines"][0] == {
        "source": "tier", "tier": tier, "title": "One recorder", "quantity": 2,
        "unit_price": 4500, "units": 2,
    }  # fmt: skip
    assert told["address"]["name"] == "Dana"
    assert told["answers"] == [{"id": question, "question": "Which colour?", "answer": "Green"}]
    assert told["grants"] == [f"{milestone}:{customer}"]
    assert told["confirmed_at"] == "2026-06-01T12:00:00Z"
    await world.hear(campaign, Fact("refund", pledge, amount=1000, ref="re_1"))
    await world.settle()
    assert (await program.get(f"/pledges/{pledge}")).json()["refunded"] == 1000


async def test_pledges_are_found_by_campaign_state_and_backer(
    program: Program, world: World
) -> None:
    first, second = [await world.campaign(slug=slug) for slug in ("one", "two")]
    ids = [
        await world.pledged(campaign, who)
        for who, campaign in (("Dana", first), ("Eli", second), ("Dana", second), ("Eli", first))
    ]
    await world.started(first)
    async with unit(world.database) as db:
        await db.execute("update pledges set state = 'refunded' where id = $1", ids[3])

    async def found(**asked: Any) -> list[int]:
        return [each["id"] for each in await program.every("/pledges", limit=1, **asked)]

    assert await found() == ids
    assert await found(campaign="two") == [ids[1], ids[2]]
    assert await found(email="Dana@example.org") == [ids[0], ids[2]]
    assert await found(email="nobody@example.org") == []
    assert await found(state="refunded") == [ids[3]]
    assert await found(state="charged", campaign="one") == [ids[0]]
    customer = (await world.row("select id from customers where email like 'eli%'"))["id"]
    assert await found(customer=customer, campaign="two") == [ids[1]]
    assert await found(customer=customer, email="dana@example.org") == []
    assert await found(campaign="three") == []


async def test_whoever_syncs_goes_on_where_they_stopped(program: Program, world: World) -> None:
    campaign = await world.campaign(slug="recorder")
    slow = [await world.started(campaign), await world.started(campaign)]
    quick = await world.pledged(campaign, "Dana")
    since = world.now + timedelta(minutes=1)
    world.now += timedelta(minutes=5)
    await world.hear(campaign, paid(slow[0], "Eli"), paid(slow[1], "Vera"))
    await world.settle()
    more = await world.pledged(campaign, "Frances")
    asked = {"confirmed_since": since.isoformat(), "limit": 1}
    found = [each["id"] for each in await program.every("/pledges", **asked)]
    assert found == [*slow, more]
    everything = await program.every("/pledges", confirmed_since="2026-01-01T00:00:00Z", limit=1)
    assert [each["id"] for each in everything] == [quick, *slow, more]
    charged = await program.every("/pledges", state="charged", **asked)
    assert [each["id"] for each in charged] == [*slow, more]


async def test_another_stores_pledge_does_not_exist(program: Program, world: World) -> None:
    async with unit(world.database) as db:
        world.store_id = await create_store(db, NewStore("elsewhere", "Elsewhere"), world.now)
    campaign = await world.campaign(slug="theirs")
    pledge = await world.pledged(campaign, "Dana")
    started = await world.started(campaign)
    for number in (pledge, started, 999_999):
        assert (await program.get(f"/pledges/{number}")).status_code == 404
    assert await program.every("/pledges") == []
    assert await program.every("/pledges", campaign="theirs") == []
    assert await program.every("/pledges", email="dana@example.org") == []


@pytest.mark.parametrize(
    "asked",
    [
        {"after": "99999999999999999999"},
        {"after": "1-1"},
        {"after": "1", "confirmed_since": "2026-01-01T00:00:00Z"},
        {"state": "started"},
        {"email": "a\0b"},
        {"confirmed_since": "yesterday"},
        {"confirmed_since": "0001-01-01T00:00:00+14:00"},
        {"limit": 0},
    ],
)
async def test_what_cannot_be_asked_is_said(program: Program, asked: dict[str, Any]) -> None:
    assert (await program.get("/pledges", **asked)).status_code == 422


async def test_an_erased_backer_has_no_name(program: Program, world: World) -> None:
    pledge = await world.pledged(await world.campaign(), "Dana")
    async with unit(world.database) as db:
        await db.execute("update customers set erased_at = now(), name = ''")
    told = (await program.get(f"/pledges/{pledge}")).json()
    assert (told["name"], told["email"]) == (None, None)


async def test_a_crowd_is_told_in_as_many_statements_as_one(
    program: Program, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_pledges, "WINDOW", 40)
    await many(world, 150)
    counts = set()
    for limit in (1, 100):
        start = len(program.served.statements)
        page = (await program.get("/pledges", limit=limit)).json()
        assert len(page["data"]) == limit
        counts.add(len(program.served.statements_since(start)))
    assert len(counts) == 1
    async with unit(world.database) as db:
        await db.execute("update pledges set state = 'confirmed' where id % 50 = 0")
    since = {"confirmed_since": "2026-01-01T00:00:00Z"}
    for asked in ({}, since):
        some = await program.every("/pledges", state="confirmed", limit=10, **asked)
        assert [each["id"] for each in some] == [50, 100, 150]
        rest = await program.every("/pledges", state="charged", limit=7, **asked)
        assert len({each["id"] for each in rest}) == len(rest) == 147
