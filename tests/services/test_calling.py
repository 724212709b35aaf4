"""Calls of the API: each once under its key, with its answer kept."""

import asyncio
from datetime import timedelta

import pytest

from milepost.domain.errors import Conflict, Invalid
from milepost.services.calling import KEPT, Answer, Said, forget_old_calls, once
from milepost.services.noting import note
from milepost.storage.database import reading, unit
from tests.world import World

ALICE = (
    "insert into creators (email, name, locale, made_at)"
    " values ('alice@example.org', 'Alice', 'en', now())"
)
TOKEN = (
    "insert into api_tokens (store_id, name, scopes, hash, made_by, made_at)"
    " values (1, 'Warehouse', '{events}', 'x', 1, now())"
)


def said(key: str, what: bytes = b"the same") -> Said:
    return Said("token:1", key, what, 1)


class Shelf:
    """Something that can be done, and must be done once: a deed noted in the store."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.refuses = False

    async def act(self) -> Answer:
        async with unit(self.world.database) as db:
            await note(db, self.world.store_id, None, "reminded", self.world.now)
        if self.refuses:
            raise Conflict("Not now.")
        return Answer(201, {"etag": '"a"'}, b"{}")

    async def call(self, key: str, what: bytes = b"the same") -> tuple[Answer, bool]:
        return await once(self.world.database, said(key, what), self.world.now, self.act)

    async def deeds(self) -> list[int | None]:
        rows = await self.world.rows("select token_id from deeds where what = 'reminded'")
        return [row["token_id"] for row in rows]


@pytest.fixture
async def shelf(world: World) -> Shelf:
    async with unit(world.database) as db:
        await db.execute(ALICE)
        await db.execute(TOKEN)
    return Shelf(world)


async def test_what_is_said_again_is_answered_in_the_same_way_and_not_done_again(
    shelf: Shelf,
) -> None:
    first, again = await shelf.call("a"), await shelf.call("a")
    assert first == (Answer(201, {"etag": '"a"'}, b"{}"), False)
    assert again == (first[0], True)
    assert await shelf.deeds() == [1]
    assert (await shelf.call("b"))[1] is False
    assert await shelf.deeds() == [1, 1]


async def test_fifty_at_the_same_moment_do_it_once(shelf: Shelf) -> None:
    answers = await asyncio.gather(*(shelf.call("a") for _ in range(50)))
    assert {answer.status for answer, _ in answers} == {201}
    assert sum(not again for _, again in answers) == 1
    assert await shelf.deeds() == [1]


async def test_a_refusal_undoes_everything_and_frees_the_key(shelf: Shelf) -> None:
    shelf.refuses = True
    with pytest.raises(Conflict):
        await shelf.call("a")
    assert await shelf.deeds() == []
    shelf.refuses = False
    assert (await shelf.call("a"))[1] is False
    assert await shelf.deeds() == [1]


async def test_something_else_under_the_same_key_is_refused(shelf: Shelf) -> None:
    await shelf.call("a")
    with pytest.raises(Invalid, match="Something else"):
        await shelf.call("a", b"another")
    assert await shelf.deeds() == [1]


async def test_a_key_is_free_again_after_a_week(shelf: Shelf, world: World) -> None:
    await shelf.call("a")
    await forget_old_calls(world.database, lambda: world.now + KEPT)
    assert (await shelf.call("a"))[1] is True
    await forget_old_calls(world.database, lambda: world.now + KEPT + timedelta(seconds=1))
    assert (await shelf.call("a"))[1] is False


async def test_a_deed_outside_of_a_call_names_no_token(shelf: Shelf, world: World) -> None:
    await shelf.call("a")
    async with unit(world.database) as db:
        await note(db, world.store_id, None, "reminded", world.now)
    assert await shelf.deeds() == [1, None]
    async with reading(world.database) as db:
        assert await db.fetchval("select current_setting('milepost.token', true)") in ("", None)
