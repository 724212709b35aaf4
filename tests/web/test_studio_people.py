"""People of a store: invitations, roles, the last owner, and the log of all of it."""

import asyncio
from datetime import timedelta

import pytest

from milepost.domain.errors import Conflict
from milepost.domain.roles import Role
from milepost.services.noting import PAGE, note
from milepost.services.owning import change_role, remove_member
from milepost.storage.database import unit
from tests.web.client import Reader
from tests.web.kept import nothing_changes
from tests.web.serving import Served
from tests.web.studio import PASSWORD, address, creator, enter, log_of, mailed, send, staff
from tests.world import World

PEOPLE = "/studio/larkfield/people"


async def roles(world: World) -> dict[str, str]:
    """Who works in Alice's store as what."""
    rows = await world.rows(
        "select split_part(c.email, '@', 1) as who, m.role from members m"
        " join creators c on c.id = m.creator_id where m.store_id = $1",
        world.store_id,
    )
    return {row["who"]: row["role"] for row in rows}


@pytest.fixture
async def alice(world: World, reader: Reader) -> int:
    """Alice, who owns the store alone and is signed in; her id."""
    id_ = await creator(world, "Alice", "owner")
    await enter(reader, "Alice")
    return id_


async def invite(reader: Reader, world: World, who: str, role: str = "editor") -> str:
    """Alice invites `who`; the path in the mail."""
    answer = await send(reader, f"{PEOPLE}/invite", email=address(who), role=role)
    assert answer.headers["location"] == f"{PEOPLE}?done=invited", answer.text
    return (await mailed(world, "invitation"))[-1]


async def test_somebody_new_makes_an_account_by_the_invitation_and_works_in_the_store(
    served: Served, reader: Reader, world: World, alice: int
) -> None:
    way_in = await invite(reader, world, "Bob")
    assert "bob@example.org" in (await reader.get(PEOPLE)).text
    async with Reader(served.url) as bob:
        assert "A password for the studio" in (await bob.get(way_in)).text
        short = await send(bob, way_in, name="Bob", password="short")
        assert short.status_code == 422 and 'value="Bob"' in short.text
        assert "short" not in short.text.replace("shorter", "")
        answer = await send(bob, way_in, name="Bob", password=PASSWORD)
        assert answer.headers["location"] == f"{PEOPLE}?done=joined"
        assert "Welcome" in (await bob.get(answer.headers["location"])).text
        assert (await bob.get(way_in)).status_code == 410, "it is accepted once"
    assert await roles(world) == {"alice": "owner", "bob": "editor"}
    assert await log_of(world) == [
        ("Alice", "invited", "bob@example.org", {}, {"role": "editor"}),
        ("Bob", "joined", "bob@example.org", {}, {"role": "editor"}),
    ]


async def test_an_invitation_for_another_address_is_of_no_use(
    served: Served, reader: Reader, world: World, alice: int
) -> None:
    await creator(world, "Bob")
    await creator(world, "Charlie")
    way_in = await invite(reader, world, "Bob")
    async with Reader(served.url) as charlie, Reader(served.url) as nobody:
        await enter(charlie, "Charlie")
        assert "signed in as charlie@example.org" in (await charlie.get(way_in)).text
        async with nothing_changes(world):
            refused = await send(charlie, way_in)
            assert refused.status_code == 409 and "for bob@example.org" in refused.text
            takes_over = await send(nobody, way_in, name="Mallory", password="a row of my words")
            assert takes_over.status_code == 409, "a link of seven days signs no creator in"
        assert "Sign in to accept it" in (await nobody.get(way_in)).text
    async with Reader(served.url) as bob:
        await enter(bob, "Bob")
        assert (await send(bob, way_in)).headers["location"] == f"{PEOPLE}?done=joined"


async def test_an_invitation_ends_when_it_is_withdrawn_replaced_or_seven_days_old(
    reader: Reader, world: World, alice: int
) -> None:
    first = await invite(reader, world, "Bob")
    second = await invite(reader, world, "Bob", "viewer")
    assert (await reader.get(first)).status_code == 410
    assert (await reader.get(second)).status_code == 200
    await send(reader, f"{PEOPLE}/withdraw", email="bob@example.org")
    assert (await reader.get(second)).status_code == 410
    gone = await send(reader, f"{PEOPLE}/withdraw", email="bob@example.org")
    assert gone.status_code == 409 or gone.status_code == 404 or "not open" in gone.text
    third = await invite(reader, world, "Bob")
    world.now += timedelta(days=7)
    assert (await reader.get(third)).status_code == 410
    assert (await log_of(world))[2] == (
        "Alice", "invitation_withdrawn", "bob@example.org", {"role": "viewer"}, {},
    )  # fmt: skip


async def test_two_who_accept_at_once_make_one_member(
    served: Served, reader: Reader, world: World, alice: int
) -> None:
    way_in = await invite(reader, world, "Bob")
    async with Reader(served.url) as one, Reader(served.url) as two:
        answers = await asyncio.gather(
            *(send(bob, way_in, name="Bob", password=PASSWORD) for bob in (one, two))
        )
    assert sorted(a.status_code for a in answers) == [303, 410]
    assert await roles(world) == {"alice": "owner", "bob": "editor"}


@pytest.mark.parametrize("typed", ["", "bob", "a b@c", "a@\x00b", "alice@example.org"])
async def test_who_can_t_be_invited_is_said_beside_the_field_and_what_was_typed_stays(
    reader: Reader, world: World, alice: int, typed: str
) -> None:
    async with nothing_changes(world):
        page = await send(reader, f"{PEOPLE}/invite", email=typed, role="viewer")
    assert page.status_code == 422 and 'id="email-note"' in page.text
    assert '<option value="viewer" selected>' in page.text


async def test_a_store_invites_thirty_in_an_hour(reader: Reader, world: World, alice: int) -> None:
    for n in range(30):
        await invite(reader, world, f"guest-{n}")
    refused = await send(reader, f"{PEOPLE}/invite", email="one-more@example.org", role="viewer")
    assert refused.status_code == 429


async def test_a_role_is_changed_and_the_next_page_knows(
    served: Served, reader: Reader, world: World
) -> None:
    members = await staff(world)
    await enter(reader, "Alice")
    async with Reader(served.url) as vic:
        await enter(vic, "Vic")
        assert (await vic.get("/studio/larkfield/log")).status_code == 403
        await send(reader, f"{PEOPLE}/role", member=str(members["Vic"]), role="editor")
        assert (await vic.get("/studio/larkfield/log")).status_code == 200
        await send(reader, f"{PEOPLE}/remove", member=str(members["Vic"]))
        assert (await vic.get("/studio/larkfield/log")).status_code == 404
    assert await log_of(world) == [
        ("Alice", "role_changed", "vic@example.org", {"role": "viewer"}, {"role": "editor"}),
        ("Alice", "member_removed", "vic@example.org", {"role": "editor"}, {}),
    ]


async def test_nobody_is_made_an_owner_without_a_fresh_proof(
    reader: Reader, world: World, alice: int
) -> None:
    bob = await creator(world, "Bob", "editor")
    world.now += timedelta(minutes=11)
    async with nothing_changes(world):
        for path, typed in (("role", {"member": str(bob)}), ("invite", {"email": "x@y.org"})):
            answer = await send(reader, f"{PEOPLE}/{path}", role="owner", **typed)
            assert answer.headers["location"].startswith("/studio/account/proof?next=")
    await send(reader, "/studio/account/proof", password=PASSWORD, next=PEOPLE)
    await send(reader, f"{PEOPLE}/role", member=str(bob), role="owner")
    assert (await roles(world))["bob"] == "owner"


async def test_the_last_owner_can_neither_go_nor_become_less(
    reader: Reader, world: World, alice: int
) -> None:
    async with nothing_changes(world):
        for path in ("role", "remove"):
            page = await send(reader, f"{PEOPLE}/{path}", member=str(alice), role="viewer")
            assert page.status_code == 409
            assert "alice@example.org is the only owner" in page.text


async def test_two_owners_can_t_leave_each_other_without_one(world: World) -> None:
    alice = await creator(world, "Alice", "owner")
    bob = await creator(world, "Bob", "owner")
    done = await asyncio.gather(
        remove_member(world.database, world.store_id, alice, bob, world.now),
        change_role(world.database, world.store_id, bob, Role.VIEWER, alice, world.now),
        return_exceptions=True,
    )
    assert [isinstance(d, Conflict) for d in done].count(True) == 1
    assert list((await roles(world)).values()).count("owner") == 1


async def test_the_log_goes_on_page_by_page(reader: Reader, world: World, alice: int) -> None:
    async with unit(world.database) as db:
        for n in range(PAGE + 5):
            await note(db, world.store_id, alice, "invited", world.now, f"guest-{n}@example.org")
    first = (await reader.get("/studio/larkfield/log")).text
    assert f"guest-{PAGE + 4}@" in first and "guest-4@" not in first
    older = first.split("?before=")[1].split('"')[0]
    second = (await reader.get(f"/studio/larkfield/log?before={older}")).text
    assert "guest-4@" in second and "guest-5@" not in second
    assert (await reader.get("/studio/larkfield/log?before=x")).text == first
