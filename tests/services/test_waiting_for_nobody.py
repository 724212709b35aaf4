"""What only refers to a campaign waits for nobody who holds its row, and holds nobody up."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from milepost.services import commenting, moderating
from milepost.services.author import Author
from milepost.services.commenting import Said, Thread
from milepost.services.settling import settle_all
from milepost.services.tracking import take_file
from milepost.storage import comments, creators, tracking
from milepost.storage.database import unit
from tests.waiting import until
from tests.world import World, paid


def held(real: Callable[..., Awaitable[Any]]) -> Any:
    """`real`, which tells when it is called and goes on when it may."""
    there, go = asyncio.Event(), asyncio.Event()

    async def slow(*args: Any, **named: Any) -> Any:
        there.set()
        await go.wait()
        return await real(*args, **named)

    return slow, there, go


async def bob(world: World) -> int:
    async with unit(world.database) as db:
        return await creators.add(db, "bob@example.org", "Bob", "en", world.now)


async def test_settling_goes_on_while_a_long_file_of_tracking_numbers_comes_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign_id = await world.campaign()
    slow, there, go = held(tracking.add_lines)
    monkeypatch.setattr(tracking, "add_lines", slow)
    lines = io.BytesIO(b"pledge,carrier,tracking\n1,DHL,5\n")
    who = await bob(world)
    coming = asyncio.create_task(
        take_file(world.database, campaign_id, None, "f", lines, "", who, world.now)
    )
    await there.wait()
    pledge_id = await world.started(campaign_id)
    await world.hear(campaign_id, paid(pledge_id, "Eli"))
    assert await settle_all(world.database, world.clock) == 1
    go.set()
    await coming


async def test_commenting_and_hiding_at_one_moment_both_come_through(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign_id = await world.campaign()
    await world.pledged(campaign_id, "Dana")
    dana = (await world.row("select id from customers"))["id"]
    await world.rows("update campaigns set comments = 'at_once' returning id")
    at = Author(await bob(world), "bob@example.org", world.store_id, campaign_id)
    said = Said("Dana", "Lovely")
    await commenting.comment(world.database, Thread(campaign_id), dana, said, world.now)
    first = (await world.row("select id from comments"))["id"]
    slow, there, go = held(comments.add)
    monkeypatch.setattr(comments, "add", slow)
    again = commenting.comment(world.database, Thread(campaign_id), dana, said, world.now)
    commented = asyncio.create_task(again)
    await there.wait()
    hidden = asyncio.create_task(
        moderating.hide_comment(world.database, at, first, "spam", world.now)
    )
    await until(lambda: _waits(world) if not hidden.done() else True)
    go.set()
    await asyncio.gather(commented, hidden)
    rows = await world.rows("select state from comments order by id")
    assert [row["state"] for row in rows] == ["hidden", "shown"]


async def _waits(world: World) -> bool:
    row = await world.row("select exists (select from pg_locks where not granted) as waits")
    return bool(row["waits"])
