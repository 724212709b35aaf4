"""An unsafe call is done once under its key, and answered in the same way again."""

import asyncio

from tests.web.api.program import HOME, Program
from tests.web.client import Reader
from tests.web.studio import enter
from tests.world import World

HERE = "/campaigns/recorder"


async def _read(program: Program) -> str:
    return (await program.get(HERE)).headers["etag"]


async def test_what_is_sent_again_gets_the_same_answer_and_is_not_done_again(
    program: Program, world: World
) -> None:
    await world.campaign(slug="recorder")
    tag = await _read(program)
    first = await program.send("PATCH", HERE, {"blurb": "One"}, key="a", If_Match=tag)
    assert (first.status_code, "idempotency-replayed" in first.headers) == (200, False)
    stands = await _read(program)
    again = await program.send("PATCH", HERE, {"blurb": "One"}, key="a", If_Match=tag)
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["etag"] == first.headers["etag"] == stands == await _read(program)
    assert len(await world.rows("select from deeds where what = 'page_saved'")) == 1


async def test_twenty_at_the_same_moment_are_one(program: Program, world: World) -> None:
    await world.campaign(slug="recorder")
    tag = await _read(program)
    answers = await asyncio.gather(
        *(program.send("PATCH", HERE, {"blurb": "One"}, key="a", If_Match=tag) for _ in range(20))
    )
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (200, answers[0].content)
    }
    assert len(await world.rows("select from deeds where what = 'page_saved'")) == 1


async def test_a_key_stands_for_one_call_of_one_token(program: Program, world: World) -> None:
    await world.campaign(slug="recorder")
    tag = await _read(program)
    await program.send("PATCH", HERE, {"blurb": "One"}, key="a", If_Match=tag)
    for path, sent, on in (
        (HERE, {"blurb": "Two"}, tag),
        (HERE, {"blurb": "One"}, await _read(program)),
        ("/campaigns/another", {"blurb": "One"}, tag),
    ):
        answer = await program.send("PATCH", path, sent, key="a", If_Match=on)
        assert (answer.status_code, answer.json()["detail"]) == (
            422,
            "Something else was sent under this Idempotency-Key before.",
        )


async def test_a_refused_call_has_changed_nothing_and_its_key_is_free(
    program: Program, world: World
) -> None:
    await world.campaign(slug="recorder")
    tag = await _read(program)
    refused = await program.send("PATCH", HERE, {"blurb": "x" * 5000}, key="a", If_Match=tag)
    assert refused.status_code == 422
    late = await program.send("PATCH", HERE, {"blurb": "One"}, key="a", If_Match='"old"')
    assert late.status_code == 412
    done = await program.send("PATCH", HERE, {"blurb": "One"}, key="a", If_Match=tag)
    assert done.status_code == 200


async def test_without_a_key_nothing_is_done(program: Program, world: World) -> None:
    await world.campaign(slug="recorder")
    headers = {"if-match": await _read(program)}
    for key in ("", "with a space", "x" * 201, "ß"):
        headers["idempotency-key"] = key.encode()  # type: ignore[assignment]
        answer = await program.http.patch(f"{HOME}{HERE}", json={"blurb": "One"}, headers=headers)
        assert (answer.status_code, "Idempotency-Key" in answer.text) == (400, True)
    assert (await program.get(HERE)).json()["blurb"] == ""


async def test_the_log_names_whose_token_it_was(
    program: Program, world: World, reader: Reader
) -> None:
    await world.campaign(slug="recorder")
    await program.send("PATCH", HERE, {"blurb": "One"}, If_Match=await _read(program))
    await enter(reader, "Alice")
    assert "by the token “Warehouse”" in (await reader.get("/studio/larkfield/log")).text
