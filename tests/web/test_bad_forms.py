"""What comes through the pledge form and can't be: each gets an answer, and nothing is kept."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import html5lib
import httpx
import pytest

from tests.sandbox.process import Sandbox
from tests.web.client import Reader, parse
from tests.web.kept import nothing_changes
from tests.world import NOON, World

TOMORROW = NOON + timedelta(days=1)
H = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture
async def campaign(world: World) -> dict[str, int]:
    """The recorder with an open tier, a rare one and a sold-out one; and somebody else's tier."""
    ours, other = await world.campaign(slug="recorder"), await world.campaign(slug="other")
    return {
        "open": await world.tier(ours, title="One recorder", price=4500),
        "rare": await world.tier(ours, title="Signed print", price=9000, slots=3),
        "gone": await world.tier(ours, title="First ten", price=4000, slots=0),
        "ended": await world.tier(ours, title="Early", price=4000, closes_at=NOON),
        "soon": await world.tier(ours, title="Later", price=4000, opens_at=TOMORROW),
        "theirs": await world.tier(other, title="Not ours", price=100),
    }


def notes(page: str) -> dict[str, str]:
    """The sentence beside each field that is wrong, by the field's name."""
    tree = parse(page)
    texts = {e.get("id"): "".join(e.itertext()).strip() for e in tree.iter() if e.get("id")}
    return {
        field.get("name"): texts[field.get("aria-describedby")]
        for field in tree.iter(f"{H}input")
        if field.get("aria-invalid") == "true"
    }


def typed(page: str) -> dict[str, str]:
    """What stands in the form that is open."""
    (chosen,) = [e for e in parse(page).iter(f"{H}details") if e.get("open") is not None]
    return {field.get("name"): field.get("value") for field in chosen.iter(f"{H}input")}


def alert(page: str) -> str:
    """What the page says above the form."""
    (found,) = [e for e in parse(page).iter() if e.get("role") == "alert"]
    return " ".join("".join(found.itertext()).split())


def links(page: str) -> list[str]:
    """Where the links inside the alert lead to."""
    (found,) = [e for e in parse(page).iter() if e.get("role") == "alert"]
    return [link.get("href") for link in found.iter(f"{H}a")]


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "a negative quantity": ({"tier": "open", "quantity": "-1"}, "quantity"),
    "no quantity at all": ({"tier": "open", "quantity": "0"}, "quantity"),
    "a huge quantity": ({"tier": "open", "quantity": "101"}, "quantity"),
    "an absurd quantity": ({"tier": "open", "quantity": "9" * 60}, "quantity"),
    "half a recorder": ({"tier": "open", "quantity": "1.5"}, "quantity"),
    "a quantity in words": ({"tier": "open", "quantity": "two"}, "quantity"),
    "other digits": ({"tier": "open", "quantity": "٣"}, "quantity"),
    "an exponent": ({"tier": "open", "quantity": "1e3"}, "quantity"),
    "more than are left": ({"tier": "rare", "quantity": "4"}, "quantity"),
    "markup": ({"tier": "open", "quantity": '"><script>alert(1)</script>'}, "quantity"),
    "NUL and bells": ({"tier": "open", "quantity": "one\0\a\x7f\x85"}, "quantity"),
    "a lone surrogate": ({"tier": "open", "quantity": "1\ufffd\ufdd0"}, "quantity"),
    "too many decimals": ({"tier": "", "amount": "12.345"}, "amount"),
    "a negative amount": ({"tier": "", "amount": "-5"}, "amount"),
    "a foreign currency": ({"tier": "", "amount": "€12"}, "amount"),
    "a thousands mark": ({"tier": "", "amount": "1,234,567"}, "amount"),
    "no amount": ({"tier": "", "amount": ""}, "amount"),
    "zero": ({"tier": "", "amount": "0.00"}, "amount"),
    "a cent": ({"tier": "", "amount": "0.01"}, "amount"),
    "all the money there is": ({"tier": "", "amount": "9999999999999"}, "amount"),
    "not a number": ({"tier": "", "amount": "NaN"}, "amount"),
    "a negative bonus": ({"tier": "open", "quantity": "1", "bonus": "-10"}, "bonus"),
    "a bonus of all the money": (
        {"tier": "open", "quantity": "1", "bonus": "9999999999.99"},
        "bonus",
    ),
}


async def test_the_form_keeps_what_was_typed_and_says_beside_the_field_what_is_wrong(
    reader: Reader, world: World, campaign: dict[str, int], subtests: pytest.Subtests
) -> None:
    async with nothing_changes(world):
        for what, (sent, field) in WRONG.items():
            sent = {**sent, "tier": str(campaign.get(sent["tier"], ""))}
            answer = await reader.pledge("recorder", **sent)
            with subtests.test(what):
                assert answer.status_code == 422
                said = notes(answer.text)
                assert list(said) == [field] and len(said[field]) > 20
                assert alert(answer.text).endswith(said[field])
                ids = {f"#{e.get('id')}" for e in parse(answer.text).iter()}
                assert links(answer.text) and set(links(answer.text)) <= ids
                assert typed(answer.text)["tier"] == sent["tier"]
                seen = "".join(c for c in sent[field] if c.isprintable())
                assert typed(answer.text)[field] == seen


GONE = {
    "gone": "“First ten”",
    "ended": "“Early”",
    "soon": "“Later”",
    "theirs": "not part of the campaign",
    "9" * 30: "not part of the campaign",
    "one": "not part of the campaign",
    "1' or '1'='1": "not part of the campaign",
}


async def test_a_tier_that_can_not_be_chosen_is_refused_with_the_reason(
    reader: Reader, world: World, campaign: dict[str, int], subtests: pytest.Subtests
) -> None:
    async with nothing_changes(world):
        for tier, words in GONE.items():
            answer = await reader.pledge("recorder", tier=str(campaign.get(tier, tier)))
            with subtests.test(tier):
                assert answer.status_code == 422
                assert words in alert(answer.text)


@pytest.mark.parametrize(
    ("slug", "columns", "words"),
    [
        ("closed", {"closes_at": NOON.replace(tzinfo=None)}, "has closed. Nothing was charged."),
        (
            "early",
            {"opens_at": TOMORROW.replace(tzinfo=None), "closes_at": datetime(2026, 7, 1)},
            "has not opened yet. Nothing was charged.",
        ),
    ],
)
async def test_a_campaign_that_is_not_open_takes_no_pledge(
    reader: Reader, world: World, slug: str, columns: dict[str, Any], words: str
) -> None:
    tier_id = await world.tier(await world.campaign(slug=slug, **columns))
    async with nothing_changes(world):
        answer = await reader.pledge(slug, tier=str(tier_id))
    assert answer.status_code == 422
    assert words in alert(answer.text)
    assert not list(parse(answer.text).iter(f"{H}form"))


async def test_a_campaign_that_is_not_there_takes_no_pledge(reader: Reader, world: World) -> None:
    await world.campaign(slug="draft", published=False)
    async with nothing_changes(world):
        for slug in ("nobody-knows-it", "draft", "A", "a" * 81, "%00", "%ff", "a%2Fb"):
            assert (await reader.pledge(slug, amount="12")).status_code == 404, slug


async def test_the_price_is_the_store_s_whatever_the_form_claims(
    reader: Reader, world: World, campaign: dict[str, int], payments: Sandbox
) -> None:
    """P9."""
    answer = await reader.pledge(
        "recorder",
        tier=str(campaign["open"]),
        quantity="2",
        bonus="1,50",
        price="1",
        unit_price="1",
        currency="JPY",
        total="1",
        campaign="999",
        state="confirmed",
    )
    assert answer.status_code == 303
    pledge = await world.row("select money, units, state from pledges")
    assert tuple(pledge) == (9150, 2, "started")
    session = payments.all("sessions")[-1]
    assert answer.headers["location"] == session["url"]
    assert (session["amount_total"], session["currency"]) == (9150, "usd")


async def test_a_sum_that_is_not_the_one_shown_is_told_before_anyone_pays(
    reader: Reader, world: World, campaign: dict[str, int]
) -> None:
    """P9."""
    answer = await reader.pledge("recorder", tier=str(campaign["open"]), shown_total="100")
    assert answer.status_code == 422
    assert "The sum is $45 now" in answer.text
    assert await world.rows("select id from pledges") == []


async def test_the_last_one_is_given_once_however_many_ask_for_it(
    reader: Reader, world: World
) -> None:
    """P3."""
    campaign_id = await world.campaign(slug="rush")
    tier_id = await world.tier(campaign_id, slots=1)
    answers = await asyncio.gather(*[reader.pledge("rush", tier=str(tier_id)) for _ in range(8)])
    assert sorted(a.status_code for a in answers) == [303] + [422] * 7
    assert (await world.row("select claimed from tiers"))["claimed"] == 1


async def test_a_payment_page_that_can_not_be_opened_leaves_nothing_claimed(
    reader: Reader, world: World, campaign: dict[str, int], payments: Sandbox
) -> None:
    payments.switch("habits", fail_before=10)
    try:
        chosen = {"tier": str(campaign["rare"]), "quantity": "2", "bonus": "3"}
        answer = await reader.pledge("recorder", **chosen)
    finally:
        payments.switch("habits", fail_before=0)
    assert answer.status_code == 503
    assert "Nothing was charged" in alert(answer.text)
    said = typed(answer.text)
    assert (said["quantity"], said["bonus"]) == ("2", "3")
    tier = await world.row("select claimed from tiers where id = $1", campaign["rare"])
    assert tier["claimed"] == 0


async def test_back_from_the_payment_page_everything_is_as_it_was_typed(
    reader: Reader, world: World, campaign: dict[str, int]
) -> None:
    await reader.pledge("recorder", tier=str(campaign["rare"]), quantity="2", bonus="1,50")
    key = (await world.row("select key from pledges"))["key"]
    page = (await reader.get(f"/p/{key}/again")).text
    assert "Nothing was charged" in page
    assert "3 left" in page, "the backer's own two count as taken"
    said = typed(page)
    assert (said["tier"], said["quantity"], said["bonus"]) == (str(campaign["rare"]), "2", "1.50")
    assert said["instead"] == key
    again = await reader.pledge("recorder", **said)
    assert again.status_code == 303
    states = [row["state"] for row in await world.rows("select state from pledges order by id")]
    assert states == ["expired", "started"]
    claimed = await world.row("select claimed from tiers where id = $1", campaign["rare"])
    assert claimed["claimed"] == 2


async def test_an_address_can_fill_the_form(reader: Reader, campaign: dict[str, int]) -> None:
    page = await reader.get(f"/c/recorder/pledge?tier={campaign['open']}&quantity=3&bonus=%00%ff")
    assert page.status_code == 200
    assert typed(page.text)["quantity"] == "3"
    odd = await reader.get(
        "/c/recorder/pledge?tier=%00&quantity=%22%3E%3Cscript%3E&amount=a%0d%0ab"
    )
    assert odd.status_code == 200


def test_the_strict_reader_notices_a_fault() -> None:
    with pytest.raises(html5lib.html5parser.ParseError):
        parse("<!doctype html><title>x</title><p><b></p>")


async def test_the_strict_reader_reads_every_page_that_is_fetched(reader: Reader) -> None:
    class Faulty(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, html="<p>no doctype</p>")

    async with Reader("http://faulty.example", transport=Faulty()) as faulty:
        with pytest.raises(html5lib.html5parser.ParseError):
            await faulty.get("/")
