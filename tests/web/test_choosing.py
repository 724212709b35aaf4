"""Add-ons, shipping and tax through the pledge form, without a script (B1, B2, B5, B17)."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from milepost.domain.shipping import Fee
from milepost.services.preparing import NewZone, create_zone
from milepost.storage.database import unit
from tests.sandbox.process import Sandbox
from tests.web.client import Reader, parse
from tests.web.kept import nothing_changes
from tests.web.serving import Served
from tests.web.test_bad_forms import alert, links
from tests.world import NOON, World

H = "{http://www.w3.org/1999/xhtml}"
EUROPE, ELSEWHERE = ("AT", "DE", "FR"), ()


@pytest.fixture
async def shop(world: World) -> dict[str, int]:
    """An atlas that is sent everywhere, a lamp for Europe alone, and what needs no post."""
    campaign_id = await world.campaign(
        slug="atlas", basis="money", currency="EUR", goal=10_000, excluded_countries=("AQ",)
    )
    made = {
        "campaign": campaign_id,
        "book": await world.tier(campaign_id, title="The book", price=4500, ships=True, slots=5),
        "pages": await world.tier(campaign_id, title="The pages", price=1200),
        "lamp": await world.tier(
            campaign_id, title="Red lamp", price=900, units=0, kind="addon", most=2, ships=True
        ),
        "print": await world.tier(
            campaign_id, title="Signed print", price=2000, units=0, kind="addon", slots=3
        ),
    }
    book, lamp = made["book"], made["lamp"]
    async with unit(world.database) as db:
        near = {book: Fee(900, 300), lamp: Fee(500, 100)}
        await create_zone(db, campaign_id, NewZone("Europe", EUROPE, near))
        await create_zone(db, campaign_id, NewZone("Elsewhere", ELSEWHERE, {book: Fee(1600, 600)}))
    return made


def chosen(shop: dict[str, int], tier: str = "", **typed: str) -> dict[str, str]:
    """What the form sends for these; add-ons are named as in the `shop`."""
    sent = {"tier": str(shop[tier]) if tier else ""}
    return sent | {
        f"addon-{shop[name]}" if name in shop else name: value for name, value in typed.items()
    }


def field(page: str, name: str) -> Any:
    """The form's field of that name, in the form that is open."""
    (form,) = [e for e in parse(page).iter(f"{H}details") if e.get("open") is not None]
    fields = [*form.iter(f"{H}input"), *form.iter(f"{H}select")]
    (found,) = [e for e in fields if e.get("name") == name]
    return found


def value(page: str, name: str) -> str | None:
    """What stands in that field."""
    found = field(page, name)
    if found.tag == f"{H}select":
        return next((o.get("value") for o in found if o.get("selected") is not None), None)
    return str(found.get("value"))


async def lines(world: World) -> list[tuple[Any, ...]]:
    """What was pledged: source, title, quantity, unit price."""
    rows = await world.rows(
        "select source, title, quantity, unit_price from pledge_lines order by pledge_id, position"
    )
    return [tuple(row) for row in rows]


async def claimed(world: World, tier_id: int) -> int:
    """How many of the tier's slots are taken."""
    count: int = (await world.row("select claimed from tiers where id = $1", tier_id))["claimed"]
    return count


async def test_all_that_was_chosen_is_on_the_payment_page_and_shipping_moves_no_meter(
    reader: Reader, world: World, shop: dict[str, int], payments: Sandbox
) -> None:
    """C1."""
    sent = chosen(shop, "book", quantity="2", bonus="1,50", lamp="1", print="1", country="AT")
    answer = await reader.pledge("atlas", **sent, lang="de")
    assert answer.status_code == 303
    assert await lines(world) == [
        ("tier", "The book", 2, 4500),
        ("addon", "Red lamp", 1, 900),
        ("addon", "Signed print", 1, 2000),
        ("bonus", "", 1, 150),
        ("shipping", "Europe", 1, 900 + 300 + 100),
    ]
    pledge = await world.row("select units, money, shipping, country, tiers from pledges")
    assert tuple(pledge) == (2, 12050, 1300, "AT", [shop["book"]])
    session = payments.all("sessions")[-1]
    assert answer.headers["location"] == session["url"]
    assert session["amount_total"] == 12050 + 1300
    page = await reader.get(answer.headers["location"])
    assert "Versand: Österreich" in page.text
    assert (await claimed(world, shop["book"]), await claimed(world, shop["print"])) == (2, 1)


async def test_what_needs_no_address_asks_for_no_country(
    reader: Reader, world: World, shop: dict[str, int]
) -> None:
    sent = chosen(shop, "pages", print="1", country="")
    assert (await reader.pledge("atlas", **sent)).status_code == 303
    pledge = await world.row("select money, shipping, country from pledges")
    assert tuple(pledge) == (3200, 0, None)


async def test_an_add_on_may_be_all_of_a_pledge(
    reader: Reader, world: World, shop: dict[str, int]
) -> None:
    sent = chosen(shop, lamp="2", country="fr")
    assert (await reader.pledge("atlas", **sent)).status_code == 303
    assert await lines(world) == [("addon", "Red lamp", 2, 900), ("shipping", "Europe", 1, 600)]
    assert (await world.row("select tiers from pledges"))["tiers"] == []


WRONG: dict[str, tuple[str, dict[str, str], str, str]] = {
    "no country": ("book", {}, "country", "Choose the country that it is sent to."),
    "an unknown country": ("book", {"country": "XX"}, "country", "“XX” is not a country"),
    "a country by its name": ("book", {"country": "Österreich"}, "country", "not a country"),
    "an excluded country": ("book", {"country": "AQ"}, "country", "We can't ship to Antarctica."),
    "no way there": (
        "book",
        {"lamp": "1", "country": "US"},
        "country",
        "We can't ship “Red lamp” to United States.",
    ),
    "more than the cap": ("pages", {"lamp": "3", "country": "AT"}, "lamp", "up to 2"),
    "more than are left": ("pages", {"print": "4"}, "print", "Only 3 of “Signed print” are left"),
    "a negative quantity": ("pages", {"lamp": "-1"}, "lamp", "not a number of pieces"),
    "half a lamp": ("pages", {"lamp": "0.5"}, "lamp", "not a number of pieces"),
    "markup": ("pages", {"lamp": '"><b>'}, "lamp", "not a number of pieces"),
}


async def test_the_form_keeps_what_was_typed_and_says_beside_the_field_what_is_wrong(
    reader: Reader, world: World, shop: dict[str, int], subtests: pytest.Subtests
) -> None:
    async with nothing_changes(world):
        for what, (tier, typed, about, words) in WRONG.items():
            sent = chosen(shop, tier, quantity="2", bonus="3", **typed)
            answer = await reader.pledge("atlas", **sent)
            with subtests.test(what):
                assert answer.status_code == 422
                assert words in alert(answer.text)
                name = f"addon-{shop[about]}" if about in shop else about
                wrong = field(answer.text, name)
                ids = {e.get("id"): e for e in parse(answer.text).iter() if e.get("id")}
                assert wrong.get("aria-invalid") == "true"
                note = "".join(ids[wrong.get("aria-describedby")].itertext())
                assert words in note
                assert links(answer.text) == [f"#{wrong.get('id')}"]
                for key, said in sent.items():
                    known = key != "country" or said in ("AT", "US")
                    assert value(answer.text, key) == said or not known, key


async def test_what_is_tampered_with_is_refused(
    reader: Reader, world: World, shop: dict[str, int]
) -> None:
    other = await world.tier(await world.campaign(), title="Not ours", kind="addon", units=0)
    own = str(shop["pages"])
    tampered: list[dict[str, str]] = [
        {"tier": own, f"addon-{other}": "1"},
        {"tier": own, f"addon-{shop['book']}": "1", "country": "AT"},
        {"tier": str(shop["lamp"]), "country": "AT"},
        {"tier": own, "addon-999999999999999999": "1"},
        {"tier": own, "addon-1;drop": "1"},
        {"tier": own, "addon-": "1"},
        {"tier": own, "addon-٣": "1"},
        {"tier": own} | {f"addon-{n}": "1" for n in range(900, 960)},
    ]
    async with nothing_changes(world):
        for sent in tampered:
            answer = await reader.pledge("atlas", **sent)
            assert answer.status_code == 422, sent
            assert "not part of the campaign" in alert(answer.text)
        crowd = {f"addon-{n}": "1" for n in range(500)}
        assert (await reader.pledge("atlas", tier=own, **crowd)).status_code == 400


async def test_a_sold_out_add_on_claims_nothing_of_the_tier(
    reader: Reader, world: World, shop: dict[str, int]
) -> None:
    """P3: all or nothing."""
    rush = [chosen(shop, "book", country="AT", print="1") for _ in range(5)]
    answers = await asyncio.gather(*[reader.pledge("atlas", **sent) for sent in rush])
    assert sorted(a.status_code for a in answers) == [303] * 3 + [422] * 2
    assert (await claimed(world, shop["book"]), await claimed(world, shop["print"])) == (3, 3)
    late = await reader.pledge("atlas", **rush[0])
    assert "The last “Signed print” has just been claimed." in alert(late.text)
    assert value(late.text, f"addon-{shop['print']}") == "1", "it can be taken back"
    assert await claimed(world, shop["book"]) == 3
    page = (await reader.get("/c/atlas/pledge")).text
    inputs = [e for e in parse(page).iter() if e.get("name") == f"addon-{shop['print']}"]
    assert inputs and all(e.get("disabled") is not None for e in inputs)


async def test_a_sum_that_was_shown_without_its_shipping_is_refused(
    reader: Reader, shop: dict[str, int]
) -> None:
    """P9."""
    sent = chosen(shop, "book", country="AT")
    wrong = await reader.pledge("atlas", **sent, shown_total="4500")
    assert wrong.status_code == 422 and "The sum is €54 now" in alert(wrong.text)
    assert (await reader.pledge("atlas", **sent, shown_total="5400")).status_code == 303


async def test_back_from_the_payment_page_everything_is_as_it_was_chosen(
    reader: Reader, world: World, shop: dict[str, int]
) -> None:
    sent = chosen(shop, "book", quantity="5", bonus="2", lamp="2", print="3", country="AT")
    assert (await reader.pledge("atlas", **sent)).status_code == 303
    key = (await world.row("select key from pledges"))["key"]
    page = (await reader.get(f"/p/{key}/again")).text
    for name, typed in (sent | {"bonus": "2.00"}).items():
        assert value(page, name) == typed, name
    again = await reader.pledge("atlas", **sent, instead=key)
    assert again.status_code == 303, "the slots that they hold count as free for them"
    assert (await claimed(world, shop["book"]), await claimed(world, shop["print"])) == (5, 3)


async def test_only_what_can_be_sent_there_is_offered_in_the_reader_s_own_words(
    reader: Reader, shop: dict[str, int]
) -> None:
    page = (await reader.get("/c/atlas?lang=de")).text
    selects = {e.get("id"): e for e in parse(page).iter(f"{H}select")}
    options = {key: [o.get("value") for o in found] for key, found in selects.items()}
    assert set(options) == {"t1-country", "t2-country", "t0-country"}
    assert options["t0-country"] == options["t2-country"] == ["", "DE", "FR", "AT"]
    assert len(options["t1-country"]) == 249, "all but Antarctica, and the empty one"
    names = ["".join(o.itertext()) for o in selects["t1-country"]]
    assert names[1:4] == ["Afghanistan", "Ägypten", "Ålandinseln"]
    assert selects["t1-country"].get("required") is not None
    assert selects["t2-country"].get("required") is None


async def test_a_campaign_page_asks_one_thing_more_where_something_is_shipped(
    served: Served, world: World, shop: dict[str, int]
) -> None:
    start = len(served.statements)
    page = await served.reader.get("/c/atlas")
    assert len(served.statements_since(start)) == 5
    state = (await served.reader.get("/c/atlas.json")).json()
    assert [t["title"] for t in state["tiers"]] == ["The book", "The pages"]
    assert [(a["title"], a["price"], a["left"], a["most"]) for a in state["addons"]] == [
        ("Red lamp", 900, None, 2),
        ("Signed print", 2000, 3, None),
    ]
    assert "Shipping from €9" in page.text


async def test_a_tier_says_until_when_it_can_be_chosen_and_from_when(
    reader: Reader, world: World
) -> None:
    campaign_id = await world.campaign(slug="early")
    await world.tier(campaign_id, title="Early bird", closes_at=NOON + timedelta(days=2))
    await world.tier(campaign_id, title="Later", opens_at=NOON + timedelta(days=1))
    page = (await reader.get("/c/early")).text
    assert "Until 3 June 2026, 12:00 UTC" in page
    assert "Opens on 2 June 2026, 12:00 UTC" in page


async def test_tax_is_a_switch_that_the_form_and_the_payment_page_know_of(
    reader: Reader, world: World, payments: Sandbox
) -> None:
    """B17: on top of the prices, and never on the meter."""
    for slug, tax in (("taxed", True), ("untaxed", False)):
        tier_id = await world.tier(await world.campaign(slug=slug, tax=tax))
        page = (await reader.get(f"/c/{slug}")).text
        assert ("Tax is added on the payment page" in page) is tax
        assert (await reader.pledge(slug, tier=str(tier_id))).status_code == 303
        session = payments.all("sessions")[-1]
        assert session.get("automatic_tax", {}).get("enabled", False) is tax
