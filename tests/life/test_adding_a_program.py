"""docs/adding-a-program.md, done as it is written: two modules, and a customer earns."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "adding-a-program.md").read_text()
BLOCK = re.compile(r"```python ?(\S*)\n(.*?)```", re.DOTALL)
# What the page takes as given, and what it says at its end.
BEFORE = """
import asyncio, sys
from datetime import UTC, datetime
from milepost.domain.account_words import worth
from milepost.domain.program_costs import cost_of
from milepost.domain.program_plans import Step
from milepost.domain.programs import KINDS
from milepost.services.judging import judge_waiting
from milepost.storage.database import Connection, unit
from milepost.storage.loyalty import LoyalFact, tell
from milepost.wording.saying import say
from milepost.domain.messages import Sentence
from tests.loyalty import open_programs, reward
from tests.shop import customer
from tests.world import open_world

def now():
    return world.now
"""
AFTER = """
async def main():
    global world
    async with open_world(sys.argv[1]) as world:
        loyal = await open_programs(world)
        assert list(KINDS)[-1] == "comments"
        await loyal.on("comments", Step("comments", 3, reward("tickets", 2)))
        dana = await customer(world, "Dana", world.store_id)
        for comment in (1, 2, 3):
            assert await loyal.balance("Dana", "tickets") == (0, 0)
            async with unit(world.database) as db:
                await approve(db, world.store_id, dana, comment)
            await judge_waiting(world.database, world.clock)
        assert await loyal.balance("Dana", "tickets") == (2, 0)
        said = say(Sentence("%(worth)s", {"worth": worth(2, "tickets")}), "en")
        async with unit(world.database) as db:
            await hide(db, world.store_id, dana, 2)
        await judge_waiting(world.database, world.clock)
        assert await loyal.balance("Dana", "tickets") == (0, 0)
        (cost,) = cost_of(reward("tickets", 2), 3, "USD", {}, {}, {})
        print(said, say(cost.said, "en"))

asyncio.run(main())
"""


def lived(site: Path, text: str, database_url: str) -> subprocess.CompletedProcess[str]:
    """A new process that has the package of `site`, and this life."""
    return subprocess.run(
        [sys.executable, "-c", text, database_url],
        env=os.environ | {"PYTHONPATH": f"{site}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        timeout=120,
    )


async def test_a_program_and_a_reward_are_a_module_each(database_url: str, tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(
        ROOT / "site", site, ignore=shutil.ignore_patterns("__pycache__", "static", "demo*")
    )
    blocks = BLOCK.findall(DOC)
    named = [path for path, _ in blocks if path]
    assert len(named) == 2
    for path, text in blocks:
        if path:
            assert not (tmp_path / path).exists()
            (tmp_path / path).write_text(text)
    telling = "\n".join(text for path, text in blocks if not path)
    done = await asyncio.to_thread(lived, site, BEFORE + telling + AFTER, database_url)
    assert (done.returncode, done.stdout) == (0, "2 tickets 6 tickets\n"), done.stderr
