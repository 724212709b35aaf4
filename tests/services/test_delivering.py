"""Hooks reach whoever takes them: signed, in order per subject, at least once, whatever happens."""

from datetime import timedelta
from typing import Any

import pytest

from milepost.domain.errors import Invalid
from milepost.domain.facts import Fact
from milepost.gateways import hooks as sending
from milepost.gateways.hooks import Courier, is_public
from milepost.services.delivering import deliver_to, forget_delivered
from milepost.services.hooking import (
    checked_url,
    pause_hook,
    remove_hook,
    resume_hook,
    rotate_secret,
    send_again,
)
from milepost.services.hooking import (
    test_hook as send_test,
)
from milepost.storage import creators
from milepost.storage.database import unit
from tests.post import Post, post
from tests.receiver import receiving
from tests.world import World

__all__ = ["post"]


async def test_what_happens_is_told_signed_and_in_order(world: World, post: Post) -> None:
    async with receiving() as receiver:
        await post.hook(receiver)
        campaign = await world.campaign(slug="recorder")
        muff = await world.product()
        await world.milestone(campaign, 2, product_id=muff)
        first = await world.pledged(campaign, "Dana")
        second = await world.pledged(campaign, "Eli")
        assert await post.send() == len(receiver.taken)
        told = [(one["type"], one["data"]["id"]) for one in receiver.taken]
        for pledge in (first, second):
            mine = [kind for kind, about in told if about == pledge and kind.startswith("pledge.")]
            assert mine == ["pledge.confirmed", "pledge.charged"]
        kinds = [kind for kind, _ in told]
        assert kinds.count("milestone.reached") == kinds.count("milestone.revealed") == 1
        owed = [one["data"] for one in receiver.taken if one["type"] == "grant.owed"]
        assert {(g["pledge"], g["campaign"], g["reward"]["title"]) for g in owed} == {
            (first, "recorder", "Wind muff"), (second, "recorder", "Wind muff"),
        }  # fmt: skip
        assert await post.send() == 0


async def test_a_lost_pledge_voids_what_was_owed_and_says_so(world: World, post: Post) -> None:
    async with receiving() as receiver:
        await post.hook(receiver, "grant.owed", "grant.voided", "pledge.refunded")
        campaign = await world.campaign()
        await world.milestone(campaign, 1, product_id=await world.product())
        pledge = await world.pledged(campaign, "Dana")
        fact = await world.row("select paid from pledges where id = $1", pledge)
        payment, amount = next(iter(fact["paid"].items()))
        back = Fact("refund", pledge, amount=amount, ref="re_1", payment=payment)
        await world.hear(campaign, back)
        await world.settle()
        await post.send()
        assert [one["type"] for one in receiver.taken] == [
            "grant.owed", "pledge.refunded", "grant.voided",
        ]  # fmt: skip


async def test_nobody_else_hears_it_and_nothing_is_kept_where_nobody_listens(
    world: World, post: Post
) -> None:
    campaign = await world.campaign()
    await world.pledged(campaign, "Dana")
    assert await world.rows("select 1 from happenings") == []
    async with receiving() as receiver, receiving() as other:
        await post.hook(receiver, "milestone.reached")
        await post.hook(other)
        await world.pledged(campaign, "Eli")
        await post.send()
        assert receiver.taken == []
        assert [one["type"] for one in other.taken] == ["pledge.confirmed", "pledge.charged"]


@pytest.mark.parametrize("says", ["500", "redirect", "hang", "404"])
async def test_a_receiver_that_fails_loses_nothing_and_keeps_its_order(
    world: World, post: Post, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if says == "hang":
        monkeypatch.setattr(sending, "TIMEOUT", 1.0)
    async with receiving() as receiver, receiving() as well:
        hook = await post.hook(receiver)
        await post.hook(well)
        receiver.says = says
        campaign = await world.campaign()
        pledge = await world.pledged(campaign, "Dana")
        await post.send()
        assert [one["type"] for one in well.taken] == ["pledge.confirmed", "pledge.charged"]
        assert receiver.taken == [] and len(receiver.heard) == 1  # the second waits for the first
        log = [row for row in await post.log() if row["hook_id"] == hook]
        assert [(row["state"], row["tries"]) for row in log] == [("waiting", 1), ("waiting", 0)]
        assert log[0]["status"] == {"500": 500, "redirect": 301, "404": 404}.get(says)
        receiver.says = "ok"
        assert await post.send() == 0  # not before its time
        post.ahead = timedelta(seconds=10)
        await post.send()
        assert receiver.ids == well.ids
        assert {one["data"]["id"] for one in receiver.taken} == {pledge}


async def test_a_hundred_megabytes_are_an_answer_like_any_other(world: World, post: Post) -> None:
    async with receiving() as receiver:
        await post.hook(receiver)
        receiver.says = "huge"
        await world.pledged(await world.campaign(), "Dana")
        await post.send()
        log = await post.log()
        assert {row["state"] for row in log} == {"delivered"}
        assert {len(row["answer"]) for row in log} == {sending.MOST_ANSWER}


async def test_one_that_stays_dead_is_paused_with_a_mail_and_hears_all_of_it_later(
    world: World, post: Post
) -> None:
    async with receiving() as receiver:
        hook = await post.hook(receiver)
        async with unit(world.database) as db:
            for who, role in (("Ann", "owner"), ("Bob", "editor")):
                made = await creators.add(db, f"{who.lower()}@example.org", who, "en", world.now)
                await creators.keep_member(db, world.store_id, made, role, world.now)
        receiver.says = "503"
        campaign = await world.campaign()
        await world.pledged(campaign, "Dana")
        begun = post.clock()
        while (await world.row("select paused_at from hooks"))["paused_at"] is None:
            await post.send()
            post.ahead += timedelta(hours=1)
        assert timedelta(days=3) < post.clock() - begun < timedelta(days=5)
        mails = await world.rows("select recipient, kind from mails where kind = 'hook_paused'")
        assert sorted(row["recipient"] for row in mails) == ["alice@example.org", "ann@example.org"]
        await world.pledged(campaign, "Eli")
        assert await post.send() == 0
        receiver.says = "ok"
        await resume_hook(world.database, post.author, hook, post.clock())
        await post.send()
        keys = [row["key"] for row in await post.log()]
        assert sorted(receiver.ids) == sorted(keys) and len(keys) == 4
        for subject in {row["subject"] for row in await post.log()}:
            mine = [row["key"] for row in await post.log() if row["subject"] == subject]
            assert [key for key in receiver.ids if key in mine] == mine


async def test_one_that_says_it_is_gone_is_paused_at_once(world: World, post: Post) -> None:
    async with receiving() as receiver:
        await post.hook(receiver)
        receiver.says = "410"
        await world.pledged(await world.campaign(), "Dana")
        await post.send()
        row = await world.row("select paused_at, paused_why from hooks")
        assert row["paused_at"] is not None and row["paused_why"] == "gone"


async def test_a_worker_that_dies_between_taking_and_noting_is_followed_by_another(
    world: World, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with receiving() as receiver:
        hook = await post.hook(receiver)
        await world.pledged(await world.campaign(), "Dana")

        async def dies(*_: Any) -> None:
            raise RuntimeError("killed")

        with monkeypatch.context() as broken, pytest.raises(RuntimeError, match="killed"):
            broken.setattr("milepost.storage.hooks.note_answer", dies)
            await deliver_to(world.database, post.courier, hook, post.clock)
        assert len(receiver.taken) == 1
        assert await post.send() == 0
        post.ahead = timedelta(minutes=2)
        await post.send()
        assert receiver.ids[0] == receiver.ids[1]  # the same id: at least once
        assert len(set(receiver.ids)) == 2


async def test_a_rotated_secret_signs_beside_the_old_one_for_a_day(
    world: World, post: Post
) -> None:
    async with receiving() as receiver:
        hook = await post.hook(receiver)
        old = receiver.secret
        new = await rotate_secret(world.database, post.author, hook, post.clock())
        campaign = await world.campaign()
        await world.pledged(campaign, "Dana")
        await post.send()  # verified with the old one
        receiver.secret = new
        await world.pledged(campaign, "Eli")
        await post.send()
        assert len(receiver.taken) == 4
        post.ahead = timedelta(days=1, minutes=1)
        await world.pledged(campaign, "Finn")
        await post.send()
        signatures = [len(one["headers"]["webhook-signature"].split(" ")) for one in receiver.taken]
        assert signatures == [2, 2, 2, 2, 1, 1] and old != new


async def test_a_test_a_repetition_a_pause_and_an_end(world: World, post: Post) -> None:
    async with receiving() as receiver:
        hook = await post.hook(receiver, "order.paid")
        event = await send_test(world.database, post.author, hook, post.clock())
        await post.send()
        assert [one["type"] for one in receiver.taken] == ["hook.test"]
        await send_again(world.database, post.author, hook, event, post.clock())
        await post.send()
        assert receiver.ids[0] == receiver.ids[1] and len(receiver.ids) == 2
        await pause_hook(world.database, post.author, hook, post.clock())
        await remove_hook(world.database, post.author, hook, post.clock())
        assert await post.send() == 0


async def test_what_was_delivered_is_forgotten_after_a_month_and_what_waits_never(
    world: World, post: Post
) -> None:
    async with receiving() as receiver:
        hook = await post.hook(receiver)
        campaign = await world.campaign()
        await world.pledged(campaign, "Dana")
        await post.send()
        await pause_hook(world.database, post.author, hook, post.clock())
        await world.pledged(campaign, "Eli")
        post.ahead = timedelta(days=31)
        await forget_delivered(world.database, post.clock)
        assert {row["state"] for row in await post.log()} == {"waiting"}
        assert len(await world.rows("select 1 from happenings")) == 2
        await resume_hook(world.database, post.author, hook, post.clock())
        await post.send()
        await forget_delivered(world.database, post.clock)
        assert {row["state"] for row in await post.log()} == {"delivered"}  # for a month from now
        post.ahead = timedelta(days=62)
        await forget_delivered(world.database, post.clock)
        assert await world.rows("select 1 from happenings") == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0",
        "100.64.0.1", "::1", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::", "224.0.0.1",
    ],
)  # fmt: skip
def test_no_private_address_is_public(address: str) -> None:
    assert not is_public(address)


async def test_nothing_goes_to_this_machine_unless_the_operator_allows_it(
    world: World, post: Post
) -> None:
    async with receiving() as receiver:
        courier = Courier()
        for host in ("127.0.0.1", "localhost", "[::1]"):
            answer = await courier.send(f"http://{host}:{receiver.port}/", b"{}", {})
            assert answer.status is None and "not a public one" in answer.text
        await courier.close()
        assert receiver.heard == []


@pytest.mark.parametrize(
    "typed",
    ["", "example.org", "http://example.org/", "https://", "https://a:b@example.org/",
     "https://example.org/#x", "ftp://example.org/", "https://example.org:99999/", "https://[::1"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        checked_url(typed, plain=False)
