"""`milepost ask` and `milepost lock`, on a campaign with one backer."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.cli.test_main import milepost, settings_for
from tests.world import World, open_world

QUESTIONS = [
    {"prompt": "Which size?", "kind": "choice", "options": ["S", "M"]},
    {"prompt": "What shall we engrave?", "required": False},
]


async def test_a_creator_asks_and_locks_from_the_command_line(
    database_url: str, tmp_path: Path
) -> None:
    settings = settings_for(database_url)
    (tmp_path / "questions.json").write_text(json.dumps(QUESTIONS))
    (tmp_path / "wrong.json").write_text('[{"prompt": "Size?", "kind": "number", "opt": 1}]')

    async def say(*words: str) -> tuple[int, str]:
        told = await asyncio.to_thread(milepost, *words, within=tmp_path, **settings)
        return told.returncode, told.stdout + told.stderr

    async with open_world(database_url) as world:
        campaign_id = await world.campaign(slug="recorder", zone="Europe/Berlin")
        tier_id = await world.tier(campaign_id, ships=True)
        pledge_id = await world.pledged(campaign_id, "Dana")
        await world.rows("update pledge_lines set tier_id = $1 returning 1", tier_id)
        assert (await say("ask", "recorder", "questions.json")) == (
            0,
            "2 questions are asked; 1 pledges get a mail.\n",
        )
        code, said = await say("ask", "recorder", "wrong.json")
        assert code == 1 and "0.kind" in said and "0.opt" in said and "Traceback" not in said
        code, said = await say("ask", "nobody", "questions.json")
        assert (code, said) == (1, "There is no campaign at “nobody”.\n")
        soon = datetime.now(UTC) + timedelta(hours=30)
        code, said = await say("lock", "recorder", "--at", f"{soon:%Y-%m-%dT%H:%M}")
        assert (code, said) == (1, "A lock needs 48 hours' notice. Choose a later time.\n")
        code, said = await say("lock", "recorder", "--at", "2099-12-24T18:00")
        assert (code, said) == (
            0,
            "“Field Recorder” locks at 2099-12-24 17:00 UTC; 1 pledges get a mail.\n",
        )
        await _letters(world, pledge_id)


async def _letters(world: World, pledge_id: int) -> None:
    rows = await world.rows("select kind, pledge_id from mails where kind <> 'receipt' order by id")
    assert [tuple(row) for row in rows] == [("survey", pledge_id), ("locks_soon", pledge_id)]
    (locks,) = await world.rows("select locks_at from campaigns")
    assert locks["locks_at"] == datetime(2099, 12, 24, 17, tzinfo=UTC)
