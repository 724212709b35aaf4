"""What somebody may no more, they may no more: slow senders, copied cookies, old invitations."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from milepost.services import entering
from milepost.services.passwords import hashed
from milepost.services.signing_in import sign_out_everywhere
from milepost.settings import SettingsError, read_settings
from milepost.storage import creators, visits
from milepost.storage.database import unit
from tests.waiting import until
from tests.web import me
from tests.web.client import Reader
from tests.web.serving import Served
from tests.web.studio import PASSWORD, address, creator, enter, mailed, send
from tests.world import World

PEOPLE = "/studio/larkfield/people"
PASSWORD_PAGE = "/studio/account/password"


async def park(
    served: Served, reader: Reader, path: str, body: bytes
) -> Callable[[], Awaitable[str]]:
    """Send all but the last byte; once the site knows who asks, the rest can be sent."""
    host, port = served.url.removeprefix("http://").split(":")
    reading, writing = await asyncio.open_connection(host, int(port))
    cookies = "; ".join(f"{name}={value}" for name, value in reader.cookies.items())
    head = (
        f"POST {path} HTTP/1.1\r\nhost: {host}:{port}\r\norigin: {served.url}\r\n"
        f"sec-fetch-site: same-origin\r\ncookie: {cookies}\r\nconnection: close\r\n"
        "content-type: application/x-www-form-urlencoded\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    start = len(served.statements)
    writing.write(head.encode() + body[:-1])
    await writing.drain()
    await until(lambda: len(served.statements) > start)

    async def finish() -> str:
        writing.write(body[-1:])
        await writing.drain()
        answer = (await reading.read()).decode("utf-8", "replace")
        writing.close()
        return answer.split("\r\n\r\n")[0]

    return finish


async def test_a_password_that_arrives_after_signing_out_everywhere_is_not_set(
    served: Served, reader: Reader, world: World
) -> None:
    await creator(world, "Alice", "owner")
    await enter(reader, "Alice")
    finish = await park(served, reader, PASSWORD_PAGE, b"password=the+thief+chooses+this")
    async with Reader(served.url) as other:
        await enter(other, "Alice")
        await send(other, "/studio/sign-out/everywhere")
        assert "303" in (said := await finish()) and "/studio/sign-in" in said
        await enter(other, "Alice")


async def test_what_a_removed_owner_was_still_sending_changes_nothing(
    served: Served, reader: Reader, world: World
) -> None:
    alice = await creator(world, "Alice", "owner")
    mallory = await creator(world, "Mallory", "owner")
    async with Reader(served.url) as other:
        await enter(other, "Mallory")
        sent = (
            ("role", f"member={mallory}&role=owner"),
            ("invite", "email=second%40example.org&role=editor"),
            ("remove", f"member={alice}"),
        )
        waiting = [await park(served, other, f"{PEOPLE}/{p}", b.encode()) for p, b in sent]
        await enter(reader, "Alice")
        await send(reader, f"{PEOPLE}/remove", member=str(mallory))
        assert [(await finish()).split()[1] for finish in waiting] == ["404"] * 3
    assert await mailed(world, "invitation") == []
    async with unit(world.database) as db:
        assert [m["email"] for m in await creators.members(db, world.store_id)] == [
            "alice@example.org"
        ]


async def test_an_address_that_arrives_after_signing_out_everywhere_is_not_kept(
    served: Served, reader: Reader, world: World
) -> None:
    await me.with_atlas(reader, world)
    typed = b"name=Thief&line1=Street+1&city=Berlin&postal_code=10115&country=DE&line2=&region="
    path = "/me/pledges/atlas-of-dana-0001/address"
    finish = await park(served, reader, path, typed)
    await sign_out_everywhere(world.database, "dana@example.org")
    assert "/me/sign-in" in await finish()
    assert await world.rows("select from addresses where name = 'Thief'") == []


async def test_a_copied_cookie_is_worth_nothing_after_a_new_password_or_a_proof(
    served: Served, reader: Reader, world: World
) -> None:
    await creator(world, "Alice", "owner")
    for path, typed in ((PASSWORD_PAGE, "alice has a new one"), ("proof", "alice has a new one")):
        await enter(reader, "Alice", PASSWORD if path == PASSWORD_PAGE else typed)
        async with Reader(served.url) as thief:
            thief.cookies.update(dict(reader.cookies))
            at = path if path == PASSWORD_PAGE else "/studio/account/proof"
            assert (await send(reader, at, password=typed)).status_code == 303
            assert (await thief.get("/studio/larkfield")).status_code == 303
        assert (await reader.get("/studio/larkfield")).status_code == 200


async def test_a_password_that_is_changed_while_it_is_compared_lets_nobody_in(
    reader: Reader, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await creator(world, "Alice", "owner")
    compare = entering.fits

    async def slowly(kept: str | None, typed: str) -> bool:
        fitted = await compare(kept, typed)
        async with unit(world.database) as db:
            await creators.keep_password(db, alice, await hashed("alice has a new one"))
        return fitted

    with monkeypatch.context() as patch:
        patch.setattr(entering, "fits", slowly)
        patch.setattr(entering, "is_old", lambda kept: True)
        page = await send(reader, "/studio/sign-in", email=address("Alice"), password=PASSWORD)
    assert page.status_code == 422 and await world.rows("select from sittings") == []
    await enter(reader, "Alice", "alice has a new one")


async def test_an_invitation_is_worth_what_its_sender_is(
    served: Served, reader: Reader, world: World
) -> None:
    await creator(world, "Alice", "owner")
    mallory = await creator(world, "Mallory", "owner")
    async with Reader(served.url) as other:
        await enter(other, "Mallory")
        await send(other, f"{PEOPLE}/invite", email="second@example.org", role="owner")
        await enter(reader, "Alice")
        await send(reader, f"{PEOPLE}/invite", email=address("Mallory") + ".x", role="viewer")
        await send(reader, f"{PEOPLE}/remove", member=str(mallory))
        link = (await mailed(world, "invitation"))[0]
        answer = await send(other, link, name="Second", password="four other words here")
    assert "second@example.org" not in (await reader.get(PEOPLE)).text
    assert "over" in answer.text and answer.status_code != 303


async def test_a_link_that_is_used_while_all_is_ended_leaves_no_visit(world: World) -> None:
    campaign_id = await world.campaign(slug="recorder")
    await world.pledged(campaign_id, "Dana")
    async with unit(world.database) as db:
        lasts = world.now + timedelta(minutes=15)
        await visits.add_link(db, b"l" * 32, "dana@example.org", "", world.now, lasts)
    async with unit(world.database) as db:
        await visits.use_link(db, b"l" * 32, world.now)
        ending = asyncio.create_task(sign_out_everywhere(world.database, "dana@example.org"))
        await until(lambda: _waits_for_a_lock(world))
        await visits.add(db, b"v" * 32, "dana@example.org", world.now, lasts)
    await ending
    assert await world.rows("select from visits") == []


async def _waits_for_a_lock(world: World) -> bool:
    row = await world.row("select exists (select from pg_locks where not granted) as waits")
    return bool(row["waits"])


@pytest.mark.parametrize("given", ["*", "proxy.internal", "10.0.0.1/8", "127.0.0.1, *"])
def test_proxies_are_named_by_address_or_network(given: str, served: Served) -> None:
    with pytest.raises(SettingsError, match="address or a network"):
        read_settings(**served.settings.model_dump() | {"trusted_proxies": given})
