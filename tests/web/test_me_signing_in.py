"""Signing in by a mailed link: once, soon, not too often, and nobody learns who is known."""

import asyncio
import logging
from datetime import timedelta
from http.cookies import SimpleCookie
from statistics import median
from time import perf_counter
from typing import Any

import pytest

from milepost.services.signing_in import forget_old
from tests.sandbox.process import Sandbox
from tests.web.client import Reader, parse
from tests.web.kept import nothing_changes
from tests.web.me import ask, do, key_of, mailed, sign_in
from tests.web.serving import Served, serve
from tests.world import NOON, World

H = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture
async def dana(world: World) -> str:
    """Dana has a pledge; its key."""
    campaign_id = await world.campaign(slug="recorder")
    return await key_of(world, await world.pledged(campaign_id, "Dana"))


async def later(world: World, **time: int) -> None:
    world.now += timedelta(**time)


def words(page: Any) -> str:
    """What the page says, without addresses."""
    return " ".join(parse(page.text).itertext())


async def test_a_known_and_an_unknown_address_get_the_same_answer_after_the_same_work(
    served: Served, world: World, dana: str
) -> None:
    said, asked = {}, {}
    for who in ("Dana", "Mallory"):
        start = len(served.statements)
        page = await ask(served.reader, who)
        assert page.status_code == 200
        said[who] = page.text.replace(who.lower(), "somebody")
        asked[who] = served.statements_since(start)
    assert said["Dana"] == said["Mallory"]
    known, unknown = ([s for s in asked[who] if "savepoint" not in s.lower()] for who in said)
    assert known == unknown
    assert len(asked["Dana"]) == len(asked["Mallory"])
    (way_in,) = await mailed(world)
    assert await world.rows("select 1 from sign_in_links where email like 'mallory%'") == []
    rows = await world.rows("select token_hash from sign_in_links")
    assert way_in.rpartition("/")[2].encode() not in rows[0]["token_hash"]


async def test_both_take_as_long(served: Served, world: World, dana: str) -> None:
    times: dict[str, list[float]] = {"Dana": [], "Mallory": []}
    for _ in range(15):
        for who, taken in times.items():
            await world.rows("delete from sign_in_tries returning id")
            start = perf_counter()
            await ask(served.reader, who)
            taken.append(perf_counter() - start)
    known, unknown = median(times["Dana"]), median(times["Mallory"])
    assert abs(known - unknown) < max(0.5 * max(known, unknown), 0.02), times


async def test_a_link_signs_in_once_and_looking_at_it_does_not_use_it_up(
    reader: Reader, world: World, dana: str
) -> None:
    await ask(reader, "Dana")
    (way_in,) = await mailed(world)
    async with nothing_changes(world):
        for _ in range(3):
            page = await reader.get(way_in)
            assert page.status_code == 200 and "dana@example.org" in page.text
        assert (await reader.head(way_in)).status_code == 200
    assert (await reader.get("/me")).status_code == 303, "a look has signed in"
    first = await do(reader, way_in)
    assert first.headers["location"] == "/me"
    assert (await reader.get("/me")).status_code == 200
    reader.cookies.clear()
    for again in (await reader.get(way_in), await do(reader, way_in)):
        assert again.status_code == 410
        assert "This link is over" in again.text and "set-cookie" not in again.headers
    assert (await reader.get("/me")).status_code == 303


async def test_of_many_who_use_a_link_at_once_one_is_signed_in(
    served: Served, world: World, dana: str
) -> None:
    await ask(served.reader, "Dana")
    (way_in,) = await mailed(world)

    async def come_in() -> int:
        async with Reader(served.url) as reader:
            status: int = (await do(reader, way_in)).status_code
            return status

    answers = await asyncio.gather(*(come_in() for _ in range(8)))
    assert sorted(answers) == [303] + [410] * 7
    assert len(await world.rows("select 1 from visits")) == 1


async def test_whoever_signs_in_again_leaves_no_visit_behind(
    served: Served, world: World, dana: str
) -> None:
    await sign_in(served.reader, world, "Dana")
    await sign_in(served.reader, world, "Dana")
    assert len(await world.rows("select 1 from visits")) == 1


async def test_signing_in_leaves_no_secret_in_the_logs(
    served: Served, world: World, dana: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "milepost")
    used = await sign_in(served.reader, world, "Dana")
    cookie = served.reader.cookies["milepost-visit"]
    await ask(served.reader, "Dana")
    unused = (await mailed(world))[-1]
    await served.reader.get(f"/me/pledges/{dana}")
    await do(served.reader, f"/me/pledges/{dana}/pay")
    async with world.database.connection() as db:
        await db.execute("alter table visits rename to away")
        await db.execute("alter table sign_in_links rename to away_too")
    for path in (unused, f"/me/pledges/{dana}"):
        assert (await served.reader.get(path)).status_code == 500
    assert caplog.text.count("broke") == 2
    for secret in (used, unused, cookie, dana, "dana@example.org"):
        assert secret.rpartition("/")[2] not in caplog.text


async def test_a_link_is_over_after_fifteen_minutes(
    reader: Reader, world: World, dana: str
) -> None:
    await ask(reader, "Dana")
    await ask(reader, "Dana")
    early, late = await mailed(world)
    await later(world, minutes=15, seconds=-1)
    assert (await do(reader, early)).status_code == 303
    await later(world, seconds=1)
    assert (await do(reader, late)).status_code == 410
    await later(world, days=2)
    await forget_old(world.database, world.clock)
    for table in ("sign_in_links", "sign_in_tries"):
        assert await world.rows(f"select 1 from {table}") == []


@pytest.mark.parametrize("path", ["/me/sign-in/nobody", "/me/sign-in/" + "x" * 300])
async def test_a_link_that_never_was_looks_like_one_that_is_over(reader: Reader, path: str) -> None:
    for answer in (await reader.get(path), await do(reader, path)):
        assert answer.status_code == 410
        assert "This link is over" in answer.text


async def test_the_cookie_is_for_our_pages_alone_and_kept_as_a_hash(
    reader: Reader, world: World, dana: str
) -> None:
    await ask(reader, "Dana")
    answer = await do(reader, (await mailed(world))[0])
    cookie = SimpleCookie(answer.headers["set-cookie"])["milepost-visit"]
    assert cookie["httponly"] and cookie["samesite"] == "lax" and cookie["path"] == "/"
    assert cookie["max-age"] == str(30 * 24 * 3600) and not cookie["domain"]
    (visit,) = await world.rows("select token_hash from visits")
    assert len(visit["token_hash"]) == 32 and cookie.value.encode() not in visit["token_hash"]


async def test_over_https_the_cookie_is_bound_to_this_host(
    world: World, database_url: str, dana: str
) -> None:
    home = {"base_url": "https://fund.example.org", "stripe_api_base": None}
    async with serve(database_url, "http://127.0.0.1:9", world.clock, **home) as served:
        await ask(served.reader, "Dana")
        (way_in,) = await mailed(world)
        said = (await do(served.reader, way_in)).headers["set-cookie"]
    assert said.startswith("__Host-milepost-visit=")
    assert "Secure" in said and "Domain" not in said and "Path=/" in said


async def test_a_visit_goes_on_while_it_is_used_and_ends_after_thirty_days_without(
    reader: Reader, world: World, dana: str
) -> None:
    await sign_in(reader, world, "Dana")
    for _ in range(3):
        await later(world, days=29)
        page = await reader.get("/me")
        assert page.status_code == 200 and "set-cookie" in page.headers
        again = await reader.get("/me")
        assert "set-cookie" not in again.headers, "it was prolonged a moment ago"
    await later(world, days=30, seconds=1)
    page = await reader.get("/me")
    assert page.status_code == 303 and "Max-Age=0" in page.headers["set-cookie"]


async def test_signing_out_ends_this_visit_or_all_of_them(
    served: Served, world: World, dana: str
) -> None:
    async with Reader(served.url) as phone, Reader(served.url) as desk:
        await sign_in(phone, world, "Dana")
        await sign_in(desk, world, "Dana")
        kept = dict(phone.cookies)
        assert (await do(phone, "/me/sign-out")).status_code == 200
        phone.cookies.update(kept)
        assert (await phone.get("/me")).status_code == 303, "the old cookie still works"
        assert (await desk.get("/me")).status_code == 200
        await sign_in(phone, world, "Dana")
        await ask(phone, "Dana")
        waiting = (await mailed(world))[-1]
        assert "On every device" in (await do(desk, "/me/sign-out/everywhere")).text
        assert (await phone.get("/me")).status_code == 303
        assert (await phone.get(waiting)).status_code == 410


@pytest.mark.parametrize("typed", ["", "dana", "dana@", "a b@c", "x@" + "y" * 400, "a@\x00b"])
async def test_what_is_no_address_is_said_beside_the_field(
    reader: Reader, world: World, typed: str
) -> None:
    async with nothing_changes(world):
        page = await do(reader, "/me/sign-in", email=typed)
    assert page.status_code == 422
    assert "Type a mail address" in page.text


async def test_an_address_is_the_same_however_it_is_written(
    reader: Reader, world: World, dana: str
) -> None:
    await do(reader, "/me/sign-in", email="  DANA@Example.org ")
    assert len(await mailed(world)) == 1


async def test_it_leads_on_to_our_own_pages_and_to_no_others(
    reader: Reader, world: World, dana: str
) -> None:
    own = f"/me/pledges/{dana}/address"
    refused = await reader.get(own)
    assert refused.headers["location"] == f"/me/sign-in?next={own.replace('/', '%2F')}"
    form = await reader.get(refused.headers["location"])
    (field,) = [e for e in parse(form.text).iter(f"{H}input") if e.get("name") == "next"]
    wishes = {
        field.get("value"): own,
        "https://evil.example/me": "/me",
        "//evil.example/me": "/me",
        "/me/../studio": "/me",
        "/me/pledges/%2e%2e": "/me",
        "/c/recorder": "/me",
        "/me\n": "/me",
    }
    for wish, leads_to in wishes.items():
        await world.rows("delete from sign_in_tries returning id")
        await ask(reader, "Dana", next=wish)
        answer = await do(reader, (await mailed(world))[-1])
        assert answer.headers["location"] == leads_to, wish


async def test_the_page_behind_a_pledge_s_own_link_mails_a_link_and_shows_no_address(
    served: Served, world: World, dana: str
) -> None:
    reader = served.reader
    page = await reader.get(f"/p/{dana}")
    assert "dana@example.org" not in page.text
    (form,) = parse(page.text).iter(f"{H}form")
    answer = await do(reader, form.get("action"))
    assert answer.status_code == 200 and "dana@" not in answer.text
    (way_in,) = await mailed(world)
    signed = await do(reader, way_in)
    assert signed.headers["location"] == f"/me/pledges/{dana}"
    straight = await do(reader, f"/me/sign-in/for/{dana}")
    assert straight.headers["location"] == f"/me/pledges/{dana}"
    async with Reader(served.url) as stranger:
        nobody = await do(stranger, "/me/sign-in/for/nobody-has-this-key-1234")
        known = await do(stranger, f"/me/sign-in/for/{dana}")
        assert nobody.status_code == known.status_code == 200
        assert words(nobody) == words(known)
        looked = await stranger.get(f"/me/sign-in/for/{dana}")
        assert looked.headers["location"] == f"/p/{dana}"


async def test_whoever_is_erased_or_unpaid_gets_no_link(
    reader: Reader, world: World, payments: Sandbox
) -> None:
    campaign_id = await world.campaign(slug="recorder")
    started = await key_of(world, await world.started(campaign_id))
    assert "Manage this pledge" not in (await reader.get(f"/p/{started}")).text
    assert (await do(reader, f"/me/sign-in/for/{started}")).status_code == 200
    assert await mailed(world) == []
    assert world.now == NOON
