"""Who is promised a mail, once."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from milepost.services import posting
from milepost.services.posting import announce, announce_update, tell_milestone, tell_what_is_left
from milepost.services.telling import announce_soon
from milepost.storage import mails
from milepost.storage.database import unit
from milepost.storage.mails import Letter
from tests.mailing.people import backer, kept, promise, reach
from tests.web.talk import published
from tests.world import World


async def keys(world: World) -> list[str]:
    return [row["key"] for row in await world.rows("select key from mails order by id")]


async def test_a_letter_with_a_key_that_is_known_is_not_promised_again(world: World) -> None:
    pledge_id = await backer(world, await world.campaign(), "Dana", locale="de")
    await promise(world, Letter("receipt", "receipt:1", pledge_id, detail={"first": True}))
    await promise(
        world,
        Letter("receipt", "receipt:1", pledge_id),
        Letter("charged", "charged:1", pledge_id),
        Letter("charged", "charged:1", pledge_id, detail={"second": True}),
    )
    rows = await world.rows("select * from mails order by id")
    assert [(r["key"], r["detail"]) for r in rows] == [
        ("receipt:1", {"first": True}),
        ("charged:1", {}),
    ]
    assert {(r["recipient"], r["locale"]) for r in rows} == {("dana@example.org", "de")}


async def test_a_pledge_without_a_backer_gets_no_mail(world: World) -> None:
    await promise(world, Letter("receipt", "r", await world.started(await world.campaign())))
    await promise(world)
    assert await keys(world) == []


async def test_many_letters_are_one_statement(world: World) -> None:
    pledge_id = await backer(world, await world.campaign(), "Dana")
    said: list[str] = []
    async with unit(world.database) as db:
        db.add_query_logger(lambda record: said.append(record.query))
        await mails.promise(
            db, [Letter("receipt", f"r:{n}", pledge_id) for n in range(1000)], world.now
        )
    assert len([query for query in said if "insert into mails" in query]) == 1
    assert await keys(world) == [f"r:{n}" for n in range(1000)]


async def test_everybody_who_stands_by_a_pledge_is_told_of_the_end_once(world: World) -> None:
    campaign_id = await world.campaign()
    dana, eli = [await backer(world, campaign_id, who) for who in ("Dana", "Eli")]
    second = await backer(world, campaign_id, "Elise")  # who is Eli too
    gone, erased = [await backer(world, campaign_id, who) for who in ("Gone", "Erased")]
    await backer(world, await world.campaign(), "Frieda")
    async with unit(world.database) as db:
        await db.execute("update pledges set state = 'cancelled' where id = $1", gone)
        his = "(select customer_id from pledges where id = $2)"
        await db.execute(f"update pledges set customer_id = {his} where id = $1", second, eli)
        await db.execute(
            "update customers set erased_at = $1 where email = 'erased@example.org'", world.now
        )
    for _ in range(2):
        async with unit(world.database) as db:
            await mails.promise_to_all(db, campaign_id, "funded", world.now)
    assert await keys(world) == [f"funded:{key}" for key in (dana, eli, second)]
    assert erased not in (dana, eli)


async def test_news_goes_to_each_live_backer_who_wants_news_in_any_number_of_chunks(
    world: World,
) -> None:
    campaign_id = await world.campaign()
    for number in range(7):
        await backer(world, campaign_id, f"Backer{number}")
    await backer(world, campaign_id, "Gone")
    await backer(world, campaign_id, "Quiet")
    milestone_id = await world.milestone(campaign_id, 3)
    await reach(world, milestone_id, 3)
    async with unit(world.database) as db:
        await db.execute("update customers set news = false where email = 'quiet@example.org'")
        await db.execute(
            "update backers set live = false from customers c"
            " where c.id = customer_id and c.email = 'gone@example.org'"
        )
    last: int | None = 0
    chunks = 0
    while last is not None:
        async with unit(world.database) as db:
            last = await mails.promise_news(db, milestone_id, campaign_id, world.now, last, 2)
        chunks += 1
    assert chunks == 6
    await announce(world.database, milestone_id, world.clock)  # the job runs again after a crash
    told = await world.rows("select recipient, key, customer_id from mails order by id")
    assert [r["recipient"] for r in told] == [f"backer{n}@example.org" for n in range(7)]
    assert all(r["key"] == f"milestone:{milestone_id}:{r['customer_id']}" for r in told)


async def test_a_milestone_is_announced_only_once_it_is_open(world: World) -> None:
    campaign_id = await world.campaign()
    await backer(world, campaign_id, "Dana")
    milestone_id = await world.milestone(campaign_id, 1, reveal="manual")
    await announce(world.database, milestone_id, world.clock)
    await reach(world, milestone_id, 1, revealed=False)
    await announce(world.database, milestone_id, world.clock)
    assert await keys(world) == []
    async with unit(world.database) as db:
        await db.execute("update milestones set revealed_at = $1", world.now)
    await announce(world.database, milestone_id, world.clock)
    assert len(await keys(world)) == 1
    await announce(world.database, 10**9, world.clock)  # one that nobody knows


async def test_whoever_leaves_the_news_between_promise_and_post_gets_none(world: World) -> None:
    campaign_id = await world.campaign()
    await backer(world, campaign_id, "Dana")
    milestone_id = await world.milestone(campaign_id, 1)
    await reach(world, milestone_id, 1)
    await announce(world.database, milestone_id, world.clock)
    async with unit(world.database) as db:
        await db.execute("update customers set news = false")
    (row,) = await kept(world)
    assert (row["state"], row["error"]) == ("skipped", "its reader wants no news")


async def test_whoever_pledges_after_a_milestone_opened_gets_no_news_of_it(world: World) -> None:
    campaign_id = await world.campaign()
    await backer(world, campaign_id, "Dana")
    milestone_id = await world.milestone(campaign_id, 1)
    await reach(world, milestone_id, 1)
    world.now += timedelta(days=1)
    await backer(world, campaign_id, "Eli")
    await announce(world.database, milestone_id, world.clock)
    rows = await world.rows("select recipient from mails")
    assert [row["recipient"] for row in rows] == ["dana@example.org"]


async def test_what_is_told_half_is_told_to_its_end_by_the_next_look_and_to_nobody_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that fails is held for ever; no mail may wait for somebody to notice."""
    campaign_id = await world.campaign()
    for who in ("Dana", "Eli", "Fay"):
        await backer(world, campaign_id, who)
    milestone_id = await world.milestone(campaign_id, 3)
    await reach(world, milestone_id, 3)
    await published(world, campaign_id)
    update_id = (await world.row("select id from updates"))["id"]
    monkeypatch.setattr(posting, "CHUNK", 2)
    for promised, tell, about in (
        ("promise_news", tell_milestone, milestone_id),
        ("promise_update", announce_update, update_id),
    ):
        real = getattr(mails, promised)

        async def losing(*told: Any, real: Any = real) -> Any:
            if told[4]:  # the second chunk
                raise asyncpg.DeadlockDetectedError("lost a race")
            return await real(*told)

        with monkeypatch.context() as race:
            race.setattr(mails, promised, losing)
            with pytest.raises(asyncpg.DeadlockDetectedError):
                await tell(world.database, about, world.clock)
    some = [
        f"milestone:{milestone_id}:1",
        f"milestone:{milestone_id}:2",
        "update:1:1",
        "update:1:2",
    ]
    assert [key for key in await keys(world) if key.startswith(("milestone", "update"))] == some
    for _ in range(2):
        await tell_what_is_left(world.database, world.clock)
        told = [key for key in await keys(world) if key.startswith(("milestone", "update"))]
        assert sorted(told) == sorted([*some, f"milestone:{milestone_id}:3", "update:1:3"])
    async with unit(world.database) as db:
        assert await mails.milestones_to_tell(db) == await mails.updates_to_tell(db) == []
        await announce_soon(db, milestone_id)
        assert await mails.milestones_to_tell(db) == [milestone_id], "it concerns more people now"
