"""`milepost connect`: a token and an endpoint for another program, by the command line."""

import asyncio
from pathlib import Path

from milepost.services.api_tokens import open_with
from tests.cli.test_main import milepost, settings_for
from tests.web.studio import creator
from tests.world import open_world

LABELS = "https://labels.example.org/hooks"


async def test_it_prints_once_what_a_program_has_to_know(database_url: str, tmp_path: Path) -> None:
    settings = settings_for(database_url) | {"BASE_URL": "https://fund.example.org"}

    async def say(*words: str) -> tuple[int, str, str]:
        told = await asyncio.to_thread(milepost, "connect", *words, within=tmp_path, **settings)
        return told.returncode, told.stdout, told.stderr

    named = ("--name", "Labels", "--scope", "fulfilment:read")
    async with open_world(database_url) as world:
        code, _, said = await say(*named)
        assert code == 1 and "milepost create-owner" in said and "Traceback" not in said
        await creator(world, "Alice", "owner")
        await creator(world, "Bob", "editor")
        code, told, said = await say(*named, "--hook", LABELS, "--event", "grant.owed")
        assert code == 0 and "“Labels” works for Larkfield" in said
        known = dict(line.split("=", 1) for line in told.splitlines())
        assert known["MILEPOST_API"] == "https://fund.example.org/api/v1"
        opened = await open_with(world.database, known["MILEPOST_TOKEN"], world.now)
        assert opened is not None and opened.scopes == {"fulfilment:read"}
        assert opened.author.email == "alice@example.org"
        hook = await world.row("select url, types, secret from hooks")
        assert tuple(hook) == (LABELS, ["grant.owed"], known["MILEPOST_SECRET"])
        code, _, said = await say("--name", "Labels", "--scope", "everything")
        assert code == 1 and said.startswith("There is no scope “everything”.")
