"""`milepost create-owner`: an owner by the command line, whose password it never sees."""

import asyncio
from pathlib import Path

from milepost.services.preparing import NewStore, create_store
from milepost.storage.database import unit
from tests.cli.test_main import milepost, settings_for
from tests.world import World, open_world


async def owners(world: World) -> list[tuple[str, str, str]]:
    """Everybody who works anywhere: address, name, role."""
    rows = await world.rows(
        "select c.email, c.name, m.role from members m join creators c on c.id = m.creator_id"
        " order by m.store_id, c.id"
    )
    return [tuple(row) for row in rows]


async def test_it_makes_an_owner_and_prints_a_link_as_often_as_it_is_asked(
    database_url: str, tmp_path: Path
) -> None:
    settings = settings_for(database_url)

    async def say(*words: str) -> tuple[int, str]:
        told = await asyncio.to_thread(milepost, *words, within=tmp_path, **settings)
        return told.returncode, told.stdout + told.stderr

    async with open_world(database_url) as world:
        code, said = await say("create-owner", "Alice@Example.org", "--name", "Alice")
        assert code == 0 and "alice@example.org is an owner of Larkfield." in said
        code, again = await say("create-owner", "alice@example.org")
        assert code == 0 and again.split("sign-in/")[1] != said.split("sign-in/")[1]
        assert "http://localhost:8000/studio/sign-in/" in again
        assert await owners(world) == [("alice@example.org", "Alice", "owner")]
        assert len(await world.rows("select from deeds")) == 1
        row = await world.row("select password_hash from creators")
        assert row["password_hash"] is None
        code, said = await say("create-owner", "alice")
        assert code == 1 and "Type a mail address" in said and "Traceback" not in said
        code, said = await say("create-owner", "alice@example.org", "--store", "nowhere")
        assert (code, said) == (1, "There is no store “nowhere”.\n")
        async with unit(world.database) as db:
            await create_store(db, NewStore("elsewhere", "Elsewhere"), world.now)
        code, said = await say("create-owner", "bob@example.org")
        assert code == 1 and "--store" in said
        code, said = await say("create-owner", "bob@example.org", "--store", "elsewhere")
        assert code == 0 and "of Elsewhere." in said
