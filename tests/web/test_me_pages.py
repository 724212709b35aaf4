"""A backer's own pages: what they say, what their forms keep, and how little they ask."""

from datetime import timedelta
from typing import Any

import pytest

from milepost.domain.facts import Fact
from milepost.domain.lines import Line
from milepost.services.closing import close_due
from milepost.services.refunding import refund_pledge
from milepost.services.surveying import NewQuestion, announce_lock, ask
from milepost.storage.database import unit
from tests.sandbox.process import Sandbox
from tests.web.client import Reader, parse
from tests.web.me import do, key_of, sign_in, with_atlas
from tests.world import World

H = "{http://www.w3.org/1999/xhtml}"
HOME = {"name": "Dana", "line1": "5 Elm Road", "city": "Berlin", "postal_code": "10115"}


def words(answer: Any) -> str:
    """What a page says, in one line."""
    return " ".join(" ".join(parse(answer.text).itertext()).split())


def value(answer: Any, name: str) -> str:
    """What stands in a field of the page."""
    (found,) = [e for e in parse(answer.text).iter(f"{H}input") if e.get("name") == name]
    return str(found.get("value"))


@pytest.fixture
async def dana(reader: Reader, world: World) -> Reader:
    """Dana's browser, signed in; her pledge to the atlas is `atlas-of-dana-0001`."""
    return await with_atlas(reader, world)


ATLAS = "/me/pledges/atlas-of-dana-0001"


async def test_an_address_is_asked_for_kept_as_typed_and_shown(dana: Reader, world: World) -> None:
    """B5."""
    assert "The store needs your address" in words(await dana.get(ATLAS))
    assert "Say where to send it" in words(await dana.get("/me"))
    empty = await do(dana, f"{ATLAS}/address", **HOME | {"line1": " ", "postal_code": ""})
    assert empty.status_code == 422
    assert value(empty, "city") == "Berlin"
    assert "Type the street and the number." in words(empty)
    assert "Type the postal code" in words(empty)
    long = await do(dana, f"{ATLAS}/address", **HOME | {"city": "x" * 150})
    assert "Up to 100 characters" in words(long)
    saved = await do(dana, f"{ATLAS}/address", **HOME, country="FR")
    assert saved.headers["location"] == f"{ATLAS}?done=address"
    page = await dana.get(saved.headers["location"])
    assert "Your address is saved." in words(page) and "5 Elm Road" in words(page)
    row = await world.row("select * from addresses")
    assert row["country"] == "DE", "shipping was paid to another country"
    assert "Shipping was worked out for this country" in words(await dana.get(f"{ATLAS}/address"))


async def test_where_no_country_was_named_the_backer_names_one(dana: Reader, world: World) -> None:
    await world.rows("update pledges set country = null returning id")
    wrong = await do(dana, f"{ATLAS}/address", **HOME, country="XX")
    assert wrong.status_code == 422 and "Choose the country" in words(wrong)
    assert (await do(dana, f"{ATLAS}/address", **HOME, country="at")).status_code == 303
    assert (await world.row("select country from addresses"))["country"] == "AT"


async def test_after_the_lock_nothing_of_address_and_answers_can_change(
    dana: Reader, world: World
) -> None:
    """B9."""
    (campaign,) = await world.rows("select id from campaigns")
    async with unit(world.database) as db:
        await ask(db, campaign["id"], [NewQuestion("Which size?")], world.now)
    await do(dana, f"{ATLAS}/address", **HOME)
    locks_at = world.now + timedelta(hours=48)
    await announce_lock(world.database, campaign["id"], locks_at, world.now)
    open_page = await dana.get(f"{ATLAS}/address")
    assert "Can be changed until" in words(open_page)
    world.now = locks_at
    for path, typed in ((f"{ATLAS}/address", HOME | {"line1": "Elsewhere"}),
                        (f"{ATLAS}/answers", {"q-1": "L"})):  # fmt: skip
        late = await do(dana, path, **typed)
        assert late.status_code == 409 and "be changed any more" in words(late)
        assert "be changed any more" in words(await dana.get(path))
    assert (await world.row("select line1 from addresses"))["line1"] == "5 Elm Road"
    assert await world.rows("select 1 from answers") == []
    assert "Locked since" in words(await dana.get(ATLAS))


async def test_questions_are_answered_in_the_reader_s_language_and_kept_in_the_store_s(
    dana: Reader, world: World
) -> None:
    """B9, B15."""
    (campaign,) = await world.rows("select id from campaigns")
    german = {"de": {"prompt": "Welche Farbe?", "options": ["Rot", "Blau"]}}
    questions = [
        NewQuestion("Which colour?", "choice", ("Red", "Blue"), translations=german),
        NewQuestion("What shall we engrave?", required=False),
    ]
    async with unit(world.database) as db:
        assert await ask(db, campaign["id"], questions, world.now) == 1
    one, two = (r["id"] for r in await world.rows("select id from questions order by id"))
    path = f"{ATLAS}/answers"
    assert "Answer the questions" in words(await dana.get("/me"))
    page = await dana.get(f"{path}?lang=de")
    assert "Welche Farbe?" in words(page) and "Blau" in words(page)
    nothing = await do(dana, path, **{f"q-{two}": "For D."})
    assert nothing.status_code == 422 and value(nothing, f"q-{two}") == "For D."
    assert "Choose one: the store can't go on without it." in words(nothing)
    for typed in ("Green", "Blau"):
        wrong = await do(dana, path, **{f"q-{one}": typed})
        assert "Choose one from the list." in words(wrong)
    long = await do(dana, path, **{f"q-{one}": "Blue", f"q-{two}": "x" * 600})
    assert long.status_code == 422
    assert (await do(dana, path, **{f"q-{one}": "Blue", f"q-{two}": "D."})).status_code == 303
    rows = await world.rows("select answer from answers order by question_id")
    assert [r["answer"] for r in rows] == ["Blue", "D."]
    assert "Blau" in words(await dana.get(f"{ATLAS}?lang=de"))
    assert (await do(dana, path, **{f"q-{one}": "Red"})).status_code == 303
    assert [r["answer"] for r in await world.rows("select answer from answers")] == ["Red"]


async def test_a_receipt_adds_up_to_what_was_paid_and_given_back(
    dana: Reader, world: World
) -> None:
    page = words(await dana.get(f"{ATLAS}/receipt"))
    for said in ("The atlas €45.00", "Shipping: Germany €9.00", "Total €54.00", "dana@example.org"):
        assert said in page
    assert page.count("€54.00") == 3
    (pledge,) = await world.rows("select id, campaign_id from pledges")
    await refund_pledge(world.database, pledge["id"], "alice", world.now, amount=1400)
    assert "€14 is on its way back to your card" in words(await dana.get(ATLAS))
    assert "On its way back to you €14.00" in words(await dana.get(f"{ATLAS}/receipt"))
    await world.rows("update refunds set state = 'sent', provider_id = 're_1' returning id")
    back = Fact("refund", pledge["id"], amount=1400, ref="re_1", payment=f"pi_{pledge['id']}")
    await world.hear(pledge["campaign_id"], back)
    await world.settle()
    page = words(await dana.get(f"{ATLAS}/receipt"))
    assert "-€14.00" in page.replace("−", "-") and "Paid and kept €40.00" in page
    assert "is on its way back" not in words(await dana.get(ATLAS))


async def test_there_is_no_receipt_before_anything_was_charged(
    reader: Reader, world: World
) -> None:
    campaign_id = await world.campaign(slug="saving", funding_model="all_or_nothing")
    pledge_id = await world.started(campaign_id)
    detail = {"email": "dana@example.org", "name": "Dana"}
    await world.hear(campaign_id, Fact("saved", pledge_id, detail=detail))
    await world.settle()
    key = await key_of(world, pledge_id)
    await sign_in(reader, world, "Dana")
    page = await reader.get(f"/me/pledges/{key}")
    assert "only if “Field Recorder” reaches 100 units" in words(page)
    assert "Receipt" not in words(page)
    assert (await reader.get(f"/me/pledges/{key}/receipt")).status_code == 404
    assert "Use another card" in words(page)
    world.now += timedelta(days=31)
    await close_due(world.database, world.clock)
    await sign_in(reader, world, "Dana")
    page = await reader.get(f"/me/pledges/{key}")
    assert "closed below its goal. Your card is not charged." in words(page)
    assert "Not funded" in words(await reader.get("/me"))
    assert (await reader.get(f"/me/pledges/{key}/pay")).status_code == 303


async def test_changing_on_the_form_changes_the_pledge_or_says_why_not(
    reader: Reader, world: World
) -> None:
    """P6: an all-or-nothing pledge changes at once."""
    campaign_id = await world.campaign(slug="saving", funding_model="all_or_nothing")
    recorder = await world.tier(campaign_id, slots=1, closes_at=world.now.replace(hour=13,
                                tzinfo=None))  # fmt: skip
    two = await world.tier(campaign_id, title="Two", price=8000, units=2)
    pledge_id = await world.started(campaign_id, Line("tier", "One recorder", 1, 4500, 1, recorder))
    await world.rows("update pledges set claiming = true returning id")
    await world.rows("update tiers set claimed = 1 where id = $1 returning id", recorder)
    detail = {"email": "dana@example.org", "name": "Dana"}
    await world.hear(campaign_id, Fact("saved", pledge_id, detail=detail))
    await world.settle()
    path = f"/me/pledges/{await key_of(world, pledge_id)}"
    await sign_in(reader, world, "Dana")
    world.now += timedelta(hours=2)  # the tier has ended, and its last slot is Dana's
    form = await reader.get(f"{path}/change")
    (mine,) = [d for d in parse(form.text).iter(f"{H}details") if d.get("open") is not None]
    (action,) = {f.get("action") for f in parse(form.text).iter(f"{H}form")
                 if f.get("class") == "pledge-form"}  # fmt: skip
    assert action.startswith(f"{path}/change")
    assert [i.get("value") for i in mine.iter(f"{H}input") if i.get("name") == "tier"] == [
        str(recorder)
    ]
    assert "Nothing is charged today" in words(form)
    many = await do(reader, action, tier=str(recorder), quantity="5", bonus="3")
    assert many.status_code == 422 and "The pledge was not changed" in words(many)
    changed = await do(reader, action, tier=str(two), quantity="1", bonus="10")
    assert changed.headers["location"] == f"{path}?done=changed", words(changed)
    assert "Your last change is being worked on" in words(await reader.get(path))
    await world.settle()
    assert "Two $80.00 Bonus $10.00 Total $90.00" in words(await reader.get(path))
    assert (await world.row("select claimed from tiers where id = $1", recorder))[0] == 0


async def test_what_a_backer_has_keeps_its_price_in_the_form_as_in_the_books(
    dana: Reader, world: World
) -> None:
    """M3: the tier has become dearer, and has ended since."""
    (tier,) = await world.rows("update tiers set price = 9900, closes_at = $1 returning id",
                               world.now)  # fmt: skip
    form = await dana.get(f"{ATLAS}/change")
    assert "The atlas €45 1 left Shipping" in words(form)
    sent = {"tier": str(tier["id"]), "quantity": "1", "country": "DE", "shown_total": "5400"}
    assert (await do(dana, f"{ATLAS}/change", **sent)).status_code == 303
    more = await do(dana, f"{ATLAS}/change", **sent | {"quantity": "2", "shown_total": ""})
    assert more.status_code == 422


async def test_a_change_that_costs_more_leads_to_a_payment_page_and_back(
    dana: Reader, world: World, payments: Sandbox
) -> None:
    (tier,) = await world.rows("select id from tiers")
    sent = {"tier": str(tier["id"]), "quantity": "2", "country": "DE", "lang": "en"}
    answer = await do(dana, f"{ATLAS}/change", **sent)
    assert answer.status_code == 303, words(answer)
    session = payments.all("sessions")[-1]
    assert answer.headers["location"] == session["url"]
    assert session["amount_total"] == 4800
    assert session["success_url"].endswith(ATLAS)
    page = await dana.get(ATLAS)
    assert "A payment page is still open" in words(page)
    assert session["url"] in {a.get("href") for a in parse(page.text).iter(f"{H}a")}


async def test_a_cancel_says_first_what_it_does(dana: Reader, world: World) -> None:
    page = words(await dana.get(f"{ATLAS}/cancel"))
    assert "€54.00 goes back to your card" in page
    await do(dana, f"{ATLAS}/cancel")
    page = words(await dana.get(f"{ATLAS}?done=cancelled"))
    assert "Your pledge is cancelled." in page and "€54 is on its way back" in page
    again = await do(dana, f"{ATLAS}/cancel")
    assert again.status_code == 409 and "is on its way back already" in words(again)


async def test_after_the_close_nothing_changes_and_the_page_says_so(
    dana: Reader, world: World
) -> None:
    world.now += timedelta(days=31)
    await sign_in(dana, world, "Dana")
    assert "Change the pledge" not in words(await dana.get(ATLAS))
    for what in ("change", "cancel"):
        assert (await dana.get(f"{ATLAS}/{what}")).headers["location"] == ATLAS
        late = await do(dana, f"{ATLAS}/{what}")
        assert late.status_code in (409, 422) and "has closed" in words(late)


async def test_a_declined_card_is_said_with_its_reason_and_its_days(
    reader: Reader, world: World, payments: Sandbox
) -> None:
    """P5."""
    campaign_id = await world.campaign(slug="saving", funding_model="all_or_nothing", goal=1)
    pledge_id = await world.pledged(campaign_id, "Dana", Line("own_amount", "", 1, 4500, 1))
    path = f"/me/pledges/{await key_of(world, pledge_id)}"
    await world.rows("update pledges set state = 'past_due', paid = '{}' returning id")
    await world.rows("update campaigns set closed_at = closes_at, outcome = 'funded' returning id")
    await world.rows(
        "insert into charges (pledge_id, campaign_id, due_at, tries, failed_at, reason)"
        " values ($1, $2, $3, 1, $4, 'insufficient_funds') returning 1 as one",
        pledge_id, campaign_id, world.now + timedelta(days=2), world.now - timedelta(days=1),
    )  # fmt: skip
    await sign_in(reader, world, "Dana")
    assert "Pay now" in words(await reader.get("/me"))
    said = words(await reader.get(path))
    assert "Your card could not be charged $45." in said
    assert "It is tried again on 3 June, by itself." in said
    assert "If nothing has worked by 7 June, the pledge is dropped" in said
    page = words(await reader.get(f"{path}/pay"))
    assert "The account holds less than that" in page and "You pay $45.00 now" in page
    answer = await do(reader, f"{path}/pay")
    assert answer.headers["location"] == payments.all("sessions")[-1]["url"]


async def test_payment_pages_that_can_t_be_opened_are_said(
    dana: Reader, world: World, payments: Sandbox
) -> None:
    (tier,) = await world.rows("select id from tiers")
    payments.switch("habits", fail_before=10)
    try:
        sent = {"tier": str(tier["id"]), "quantity": "3", "country": "DE"}
        page = await do(dana, f"{ATLAS}/change", **sent)
    finally:
        payments.switch("habits", fail_before=0)
    assert page.status_code == 503
    assert value_of_open(page, "quantity") == "3"


def value_of_open(answer: Any, name: str) -> str:
    """What stands in the field of the form that is open."""
    (form,) = [e for e in parse(answer.text).iter(f"{H}details") if e.get("open") is not None]
    (found,) = [e for e in form.iter(f"{H}input") if e.get("name") == name]
    return str(found.get("value"))
