"""Questions and answers: written, ordered, translated, shown on the campaign's page (B7)."""

import pytest

from tests.waiting import until
from tests.web.serving import Served
from tests.web.studio import enter, log_of, send, staff
from tests.web.talk import asked
from tests.world import World

HOME = "/studio/larkfield/campaigns/recorder/updates/faq"


@pytest.fixture
async def campaign_id(world: World, served: Served) -> int:
    """The recorder, with Alice at her desk."""
    campaign_id = await world.campaign(slug="recorder")
    await staff(world)
    await enter(served.reader, "Alice")
    return campaign_id


async def test_a_question_stands_on_the_page_in_the_reader_s_language(
    served: Served, world: World, campaign_id: int
) -> None:
    typed = {
        "question": "When?",
        "answer": "In *May*.",
        "question-de": "Wann?",
        "answer-de": "Im Mai.",
    }
    answer = await send(served.reader, f"{HOME}/add", **typed)
    assert answer.headers["location"] == f"{HOME}?done=added"
    english = (await served.reader.get("/c/recorder")).text
    assert "<summary>When?</summary>" in english and "In <em>May</em>." in english
    german = (await served.reader.get("/c/recorder?lang=de")).text
    assert "Wann?" in german and "Im Mai." in german
    (row,) = await world.rows("select id from faqs")
    form = (await served.reader.get(f"{HOME}/{row['id']}")).text
    assert "Im Mai." in form
    await send(served.reader, f"{HOME}/{row['id']}", **typed | {"answer": "In June."})

    async def is_there() -> bool:
        return "In June." in (await served.reader.get("/c/recorder")).text

    await until(is_there)
    assert [entry[1:] for entry in await log_of(world)] == [
        ("faq_added", "When?", {}, {}),
        ("faq_changed", "When?", {"answer": "In *May*."}, {"answer": "In June."}),
    ]


async def test_questions_move_up_and_down_and_stop_at_the_ends(
    served: Served, world: World, campaign_id: int
) -> None:
    ids = [await asked(world, campaign_id, name, "Yes.") for name in ("One", "Two", "Three")]
    for faq, to, expected in (
        (ids[2], "up", ["One", "Three", "Two"]),
        (ids[2], "up", ["Three", "One", "Two"]),
        (ids[2], "up", ["Three", "One", "Two"]),
        (ids[0], "down", ["Three", "Two", "One"]),
        (ids[0], "down", ["Three", "Two", "One"]),
        (ids[0], "sideways", ["Three", "Two", "One"]),
    ):
        answer = await send(served.reader, f"{HOME}/{faq}/move", to=to)
        assert answer.status_code == 303
        rows = await world.rows("select question from faqs order by position, id")
        assert [row["question"] for row in rows] == expected
    await send(served.reader, f"{HOME}/{ids[0]}/remove")
    rows = await world.rows("select question from faqs order by position, id")
    assert [row["question"] for row in rows] == ["Three", "Two"]
    assert (await send(served.reader, f"{HOME}/{ids[0]}/remove")).status_code == 404
    assert (await log_of(world))[-1][1:] == ("faq_removed", "One", {"answer": "Yes."}, {})


async def test_what_is_missing_or_too_long_is_said_beside_its_field(
    served: Served, world: World, campaign_id: int
) -> None:
    for typed, words in (
        ({"question": "", "answer": "Kept text"}, "Type the question."),
        ({"question": "Kept text", "answer": " "}, "Type the answer."),
        ({"question": "Kept text", "answer": "x" * 2001}, "This may have 2,000 characters."),
        ({"question": "Kept text", "answer": "A", "answer-de": "x" * 2001}, "This may have 2,000"),
    ):
        refused = await send(served.reader, f"{HOME}/add", **typed)
        assert refused.status_code == 422
        assert words in refused.text and "Kept text" in refused.text
    assert await world.rows("select from faqs") == []


async def test_a_list_of_questions_has_an_end(
    served: Served, world: World, campaign_id: int
) -> None:
    for n in range(30):
        await asked(world, campaign_id, f"Question {n}?", "Yes.")
    refused = await send(served.reader, f"{HOME}/add", question="One more?", answer="No.")
    assert (
        refused.status_code == 409 and "30 questions are as many as anybody reads." in refused.text
    )


async def test_another_campaign_s_question_can_t_be_touched_through_this_one(
    served: Served, world: World, campaign_id: int
) -> None:
    other = await world.campaign(slug="other")
    faq_id = await asked(world, other, "Elsewhere?", "Yes.")
    for path in ("", "/move", "/remove"):
        typed = {"question": "Mine", "answer": "Mine", "to": "up"}
        answer = await send(served.reader, f"{HOME}/{faq_id}{path}", **typed)
        assert answer.status_code == 404, path
    assert (await world.row("select question from faqs"))["question"] == "Elsewhere?"
