"""From draft to live: a secret preview, an announcement that is followed, a launch told once."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from milepost.mailing.composing import Composer
from milepost.services.auditing import audit_all
from milepost.services.erasing import erase_person
from milepost.services.exporting import export_person
from milepost.services.notifying import (
    Follows,
    confirm,
    forget_old_followers,
    tell_followers,
)
from milepost.services.posting import post_waiting
from milepost.services.signing_in import MOST_BY_ADDRESS
from milepost.storage.database import unit
from tests.web.client import Reader
from tests.web.serving import Served
from tests.web.studio import log_of, send
from tests.world import World

HOME = "/studio/larkfield/campaigns/recorder"
LAUNCH = f"{HOME}/launch"
SOON = {"opens_at": datetime(2026, 6, 10, 9), "closes_at": datetime(2026, 7, 10, 9)}


async def draft(world: World, **columns: Any) -> int:
    """A draft that nothing is missing from."""
    texts = {"blurb": "It hears grass grow.", "story": "A secret story.", "published": False}
    campaign = await world.campaign(**{"slug": "recorder"} | SOON | texts | columns)
    await world.tier(campaign)
    return campaign


async def preview_of(world: World) -> str:
    return f"/preview/{(await world.row('select preview_key from campaigns'))['preview_key']}"


async def test_the_preview_is_the_true_page_and_only_its_link_shows_it(
    served: Served, world: World, alice: Reader
) -> None:
    campaign = await draft(world)
    await world.milestone(campaign, 50, title="Wind muff", text_after="The hidden words")
    link = await preview_of(world)
    async with Reader(served.url) as stranger:
        page = await stranger.get(link)
        assert "This is a preview" in page.text and "A secret story." in page.text
        assert "Wind muff" in page.text and "The hidden words" not in page.text
        assert '<form class="pledge' not in page.text and "/pledge" not in page.text
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "noindex" in page.headers["x-robots-tag"]
        assert (await stranger.pledge("recorder", tier="1", quantity="1")).status_code == 404
        for path in (
            "/c/recorder",
            "/c/recorder.json",
            "/c/recorder/card.png",
            "/preview/recorder",
        ):
            assert (await stranger.get(path)).status_code == 404
        assert len(link.rpartition("/")[2]) >= 32
        await send(alice, LAUNCH, do="renew")
        assert (await stranger.get(link)).status_code == 404
        assert (await stranger.get(await preview_of(world))).status_code == 200


async def test_a_launch_says_what_is_missing_and_is_refused_until_it_is_there(
    served: Served, world: World, alice: Reader
) -> None:
    campaign = await world.campaign(slug="recorder", published=False, **SOON)
    tier = await world.tier(campaign, ships=True)
    page = (await alice.get(LAUNCH)).text
    assert page.count('class="is-missing"') == 3 and "No zone has a fee for: One recorder" in page
    assert 'value="publish"' not in page
    answer = await send(alice, LAUNCH, do="publish", when="now")
    assert answer.status_code == 409 and "still missing" in answer.text
    assert not (await world.row("select published from campaigns"))["published"]
    await world.zone(campaign, {tier: (500, 0)})
    typed = {"title": "Recorder", "slug": "recorder", "blurb": "It hears.", "story": "Long."}
    await send(alice, f"{HOME}/edit", base="0", **typed)
    page = (await alice.get(LAUNCH)).text
    assert 'class="is-missing"' not in page and 'value="publish"' in page


async def test_publishing_opens_at_once_and_begins_the_chain_of_promises(
    served: Served, world: World, alice: Reader
) -> None:
    await draft(world)
    answer = await send(alice, LAUNCH, do="publish", when="now")
    assert answer.headers["location"] == f"{LAUNCH}?done=published"
    state = (await alice.get("/c/recorder.json")).json()
    assert state["state"] == "live" and state["opens_at"] == "2026-06-01T12:00:00Z"
    assert [r["kind"] for r in await world.rows("select kind from promises")] == ["begun"]
    await send(alice, LAUNCH, do="publish", when="now")
    assert len(await world.rows("select from promises")) == 1
    assert [d[1] for d in await log_of(world)] == ["published"]
    assert [a.differences async for a in audit_all(world.database)] == [[]]
    assert (await alice.get(await preview_of(world))).headers["location"] == "/c/recorder"


async def test_a_published_campaign_opens_by_itself_at_its_hour(
    served: Served, world: World, alice: Reader
) -> None:
    await draft(world)
    await send(alice, LAUNCH, do="publish", when="later")
    page = (await alice.get("/c/recorder")).text
    assert "Notify me" in page and "A secret story." in page
    assert (await alice.get("/c/recorder.json")).json()["state"] == "upcoming"
    world.now = datetime(2026, 6, 10, 9, tzinfo=UTC)
    assert (await alice.get("/c/recorder.json")).json()["state"] == "live"
    assert "Notify me" not in (await alice.get("/c/recorder")).text


async def test_an_announced_campaign_shows_its_few_words_and_nothing_that_is_not_promised(
    served: Served, world: World, alice: Reader
) -> None:
    campaign = await draft(world)
    await world.milestone(campaign, 50, title="Wind muff")
    await send(alice, LAUNCH, do="announce")
    async with Reader(served.url) as stranger:
        page = (await stranger.get("/c/recorder")).text
        assert "It hears grass grow." in page and "10 June 2026" in page and "Notify me" in page
        state = (await stranger.get("/c/recorder.json")).json()
        assert (state["state"], state["followers"]) == ("announced", 0)
        for secret in ("A secret story.", "Wind muff", "One recorder"):
            assert secret not in page and secret not in str(state)
        for path in ("/c/recorder/history", "/c/recorder/card.png"):
            assert (await stranger.get(path)).status_code == 404
        assert (await stranger.pledge("recorder", tier="1", quantity="1")).status_code == 404
        assert not await world.rows("select from promises")
        start = len(served.statements)
        await stranger.get("/c/recorder")
        assert served.statements_since(start) == [], "it is served from memory"
        await send(alice, f"{HOME}/edit", base="0", title="R", slug="moved", blurb="b")
        assert (await world.row("select slug from campaigns"))["slug"] == "recorder"
        await send(alice, LAUNCH, do="withdraw")
        await until(stranger, lambda page: page.status_code == 404)


async def until(reader: Reader, what: Callable[[httpx.Response], bool]) -> None:
    """The campaign's page is made anew a moment after it moved."""
    async with asyncio.timeout(10):
        while not what(await reader.get("/c/recorder")):  # noqa: ASYNC110 - it is another process's
            await asyncio.sleep(0.02)


async def follow(reader: Reader, email: str, slug: str = "recorder") -> Any:
    return await reader.post(f"/c/{slug}/follow", data={"email": email}, headers=reader.from_here)


async def links(world: World, kind: str = "follow") -> list[str]:
    rows = await world.rows("select detail from mails where kind = $1 order by id", kind)
    return ["/follow/" + row["detail"]["url"].rpartition("/")[2] for row in rows]


async def test_whoever_confirms_by_mail_is_counted_and_told_of_the_launch_once(
    served: Served, world: World, alice: Reader
) -> None:
    await draft(world)
    await send(alice, LAUNCH, do="announce")
    async with Reader(served.url) as dana:
        assert "Look into your mail" in (await follow(dana, "Dana@example.org")).text
        await follow(dana, "eli@example.org")
        (link, _) = await links(world)
        assert "Confirm my address" in (await dana.get(link)).text
        assert not await world.rows("select from followers where confirmed_at is not null")
        assert "You are on the list" in (await send(dana, link)).text
        assert "You are on the list" in (await send(dana, link)).text
        await until(dana, lambda page: "1 person waits" in page.text)
    assert await tell_followers(world.database, world.clock) == 0, "it has not opened"
    await send(alice, LAUNCH, do="publish", when="now")
    assert await tell_followers(world.database, world.clock) == 1
    assert await tell_followers(world.database, world.clock) == 0
    (mail,) = await world.rows("select recipient, locale, detail from mails where kind = 'launch'")
    assert mail["recipient"] == "dana@example.org"


async def test_the_mails_of_a_launch_are_written_in_the_reader_s_language_and_lead_out(
    served: Served, world: World, alice: Reader
) -> None:
    await draft(world, translations={"de": {"title": "Feldrekorder"}})
    await send(alice, LAUNCH, do="announce")
    async with Reader(served.url) as dana:
        data = {"email": "dana@example.org"}
        await dana.post("/c/recorder/follow?lang=de", data=data, headers=dana.from_here)
        (link,) = await links(world)
        await send(dana, link)
    await send(alice, LAUNCH, do="publish", when="now")
    await tell_followers(world.database, world.clock)
    compose = Composer(served.url, served.settings.secret_key)
    while await post_waiting(world.database, None, compose, world.clock):
        pass
    rows = await world.rows("select kind, state, subject, text from mails order by id")
    assert [(r["kind"], r["state"]) for r in rows] == [("follow", "sent"), ("launch", "sent")]
    assert "Feldrekorder" in rows[1]["subject"] and f"{served.url}/c/recorder" in rows[1]["text"]
    out = "/unsubscribe/" + rows[1]["text"].split("/unsubscribe/")[1].split()[0]
    async with Reader(served.url) as dana:
        assert (await dana.get(out)).status_code == 200
        assert len(await world.rows("select from followers")) == 1, "looking changes nothing"
        one_click = {"List-Unsubscribe": "One-Click"}
        assert (await dana.post(out, data=one_click)).status_code == 200
        assert (await dana.post(out, data=one_click)).status_code == 200
    assert not await world.rows("select from followers")


async def test_nobody_is_followed_by_a_link_that_is_not_ours(served: Served, world: World) -> None:
    campaign = await draft(world, published=True)
    async with unit(world.database) as db:
        await db.execute(
            "insert into followers (campaign_id, email, locale, asked_at)"
            " values ($1, 'a@b', 'en', $2)",
            campaign,
            world.now,
        )
    follows = Follows(served.settings.secret_key)
    for token in (follows.token(1, leaving=True), "1", follows.token(1)[:-1] + "x", "x" * 500):
        assert (await send(served.reader, f"/follow/{token}")).status_code == 404
    assert (await send(served.reader, f"/unsubscribe/{follows.token(1)}")).status_code == 404
    assert not await world.rows("select from followers where confirmed_at is not null")


async def test_what_is_no_address_or_no_longer_ahead_is_said_and_kept_nowhere(
    served: Served, world: World
) -> None:
    await draft(world, published=True)
    await world.campaign(slug="open")
    answer = await follow(served.reader, "dana at home")
    assert answer.status_code == 422 and "dana at home" in answer.text
    answer = await follow(served.reader, "dana@example.org", "open")
    assert answer.status_code == 409 and "has opened already" in answer.text
    assert (await follow(served.reader, "dana@example.org", "nothing")).status_code == 404
    assert not await world.rows("select from followers")


async def test_an_address_gets_few_mails_an_hour_and_a_network_asks_twenty_times(
    served: Served, world: World
) -> None:
    await draft(world, published=True)
    for _ in range(7):
        answer = await follow(served.reader, "dana@example.org")
        assert answer.status_code == 200
    assert len(await links(world)) == MOST_BY_ADDRESS
    statuses = {(await follow(served.reader, f"{n}@example.org")).status_code for n in range(20)}
    assert statuses == {200, 429}
    world.now += timedelta(hours=2)
    assert (await follow(served.reader, "dana@example.org")).status_code == 200


async def test_a_follower_is_in_their_own_export_and_forgotten_with_them(
    served: Served, world: World
) -> None:
    await draft(world, published=True)
    await follow(served.reader, "dana@example.org")
    await confirm(world.database, 1, world.now)
    found = await export_person(world.database, "dana@example.org", world.now)
    assert [f["title"] for f in found["follows"]] == ["Field Recorder"]
    await erase_person(world.database, "dana@example.org", world.now)
    assert not await world.rows("select from followers")


async def test_addresses_that_never_confirmed_or_were_told_long_ago_are_forgotten(
    served: Served, world: World
) -> None:
    await draft(world, published=True)
    await follow(served.reader, "dana@example.org")
    await follow(served.reader, "eli@example.org")
    (link, _) = await links(world)
    await send(served.reader, link)
    world.now += timedelta(days=8)
    await forget_old_followers(world.database, world.clock)
    assert [r["email"] for r in await world.rows("select email from followers")] == [
        "dana@example.org"
    ]
    world.now = datetime(2026, 6, 10, 9, tzinfo=UTC)
    await tell_followers(world.database, world.clock)
    world.now += timedelta(days=31)
    await forget_old_followers(world.database, world.clock)
    assert not await world.rows("select from followers")
