"""The log says every deed in a sentence, and from what to what (B18)."""

import ast
import re
from pathlib import Path
from typing import Any

import milepost
from milepost.services.arranging import Page, save_page
from milepost.services.author import Author
from milepost.services.noting import PAGE, note
from milepost.storage.database import unit
from milepost.web.studio.log import LONGEST, changes
from tests.web.client import Reader
from tests.web.serving import Served
from tests.web.studio import enter, staff
from tests.world import World

HOME = Path(milepost.__file__).parent
SENTENCES = (HOME / "templates/studio/parts/deed.html").read_text()
TOLD = sorted(set(re.findall(r'deed\.what == "(\w+)"', SENTENCES)))
NOTING = {"note", "_note", "note_deed", "_done", "note_of_oneself"}
MONEY = {"basis": "money", "currency": "EUR"}


def noted() -> set[str]:
    """Every name of a deed that is written where a service notes one."""
    found = set()
    for path in (HOME / "services").glob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call):
                name = getattr(call.func, "attr", getattr(call.func, "id", ""))
                said = [a.value for a in call.args if isinstance(a, ast.Constant)]
                if name in NOTING:
                    found |= {a for a in said if isinstance(a, str) and a}
    return found


def test_whatever_a_service_notes_has_its_sentence() -> None:
    names = noted()
    assert len(names) > 50
    unsaid = {name for name in names if not {name, f"milestone_{name}"} & set(TOLD)}
    assert unsaid == set()


async def the_log(reader: Reader) -> str:
    """All its pages."""
    pages, path = "", "/studio/larkfield/log"
    while path:
        answer = await reader.get(path)
        assert answer.status_code == 200
        pages += answer.text
        older = re.search(r"\?before=\d+", answer.text)
        path = f"/studio/larkfield/log{older[0]}" if older else ""
    return pages


async def test_every_deed_is_a_sentence_whatever_is_known_of_it(
    served: Served, world: World
) -> None:
    made = await staff(world)
    await enter(served.reader, "Alice")
    states: list[dict[str, Any]] = [
        {},
        {"title": "<b>T</b>", "audience": {"kind": "new_backers", "tiers": ["3"]}, "count": 2,
         "campaign": MONEY, "price": 4500, "closes_at": "soon", "at": "2026-06-01T12:00:00+00:00",
         "odd_field": [True, None, {"within": 1}], "reason": "no code of ours"},
    ]  # fmt: skip
    async with unit(world.database) as db:
        for what in (*TOLD, "danced"):
            for state in states:
                await note(db, world.store_id, made["Alice"], what, world.now, "", state, {})
                await note(db, world.store_id, made["Alice"], what, world.now, "7", {}, state)
    page = await the_log(served.reader)
    assert page.count('<th scope="row">') == 4 * (len(TOLD) + 1) > PAGE
    sentences = re.findall(r'<th scope="row">(.*?)</th>', page, re.DOTALL)
    assert not {what for what in TOLD if "_" in what and any(what in s for s in sentences)}
    assert "odd field" in page and "€45" in page and "&lt;b&gt;T" in page
    assert "{" not in "".join(re.findall(r"<dd>(.*?)</dd>", page, re.DOTALL))


def said(before: dict[str, Any], after: dict[str, Any], locale: str = "en") -> list[list[str]]:
    """From what to what, in lines."""
    return [[f"{s.name}: {s.words or s.when}" for s in side]
            for side in changes(before, after, locale)]  # fmt: skip


def test_only_what_changed_is_said_in_words_that_people_use() -> None:
    assert said({"role": "editor"}, {"role": "owner"}) == [["Role: Editor"], ["Role: Owner"]]
    assert said({"title": "A", "stock": None}, {"title": "A", "stock": 1500}) == [
        ["On the shelf: never runs out"], ["On the shelf: 1,500"]]  # fmt: skip
    before = {"campaign": MONEY, "target": 50000, "audience": {"cap": None, "exclude_late": False}}
    after = {"campaign": MONEY, "target": 75050, "audience": {"cap": None, "exclude_late": True}}
    assert said(before, after) == [
        ["Target: €500", "Not for late pledges: no"],
        ["Target: €750.50", "Not for late pledges: yes"],
    ]
    assert said({}, {"amount": 1050, "currency": "USD", "reason": "late"}) == [
        [], ["Money: $10.50", "Why: late"]]  # fmt: skip
    options = {"options": ["Red", "Blue"]}, {"options": ["Blue", "Dark red"]}
    assert said(*options) == [["Options: Red, Blue"], ["Options: Blue, Dark red"]]
    assert said({"reward": 3}, {"reward": 4}) == [[], []]
    zone = {"title": "Europe", "sent_to": ["DE"]}, {"title": "Europe", "sent_to": []}
    assert said(*zone) == [["Countries: DE"], ["Countries: everywhere else"]]
    assert said({"countries": ["US"]}, {"countries": []})[1] == ["Countries: none"]
    (line,) = said({}, {"story": "x" * 5000})[1]
    assert len(line) == len("The story: ") + LONGEST and line.endswith("…")


async def test_a_saved_page_says_which_texts_were_which(served: Served, world: World) -> None:
    made = await staff(world)
    campaign_id = await world.campaign(slug="recorder")
    author = Author(made["Bob"], "bob@example.org", world.store_id, campaign_id)
    row = await world.row("select * from campaigns")
    page = Page("Wind Recorder", "recorder", row["blurb"], "y" * 9000, row["image"],
                row["image_alt"])  # fmt: skip
    await save_page(world.database, author, 0, page, world.now)
    await enter(served.reader, "Alice")
    log = await the_log(served.reader)
    assert "<dd>Field Recorder</dd>" in log and "<dd>Wind Recorder</dd>" in log
    assert f"<dd>{'y' * (LONGEST - 1)}…</dd>" in log
    kept = await world.row("select after from deeds where what = 'page_saved'")
    assert len(kept["after"]["story"]) == 200 and "slug" not in kept["after"]
