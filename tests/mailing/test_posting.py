"""That each mail is sent once, and what happens when it can't be."""

import asyncio
from datetime import timedelta

import pytest

from milepost.domain.errors import NotFound
from milepost.gateways.mail import Post
from milepost.services import posting
from milepost.services.posting import PAUSES, post_waiting, send_again
from milepost.storage import mails
from milepost.storage.database import unit
from milepost.storage.mails import Letter
from tests.mailing.mailserver import MailServer
from tests.mailing.people import BASE_URL, backer, composer, promise, reach, state_of
from tests.world import World


async def receipts(world: World, *who: str) -> list[str]:
    """A receipt is promised to each of them; the mails' keys."""
    campaign_id = await world.campaign()
    letters = [
        Letter("receipt", f"receipt:{name}", await backer(world, campaign_id, name)) for name in who
    ]
    await promise(world, *letters)
    return [letter.key for letter in letters]


async def send(world: World, post: Post) -> int:
    return await post_waiting(world.database, post, composer, world.clock)


async def mail(world: World, key: str) -> dict[str, object]:
    return dict(await world.row("select * from mails where key = $1", key))


async def test_a_mail_is_sent_once_however_often_the_post_goes(
    world: World, server: MailServer, post: Post
) -> None:
    keys = await receipts(world, "Dana", "Eli")
    assert await send(world, post) == 2
    assert await send(world, post) == 0
    assert server.recipients == ["dana@example.org", "eli@example.org"]
    assert server.connections == 1
    row = await mail(world, keys[0])
    assert (row["state"], row["sent_at"], row["tries"]) == ("sent", world.now, 1)
    assert row["text"] is row["html"] is None, "what was really sent is not kept"


async def test_two_workers_send_each_mail_once(world: World, server: MailServer) -> None:
    await receipts(world, *(f"Backer{n}" for n in range(20)))
    posts = [Post(server.url, BASE_URL) for _ in range(3)]
    await asyncio.gather(*(send(world, post) for post in posts))
    assert sorted(server.recipients) == sorted(f"backer{n}@example.org" for n in range(20))


async def test_a_mail_that_was_claimed_when_its_worker_died_is_not_repeated(
    world: World, server: MailServer, post: Post
) -> None:
    (key,) = await receipts(world, "Dana")
    async with unit(world.database) as db:
        row = await world.row("select id from mails")
        assert await mails.claim(db, row["id"])
    world.now += timedelta(days=3)
    assert await send(world, post) == 0
    assert await state_of(world, key) == "sending"
    assert server.received == []
    await send_again(world.database, row["id"], world.now)
    assert await send(world, post) == 1
    assert len(server.received) == 1
    with pytest.raises(NotFound):
        await send_again(world.database, row["id"], world.now)


async def test_a_connection_that_breaks_after_the_mail_leaves_it_in_doubt(
    world: World, server: MailServer, post: Post
) -> None:
    keys = await receipts(world, "Dana", "Eli")
    server.data["dana@example.org"] = None
    await send(world, post)
    row = await mail(world, keys[0])
    assert row["state"] == "sending"
    assert "broke while the mail was handed over" in str(row["error"])
    assert await state_of(world, keys[1]) == "sent", "the next one goes over a new connection"
    world.now += timedelta(days=3)
    assert await send(world, post) == 0


async def test_what_is_refused_for_now_is_tried_again_later_and_later_for_two_days(
    world: World, server: MailServer, post: Post
) -> None:
    (key,) = await receipts(world, "Dana")
    server.rcpt["dana@example.org"] = "451 try again later"
    began = world.now
    for pause in PAUSES:
        assert await send(world, post) == 1
        row = await mail(world, key)
        assert (row["state"], row["due_at"]) == ("waiting", world.now + pause)
        assert row["error"] == "451 try again later"
        assert await send(world, post) == 0, "not before its time"
        world.now += pause
    assert PAUSES[0] == timedelta(minutes=1) and PAUSES[-1] == timedelta(hours=6)
    assert timedelta(days=1, hours=20) < world.now - began < timedelta(days=2)
    await send(world, post)
    row = await mail(world, key)
    assert (row["state"], row["error"]) == ("failed", "given up: 451 try again later")
    assert server.received == []


async def test_what_was_refused_for_now_is_sent_once_it_is_taken(
    world: World, server: MailServer, post: Post
) -> None:
    (key,) = await receipts(world, "Dana")
    server.data["dana@example.org"] = "452 the mailbox is full"
    await send(world, post)
    del server.data["dana@example.org"]
    world.now += timedelta(minutes=1)
    await send(world, post)
    assert await state_of(world, key) == "sent"
    assert len(server.received) == 1


async def test_what_is_refused_for_ever_fails_with_the_servers_reason_and_others_go(
    world: World, server: MailServer, post: Post
) -> None:
    keys = await receipts(world, "Dana", "Eli")
    server.rcpt["dana@example.org"] = "550 no such person"
    await send(world, post)
    row = await mail(world, keys[0])
    assert (row["state"], row["error"]) == ("failed", "550 no such person")
    assert await state_of(world, keys[1]) == "sent"


async def test_while_the_server_is_away_all_mails_wait_and_none_is_claimed(
    world: World, server: MailServer
) -> None:
    keys = await receipts(world, "Dana", "Eli")
    nobody = Post("smtp://127.0.0.1:1", BASE_URL)
    assert await send(world, nobody) == 2
    for key in keys:
        row = await mail(world, key)
        assert (row["state"], row["due_at"]) == ("waiting", world.now + PAUSES[0])
        assert "127.0.0.1:1" in str(row["error"])
    world.now += PAUSES[0]
    await send(world, Post(server.url, BASE_URL))
    assert len(server.received) == 2


async def test_a_worker_that_is_told_to_stop_finishes_the_mail_in_its_hands(
    world: World, server: MailServer, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = await receipts(world, "Dana", "Eli")
    handed = asyncio.Event()
    deliver = post.send

    async def slowly(message: object) -> None:
        handed.set()
        await asyncio.sleep(0.2)
        await deliver(message)  # type: ignore[arg-type]

    monkeypatch.setattr(post, "send", slowly)
    working = asyncio.create_task(send(world, post))
    await handed.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert [await state_of(world, key) for key in keys] == ["sent", "waiting"]
    assert server.recipients == ["dana@example.org"]


async def test_one_letter_that_can_not_be_composed_spoils_no_other(
    world: World, server: MailServer, post: Post
) -> None:
    (key,) = await receipts(world, "Dana")
    pledge = await world.row("select id from pledges")
    await promise(world, Letter("nonsense", "nonsense", pledge["id"]))
    await send(world, post)
    assert await state_of(world, key) == "sent"
    row = await mail(world, "nonsense")
    assert row["state"] == "failed"
    assert "could not be composed" in str(row["error"])


async def test_a_person_who_was_erased_gets_no_mail(
    world: World, server: MailServer, post: Post
) -> None:
    (key,) = await receipts(world, "Dana")
    async with unit(world.database) as db:
        await db.execute("update customers set erased_at = $1", world.now)
    pledge = await world.row("select id from pledges")
    await promise(world, Letter("charged", "later", pledge["id"]))
    await send(world, post)
    assert [r["key"] for r in await world.rows("select key from mails")] == [key]
    assert await state_of(world, key) == "skipped"
    assert server.received == []


async def test_the_post_is_looked_at_quickly_when_nothing_waits(world: World, post: Post) -> None:
    assert await send(world, post) == 0


def test_a_mail_is_tried_again_after_each_pause_and_then_no_more() -> None:
    now = World.__dataclass_fields__["now"].default
    assert posting.next_try(0, now) == now + PAUSES[0]
    assert posting.next_try(len(PAUSES), now) is None


async def test_a_receipt_does_not_wait_behind_news_for_everybody(world: World) -> None:
    campaign_id = await world.campaign()
    pledge_id = await backer(world, campaign_id, "Dana")
    milestone_id = await world.milestone(campaign_id, 1)
    await reach(world, milestone_id, 1)
    news = [Letter("milestone", f"news:{n}", pledge_id, milestone_id) for n in range(5)]
    await promise(world, *news)
    world.now += timedelta(minutes=5)
    await promise(world, Letter("receipt", "receipt", pledge_id))
    async with unit(world.database) as db:
        due = await mails.due(db, world.now, 3)
    assert [row["key"] for row in due] == ["receipt", "news:0", "news:1"]
