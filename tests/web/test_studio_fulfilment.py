"""The studio's fulfilment: asked about, packed, sent, and told to the backer (S57, B9, B11)."""

import csv
import io
import re

from milepost.services.erasing import erase_person
from milepost.services.exporting import export_person
from milepost.storage import surveys
from milepost.storage.database import unit
from tests.web.client import Reader
from tests.web.me import sign_in
from tests.web.parcels import HERE, batched, brought, parcel_road
from tests.web.serving import Served
from tests.web.studio import enter, log_of, send, staff
from tests.world import World


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
