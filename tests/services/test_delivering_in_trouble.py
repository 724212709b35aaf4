"""Hooks when much goes wrong at once: races, dead endpoints, what nobody ever takes."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from milepost.domain.hooks import TAKEN
from milepost.gateways import hooks as sending
from milepost.services.delivering import AT_ONCE, deliver_to, due_hooks
from milepost.services.erasing import erase_person
from milepost.services.hooking import rotate_secret, save_hook, send_again
from milepost.services.hooking import test_hook as send_test
from milepost.services.milestones import reveal_milestone
from milepost.settings import Settings
from milepost.storage import hooks as stored
from milepost.storage.database import unit
from milepost.worker import main as worker
from tests.post import Post, post
from tests.receiver import receiving
from tests.waiting import until
from tests.world import World

__all__ = ["post"]
MANY = """
with told as (
    insert into happenings (store_id, type, subject, data, at)
    select 1, 'order.paid', 'order:' || n % $1, jsonb_build_object('n', n), now()
    from generate_series(1, $2) n returning 1
) select count(*) from told
"""


async def happen(post: Post, subjects: int, events: int) -> None:
    """So much happens to so many subjects, in turns."""
    async with unit(post.world.database) as db:
        await db.execute(MANY, subjects, events, timeout=100)


def in_order(taken: list[dict[str, Any]], subjects: int) -> bool:
    """True where what each subject was told has come in its order."""
    numbers = [
        [n for one in taken if (n := one["data"]["n"]) % subjects == s] for s in range(subjects)
    ]
    return all(mine == sorted(mine) for mine in numbers)


async def test_two_workers_at_once_deliver_each_once_and_in_order(world: World, post: Post) -> None:
    async with receiving() as receiver:
        hook = await post.hook(receiver)
        await happen(post, 7, 70)
        both = (deliver_to(world.database, post.courier, hook, post.clock) for _ in range(2))
        assert sum(await asyncio.gather(*both)) == 70
        assert await post.send() == 0
        assert len(receiver.ids) == len(set(receiver.ids)) == 70 and in_order(receiver.taken, 7)


async def test_what_is_rolled_back_was_never_told(world: World, post: Post) -> None:
    async with receiving() as receiver:
        await post.hook(receiver)
        with pytest.raises(RuntimeError, match="no"):
            async with unit(world.database) as db:
                await db.execute(MANY, 1, 1)
                raise RuntimeError("no")
        assert await post.send() == 0 and receiver.heard == []


async def test_a_transaction_that_commits_later_comes_later_though_it_began_earlier(
    world: World, post: Post
) -> None:
    async with receiving() as receiver:
        await post.hook(receiver, "pledge.changed")
        campaign = await world.campaign()
        dana, eli = await world.pledged(campaign, "Dana"), await world.pledged(campaign, "Eli")
        raised = "update pledges set money = money + $2 where id = $1"
        begun, again = asyncio.Event(), asyncio.Event()

        async def first() -> None:
            async with unit(world.database) as db:
                await db.execute(raised, dana, 1)
                begun.set()
                await again.wait()

        async def second() -> None:
            async with unit(world.database) as db:
                await db.execute(raised, dana, 1)

        slow = asyncio.create_task(first())
        await begun.wait()
        async with unit(world.database) as db:
            await db.execute(raised, eli, 1)
        held_up = asyncio.create_task(second())
        await post.send()
        assert [one["data"]["id"] for one in receiver.taken] == [eli]  # a later id, and no gap

        async def waits() -> bool:
            held = "select 1 from pg_stat_activity where wait_event_type = 'Lock'"
            return bool(await world.rows(f"{held} and datname = current_database()"))

        await until(waits)
        again.set()
        await asyncio.gather(slow, held_up)
        await post.send()
        assert [one["data"]["goods"] for one in receiver.taken[1:]] == [4501, 4502]


async def test_nothing_of_a_milestone_is_to_be_sent_before_it_is_revealed(
    world: World, post: Post
) -> None:
    async with receiving() as receiver:
        await post.hook(receiver)
        campaign = await world.campaign()
        product = await world.product()
        milestone = await world.milestone(campaign, 1, product_id=product, reveal="manual")
        await world.pledged(campaign, "Dana")
        await post.send()
        assert "grant.owed" not in [one["type"] for one in receiver.taken]
        await reveal_milestone(world.database, milestone, "alice", world.now)
        await post.send()
        told = [one["type"] for one in receiver.taken]
        assert told.count("grant.owed") == told.count("milestone.revealed") == 1


async def test_a_dead_endpoint_is_asked_once_a_minute_however_much_waits_and_told_all_at_once_later(
    world: World, post: Post
) -> None:
    async with receiving() as receiver:
        hook = await post.hook(receiver)
        receiver.says = "500"
        await happen(post, 50, 100)
        begun = len(receiver.heard)
        await deliver_to(world.database, post.courier, hook, post.clock)
        assert len(receiver.heard) - begun <= 50  # each subject's first, until it is in doubt
        post.ahead = timedelta(minutes=2)
        heard = len(receiver.heard)
        for _ in range(10):
            await post.send()
            post.ahead += timedelta(minutes=1, seconds=1)
        assert len(receiver.heard) - heard == 10
        receiver.says = "ok"
        await post.send()
        assert len(set(receiver.ids)) == 100 and in_order(receiver.taken, 50)


async def test_a_receiver_that_does_everything_wrong_loses_nothing_once_it_is_back(
    world: World, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "TIMEOUT", 1.0)
    async with receiving() as loopback, receiving() as receiver:
        await post.hook(receiver)
        receiver.elsewhere = loopback.url
        for says in ("500", "redirect", "hang", "cut", "huge", "404"):
            receiver.says = says
            await happen(post, 3, 6)
            await post.send()
            post.ahead += timedelta(minutes=7)
        assert loopback.heard == []
    await happen(post, 3, 6)
    assert await post.send() > 0  # nobody is there
    dead = await world.rows("select status, answer from deliveries where tries > 0")
    assert any(row["status"] is None and row["answer"].startswith("nobody answers") for row in dead)
    receiver.says = "ok"
    post.ahead += timedelta(hours=5)
    async with receiving(receiver):
        await post.send()
    log = await post.log()
    assert {row["state"] for row in log} == {"delivered"} and len(log) == 42
    for subject in {row["subject"] for row in log}:
        mine = [row["key"] for row in log if row["subject"] == subject]
        arrived = [key for key in dict.fromkeys(receiver.ids) if key in mine]
        assert arrived == mine


async def test_one_event_that_is_never_taken_holds_up_its_subject_and_nothing_else(
    world: World, post: Post
) -> None:
    async with receiving() as receiver:
        await post.hook(receiver)
        await happen(post, 2, 4)
        receiver.refuses = lambda told: told["data"]["n"] == 1
        for _ in range(5):
            await post.send()
            post.ahead += timedelta(days=1)
            await happen(post, 2, 2)
        taken = [one["data"]["n"] for one in receiver.taken]
        assert taken.count(2) >= 4 and not any(n % 2 for n in taken)
        assert await world.rows("select 1 from hooks where paused_at is not null") == []
        receiver.refuses = lambda told: False
        row = await world.row(
            "select happening_id from deliveries where state = 'waiting'"
            " order by happening_id limit 1"
        )
        await send_again(world.database, post.author, 1, row["happening_id"], post.clock())
        await post.send()
        assert await world.rows("select 1 from deliveries where state = 'waiting'") == []


async def test_a_test_after_one_that_failed_waits_for_nobody(world: World, post: Post) -> None:
    async with receiving() as receiver:
        hook = await post.hook(receiver)
        receiver.says = "500"
        await send_test(world.database, post.author, hook, post.clock())
        await post.send()
        receiver.says = "ok"
        await send_test(world.database, post.author, hook, post.clock())
        await post.send()
        assert [one["type"] for one in receiver.taken] == ["hook.test"]


async def test_what_somebody_asks_for_is_tried_before_all_that_waits_at_a_dead_endpoint(
    world: World, post: Post
) -> None:
    async with receiving() as receiver:
        hook = await post.hook(receiver)
        receiver.says = "500"
        await happen(post, 50, 50)
        await post.send()
        post.ahead = timedelta(minutes=2)
        await post.send()  # in doubt, and at rest
        heard = len(receiver.heard)
        await send_test(world.database, post.author, hook, post.clock())
        await post.send()
        assert [one["type"] for one in receiver.heard[heard:]] == ["hook.test"]
        last = await world.row("select max(happening_id) as id from deliveries where tries = 1")
        await send_again(world.database, post.author, hook, last["id"], post.clock())
        await post.send()
        again = await world.row("select tries from deliveries where happening_id = $1", last["id"])
        assert again["tries"] == 2 and len(receiver.heard) == heard + 2


async def test_a_mended_address_is_tried_at_once(world: World, post: Post) -> None:
    async with receiving() as wrong, receiving() as right:
        hook = await post.hook(wrong)
        right.secret, wrong.says = wrong.secret, "500"
        await happen(post, 5, 10)
        for _ in range(3):
            await post.send()
            post.ahead += timedelta(minutes=2)
        await post.send()
        url = right.url
        await save_hook(world.database, post.author, hook, url, [], post.clock(), plain=True)
        await post.send()
        assert len(set(right.ids)) == 10


async def test_a_secret_rotated_twice_in_a_day_still_verifies_with_the_first(
    world: World, post: Post
) -> None:
    async with receiving() as receiver:
        hook = await post.hook(receiver)
        for _ in range(2):
            await rotate_secret(world.database, post.author, hook, post.clock())
        await send_test(world.database, post.author, hook, post.clock())
        await post.send()
        assert len(receiver.taken) == 1


async def test_however_many_wait_the_next_are_found_by_the_index(world: World, post: Post) -> None:
    async with receiving() as receiver:
        hook = await post.hook(receiver)
        await happen(post, 5000, 20_000)  # nobody has analysed the table since
        now = post.clock()
        values = {"take_deliveries": (hook, now, 8, now + TAKEN), "due_hooks": (now,)}
        async with unit(world.database) as db:
            for name, these in values.items():
                sql = getattr(stored._sql, name).sql
                plan = await db.fetch(f"explain (analyze, buffers) {sql}", *these)
                told = "\n".join(row[0] for row in plan)
                assert "Seq Scan on deliveries" not in told, told
                assert "Hash" not in told.split("CTE taken")[0], told


async def test_what_is_told_of_a_customer_who_is_erased_names_nobody(
    world: World, post: Post
) -> None:
    async with receiving() as receiver:
        await post.hook(receiver)
        pledge = await world.pledged(await world.campaign(), "Dana")
        customer = (await world.row("select customer_id from pledges"))["customer_id"]
        async with unit(world.database) as db:
            await db.execute(
                "insert into happenings (store_id, type, subject, data) values (1,"
                " 'fulfilment.shipped', 'pledge:1', jsonb_build_object('pledge', $1::bigint,"
                " 'customer', $2::bigint, 'tracking', 'DHL1'))", pledge, customer,
            )  # fmt: skip
        receiver.says = "500"
        await post.send()
        await world.rows("update pledges set state = 'cancelled' returning 1")
        await erase_person(world.database, "dana@example.org", post.clock())
        kept = await world.rows("select data from happenings")
        assert "DHL1" not in str([row["data"] for row in kept])
        assert {row["answer"] for row in await world.rows("select answer from deliveries")} == {""}


async def test_an_endpoint_that_hangs_or_breaks_delays_no_other(
    world: World, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "TIMEOUT", 600.0)
    told = {"database_url": "postgresql://x@y/z", "base_url": "http://localhost:8000"}
    told |= {"secret_key": "a-secret-of-the-tests", "stripe_secret_key": "sk_test_1"}
    settings = Settings(**told, stripe_webhook_secret="whsec_1", hooks_anywhere=True)
    async with receiving() as hangs, receiving() as broken, receiving() as well:
        for receiver in (hangs, broken, well):
            await post.hook(receiver)
        hangs.says = "hang"
        await world.rows("update hooks set secret = 'whsec_?' where id = 2 returning 1")
        await happen(post, 3 * AT_ONCE, 100)
        working = asyncio.create_task(worker._deliver(world.database, settings, post.clock))
        await until(lambda: len(well.taken) == 100)
        assert hangs.hung.is_set() and hangs.taken == broken.taken == [] and not working.done()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        assert await due_hooks(world.database, post.clock) != []
