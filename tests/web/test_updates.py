"""Updates: drafted, published once, for everybody or for backers, edited, withdrawn (B7, B14)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from milepost.services.posting import announce_update
from milepost.services.unsubscribing import Subscriptions
from tests.mailing.people import composer
from tests.sandbox.process import Sandbox
from tests.web.client import Reader, state_in
from tests.web.me import ask, mailed
from tests.web.serving import Served, serve
from tests.web.studio import enter, log_of, send, staff
from tests.web.talk import drafted, published
from tests.world import World

HOME = "/studio/larkfield/campaigns/recorder/updates"


@pytest.fixture
async def campaign_id(world: World) -> int:
    """The recorder, which Dana and Eli back."""
    campaign_id = await world.campaign(slug="recorder", goal=500)
    await world.tier(campaign_id)
    await staff(world)
    for who in ("Dana", "Eli"):
        await world.pledged(campaign_id, who)
    return campaign_id


@pytest.fixture
async def public(served: Served) -> AsyncIterator[Reader]:
    """Somebody else at a browser of their own, signed in nowhere."""
    async with Reader(served.url) as reader:
        yield reader


async def sign_in(reader: Reader, world: World, who: str, next_: str = "") -> str:
    """Sign in by the mailed link; where it leads."""
    assert (await ask(reader, who, **({"next": next_} if next_ else {}))).status_code == 200
    answer = await reader.post((await mailed(world))[-1], headers=reader.from_here)
    return answer.headers["location"]


async def work(world: World) -> list[Any]:
    """The worker does what was put into its queue; the jobs' payloads."""
    jobs = await world.rows("select payload from pgqueuer where entrypoint = 'tell_update'")
    for row in await world.rows("select id from updates where published_at is not null"):
        await announce_update(world.database, row["id"], world.clock)
    return jobs


async def keys(world: World) -> list[str]:
    """The mails of updates that are promised."""
    return [
        row["recipient"]
        for row in await world.rows(
            "select recipient from mails where kind = 'update' order by recipient"
        )
    ]


async def test_a_creator_writes_a_draft_sees_it_as_readers_will_and_publishes_it(
    served: Served, public: Reader, world: World, campaign_id: int
) -> None:
    alice = served.reader
    await enter(alice, "Alice")
    page = await alice.get(f"{HOME}/new")
    assert page.status_code == 200
    typed = {"key": "a-form", "title": "Cases arrived", "text": "All **forty**.", "do": "save"}
    saved = await send(alice, f"{HOME}/new", **typed)
    here = saved.headers["location"].partition("?")[0]
    assert here == f"{HOME}/1"
    assert (await alice.get("/c/recorder/updates/1")).status_code == 404, "a draft is nobody's"
    looked = await send(alice, here, **typed | {"do": "preview", "revision": "1", "text": "_Not_"})
    assert looked.status_code == 200 and "<em>Not</em>" in looked.text
    assert (await world.row("select text from updates"))["text"] == "All **forty**."
    on = await send(alice, here, **typed | {"do": "publish", "revision": "1"})
    assert on.headers["location"] == f"{here}/publish"
    before = (await alice.get(f"{here}/publish")).text
    assert "<strong>forty</strong>" in before
    assert "<strong>2</strong> backers get it by mail" in before
    out = await send(alice, f"{here}/publish", revision="1")
    assert out.headers["location"] == f"{here}?done=published"
    told = await public.get("/c/recorder/updates/1")
    assert "<strong>forty</strong>" in told.text and "Cases arrived" in told.text
    assert (await log_of(world))[-1][:3] == ("Alice", "update_published", "1")


async def test_publishing_pressed_by_two_editors_at_once_publishes_and_mails_once(
    world: World, campaign_id: int, database_url: str, payments: Sandbox
) -> None:
    """A15, for news."""
    update_id = await drafted(world, campaign_id)
    version = (await world.row("select version from campaigns"))["version"]
    async with (
        serve(database_url, payments.url, world.clock) as one,
        serve(database_url, payments.url, world.clock) as other,
    ):
        await enter(one.reader, "Alice")
        await enter(other.reader, "Bob")
        answers = await asyncio.gather(
            *(
                send(each.reader, f"{HOME}/{update_id}/publish", revision="1")
                for each in (one, other) * 4
            )
        )
    assert {a.status_code for a in answers} == {303}
    row = await world.row("select number, published_at from updates")
    assert row["number"] == 1
    assert (await world.row("select version from campaigns"))["version"] == version + 1
    assert len(await work(world)) == 1, "one job"
    await asyncio.gather(*(announce_update(world.database, update_id, world.clock) for _ in "ab"))
    assert await keys(world) == ["dana@example.org", "eli@example.org"]
    assert [what for _, what, *_ in await log_of(world)] == ["update_published"]


async def test_each_live_backer_who_wants_news_gets_one_mail_in_their_language(
    served: Served, world: World, campaign_id: int
) -> None:
    for who in ("Frida", "Gus", "Hans"):
        pledge_id = await world.pledged(campaign_id, who)
        if who == "Hans":
            await world.rows(
                "update pledges set locale = 'de' where id = $1 returning id", pledge_id
            )
    await world.pledged(campaign_id, "Dana")
    await world.rows("update customers set news = false where email like 'frida@%' returning id")
    await world.rows(
        "update backers set live = false from customers c where c.id = customer_id"
        " and c.email like 'gus@%' returning 1"
    )
    text = "It is **here**.\n\n![A case](/media/case-1600.avif)\n\n[More](/c/recorder)"
    german = {"de": {"title": "Da ist es", "text": "Es ist **da**."}}
    world.now += timedelta(hours=1)
    await published(world, campaign_id, title="Here it is", text=text, translations=german)
    world.now += timedelta(hours=1)
    await world.pledged(campaign_id, "Ida")
    await work(world)
    assert await keys(world) == ["dana@example.org", "eli@example.org", "hans@example.org"]
    rows = await world.rows("select * from mails where kind = 'update' order by id")
    async with world.database.connection() as db:
        parcels = await composer(db.raw_connection, rows, world.now)
    said = {p.recipient.partition("@")[0]: p for p in parcels.values()}  # type: ignore[union-attr]
    dana, hans = said["dana"], said["hans"]
    assert dana.subject == "Field Recorder: Here it is"
    assert "It is <strong>here</strong>." in dana.html and "It is **here**." in dana.text
    assert 'src="https://fund.example.org/media/case-800.avif.jpg"' in dana.html
    assert 'href="https://fund.example.org/c/recorder"' in dana.html
    assert "https://fund.example.org/c/recorder/updates/1" in dana.text
    assert "Es ist <strong>da</strong>." in hans.html
    customer = await world.row("select id from customers where email like 'dana@%'")
    token = Subscriptions("a-secret-of-the-tests").token(customer["id"])
    assert dana.unsubscribe.endswith(f"/unsubscribe/{token}") and dana.unsubscribe in dana.html
    await served.reader.post(f"/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"})
    await published(world, campaign_id, title="Another one")
    await work(world)
    again = await world.rows("select recipient from mails where key like 'update:2:%'")
    assert {row["recipient"].partition("@")[0] for row in again} == {"eli", "hans", "ida"}


async def test_a_mail_that_waits_is_not_sent_to_whom_it_is_no_longer_for(
    world: World, campaign_id: int
) -> None:
    await published(world, campaign_id, audience="backers")
    await work(world)
    await world.rows(
        "update backers set live = false from customers c where c.id = customer_id"
        " and c.email like 'dana@%' returning 1"
    )
    rows = await world.rows("select * from mails where kind = 'update' order by id")

    async def spoken() -> list[str]:
        async with world.database.connection() as db:
            made = await composer(db.raw_connection, rows, world.now)
        return [type(each).__name__ for each in made.values()]

    assert await spoken() == ["Pointless", "Parcel"]
    await world.rows("update updates set withdrawn_at = published_at returning id")
    assert await spoken() == ["Pointless", "Pointless"]


async def test_nobody_overwrites_what_another_editor_has_saved_without_seeing_it(
    served: Served, public: Reader, world: World, campaign_id: int
) -> None:
    update_id = await drafted(world, campaign_id)
    here = f"{HOME}/{update_id}"
    alice, bob = served.reader, public
    await enter(alice, "Alice")
    await enter(bob, "Bob")
    await send(bob, here, title="Bob's title", text="Bob's text", revision="1", do="save")
    refused = await send(alice, here, title="Alice's title", text="Hers", revision="1", do="save")
    assert refused.status_code == 409
    for words in ("Bob&#39;s text", "Alice&#39;s title", "What Bob has saved"):
        assert words in refused.text
    assert (await world.row("select text from updates"))["text"] == "Bob's text"
    kept = await send(alice, f"{here}/keep", title="Alice's title", text="Hers", revision="1")
    assert kept.status_code == 409 and "not saved" in kept.json()["error"]
    anyway = await send(alice, here, title="Alice's title", text="Hers", revision="2", do="save")
    assert anyway.status_code == 303
    assert (await world.row("select text from updates"))["text"] == "Hers"
    stale = await send(bob, f"{here}/publish", revision="2")
    assert stale.status_code == 409 and "Hers" in stale.text
    assert (await world.row("select number from updates"))["number"] is None


async def test_a_script_keeps_a_draft_and_makes_one_only(
    served: Served, world: World, campaign_id: int
) -> None:
    alice = served.reader
    await enter(alice, "Alice")
    typed = {"key": "one-form", "title": "A", "text": "B"}
    answers = await asyncio.gather(
        *(send(alice, f"{HOME}/new/keep", **typed) for _ in range(4)),
        send(alice, f"{HOME}/new", **typed, do="save"),
    )
    rows = await world.rows("select id, title from updates")
    assert len(rows) == 1
    assert {a.json()["here"] for a in answers[:4]} == {f"{HOME}/{rows[0]['id']}"}
    half = await send(alice, f"{HOME}/{rows[0]['id']}/keep", title="", text="Half", revision="1")
    assert half.json()["revision"] == 2
    same = await send(alice, f"{HOME}/{rows[0]['id']}/keep", title="", text="Half", revision="2")
    assert same.json()["revision"] == 2, "nothing was changed"
    nothing = await send(alice, f"{HOME}/{rows[0]['id']}/publish", revision="2")
    assert nothing.status_code == 422 and "Give it a title." in nothing.text


async def test_an_update_that_is_out_is_edited_by_hand_alone_and_says_so(
    served: Served, public: Reader, world: World, campaign_id: int
) -> None:
    number = await published(world, campaign_id)
    (row,) = await world.rows("select id from updates")
    alice = served.reader
    await enter(alice, "Alice")
    here = f"{HOME}/{row['id']}"
    kept = await send(alice, f"{here}/keep", title="Half a", text="sentence", revision="1")
    assert kept.status_code == 409
    assert "Edited on" not in (await public.get(f"/c/recorder/updates/{number}")).text
    world.now += timedelta(days=2)
    empty = await send(alice, here, title="Cases", text=" ", revision="1", do="save")
    assert empty.status_code == 422 and "Write something first." in empty.text
    await send(alice, here, title="Forty cases", text="New.", revision="1", do="save")
    page = (await public.get(f"/c/recorder/updates/{number}")).text
    assert "Forty cases" in page and "Edited on 3 June 2026" in page
    assert (await log_of(world))[-1][1:] == (
        "update_edited", "1", {"title": "Cases arrived"}, {"title": "Forty cases"})  # fmt: skip


async def test_a_withdrawn_update_is_gone_for_readers_and_keeps_its_number(
    served: Served, public: Reader, world: World, campaign_id: int
) -> None:
    await published(world, campaign_id, title="A mistake")
    (row,) = await world.rows("select id from updates")
    await enter(served.reader, "Alice")
    await send(served.reader, f"{HOME}/{row['id']}/withdraw")
    assert await published(world, campaign_id, title="The right one") == 2
    gone = await public.get("/c/recorder/updates/1")
    assert gone.status_code == 410 and "A mistake" not in gone.text
    assert gone.headers["cache-control"] == "no-store"
    listed = (await public.get("/c/recorder/updates")).text
    assert "A mistake" not in listed and "The right one" in listed
    assert "A mistake" not in (await public.get("/c/recorder")).text
    assert "A mistake" in (await served.reader.get(HOME)).text
    assert "update_withdrawn" in [what for _, what, *_ in await log_of(world)]
    await work(world)
    rows = await world.rows("select key from mails where kind = 'update'")
    assert all(r["key"].startswith(f"update:{row['id'] + 1}:") for r in rows) and len(rows) == 2


async def test_the_campaign_s_page_shows_it_and_open_pages_hear_of_it(
    served: Served, world: World, campaign_id: int
) -> None:
    reader = served.reader
    first = await reader.get("/c/recorder")
    async with reader.watching("/c/recorder/live") as frames:
        before = state_in(await anext(frames))
        for n in range(4):
            await published(world, campaign_id, title=f"News {n}")
        frame = state_in(await anext(frames))
        while frame["updates"] < 4:
            frame = state_in(await anext(frames))
    assert frame["version"] == before["version"] + 4
    page = await reader.get("/c/recorder")
    assert page.headers["etag"] != first.headers["etag"]
    assert [f"News {n}" in page.text for n in range(4)] == [False, True, True, True]
    assert "All 4 updates" in page.text


async def test_a_draft_tells_of_a_reached_milestone_what_is_open_and_no_more(
    served: Served, world: World, campaign_id: int
) -> None:
    """R2, R3."""
    german = {"de": {"title": "Windschutz", "text_after": "Für alle."}}
    open_ = await world.milestone(
        campaign_id, 1, title="Wind muff", text_after="One for *each*.", exclusive="zq-mine",
        shared_code="zq-code", code_kind="shared", translations=german,
    )  # fmt: skip
    secret = {"title": "zq-title", "text_before": "zq-before", "text_after": "zq-after"}
    sealed = await world.milestone(campaign_id, 2, mystery=True, reveal="manual", **secret)
    ahead = await world.milestone(campaign_id, 400, title="Ahead")
    alice = served.reader
    await enter(alice, "Alice")
    told = (await alice.get(f"{HOME}/new?milestone={open_}")).text
    for words in ("Wind muff", "One for *each*.", "Windschutz", "Für alle."):
        assert words in told
    silent = (await alice.get(f"{HOME}/new?milestone={sealed}")).text
    assert "We have reached 2" in silent
    assert "zq-" not in told + silent + (await alice.get(HOME)).text
    assert (await alice.get(f"{HOME}/new?milestone={ahead}")).status_code == 404
    other = await world.campaign(slug="other")
    stranger = await world.milestone(other, 1)
    await world.pledged(other, "Dana")
    assert (await alice.get(f"{HOME}/new?milestone={stranger}")).status_code == 404
    typed = {"key": "k", "title": "T", "text": "T", "milestone": str(open_), "do": "save"}
    assert f"milestone={open_}" in (await alice.get(HOME)).text
    await send(alice, f"{HOME}/new", **typed)
    assert f"milestone={open_}" not in (await alice.get(HOME)).text, "that one is being told"


async def test_a_text_that_is_too_long_comes_back_whole(
    served: Served, world: World, campaign_id: int
) -> None:
    await enter(served.reader, "Alice")
    long = "x" * 20_001
    refused = await send(served.reader, f"{HOME}/new", key="k", title="T", text=long, do="save")
    assert refused.status_code == 422 and long in refused.text
    assert "This may have 20,000 characters." in refused.text
    assert await world.rows("select from updates") == []


async def test_another_campaign_s_update_can_t_be_touched_through_this_one(
    served: Served, world: World, campaign_id: int
) -> None:
    other = await world.campaign(slug="other")
    update_id = await drafted(world, other)
    await enter(served.reader, "Alice")
    for path in ("", "/keep", "/publish", "/withdraw", "/discard"):
        answer = await send(served.reader, f"{HOME}/{update_id}{path}", title="Mine", revision="1")
        assert answer.status_code == 404, path
    assert (await world.row("select title from updates"))["title"] == "Cases arrived"


async def test_a_draft_that_is_thrown_away_is_gone_and_a_published_one_is_not(
    served: Served, world: World, campaign_id: int
) -> None:
    update_id = await drafted(world, campaign_id)
    await published(world, campaign_id)
    await enter(served.reader, "Alice")
    assert (await send(served.reader, f"{HOME}/{update_id}/discard")).status_code == 303
    assert (await send(served.reader, f"{HOME}/{update_id + 1}/discard")).status_code == 409
    (row,) = await world.rows("select id from updates")
    assert row["id"] == update_id + 1


async def test_whoever_signs_in_for_a_backers_update_is_led_back_to_it(
    served: Served, world: World, campaign_id: int
) -> None:
    await published(world, campaign_id, title="Ours", text="Only us.", audience="backers")
    reader = served.reader
    wall = await reader.get("/c/recorder/updates/1")
    assert "Ours" in wall.text and "Only us." not in wall.text
    assert "/me/sign-in?next=/c/recorder/updates/1" in wall.text
    assert await sign_in(reader, world, "Dana", "/c/recorder/updates/1") == "/c/recorder/updates/1"
    told = await reader.get("/c/recorder/updates/1")
    assert "Only us." in told.text
    assert told.headers["cache-control"] == "no-store"
    assert "cookie" in wall.headers["vary"] and "cookie" in told.headers["vary"]


async def test_who_backs_another_campaign_or_this_one_no_more_reads_nothing_for_backers(
    served: Served, world: World, campaign_id: int
) -> None:
    await published(world, campaign_id, title="Ours", text="Only us.", audience="backers")
    other = await world.campaign(slug="other")
    await world.pledged(other, "Frida")
    pledge = "update pledges set state = $1 where customer_id = (select id from customers where"
    for who, state, reads in (
        ("Frida", "charged", False),
        ("Dana", "refunded", False),
        ("Dana", "cancelled", False),
        ("Dana", "past_due", True),
        ("Dana", "confirmed", True),
    ):
        address = f"{who.lower()}@example.org"
        await world.rows(f"{pledge} email = $2) returning id", state, address)
        world.now += timedelta(hours=2)
        async with Reader(served.url) as reader:
            await sign_in(reader, world, who)
            for path in ("/c/recorder/updates/1", "/c/recorder/updates"):
                assert ("Only us." in (await reader.get(path)).text) is reads, (who, state, path)


async def test_pages_of_updates_go_on_below_the_last_and_never_repeat(
    served: Served, world: World, campaign_id: int
) -> None:
    for n in range(1, 24):
        await published(world, campaign_id, title=f"News no. {n}.")
    seen: list[int] = []
    path: str | None = "/c/recorder/updates"
    while path:
        page = (await served.reader.get(path)).text
        seen += [n for n in range(23, 0, -1) if f"News no. {n}." in page]
        older = page.partition("/c/recorder/updates?before=")[2].partition('"')[0]
        path = f"/c/recorder/updates?before={older}" if older else None
    assert seen == list(range(23, 0, -1))
    for odd in ("0", "-1", "x", "9" * 30, "%00"):
        assert (await served.reader.get(f"/c/recorder/updates?before={odd}")).status_code == 200
        assert (await served.reader.get(f"/c/recorder/updates/{odd}")).status_code == 404
