"""Forgetting a person: what goes, what stays, what it waits for (GDPR, article 17)."""

from datetime import timedelta
from typing import Any

import orjson
import pytest

from milepost.domain.errors import Conflict
from milepost.domain.facts import Fact
from milepost.domain.lines import Line
from milepost.services.addressing import Address, send_to
from milepost.services.auditing import audit_all
from milepost.services.erasing import erase_person, hindrances, scrub_late_events, scrubbed
from milepost.services.receiving import keep_events
from milepost.services.signing_in import Asking, ask_for_link, use_link
from milepost.services.surveying import NewQuestion, answer, ask
from milepost.storage.database import reading, unit
from milepost.storage.inbox import Arrival
from tests.shop import bought, listing
from tests.world import World

DANA = "dana@example.org"


def charge(payment: str, **more: Any) -> dict[str, Any]:
    """An event of Stripe's that says all it can of Dana."""
    return {
        "id": f"evt_of_{payment}",
        "type": "charge.updated",
        "data": {
            "object": {
                "id": "ch_1",
                "amount": 4500,
                "payment_intent": payment,
                "receipt_email": DANA,
                "billing_details": {"email": DANA, "name": "Dana", "address": {"city": "Berlin"}},
                "shipping": {"name": "Dana", "address": {"line1": "5 Elm Road"}},
                "metadata": {"milepost_pledge": "1"},
                **more,
            }
        },
    }


async def arrives(world: World, event: dict[str, Any]) -> None:
    """The event is kept."""
    arrival = Arrival(event["id"], event["type"], world.now, orjson.dumps(event).decode())
    await keep_events(world.database, [arrival], world.now)


async def everywhere(world: World, *needles: str) -> list[str]:
    """The tables in which one of these words still stands."""
    async with reading(world.database) as db:
        tables = [
            r["tablename"]
            for r in await db.fetch(
                "select tablename from pg_tables where schemaname = 'public'"
                " and tablename not like 'pgqueuer%'"
            )
        ]
        return [
            table
            for table in tables
            for row in await db.fetch(f"select t::text as said from {table} t")
            if any(needle in row["said"].lower() for needle in needles)
        ]


@pytest.fixture
async def dana(world: World) -> int:
    """Dana's charged pledge with an address, an answer, mails, a visit and events; its id."""
    campaign_id = await world.campaign(slug="recorder")
    tier_id = await world.tier(campaign_id, ships=True)
    pledge_id = await world.pledged(
        campaign_id, "Dana", Line("tier", "One recorder", 1, 4500, 1, tier_id)
    )
    await world.pledged(campaign_id, "Eli")
    home = Address(name="Dana", line1="5 Elm Road", city="Berlin", postal_code="10115",
                   country="DE")  # fmt: skip
    await send_to(world.database, pledge_id, home, world.now)
    async with unit(world.database) as db:
        await ask(db, campaign_id, [NewQuestion("Engrave?", required=False)], world.now)
    (question,) = await world.rows("select id from questions")
    await answer(world.database, pledge_id, {question["id"]: "For Dana"}, world.now)
    asking = Asking("192.0.2.1", "en")
    for _ in range(2):
        await ask_for_link(world.database, "https://x.example", DANA, asking, world.now)
    (mail, _) = await world.rows("select detail from mails where kind = 'sign_in'")
    assert await use_link(world.database, mail["detail"]["url"].rpartition("/")[2], world.now)
    await world.rows(
        "insert into cards values ($1, 'cus_1', 'pm_1') returning pledge_id", pledge_id
    )
    await arrives(world, charge(f"pi_{pledge_id}"))
    return pledge_id


async def clean(world: World) -> bool:
    """`milepost audit` finds nothing."""
    return [a async for a in audit_all(world.database) if a.differences] == []


async def books(world: World) -> dict[str, list[Any]]:
    """What the ledger and all that hangs on it says."""
    names = ("entries", "backers", "pledges", "pledge_lines", "payments", "grants")
    return {n: await world.rows(f"select * from {n} order by 1, 2") for n in names}


async def test_nothing_of_the_person_is_left_and_the_books_still_add_up(
    world: World, dana: int
) -> None:
    before = await books(world)
    assert {"customers", "addresses", "inbox", "mails", "visits"} <= set(
        await everywhere(world, "dana", "elm road")
    )
    await erase_person(world.database, DANA, world.now)
    assert await everywhere(world, "dana", "elm road") == []
    assert await everywhere(world, "eli@example.org"), "Eli was erased too"
    assert await clean(world)
    assert await books(world) == before
    (row,) = await world.rows("select payload from inbox where type = 'charge.updated'")
    event = orjson.loads(row["payload"])
    thing = event["data"]["object"]
    assert (event["id"], thing["id"], thing["payment_intent"]) == (
        f"evt_of_pi_{dana}", "ch_1", f"pi_{dana}")  # fmt: skip
    assert (thing["amount"], thing["metadata"]) == (4500, {"milepost_pledge": "1"})
    (customer,) = await world.rows("select * from customers where erased_at is not null")
    assert customer["email"] == f"erased-{customer['id']}@erased.invalid"
    assert not customer["news"]
    states = await world.rows("select distinct state from mails where recipient like 'erased@%'")
    assert [r["state"] for r in states] == ["skipped"]
    async with unit(world.database) as db:
        assert await hindrances(db, DANA) == []


async def test_whoever_comes_back_afterwards_is_somebody_new(world: World, dana: int) -> None:
    await erase_person(world.database, DANA, world.now)
    (campaign,) = await world.rows("select id from campaigns")
    await world.pledged(campaign["id"], "Dana")
    assert await clean(world)
    rows = await world.rows("select id from customers where email = $1", DANA)
    (old,) = await world.rows("select customer_id from pledges where id = $1", dana)
    assert rows[0]["id"] != old["customer_id"]


async def test_an_event_that_comes_later_is_scrubbed_too(world: World, dana: int) -> None:
    await erase_person(world.database, DANA, world.now)
    world.now += timedelta(days=3)
    await arrives(world, charge(f"pi_{dana}") | {"id": "evt_late"})
    assert await everywhere(world, "dana") == ["inbox"]
    assert await scrub_late_events(world.database, world.clock) == 1
    assert await everywhere(world, "dana") == []
    assert await scrub_late_events(world.database, world.clock) == 0


async def test_it_waits_for_an_order_whose_bank_has_not_decided(world: World, dana: int) -> None:
    order = await bought(world, "Dana", await listing(world, ships=False), state="open")
    await world.rows("update orders set processing = true where id = $1 returning id", order)
    async with unit(world.database) as db:
        assert [h.why for h in await hindrances(db, DANA)] == ["moving"]
    with pytest.raises(Conflict):
        await erase_person(world.database, DANA, world.now)


async def test_it_waits_for_what_stands_or_is_owed_or_moves(world: World, dana: int) -> None:
    async def why() -> list[str]:
        async with unit(world.database) as db:
            return [h.why for h in await hindrances(db, DANA)]

    assert await why() == []
    pledge = "update pledges set state = $2 where id = $1 returning id"
    for state, said in (
        ("confirmed", ["stands"]),
        ("past_due", ["stands"]),
        ("disputed", ["disputed"]),
        ("refunded", []),
        ("cancelled", []),
        ("charged", []),
    ):
        await world.rows(pledge, dana, state)
        assert await why() == said, state
        if said:
            with pytest.raises(Conflict):
                await erase_person(world.database, DANA, world.now)
    (row,) = await world.rows("select campaign_id from pledges where id = $1", dana)
    await world.hear(row["campaign_id"], Fact("cancelled", dana))
    assert await why() == ["moving"]
    await world.settle()
    assert await why() == []
    product = await world.product()
    await world.milestone(row["campaign_id"], 1, product_id=product)
    await world.settle()
    assert await why() == ["owed"]
    with pytest.raises(Conflict):
        await erase_person(world.database, DANA, world.now)
    await world.rows("update grants set state = 'fulfilled' returning milestone_id")
    assert await why() == []
    assert await everywhere(world, "dana")
    await world.rows(pledge, dana, "confirmed")
    await world.rows("update campaigns set outcome = 'failed', closed_at = closes_at returning id")
    assert await why() == [], "a pledge of a campaign that failed stands for nothing"


def test_a_scrubbed_event_keeps_what_is_nobody_s() -> None:
    assert scrubbed("not json") == "not json"
    plain = orjson.dumps({"id": "evt_1", "data": [{"amount": 1}]}).decode()
    assert scrubbed(plain) == plain
    for key in ("customer_details", "billing_details", "shipping", "receipt_email"):
        event = orjson.dumps({"data": {"object": {key: {"email": DANA}, "id": "pi_1"}}}).decode()
        assert orjson.loads(scrubbed(event)) == {"data": {"object": {key: None, "id": "pi_1"}}}
