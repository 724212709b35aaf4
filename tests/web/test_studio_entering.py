"""Entering the studio: password, mailed link, sittings that end, limits, and the first owner."""

import asyncio
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

import pytest
from argon2 import PasswordHasher

from milepost.services.entering import forget_over
from milepost.services.passwords import hashed, is_old
from tests.web.client import Reader, parse
from tests.web.kept import nothing_changes
from tests.web.serving import Served, serve
from tests.web.studio import PASSWORD, address, creator, enter, first_link, log_of, mailed, send
from tests.world import World

NEW = "another row of words"
H = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture
async def alice(world: World) -> int:
    """Alice owns the store and has a password; her id."""
    return await creator(world, "Alice", "owner")


def words(page: Any) -> str:
    """What the page says, without addresses."""
    return " ".join(" ".join(parse(page.text).itertext()).split())


async def later(world: World, **time: int) -> None:
    world.now += timedelta(**time)


async def test_the_right_password_opens_the_only_store(
    reader: Reader, world: World, alice: int
) -> None:
    answer = await enter(reader, "Alice")
    assert answer.headers["location"] == "/studio"
    assert (await reader.get("/studio")).headers["location"] == "/studio/larkfield"
    page = await reader.get("/studio/larkfield")
    assert page.status_code == 200 and "Campaigns" in page.text
    assert page.headers["cache-control"] == "no-store"


async def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    served: Served, world: World, alice: int
) -> None:
    said, asked = {}, {}
    for who in ("Alice", "Mallory"):
        start = len(served.statements)
        page = await send(
            served.reader, "/studio/sign-in", email=address(who), password="not the right one"
        )
        assert page.status_code == 422 and "set-cookie" not in page.headers
        assert address(who) in page.text, "what was typed stays"
        assert "not the right one" not in page.text, "the password never does"
        said[who] = page.text.replace(address(who), "somebody")
        asked[who] = served.statements_since(start)
    assert said["Alice"] == said["Mallory"]
    assert asked["Alice"] == asked["Mallory"]


@pytest.mark.parametrize("typed", ["", "alice", "a b@c", "a@\x00b", "x" * 400])
async def test_what_is_no_address_is_said_beside_the_field(
    reader: Reader, world: World, alice: int, typed: str
) -> None:
    async with nothing_changes(world):
        page = await send(reader, "/studio/sign-in", email=typed, password=PASSWORD)
    assert page.status_code == 422 and 'id="email-note"' in page.text


async def test_the_cookie_is_kept_as_a_hash(reader: Reader, world: World, alice: int) -> None:
    answer = await enter(reader, "Alice")
    cookie = SimpleCookie(answer.headers["set-cookie"])["milepost-studio"]
    assert cookie["httponly"] and cookie["samesite"] == "lax" and cookie["path"] == "/"
    assert cookie["max-age"] == str(14 * 24 * 3600) and not cookie["domain"]
    row = await world.row("select token_hash from sittings")
    assert len(row["token_hash"]) == 32 and cookie.value.encode() not in row["token_hash"]


async def test_over_https_the_cookie_never_goes_without_tls(
    world: World, database_url: str, alice: int
) -> None:
    home = {"base_url": "https://fund.example.org", "stripe_api_base": None}
    async with serve(database_url, "http://127.0.0.1:9", world.clock, **home) as served:
        said = (await enter(served.reader, "Alice")).headers["set-cookie"]
    assert said.startswith("__Host-milepost-studio=")
    assert "Secure" in said and "Domain" not in said and "Path=/;" in said


async def test_a_sitting_goes_on_while_it_is_used_and_ends_after_fourteen_days_without(
    reader: Reader, world: World, alice: int
) -> None:
    await enter(reader, "Alice")
    for _ in range(3):
        await later(world, days=13)
        page = await reader.get("/studio/larkfield")
        assert page.status_code == 200 and "set-cookie" in page.headers
        assert "set-cookie" not in (await reader.get("/studio/larkfield")).headers
    await later(world, days=14, seconds=1)
    page = await reader.get("/studio/larkfield")
    assert page.headers["location"] == "/studio/sign-in?next=%2Fstudio%2Flarkfield"
    assert "Max-Age=0" in page.headers["set-cookie"]


async def test_signing_out_everywhere_leaves_a_stolen_cookie_and_a_waiting_link_without_use(
    served: Served, world: World, alice: int
) -> None:
    async with Reader(served.url) as thief, Reader(served.url) as desk:
        await enter(desk, "Alice")
        thief.cookies.update(dict(desk.cookies))
        assert (await thief.get("/studio/larkfield")).status_code == 200
        await send(desk, "/studio/sign-in/link", email=address("Alice"))
        (waiting,) = await mailed(world, "studio_sign_in")
        assert "On every device" in (await send(desk, "/studio/sign-out/everywhere")).text
        assert (await thief.get("/studio/larkfield")).status_code == 303
        assert (await send(thief, waiting)).status_code == 410


async def test_one_sitting_is_ended_from_another_and_nobody_else_s_is(
    served: Served, world: World, alice: int
) -> None:
    bob = await creator(world, "Bob", "editor")
    async with Reader(served.url) as phone, Reader(served.url) as desk, Reader(served.url) as other:
        for reader, who in ((phone, "Alice"), (desk, "Alice"), (other, "Bob")):
            await enter(reader, who)
        rows = await world.rows("select id, creator_id from sittings order by id")
        assert "Sign out everywhere" in (await desk.get("/studio/account")).text
        for row in rows:
            if row["creator_id"] == bob or row["id"] == rows[0]["id"]:
                await send(desk, "/studio/account/sittings/end", sitting=str(row["id"]))
        assert (await phone.get("/studio/larkfield")).status_code == 303
        assert (await other.get("/studio/larkfield")).status_code == 200
        assert (await desk.get("/studio/larkfield")).status_code == 200


async def test_a_mailed_link_works_once_within_fifteen_minutes_and_looking_uses_nothing_up(
    served: Served, world: World, alice: int
) -> None:
    async with Reader(served.url) as reader:
        known = await send(reader, "/studio/sign-in/link", email=address("Alice"))
        unknown = await send(reader, "/studio/sign-in/link", email=address("Mallory"))
        assert words(known).replace("alice", "") == words(unknown).replace("mallory", "")
        (link,) = await mailed(world, "studio_sign_in")
        for _ in range(2):
            assert "Sign in as alice@example.org" in (await reader.get(link)).text
        assert (await send(reader, link)).headers["location"] == "/studio"
        assert (await reader.get("/studio/larkfield")).status_code == 200
        for again in (await reader.get(link), await send(reader, link)):
            assert again.status_code == 410 and "This link is over" in again.text
        await send(reader, "/studio/sign-in/link", email=address("Alice"))
        await send(reader, (await mailed(world, "studio_sign_in"))[-1])
        assert len(await world.rows("select from sittings")) == 1, "one browser, one sitting"
        await send(reader, "/studio/sign-in/link", email=address("Alice"))
        late = (await mailed(world, "studio_sign_in"))[-1]
        await later(world, minutes=15)
        assert (await send(reader, late)).status_code == 410


async def test_an_address_gets_three_links_at_a_time_and_never_another_answer(
    reader: Reader, world: World, alice: int
) -> None:
    pages = [await send(reader, "/studio/sign-in/link", email=address("Alice")) for _ in range(8)]
    assert {page.text for page in pages} == {pages[0].text}
    assert len(await mailed(world, "studio_sign_in")) == 3
    await later(world, minutes=15)  # the last of those is over: nobody is locked out by a stranger
    await send(reader, "/studio/sign-in/link", email=address("Alice"))
    assert len(await mailed(world, "studio_sign_in")) == 4


async def test_ten_wrong_passwords_an_hour_are_enough_also_all_at_once(
    served: Served, world: World, alice: int
) -> None:
    tries = (
        send(served.reader, "/studio/sign-in", email=address("Alice"), password=f"wrong {n}")
        for n in range(13)
    )
    answers = await asyncio.gather(*tries)
    assert sorted(a.status_code for a in answers) == [422] * 10 + [429] * 3
    refused = await send(
        served.reader, "/studio/sign-in", email=address("Alice"), password=PASSWORD
    )
    assert refused.status_code == 429 and refused.headers["retry-after"] == "3600"
    await later(world, hours=1, seconds=1)
    await enter(served.reader, "Alice")


async def test_a_network_is_slowed_down_whatever_addresses_it_guesses(
    reader: Reader, world: World, alice: int
) -> None:
    answers = [
        await send(reader, "/studio/sign-in/link", email=f"guess-{n}@example.org")
        for n in range(42)
    ]
    assert [a.status_code for a in answers] == [200] * 40 + [429] * 2
    assert "Your network" in answers[-1].text


async def test_a_password_hashed_with_older_parameters_is_hashed_again(
    reader: Reader, world: World, alice: int
) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    assert is_old(old) and not is_old(await hashed(PASSWORD))
    await world.rows("update creators set password_hash = $1 returning id", old)
    await enter(reader, "Alice")
    kept = (await world.row("select password_hash from creators"))["password_hash"]
    assert kept != old and not is_old(kept)
    await enter(reader, "Alice")


async def test_the_first_owner_sets_a_password_by_the_printed_link(
    served: Served, world: World
) -> None:
    async with Reader(served.url) as reader:
        first, second = await first_link(world), await first_link(world)
        assert first != second
        answer = await send(reader, second)
        assert answer.headers["location"] == "/studio/account/password"
        page = await reader.get("/studio/account/password")
        assert "Set your password" in page.text
        saved = await send(reader, "/studio/account/password", password=NEW)
        assert saved.headers["location"] == "/studio/account?done=password"
        assert (await send(reader, first)).status_code == 410, "a new password ends every link"
    async with Reader(served.url) as again:
        await enter(again, "Alice", NEW)
    assert await log_of(world) == [
        (None, "owner_created", "alice@example.org", {}, {"role": "owner"}),
        ("Alice", "password_set", "", {}, {}),
    ]


@pytest.mark.parametrize("typed", ["", "eleven char", "alice@example.org", "aaaaaaaaaaaaaaaa"])
async def test_a_password_that_is_easy_to_guess_is_refused_beside_its_field(
    reader: Reader, world: World, alice: int, typed: str
) -> None:
    await enter(reader, "Alice")
    async with nothing_changes(world):
        page = await send(reader, "/studio/account/password", password=typed)
    assert page.status_code == 422 and 'id="password-note"' in page.text
    (field,) = [e for e in parse(page.text).iter(f"{H}input") if e.get("type") == "password"]
    assert field.get("value") is None, "what was typed stays, but never a password"


async def test_a_new_password_signs_out_everywhere_else_and_needs_a_fresh_proof(
    served: Served, world: World, alice: int
) -> None:
    async with Reader(served.url) as phone, Reader(served.url) as desk:
        await enter(phone, "Alice")
        await enter(desk, "Alice")
        await later(world, minutes=11)
        for answer in (
            await desk.get("/studio/account/password"),
            await send(desk, "/studio/account/password", password=NEW),
        ):
            assert answer.headers["location"].startswith("/studio/account/proof?next=")
        proof = "/studio/account/proof"
        wrong = await send(desk, proof, password="not mine", next="/studio/account/password")
        assert wrong.status_code == 422 and "That is not your password" in wrong.text
        right = await send(desk, proof, password=PASSWORD, next="/studio/account/password")
        assert right.headers["location"] == "/studio/account/password"
        await send(desk, "/studio/account/password", password=NEW)
        assert (await phone.get("/studio/larkfield")).status_code == 303
        assert (await desk.get("/studio/larkfield")).status_code == 200


async def test_it_leads_on_to_the_studio_s_own_pages_and_to_no_others(
    reader: Reader, world: World, alice: int
) -> None:
    wishes = {
        "/studio/larkfield/people": "/studio/larkfield/people",
        "https://evil.example/studio": "/studio",
        "//evil.example/studio": "/studio",
        "/studio/../me": "/studio",
        "/me": "/studio",
        "/studio\n": "/studio",
    }
    for wish, leads_to in wishes.items():
        typed = {"email": address("Alice"), "password": PASSWORD, "next": wish}
        answer = await send(reader, "/studio/sign-in", **typed)
        assert answer.headers["location"] == leads_to, wish


async def test_a_form_of_another_site_signs_nobody_out(
    reader: Reader, world: World, alice: int
) -> None:
    await enter(reader, "Alice")
    foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    async with nothing_changes(world):
        answer = await reader.post("/studio/sign-out/everywhere", headers=foreign)
    assert answer.status_code == 403


async def test_the_name_and_the_language_are_one_s_own(
    reader: Reader, world: World, alice: int
) -> None:
    await enter(reader, "Alice")
    await send(reader, "/studio/account/about", name="  Alice   Lark ", locale="de")
    page = await reader.get("/studio/larkfield/people")
    assert 'lang="de"' in page.text and "Alice Lark" in page.text


async def test_what_is_long_over_is_forgotten_and_what_stands_stays(
    reader: Reader, world: World, alice: int
) -> None:
    await enter(reader, "Alice")
    await send(reader, "/studio/sign-in/link", email=address("Alice"))
    for days, left in ((0, [1, 1, 3]), (2, [1, 0, 0]), (15, [0, 0, 0])):
        await later(world, days=days)
        await forget_over(world.database, world.clock)
        row = await world.row(
            "select (select count(*) from sittings) as sittings,"
            " (select count(*) from studio_links) as links,"
            " (select count(*) from studio_tries) as tries"
        )
        assert [row["sittings"], row["links"], row["tries"]] == left
