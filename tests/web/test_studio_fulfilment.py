"""The studio's pledges and fulfilment: found, decided, packed, sent, and told to the backer."""

import csv
import io
import re
from typing import Any

import httpx

from milepost.domain.facts import Fact
from milepost.domain.lines import Line
from milepost.services.batching import make_batch
from milepost.services.erasing import erase_person
from milepost.services.exporting import export_person
from milepost.services.surveying import NewQuestion, ask
from milepost.services.tracking import take_file
from milepost.storage import surveys
from milepost.storage.database import unit
from milepost.storage.parcels import Wanted
from tests.many import many, more
from tests.web.client import Reader
from tests.web.kept import nothing_changes
from tests.web.me import sign_in
from tests.web.serving import Served
from tests.web.studio import enter, log_of, send, staff
from tests.world import World

HERE = "/studio/larkfield/campaigns/recorder"


async def parcel_road(world: World, *who: str) -> dict[str, Any]:
    """A campaign whose tier is sent by post, with a milestone's product; who backs it, by name."""
    campaign = await world.campaign(slug="recorder")
    tier = await world.tier(campaign, ships=True)
    muff = await world.product(stock=50)
    milestone = await world.milestone(campaign, 1, product_id=muff)
    road: dict[str, Any] = {"campaign": campaign, "tier": tier, "milestone": milestone}
    for name in who:
        line = Line("tier", "One recorder", 1, 4500, 1, tier)
        road[name] = await world.pledged(campaign, name, line)
        await lives(world, road[name], name)
    return road


async def lives(world: World, pledge_id: int, name: str, **address: str) -> None:
    """Where the pledge is sent."""
    columns = {"name": name, "line1": "1 Larch Lane", "city": "Bern", "country": "CH"} | address
    async with unit(world.database) as db:
        names = ", ".join(columns)
        marks = ", ".join(f"${n}" for n in range(3, 3 + len(columns)))
        await db.execute(
            f"insert into addresses (pledge_id, changed_at, {names}) values ($1, $2, {marks})",
            pledge_id,
            world.now,
            *columns.values(),
        )


async def batched(reader: Reader, road: dict[str, Any], **typed: str) -> str:
    """A batch of own goods and the milestone's reward; its address."""
    form = {"name": "First", "addressed": "on", "answered": "on"} | typed
    answer = await reader.post(
        f"{HERE}/fulfilment/batches/new",
        data=form | {"contents": ["0", str(road["milestone"])]},
        headers=reader.from_here,
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].split("?")[0]


async def brought(reader: Reader, lines: str, **typed: str) -> httpx.Response:
    """The page of a run after these lines were pasted."""
    form = {"lines": lines, "carrier": "", "batch": ""} | typed
    answer = await reader.post(
        f"{HERE}/fulfilment/tracking",
        data=form,
        files={"file": ("", b"")},
        headers=reader.from_here,
    )
    if answer.status_code != 303:
        return answer
    return await reader.get(answer.headers["location"])


async def test_a_batch_goes_from_owed_to_ready_to_shipped_and_the_backer_follows_it(
    served: Served, world: World
) -> None:
    await staff(world)
    road = await parcel_road(world, "Dana", "Eli")
    reader = served.reader
    await enter(reader, "Carol")
    page = await reader.get(f"{HERE}/fulfilment")
    assert page.status_code == 200 and "Wind muff" in page.text
    batch = await batched(reader, road)
    page = await reader.get(batch)
    assert page.status_code == 200 and "2 boxes" in page.text and "0 of 4 sent" in page.text
    sheet = await reader.get(f"{batch}/packing")
    assert (
        "1 Larch Lane" in sheet.text and "Wind muff" in sheet.text and "One recorder" in sheet.text
    )
    out = await reader.get(f"{batch}/csv")
    rows = list(csv.DictReader(io.StringIO(out.text.removeprefix("\ufeff"))))
    assert [row["pledge"] for row in rows] == [str(road["Dana"]), str(road["Eli"])]
    lines = "pledge;carrier;tracking\n" + "".join(
        f"{row['pledge']};DHL;0034{row['pledge']}\n" for row in rows
    )
    looked = await brought(reader, lines)
    assert "Send 2 good lines" in looked.text
    assert (await world.row("select count(*) from parcels where state = 'shipped'"))[0] == 0
    run = (await world.row("select id from tracking_runs"))["id"]
    sent = await send(reader, f"{HERE}/fulfilment/tracking/{run}/send")
    assert sent.status_code == 303
    assert "2 boxes are marked as sent" in (await reader.get(sent.headers["location"])).text
    assert await world.grants(road["milestone"]) == {"dana": "fulfilled", "eli": "fulfilled"}
    letters = await world.rows(
        "select pledge_id, detail from mails where kind = 'shipped' order by 1"
    )
    assert [row["pledge_id"] for row in letters] == [road["Dana"], road["Eli"]]
    assert letters[0]["detail"]["url"].startswith("https://www.dhl.com/")
    key = (await world.row("select key from pledges where id = $1", road["Dana"]))["key"]
    key = f"{key}-as-long-as-a-real-one"
    await world.rows("update pledges set key = $2 where id = $1 returning id", road["Dana"], key)
    mine = await reader.get(f"/p/{key}")
    assert mine.text.count(f"0034{road['Dana']}</a>") == 2


async def test_a_page_asks_as_much_of_the_database_for_two_pledges_as_for_a_thousand(
    served: Served, world: World
) -> None:
    """V11."""
    await staff(world)
    reader, road = served.reader, await many(world, 2)
    await enter(reader, "Alice")
    await batched(reader, road)
    await brought(reader, "pledge,carrier,tracking\n1,DHL,1\n77777,DHL,2\n")
    pages = [
        "/pledges", "/pledges?show=homeless", "/pledges?show=held", "/pledges?country=CH",
        "/pledges/1", "/pledges/1/refund", "/disputes", "/fulfilment", "/fulfilment/parcels?of=0",
        f"/fulfilment/parcels?of={road['milestone']}", "/fulfilment/batches/new",
        "/fulfilment/batches/1", "/fulfilment/batches/1/packing", "/fulfilment/tracking",
        "/fulfilment/tracking/1", "/fulfilment/questions", "/fulfilment/lock",
    ]  # fmt: skip
    few = [await statements(served, path) for path in pages]
    await more(world, road, 1000)
    many_more = [await statements(served, path) for path in pages]
    assert dict(zip(pages, few, strict=True)) == dict(zip(pages, many_more, strict=True))
    assert max(few) <= 20


async def statements(served: Served, path: str) -> int:
    """How many queries a page issues."""
    start = len(served.statements)
    assert (await served.reader.get(HERE + path)).status_code == 200, path
    return len(served.statements_since(start))


async def test_pledges_are_paged_by_key_newest_first_and_found(
    served: Served, world: World
) -> None:
    await staff(world)
    reader, _ = served.reader, await many(world, 120)
    await enter(reader, "Alice")
    seen: list[str] = []
    path: str | None = f"{HERE}/pledges"
    while path:
        page = (await reader.get(path)).text
        seen += re.findall(r'aria-label="Pledge (\d+)"', page)
        following = re.search(r'<a href="([^"]+)" rel="next">', page)
        path = following[1].replace("&amp;", "&") if following else None
    assert [int(number) for number in seen] == list(range(120, 0, -1))
    for asked, found in {"q=77": [77], "q=%2377": [77], "q=backer-9%40example.org": [9],
                         "q=backer+11": [119, 118, 117, 116, 115, 114, 113, 112, 111, 110, 11],
                         "q=nobody": [], "q=%25": [], "q=100%25_": []}.items():  # fmt: skip
        page = (await reader.get(f"{HERE}/pledges?{asked}")).text
        shown = [int(n) for n in re.findall(r'aria-label="Pledge (\d+)"', page)]
        assert shown == found, asked


async def test_filters_show_whom_they_name(served: Served, world: World) -> None:
    await staff(world)
    road = await parcel_road(world, "Dana", "Eli")
    await world.rows("delete from addresses where pledge_id = $1 returning 1", road["Eli"])
    await world.rows("update pledges set country = 'FR' where id = $1 returning id", road["Eli"])
    await world.hear(
        road["campaign"],
        Fact("refund", road["Dana"], amount=100, ref="re_1", payment=f"pi_{road['Dana']}"),
    )
    await world.settle()
    await enter(served.reader, "Alice")
    for asked, found in {"show=homeless": "Eli", "show=refunded": "Dana", "country=FR": "Eli",
                         "country=CH": "Dana"}.items():  # fmt: skip
        page = (await served.reader.get(f"{HERE}/pledges?{asked}")).text
        assert re.findall(r'aria-label="Pledge (\d+)"', page) == [str(road[found])], asked


async def test_who_only_fulfils_sees_what_it_takes_to_send_and_no_money(
    served: Served, world: World
) -> None:
    await staff(world)
    road = await parcel_road(world, "Dana")
    reader = served.reader
    await enter(reader, "Carol")
    batch = await batched(reader, road)
    paths = [f"{HERE}/pledges", f"{HERE}/pledges.csv", f"{HERE}/pledges/{road['Dana']}",
             f"{HERE}/fulfilment/parcels?of=0", batch, f"{batch}/packing", f"{batch}/csv",
             f"{HERE}/pledges?q=dana%40example.org"]  # fmt: skip
    for path in paths:
        answer = await reader.get(path)
        assert answer.status_code == 200, path
        for link in set(re.findall(r'(?:href|action)="([^"#]+)"', answer.text)):
            assert link.startswith(("/", "https://", "data:")), (path, link)
        for secret in ("dana@example.org", "45.00", "$45", "pi_", "stripe.com"):
            assert secret not in answer.text.replace("q=dana", "").replace(
                'value="dana@example.org"', ""
            ), (path, secret)
    assert "Larch Lane" in (await reader.get(f"{HERE}/pledges/{road['Dana']}")).text


async def test_another_campaign_s_pledge_batch_run_and_question_are_not_there(
    served: Served, world: World
) -> None:
    ids = await staff(world)
    await world.campaign(slug="recorder")
    other = await world.campaign(slug="other")
    tier = await world.tier(other, ships=True)
    pledge = await world.pledged(other, "Dana", Line("tier", "One", 1, 4500, 1, tier))
    wanted = Wanted([0], addressed=False, answered=False)
    batch = await make_batch(world.database, world.store_id, other, "B", wanted, ids["Alice"],
                             world.now)  # fmt: skip
    file = io.BytesIO(b"pledge,carrier,tracking\n1,DHL,1\n")
    run = await take_file(world.database, other, batch, "", file, "", ids["Alice"], world.now)
    async with unit(world.database) as db:
        await ask(db, other, [NewQuestion("Which?")], world.now)
    await enter(served.reader, "Alice")
    for path in (f"/pledges/{pledge}", f"/pledges/{pledge}/refund", f"/pledges/{pledge}/cancel",
                 f"/pledges/{pledge}/release", f"/fulfilment/batches/{batch}",
                 f"/fulfilment/batches/{batch}/csv", f"/fulfilment/tracking/{run}",
                 f"/fulfilment/tracking/{run}/bad.csv", "/fulfilment/questions/1",
                 "/fulfilment/parcels?of=4711", "/pledges/0", "/pledges/x",
                 "/pledges/99999999999999999999"):  # fmt: skip
        assert (await served.reader.get(HERE + path)).status_code == 404, path
    async with nothing_changes(world):
        for path in (f"/pledges/{pledge}/ship", f"/pledges/{pledge}/refund",
                     f"/pledges/{pledge}/note", f"/pledges/{pledge}/correct",
                     f"/fulfilment/tracking/{run}/send",
                     f"/fulfilment/batches/{batch}/dissolve"):  # fmt: skip
            answer = await send(served.reader, HERE + path, text="x", what="all", expected="4500")
            assert answer.status_code == 404, path
        answer = await brought(served.reader, "pledge,carrier,tracking\n1,D,1\n", batch=str(batch))
        assert answer.status_code == 404


async def test_a_refund_is_shown_before_it_happens_and_noted_when_it_has(
    served: Served, world: World
) -> None:
    """A8."""
    await staff(world)
    road = await parcel_road(world, "Dana")
    here, reader = f"{HERE}/pledges/{road['Dana']}", served.reader
    await enter(reader, "Bob")
    assert "$45.00" in (await reader.get(f"{here}/refund")).text
    async with nothing_changes(world):
        told = await send(reader, f"{here}/refund", what="all")
        assert "$45.00 goes back to Dana" in told.text and "is no longer theirs" in told.text
        part = await send(reader, f"{here}/refund", what="amount", amount="10")
        assert "None of their rewards changes" in part.text
        for wrong in ({"what": "amount", "amount": "ten"}, {"what": "amount", "amount": "99"},
                      {"what": "lines"}, {"what": "lines", "line-1": "5"}):  # fmt: skip
            answer = await send(reader, f"{here}/refund", reason="Broken", **wrong)
            assert answer.status_code == 422 and 'value="Broken"' in answer.text, wrong
        assert (await send(reader, f"{here}/refund", what="all", expected="1")).status_code == 409
    done = await send(reader, f"{here}/refund", what="all", expected="4500", reason="Broken")
    assert done.headers["location"].endswith("?done=refunded")
    row = await world.row("select amount, reason, made_by from refunds")
    assert tuple(row) == (4500, "Broken", "bob@example.org")
    (deed,) = [x for x in await log_of(world) if x[1] == "pledge_refunded"]
    assert deed[0] == "Bob" and deed[2] == f"pledge {road['Dana']}" and deed[4]["amount"] == 4500
    page = (await reader.get(here)).text
    assert "Gave money of pledge" in page and "A refund of $45.00 was decided" in page
    again = await send(reader, f"{here}/refund", what="all")
    assert again.status_code == 422


async def test_a_pledge_s_refund_that_is_pressed_twice_goes_back_once(
    served: Served, world: World
) -> None:
    await staff(world)
    road = await parcel_road(world, "Dana")
    here, reader = f"{HERE}/pledges/{road['Dana']}", served.reader
    await enter(reader, "Bob")
    told = await send(reader, f"{here}/refund", what="amount", amount="10")
    assert 'name="left" value="4500"' in told.text
    form = {"what": "amount", "amount": "10", "expected": "1000", "left": "4500"}
    assert (await send(reader, f"{here}/refund", **form)).status_code == 303
    again = await send(reader, f"{here}/refund", **form)
    assert again.status_code == 409 and "$35 is left" in again.text
    assert [r["amount"] for r in await world.rows("select amount from refunds")] == [1000]


async def test_a_held_pledge_is_released_or_refused_and_a_saved_one_cancelled(
    served: Served, world: World
) -> None:
    """C6."""
    await staff(world)
    campaign = await world.campaign(slug="recorder", review_limit=4000)
    milestone = await world.milestone(campaign, 1)
    dana, eli = [await world.pledged(campaign, who) for who in ("Dana", "Eli")]
    reader = served.reader
    await enter(reader, "Alice")
    assert "2 held for review" in (await reader.get(f"{HERE}/pledges")).text
    assert "becomes theirs" not in (await reader.get(f"{HERE}/pledges/{dana}/release")).text
    await send(reader, f"{HERE}/pledges/{dana}/release", do="release")
    await world.settle()
    assert await world.grants(milestone) == {"dana": "owed"}
    assert "becomes theirs" in (await reader.get(f"{HERE}/pledges/{eli}/release")).text
    await send(reader, f"{HERE}/pledges/{eli}/release", do="refuse")
    assert (await world.row("select pledge_id from refunds"))["pledge_id"] == eli
    assert (await send(reader, f"{HERE}/pledges/{dana}/release")).status_code == 409
    assert (await send(reader, f"{HERE}/pledges/{dana}/cancel")).status_code == 409
    saved = await world.started(campaign, Line("bonus", "", 1, 1000))
    detail = {"email": "fay@example.org", "name": "Fay", "locale": "en"}
    await world.hear(campaign, Fact("saved", saved, detail=detail))
    await world.settle()
    assert (await send(reader, f"{HERE}/pledges/{saved}/cancel")).status_code == 303
    await world.settle()
    row = await world.row("select state from pledges where id = $1", saved)
    assert row["state"] == "cancelled"
    deeds = [what for _, what, *_ in await log_of(world)]
    assert deeds == ["pledge_released", "pledge_refused", "pledge_cancelled"]


async def test_a_dispute_shows_its_date_what_it_holds_and_where_to_answer(
    served: Served, world: World
) -> None:
    """A8."""
    await staff(world)
    road = await parcel_road(world, "Dana")
    detail = {"reason": "product_not_received", "due_by": 1780660000}
    pledge, payment = road["Dana"], f"pi_{road['Dana']}"
    opened = Fact("disputed", pledge, amount=4500, ref="du_1", payment=payment, detail=detail)
    await world.hear(road["campaign"], opened)
    await world.settle()
    await enter(served.reader, "Alice")
    for path in ("/disputes", f"/pledges/{road['Dana']}"):
        page = (await served.reader.get(HERE + path)).text
        assert "du_1" in page and "product not received" in page and "5 June 2026" in page
        assert f"https://dashboard.stripe.com/test/payments/pi_{road['Dana']}" in page
    await world.hear(road["campaign"], Fact("dispute_won", road["Dana"], ref="du_1"))
    await world.settle()
    assert "No dispute is open" in (await served.reader.get(f"{HERE}/disputes")).text
    assert "Won" in (await served.reader.get(f"{HERE}/disputes?all=1")).text


async def test_questions_are_asked_worded_anew_and_reminded_of_and_the_lock_is_announced(
    served: Served, world: World
) -> None:
    """B9, B5."""
    await staff(world)
    road = await parcel_road(world, "Dana", "Eli")
    reader, here = served.reader, f"{HERE}/fulfilment/questions"
    await enter(reader, "Bob")
    wrong = await send(reader, f"{here}/ask", prompt="Which size?", kind="choice")
    assert wrong.status_code == 422 and 'value="Which size?"' in wrong.text
    asked = await send(reader, f"{here}/ask", prompt="Which size?", kind="choice",
                       options="S\nM\n\nL", required="on", whom=f"tier-{road['tier']}")  # fmt: skip
    assert asked.status_code == 303, asked.text
    question = await world.row("select * from questions")
    assert question["options"] == ["S", "M", "L"] and question["tiers"] == [road["tier"]]
    async with unit(world.database) as db:
        await surveys.keep(db, road["Dana"], {question["id"]: "M"}, [], world.now)
    refused = await send(reader, f"{here}/{question['id']}", prompt="Size?", options="S\nL")
    assert refused.status_code == 409 and "M" in refused.text
    await send(reader, f"{here}/{question['id']}", prompt="Size?", options="S\nM\nL\nXL")
    assert "Size?" in (await reader.get(here)).text
    await world.rows("update questions set required = true returning id")
    page = (await reader.get(f"{HERE}/pledges?show=unanswered")).text
    assert re.findall(r'aria-label="Pledge (\d+)"', page) == [str(road["Eli"])]
    for _ in range(2):
        await send(reader, f"{here}/remind")
    told = await world.rows("select pledge_id from mails where kind = 'survey_reminder'")
    assert [row["pledge_id"] for row in told] == [road["Eli"]], "once a day"
    batch = await batched(reader, road)
    assert "1 box" in (await reader.get(batch)).text, "whoever has not answered waits"
    soon = await send(reader, f"{HERE}/fulfilment/lock", at="2026-06-02T12:00")
    assert soon.status_code == 422 and "48 hours" in soon.text
    assert (await send(reader, f"{HERE}/fulfilment/lock", at="x")).status_code == 422
    await send(reader, f"{HERE}/fulfilment/lock", at="2026-06-10T12:00")
    assert (await world.row("select locks_at from campaigns"))["locks_at"].day == 10
    assert [what for _, what, *_ in await log_of(world)][-1] == "addresses_locked"
    assert (await reader.get("/studio/larkfield/log")).status_code == 200


async def test_whoever_is_forgotten_leaves_no_note_and_no_number(
    served: Served, world: World
) -> None:
    await staff(world)
    road = await parcel_road(world, "Dana")
    reader = served.reader
    await enter(reader, "Alice")
    await send(reader, f"{HERE}/pledges/{road['Dana']}/note", text="Rings twice")
    await send(reader, f"{HERE}/pledges/{road['Dana']}/ship", carrier="DHL", tracking="00340434")
    assert "Rings twice" in (await reader.get(f"{HERE}/pledges/{road['Dana']}")).text
    known = await export_person(world.database, "dana@example.org", world.now)
    assert known["notes"][0]["text"] == "Rings twice"
    assert {row["tracking"] for row in known["parcels"]} == {"00340434"}
    await erase_person(world.database, "dana@example.org", world.now)
    rows = await world.rows("select tracking from parcels")
    assert {row["tracking"] for row in rows} == {""}
    assert await world.rows("select 1 from pledge_notes") == []
    assert (await reader.get(f"{HERE}/pledges/{road['Dana']}")).status_code == 200


async def test_no_place_in_a_batch_is_too_far_and_no_letter_too_odd(
    served: Served, world: World
) -> None:
    await staff(world)
    road = await parcel_road(world, "Dana")
    reader = served.reader
    await enter(reader, "Carol")
    batch = await batched(reader, road, name="Fi\0rst")
    for after in (2**31 - 1, 2**63 - 1):
        for page in (batch, f"{batch}/packing"):
            assert (await reader.get(f"{page}?after={after}")).status_code == 200
    pledge = f"{HERE}/pledges/{road['Dana']}"
    noted = await send(reader, f"{pledge}/note", text="a\0b\nc")
    assert noted.status_code == 303
    sent = await send(reader, f"{pledge}/ship", carrier="D\0HL", tracking="1\0")
    assert sent.status_code == 303
    found = await world.rows("select distinct carrier, tracking from parcels")
    assert [tuple(row) for row in found] == [("DHL", "1")]


async def test_an_address_is_demanded_first_only_where_something_is_sent(
    served: Served, world: World
) -> None:
    await staff(world)
    campaign = await world.campaign(slug="recorder")
    await world.milestone(campaign, 1, product_id=await world.product())
    await world.milestone(campaign, 1, code_kind="shared", shared_code="SONG")
    await world.pledged(campaign, "Dana")
    reader = served.reader
    await enter(reader, "Carol")

    async def ticked() -> list[str]:
        page = await reader.get(f"{HERE}/fulfilment/batches/new")
        boxes = re.findall(r"<input[^>]*checkbox[^>]*>", page.text)
        return [tag.split('name="')[1].split('"')[0] for tag in boxes if " checked" in tag]

    assert await ticked() == ["contents", "answered"], "the product, but no code"
    await world.tier(campaign, ships=True)
    assert await ticked() == ["contents", "addressed", "answered"]


async def test_a_backer_whose_box_is_packed_is_told_before_they_try_to_change_it(
    served: Served, world: World
) -> None:
    """P6."""
    await staff(world)
    road = await parcel_road(world, "Dana")
    key = "a-key-of-danas-as-long-as-real-ones"
    await world.rows("update pledges set key = $1 returning id", key)
    async with Reader(served.url) as dana:
        await sign_in(dana, world, "Dana")
        mine = await dana.get(f"/me/pledges/{key}")
        assert f"{key}/change" in mine.text and f"{key}/cancel" in mine.text
        await enter(served.reader, "Carol")
        await batched(served.reader, road)
        mine = await dana.get(f"/me/pledges/{key}")
        assert "It is being packed, or on its way." in mine.text
        assert f"{key}/change" not in mine.text and f"{key}/cancel" not in mine.text
