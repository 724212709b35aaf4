"""What was promised, as people read it and as the program of the docs checks it (N6)."""

import asyncio
import re
import sys
from datetime import datetime
from pathlib import Path

import orjson
import pytest

from milepost.domain.audience import Audience
from milepost.services.milestones import (
    NewReward,
    archive_milestone,
    change_audience,
    change_reward,
    move_target,
    reveal_milestone,
)
from milepost.services.moving import move_deadline, move_goal
from milepost.storage.database import reading
from tests.web.client import Reader
from tests.web.serving import Served
from tests.world import World

DOCS = Path(__file__).parents[2] / "docs" / "checking-promises.md"
PAGES = ("/c/recorder/history", "/c/recorder/history.json")


async def lived(world: World) -> int:
    """A campaign that changed its mind about everything; its id."""
    campaign = await world.campaign(slug="recorder", goal=500, zone="Europe/Berlin")
    tier = await world.tier(campaign, title="One recorder")
    german = {"de": {"title": "Eine Karte <b>", "text_after": "Da ist sie."}}
    milestone = await world.milestone(
        campaign, 250, title="A map <b>", translations=german, text_after="Here it is."
    )
    mystery = await world.milestone(campaign, 300, mystery=True, reveal="manual", title="A bell")
    await move_goal(world.database, campaign, 400, "alice", world.now)
    await move_deadline(world.database, campaign, datetime(2026, 7, 9, 20), "alice", world.now)
    await move_target(world.database, milestone, 2, "alice", world.now)
    audience = Audience("new_backers", True, True, "unit", frozenset({tier}), 25)
    await change_audience(world.database, mystery, audience, "alice", world.now)
    await move_target(world.database, mystery, 1, "alice", world.now)
    await change_reward(world.database, milestone, NewReward("A mug"), "alice", world.now)
    for who in ("Dana", "Eli"):
        await world.pledged(campaign, who)
    await reveal_milestone(world.database, mystery, "alice", world.now)
    await archive_milestone(world.database, milestone, "alice", world.now)
    return campaign


async def verdict(address: str) -> tuple[int, str]:
    """What the program of the docs says of the chain there, and its exit code."""
    (program,) = re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert len(program.splitlines()) <= 14
    ran = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, address),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await ran.communicate()
    return ran.returncode or 0, said.decode()


async def test_the_program_of_the_docs_finds_that_the_chain_holds(
    served: Served, world: World
) -> None:
    await lived(world)
    links = (await served.reader.get("/c/recorder/history.json")).json()["links"]
    code, said = await verdict(f"{served.url}/c/recorder/history.json")
    assert (code, said.strip()) == (0, f"12 promises hold; the newest is {links[-1]['hash']}")


async def test_the_program_of_the_docs_finds_what_was_tampered_with(
    served: Served, world: World
) -> None:
    await lived(world)
    async with reading(world.database) as db:
        await db.execute("alter table promises disable trigger user")
        await db.execute("update promises set statement = '{\"goal\": 500}' where number = 4")
    code, said = await verdict(f"{served.url}/c/recorder/history.json")
    assert code == 1 and "promise 4 does not hold" in said


async def test_the_chain_has_the_shape_that_others_rely_on(reader: Reader, world: World) -> None:
    """interfaces.md."""
    await lived(world)
    answer = await reader.get("/c/recorder/history.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    chain = orjson.loads(answer.content)
    assert set(chain) == {"campaign", "algorithm", "links"}
    assert chain["campaign"] == "recorder"
    names = {"number", "made_at", "kind", "subject", "statement", "previous", "hash"}
    assert all(set(link) == names for link in chain["links"])
    assert chain["links"][0]["previous"] is None
    assert [link["number"] for link in chain["links"]] == list(range(1, 13))
    assert chain["links"][3]["statement"] == {"goal": 400}
    assert chain["links"][3]["made_at"] == "2026-06-01T12:00:00Z"


@pytest.mark.parametrize("path", PAGES)
async def test_a_reader_who_has_it_gets_no_second_copy(
    reader: Reader, world: World, path: str
) -> None:
    campaign = await lived(world)
    first = await reader.get(path)
    known = {"if-none-match": first.headers["etag"]}
    again = await reader.get(path, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert "max-age" in again.headers["cache-control"]
    await move_goal(world.database, campaign, 300, "alice", world.now)
    assert (await reader.get(path, headers=known)).status_code == 200


async def test_the_page_says_each_change_in_words(reader: Reader, world: World) -> None:
    await lived(world)
    page = (await reader.get("/c/recorder/history")).text
    for words in (
        "The first promise",
        "The goal moved",
        "The deadline moved",
        "9 July 2026, 20:00, Berlin time",
        "A map &lt;b&gt;",
        "for the first 25 backers",
        "the pledge that reaches it included",
        "One recorder",
        "Those who have it already keep the old one.",
        "It is what was sealed when it was promised.",
        "A milestone left the trail",
        "Something is waiting here",
    ):
        assert words in page, words
    german = (await reader.get("/c/recorder/history?lang=de")).text
    assert "Eine Karte &lt;b&gt;" in german
    assert "Das Ziel wurde verschoben" in german
    assert page.index("A milestone left the trail") < page.index("The first promise")


async def test_the_campaign_page_has_one_link_to_it(reader: Reader, world: World) -> None:
    await world.campaign(slug="recorder")
    page = (await reader.get("/c/recorder")).text
    assert page.count('href="/c/recorder/history"') == 1


@pytest.mark.parametrize("path", PAGES)
async def test_a_draft_and_an_unknown_campaign_have_none(
    reader: Reader, world: World, path: str
) -> None:
    await world.campaign(slug="recorder", published=False)
    assert (await reader.get(path)).status_code == 404
    assert (await reader.get(path.replace("recorder", "nobody"))).status_code == 404
    assert (await reader.get(path.replace("recorder", "%00"))).status_code == 404


async def test_a_chain_that_has_not_begun_is_empty_and_not_an_error(
    reader: Reader, world: World
) -> None:
    await world.campaign(slug="recorder", published=False)
    await world.rows("update campaigns set published = true returning id")
    assert (await reader.get("/c/recorder/history.json")).json()["links"] == []
    assert "Nothing is written down yet" in (await reader.get("/c/recorder/history")).text


async def test_a_long_history_asks_the_database_no_more_than_a_short_one(
    served: Served, world: World
) -> None:
    campaign = await world.campaign(slug="recorder")
    counts = []
    for goals in (range(99, 98, -1), range(90, 50, -1)):
        for goal in goals:
            await move_goal(world.database, campaign, goal, "alice", world.now)
        for path in PAGES:
            start = len(served.statements)
            assert (await served.reader.get(path)).status_code == 200
            counts.append(len(served.statements_since(start)))
    assert counts == [4, 4, 4, 4]
