"""The studio's pledges: found page by page, decided upon, and nobody else's (B4, C6, A8)."""

import io
import re

from milepost.domain.facts import Fact
from milepost.domain.lines import Line
from milepost.services.batching import make_batch
from milepost.services.surveying import NewQuestion, ask
from milepost.services.tracking import take_file
from milepost.storage.database import unit
from milepost.storage.parcels import Wanted
from tests.many import many, more
from tests.web.kept import nothing_changes
from tests.web.parcels import HERE, batched, brought, parcel_road
from tests.web.serving import Served
from tests.web.studio import enter, log_of, send, staff
from tests.world import World


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
