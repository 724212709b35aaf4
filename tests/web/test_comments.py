"""Comments: who may, who sees them when, what the creator does about them, what is kept (B7)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from milepost.services.erasing import erase_person
from milepost.services.exporting import export_person
from milepost.services.moderating import answer_comment, hide_comment, show_comment
from tests.web.client import Reader
from tests.web.me import sign_in
from tests.web.serving import Served
from tests.web.studio import enter, log_of, send, staff
from tests.web.talk import alice_at, asked, published, said, states
from tests.world import World

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> [a](javascript:alert(1)) ![b](/x)"
HOME = "/studio/larkfield/campaigns/recorder/updates/comments"


@pytest.fixture
async def campaign_id(world: World) -> int:
    """The recorder, which Dana and Eli back."""
    campaign_id = await world.campaign(slug="recorder", goal=500)
    await staff(world)
    for who in ("Dana", "Eli"):
        await world.pledged(campaign_id, who)
    return campaign_id


@pytest.fixture
async def dana(served: Served, world: World, campaign_id: int) -> AsyncIterator[Reader]:
    """Dana's browser, signed in."""
    async with Reader(served.url) as reader:
        await sign_in(reader, world, "Dana")
        yield reader


async def say(reader: Reader, text: str, name: str = "Dana K.", **more: str) -> httpx.Response:
    """Send the form below the comments."""
    typed = {"text": text, "name": name} | more
    return await reader.post("/c/recorder/comments", data=typed, headers=reader.from_here)


async def seen(reader: Reader, path: str = "/c/recorder/comments") -> str:
    """What this reader sees there."""
    return (await reader.get(path)).text


async def test_a_first_comment_waits_for_the_creator_and_the_next_are_shown_at_once(
    served: Served, world: World, campaign_id: int, dana: Reader
) -> None:
    answer = await say(dana, "I look forward to it.")
    assert answer.headers["location"] == "/c/recorder/comments?said=waiting#comments"
    assert "Only you see it until the creator has approved it." in await seen(dana)
    alice = served.reader
    assert "I look forward" not in await seen(alice)
    await enter(alice, "Alice")
    assert "I look forward" in await seen(alice, HOME)
    shown = await send(alice, f"{HOME}/1/show", only="waiting")
    assert shown.headers["location"] == f"{HOME}?only=waiting&done=shown"
    page = await seen(alice, "/c/recorder/comments")
    assert "I look forward" in page and "Dana K." in page and "dana@" not in page
    assert (await say(dana, "Stereo?")).headers["location"].endswith("said=shown#comments")
    assert "Stereo?" in await seen(alice, "/c/recorder/comments")
    assert [what for _, what, *_ in await log_of(world)] == ["comment_shown"]


@pytest.mark.parametrize(
    ("setting", "first", "second"),
    [("at_once", "shown", "shown"), ("after_each", "waiting", "waiting"),
     ("after_first", "waiting", "shown"), ("closed", "", "")],
)  # fmt: skip
async def test_the_creator_decides_whose_comments_are_shown_when(
    served: Served, world: World, campaign_id: int, dana: Reader,
    setting: str, first: str, second: str,
) -> None:  # fmt: skip
    await enter(served.reader, "Alice")
    await send(served.reader, f"{HOME}/setting", setting=setting)
    assert (await send(served.reader, f"{HOME}/setting", setting="x")).status_code == 422
    for text, state in (("One", first), ("Two", second)):
        answer = await say(dana, text)
        if not state:
            assert answer.status_code == 409 and text in answer.text
            assert "takes no more comments here" in answer.text
            continue
        assert f"said={state}#" in answer.headers["location"]
        if text == "One":
            await show_comment(world.database, await alice_at(world, campaign_id), 1, world.now)
    changed = setting != "after_first"
    assert ("comments_set" in [what for _, what, *_ in await log_of(world)]) is changed


async def test_only_backers_of_this_very_campaign_comment(
    served: Served, world: World, campaign_id: int, dana: Reader
) -> None:
    other = await world.campaign(slug="other")
    await world.pledged(other, "Frida")
    stranger = await say(served.reader, "A stranger's words")
    assert stranger.status_code == 409 and "You are not signed in any more." in stranger.text
    assert "A stranger&#39;s words" in stranger.text, "what was typed stays"
    async with Reader(served.url) as frida:
        await sign_in(frida, world, "Frida")
        assert "Only backers of this campaign comment here." in await seen(frida)
        assert (await say(frida, "Hello")).status_code == 409
    await world.rows("update pledges set state = 'refunded' where campaign_id = $1 returning id",
                     campaign_id)  # fmt: skip
    assert (await say(dana, "I backed it once.")).status_code == 303
    answer = await dana.post("/c/recorder/comments", data={"text": "x", "name": "D"},
                             headers={"origin": "https://evil.example"})  # fmt: skip
    assert answer.status_code == 403
    assert await states(world) == ["waiting"]


async def test_what_backers_write_is_text_with_links_and_nothing_else(
    served: Served, world: World, campaign_id: int, dana: Reader
) -> None:
    await send_setting(served, "at_once")
    await say(dana, f"{EVIL}\n\nSee https://example.org/a?b=1&c=2. **No bold.**", "<b>Dana</b>")
    at = await alice_at(world, campaign_id)
    await answer_comment(world.database, at, 1, EVIL, world.now)
    for page in (await seen(served.reader), await seen(served.reader, HOME)):
        assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page
        assert "<img src=x" not in page and "**No bold.**" in page and "&lt;b&gt;Dana" in page
        link = '<a href="https://example.org/a?b=1&amp;c=2" rel="nofollow ugc noopener">'
        assert link in page
        assert 'href="javascript' not in page


async def send_setting(served: Served, setting: str) -> None:
    """Alice decides."""
    await enter(served.reader, "Alice")
    await send(served.reader, f"{HOME}/setting", setting=setting)


async def test_updates_and_answers_hold_no_script_either(
    served: Served, world: World, campaign_id: int
) -> None:
    await published(world, campaign_id, title=EVIL, text=EVIL)
    await asked(world, campaign_id, EVIL, EVIL)
    for path in ("/c/recorder", "/c/recorder/updates", "/c/recorder/updates/1"):
        page = await seen(served.reader, path)
        assert "&lt;script&gt;" in page and "<script>alert" not in page
        assert 'href="javascript' not in page and "<img src=x" not in page


async def test_limits_keep_a_comment_short_and_a_person_patient(
    served: Served, world: World, campaign_id: int, dana: Reader
) -> None:
    for text, name, words in (
        ("x" * 2001, "Dana", "This may have 2,000 characters."),
        ("  \n ", "Dana", "Write something first."),
        ("Hello", " ", "Type the name under which others see you."),
        ("Hello", "dana@example.org", "Do not show your mail address."),
        ("Hello", "LARKFIELD", "That is the name of the store."),
        ("Hello", "x" * 41, "This may have 40 characters."),
    ):
        refused = await say(dana, text, name)
        assert refused.status_code == 422 and words in refused.text
        assert text.strip() in refused.text
    answers = await asyncio.gather(*(say(dana, f"No. {n}") for n in range(9)))
    assert sorted(a.status_code for a in answers) == [303] * 6 + [429] * 3
    late = next(a for a in answers if a.status_code == 429)
    assert "You have written 6 comments within an hour." in late.text and "No. " in late.text
    world.now += timedelta(hours=1, seconds=1)
    assert (await say(dana, "Later")).status_code == 303


async def test_the_creator_answers_and_is_marked_and_backers_answer_each_other(
    served: Served, world: World, campaign_id: int, dana: Reader
) -> None:
    await say(dana, "Stereo?")
    alice = served.reader
    await enter(alice, "Alice")
    await send(alice, f"{HOME}/1/answer", text="Yes, in stereo.", only="waiting")
    assert await states(world) == ["shown", "shown"]
    page = await seen(dana)
    assert page.index("Stereo?") < page.index("Yes, in stereo.")
    assert page.index('class="remark is-creators"') < page.index("Yes, in stereo.")
    assert "<strong>Larkfield</strong>" in page and "Alice" not in page
    form = await seen(dana, "/c/recorder/comments?answer=1")
    assert '<input type="hidden" name="answers" value="1">' in form
    assert (await say(dana, "Thanks.", answers="1")).status_code == 303
    for no in ("2", "999", str(2**70)):  # an answer, and nothing
        refused = await say(dana, "To whom?", answers=no)
        assert refused.status_code == (409 if len(no) < 18 else 303)
    rows = await world.rows("select parent_id from comments order by id")
    assert [row["parent_id"] for row in rows] == [None, 1, 1, None]
    await send(alice, f"{HOME}/3/answer", text="You are welcome.")
    assert (await world.row("select parent_id from comments where id = 5"))["parent_id"] == 1


async def test_a_hidden_comment_is_seen_by_nobody_and_stays_in_the_log_with_who_and_why(
    served: Served, world: World, campaign_id: int, dana: Reader
) -> None:
    await send_setting(served, "at_once")
    await say(dana, "Buy cheap things")
    await say(dana, "And here too", answers="1")
    alice = served.reader
    assert (await send(alice, f"{HOME}/1/hide", reason="because")).status_code == 422
    await send(alice, f"{HOME}/1/hide", reason="spam")
    for reader in (alice, dana):
        page = await seen(reader, "/c/recorder/comments")
        assert "Buy cheap" not in page
        assert "This comment is gone." in page and "And here too" in page, "its place stays"
    hidden = await seen(alice, f"{HOME}?only=hidden")
    assert "Buy cheap" in hidden and "Hidden by Alice: It is advertising." in hidden
    deed = ("Alice", "comment_hidden", "1")
    states_of_it = ({"state": "shown"}, {"state": "hidden", "reason": "spam"})
    assert (await log_of(world))[-1] == deed + states_of_it
    log = await seen(alice, "/studio/larkfield/log")
    assert "Hid comment 1" in log and "It is advertising." in log
    await send(alice, f"{HOME}/1/show")
    assert "Buy cheap" in await seen(dana)


async def test_only_who_decides_reads_what_waits_or_was_hidden(
    served: Served, world: World, campaign_id: int, dana: Reader
) -> None:
    await say(dana, "My address is Lane 1")
    await say(dana, "Lovely")
    await say(dana, "Not yet")
    at = await alice_at(world, campaign_id)
    await show_comment(world.database, at, 2, world.now)
    await hide_comment(world.database, at, 1, "private", world.now)
    for who in ("Vic", "Carol"):
        await enter(served.reader, who)
        for only in ("", "waiting", "reported", "hidden", "all", "shown"):
            page = await seen(served.reader, f"{HOME}?only={only}")
            assert "Lovely" in page and "Lane 1" not in page and "Not yet" not in page, (who, only)
    await enter(served.reader, "Bob")
    assert "Lane 1" in await seen(served.reader, f"{HOME}?only=hidden")
    assert "Not yet" in await seen(served.reader, f"{HOME}?only=waiting")


@pytest.mark.parametrize("setting", ["after_first", "after_each", "at_once"])
async def test_another_name_is_seen_with_what_was_decided_under_it_and_nowhere_else(
    served: Served, world: World, campaign_id: int, dana: Reader, setting: str
) -> None:
    await send_setting(served, setting)
    await say(dana, "Lovely", "Dana K.")
    at = await alice_at(world, campaign_id)
    await show_comment(world.database, at, 1, world.now)
    await say(dana, "More", "Pills for sale")
    page = await seen(served.reader, "/c/recorder/comments")
    shown = setting != "after_each"
    assert "Dana K." in page and ("Pills for sale" in page) is shown
    assert page.count("<strong>Pills for sale</strong>") == shown
    assert 'value="Pills for sale"' in await seen(dana), "the form offers what was typed last"
    data = (await dana.get("/me/data.json")).json()
    assert [c["name"] for c in data["comments"]] == ["Dana K.", "Pills for sale"]


NUL = "a\0b"


async def test_no_field_breaks_a_page_by_what_a_page_can_t_hold(
    served: Served, world: World, campaign_id: int, dana: Reader
) -> None:
    """A NUL in a text is what PostgreSQL refuses: it is left out, or the form refuses it."""
    await published(world, campaign_id)
    await say(dana, "One")
    await show_comment(world.database, await alice_at(world, campaign_id), 1, world.now)
    faq_id = await asked(world, campaign_id, "Why?", "So.")
    alice = served.reader
    await enter(alice, "Alice")
    updates = HOME.removesuffix("/comments")
    draft = {"key": "k", "title": "T", "text": "T", "title-de": "T", "text-de": "T",
             "audience": "everybody", "do": "save", "revision": "1", "milestone": "1"}  # fmt: skip
    faq = {"question": "Q", "answer": "A", "question-de": "Q", "answer-de": "A"}
    forms = (
        (dana, "/c/recorder/comments", {"name": "D", "text": "T", "answers": "1", "update": "1"}),
        (dana, "/c/recorder/comments/1/report", {"update": "1"}),
        (alice, f"{updates}/new", draft),
        (alice, f"{updates}/new/keep", draft),
        (alice, f"{updates}/preview", draft),
        (alice, f"{updates}/1", draft),
        (alice, f"{updates}/1/keep", draft),
        (alice, f"{updates}/1/publish", {"revision": "1"}),
        (alice, f"{updates}/faq/add", faq),
        (alice, f"{updates}/faq/{faq_id}", faq),
        (alice, f"{updates}/faq/{faq_id}/move", {"way": "up", "to": "up"}),
        (alice, f"{HOME}/setting", {"setting": "at_once"}),
        (alice, f"{HOME}/1/answer", {"text": "T", "only": "all"}),
        (alice, f"{HOME}/1/hide", {"reason": "spam", "only": "all"}),
        (alice, f"{HOME}/unblock", {"person": "1"}),
    )
    for reader, path, whole in forms:
        for field in whole:
            answer = await send(reader, path, **whole | {field: NUL})
            assert answer.status_code < 500, (path, field)
    for path in (f"{updates}?after={NUL}", f"{HOME}?only={NUL}&before={NUL}"):
        assert (await alice.get(path.replace("\0", "%00"))).status_code == 200


async def test_whoever_is_blocked_writes_no_more_until_they_may_again(
    served: Served, world: World, campaign_id: int, dana: Reader
) -> None:
    await say(dana, "First")
    await say(dana, "Second")
    alice = served.reader
    await enter(alice, "Alice")
    await send(alice, f"{HOME}/1/block")
    refused = await say(dana, "Third")
    assert refused.status_code == 409 and "Third" in refused.text
    assert "The creator takes no more comments from you." in refused.text
    person = (await world.row("select customer_id from commenters"))["customer_id"]
    assert "Let them comment" in await seen(alice, HOME)
    await send(alice, f"{HOME}/unblock", person=str(person))
    assert (await say(dana, "Third")).status_code == 303
    assert [what for _, what, *_ in await log_of(world)] == [
        "commenter_blocked", "commenter_unblocked"]  # fmt: skip


async def test_a_reader_reports_once_and_nobody_can_flood_the_creator(
    served: Served, world: World, campaign_id: int
) -> None:
    at = await alice_at(world, campaign_id)
    for n in range(12):
        world.now += timedelta(minutes=20)
        await said(world, campaign_id, "Dana", f"No. {n}")
        await show_comment(world.database, at, n + 1, world.now)
    stranger = served.reader
    page = await stranger.get("/c/recorder/comments/1/report")
    assert page.status_code == 200 and "Report the comment" in page.text
    for _ in range(3):
        answer = await send(stranger, "/c/recorder/comments/1/report")
        assert answer.headers["location"] == "/c/recorder/comments?said=reported#comments"
    assert (await world.row("select reports from comments where id = 1"))["reports"] == 1
    last = [
        (await send(stranger, f"/c/recorder/comments/{n}/report")).status_code for n in range(2, 12)
    ]
    assert last == [303] * 7 + [429] * 3
    assert (await stranger.get("/c/recorder/comments/999/report")).status_code == 404
    tries = await world.rows("select who from sign_in_tries")
    assert tries and all("127.0.0.1" not in row["who"] for row in tries)
    await enter(stranger, "Alice")
    assert "1 reader has reported it." in await seen(stranger, f"{HOME}?only=reported")
    await send(stranger, f"{HOME}/1/show", only="reported")
    assert (await world.row("select reports from comments where id = 1"))["reports"] == 0
    assert (await log_of(world))[-1][1] == "reports_dismissed"


async def test_whoever_wrote_it_takes_it_back_and_nobody_else_does(
    served: Served, world: World, campaign_id: int, dana: Reader
) -> None:
    await send_setting(served, "at_once")
    await say(dana, "I regret this")
    async with Reader(served.url) as eli:
        await sign_in(eli, world, "Eli")
        assert (await send(eli, "/c/recorder/comments/1/withdraw")).status_code == 404
    assert (await send(served.reader, "/c/recorder/comments/1/withdraw")).status_code == 404
    assert (await send(dana, "/c/recorder/comments/1/withdraw")).status_code == 303
    row = await world.row("select state, text from comments")
    assert (row["state"], row["text"]) == ("withdrawn", "")
    assert (await send(dana, "/c/recorder/comments/1/withdraw")).status_code == 404
    assert (await send(served.reader, f"{HOME}/1/show")).status_code in (404, 409)


async def test_below_an_update_for_backers_only_backers_read_and_write(
    served: Served, world: World, campaign_id: int, dana: Reader
) -> None:
    await published(world, campaign_id, title="Ours", text="Only us.", audience="backers")
    await published(world, campaign_id, title="Everybody's", text="All.")
    await send_setting(served, "at_once")
    assert (await say(dana, "Between us", update="1")).status_code == 303
    assert (await say(dana, "To all", update="2")).status_code == 303
    assert "Between us" in await seen(dana, "/c/recorder/updates/1")
    stranger = served.reader
    assert "Between us" not in await seen(stranger, "/c/recorder/updates/1")
    assert "To all" in await seen(stranger, "/c/recorder/updates/2")
    assert "To all" not in await seen(stranger)
    refused = await say(stranger, "Let me in", update="1")
    assert refused.status_code == 404 and "Only us." not in refused.text
    assert (await stranger.get("/c/recorder/comments/1/report")).status_code == 404
    assert (await dana.get("/c/recorder/comments/1/report")).status_code == 200


async def test_another_campaign_s_comment_can_t_be_touched_through_this_one(
    served: Served, world: World, campaign_id: int
) -> None:
    other = await world.campaign(slug="other")
    await world.pledged(other, "Frida")
    comment_id = await said(world, other, "Frida", "Elsewhere")
    await enter(served.reader, "Alice")
    for deed in ("show", "hide", "answer", "block"):
        answer = await send(served.reader, f"{HOME}/{comment_id}/{deed}", reason="spam", text="x")
        assert answer.status_code in (404, 409) and "Elsewhere" not in answer.text, deed
    assert await states(world) == ["waiting"]
    assert "Elsewhere" not in await seen(served.reader, f"{HOME}?only=all")


async def test_pages_of_comments_go_on_below_the_last_and_never_repeat(
    served: Served, world: World, campaign_id: int
) -> None:
    await crowd_of_comments(world, campaign_id, 45)
    numbers: list[int] = []
    path: str | None = "/c/recorder/comments"
    while path:
        page = await seen(served.reader, path)
        numbers += [n for n in range(45, 0, -1) if f"<p>Comment no. {n}.</p>" in page]
        older = page.partition("/c/recorder/comments?before=")[2].partition("#")[0]
        path = f"/c/recorder/comments?before={older}" if older else None
    assert numbers == list(range(45, 0, -1))


async def crowd_of_comments(world: World, campaign_id: int, many: int) -> None:
    """So many comments that are shown, by Dana and Eli."""
    await world.rows(
        "insert into commenters (campaign_id, customer_id, name) select $1, id, 'Somebody'"
        " from customers on conflict do nothing returning 1", campaign_id,
    )  # fmt: skip
    await world.rows(
        "insert into comments (campaign_id, customer_id, name, text, state, made_at)"
        " select $1, (select min(id) from customers), 'Somebody', 'Comment no. ' || n || '.',"
        " 'shown', $3 from generate_series(1, $2) n returning id", campaign_id, many, world.now,
    )  # fmt: skip


async def test_no_page_asks_more_when_a_thousand_comments_and_updates_are_there(
    served: Served, world: World, campaign_id: int, dana: Reader
) -> None:
    await published(world, campaign_id)
    await crowd_of_comments(world, campaign_id, 2)
    await enter(served.reader, "Alice")
    paths = {
        "/c/recorder/updates": (dana, 3),
        "/c/recorder/updates/1": (dana, 6),
        "/c/recorder/comments": (dana, 5),
        "/studio/larkfield/campaigns/recorder/updates": (served.reader, 5),
        f"{HOME}?only=all": (served.reader, 4),
    }

    async def count() -> dict[str, int]:
        found = {}
        for path, (reader, _) in paths.items():
            start = len(served.statements)
            assert (await reader.get(path)).status_code == 200
            found[path] = len(served.statements_since(start))
        return found

    few = await count()
    await crowd_of_comments(world, campaign_id, 1000)
    await world.rows(
        "insert into updates (key, campaign_id, number, title, text, made_by, made_at, saved_by,"
        " saved_at, published_at) select n::text, campaign_id, n, title, text, made_by, made_at,"
        " saved_by, saved_at, published_at from updates, generate_series(2, 1002) n where"
        " number = 1 returning id"
    )
    await world.rows("update campaigns set version = version + 1 returning id")
    many = await count()
    assert many == few
    assert few == {path: asks for path, (_, asks) in paths.items()}


async def test_all_that_somebody_said_is_in_their_data_and_goes_with_them(
    served: Served, world: World, campaign_id: int, dana: Reader
) -> None:
    await send_setting(served, "at_once")
    at = await alice_at(world, campaign_id)
    await say(dana, "zq-answered", "zq-name")
    await say(dana, "zq-alone")
    await say(dana, "zq-to-herself", answers="1")
    await said(world, campaign_id, "Eli", "Eli's words")
    await said(world, campaign_id, "Dana", "zq-to-eli", answers=4)
    await answer_comment(world.database, at, 1, "The answer stays.", world.now)
    await hide_comment(world.database, at, 2, "insult", world.now)
    data = (await dana.get("/me/data.json")).json()
    assert [c["text"] for c in data["comments"]] == [
        "zq-answered", "zq-alone", "zq-to-herself", "zq-to-eli"]  # fmt: skip
    assert data["comments"][1]["reason"] == "insult"
    assert data["commenting_as"][0]["name"] == "Dana"
    assert "Eli" not in str(await export_person(world.database, "dana@example.org", world.now))
    await erase_person(world.database, "dana@example.org", world.now)
    tables = ("comments", "commenters", "deeds", "sign_in_tries", "mails", "updates")
    for table in tables:
        rows = await world.rows(f"select t::text as said from {table} t")
        assert not [r for r in rows if "zq-" in r["said"]], table
    page = await seen(served.reader, "/c/recorder/comments")
    assert "This comment is gone." in page and "The answer stays." in page
    assert "Eli&#39;s words" in page and "zq-" not in page
    rows: list[Any] = await world.rows("select state, customer_id from comments order by id")
    assert [r["state"] for r in rows] == ["erased", "shown", "shown"]
    assert rows[0]["customer_id"] is None
