"""Subscriptions at the real database with Stripe's sandbox: cycles, recovery, ends (S8, L7)."""

from collections.abc import AsyncIterator, Iterator

import pytest

from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.program_plans import Step
from milepost.services import subscribing
from milepost.services.auditing_orders import audit_orders_of
from milepost.services.settling import settle_all
from tests.loyalty import open_programs, reward
from tests.sandbox.door import AS_STRIPE_POSTS, door
from tests.sandbox.process import Sandbox
from tests.subscribing import Subscriptions, make
from tests.world import World

pytestmark = AS_STRIPE_POSTS


@pytest.fixture(scope="module")
def stripe_house() -> Iterator[Sandbox]:
    """A local Stripe that sends no events."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def subs(world: World, stripe_house: Sandbox) -> AsyncIterator[Subscriptions]:
    """Subscriptions of a store, from nothing."""
    stripe_house.switch("reset")
    gateway = door(stripe_house)
    yield make(world, gateway, stripe_house)
    await gateway.close()


async def proved(subs: Subscriptions) -> bool:
    """Whether the audit finds nothing."""
    found = await audit_orders_of(subs.world.database)
    assert found.differences == []
    return True


async def test_each_paid_cycle_is_an_order_and_the_chosen_ones_are_rewarded(
    subs: Subscriptions,
) -> None:
    programs = await open_programs(subs.world)
    await programs.on(
        "cycles", Step("cycles", 1, reward()), Step("cycles", 3, reward("points", 700))
    )
    row = await subs.begin(await subs.sells(ships=False))
    assert (row["state"], row["email"]) == ("active", "dana@example.org")
    assert await programs.grants("Dana") == [(1, "owed")]
    await subs.later(days=31)
    assert await programs.grants("Dana") == [(1, "owed")]
    await subs.later(days=31)
    assert await programs.grants("Dana") == [(1, "owed"), (3, "owed")]
    cycles = await subs.cycles(row)
    assert [(c["state"], c["paid"], c["total"]) for c in cycles] == [("paid", 1200, 1200)] * 3
    assert len({c["payment"] for c in cycles} - {None}) == 3
    assert [c["period_start"] for c in cycles[1:]] == [c["period_end"] for c in cycles[:-1]]
    assert await subs.mails() == ["subscribed", "order", "order"]
    assert await proved(subs)


async def test_a_recovered_cycle_counts_once_whoever_mends_the_card(subs: Subscriptions) -> None:
    programs = await open_programs(subs.world)
    await programs.on("cycles", Step("cycles", 2, reward()), Step("cycles", 3, reward()))
    row = await subs.begin(await subs.sells(ships=False))
    subs.break_card(row)
    await subs.later(days=30.5)
    assert (await subs.again(row))["state"] == "past_due"
    assert await programs.grants("Dana") == []
    assert await subs.mails() == ["subscribed", "cycle_failed"]
    world = subs.world
    url = await subscribing.other_card(
        world.database, subs.gateway, "http://localhost:8000", "dana@example.org", row["key"], "en"
    )
    subs.pay(url.rsplit("/", 1)[-1])
    await subs.catch_up()
    job = await world.row("select payload from pgqueuer where entrypoint = 'use_card'")
    assert str(row["id"]) in bytes(job["payload"]).decode()
    customer = subs.sandbox.stripe.v1.customers.retrieve(row["payer"])
    saved = subs.sandbox.stripe.v1.customers.payment_methods.list(customer.id).data[0].id
    await subscribing.use_card(world.database, subs.gateway, row["id"], saved)
    await subs.catch_up()
    assert (await subs.again(row))["state"] == "active"
    assert await programs.grants("Dana") == [(2, "owed")]
    await subs.later(days=8)
    assert len(await subs.cycles(row)) == 2
    assert await proved(subs)


async def test_whoever_cancels_and_subscribes_anew_begins_from_zero(subs: Subscriptions) -> None:
    programs = await open_programs(subs.world)
    await programs.on("cycles", Step("cycles", 3, reward()))
    listed = await subs.sells(ships=False)
    row = await subs.begin(listed)
    await subs.later(days=31)
    end = (subs.world.database, subs.gateway, "dana@example.org", row["key"])
    await subscribing.end_with_period(*end, True)
    await subs.catch_up()
    assert (await subs.again(row))["cancels"]
    await subscribing.end_with_period(*end, False)
    await subs.catch_up()
    assert not (await subs.again(row))["cancels"]
    await subscribing.end_with_period(*end, True)
    await subs.later(days=31)
    over = await subs.again(row)
    assert (over["state"], len(await subs.cycles(row))) == ("ended", 2)
    with pytest.raises(Conflict):
        await subscribing.end_with_period(*end, False)
    second = await subs.begin(listed)
    await subs.later(days=31)
    assert await programs.grants("Dana") == []
    await subs.later(days=31)
    assert await programs.grants("Dana") == [(3, "owed")]
    assert len(await subs.cycles(second)) == 3
    assert await proved(subs)


async def test_events_that_come_twice_and_in_the_wrong_order_change_nothing(
    subs: Subscriptions,
) -> None:
    programs = await open_programs(subs.world)
    await programs.on("cycles", Step("cycles", 2, reward()))
    row = await subs.begin(await subs.sells(ships=False))
    await subs.later(days=31)
    end = (subs.world.database, subs.gateway, "dana@example.org", row["key"])
    await subs.later(days=1)
    await subscribing.end_with_period(*end, True)
    await subs.later(hours=1)
    stood = dict(await subs.again(row))
    orders, mails = len(await subs.cycles(row)), await subs.mails()
    await subs.repeat()
    await subs.repeat(backwards=True)
    assert dict(await subs.again(row)) == stood
    assert (len(await subs.cycles(row)), await subs.mails()) == (orders, mails)
    assert await programs.grants("Dana") == [(2, "owed")]
    await subs.later(days=31)
    await subs.repeat("customer.subscription.updated", backwards=True)
    assert (await subs.again(row))["state"] == "ended"
    assert await proved(subs)


async def test_a_cycle_that_is_told_before_its_beginning_waits_for_it(subs: Subscriptions) -> None:
    from milepost.services.receiving import arrival, keep_events

    session = await subs.open(await subs.sells(ships=False))
    subs.pay(session)
    events = subs.sandbox.all("events")
    late = [e for e in events if e["type"] == "checkout.session.completed"]
    import orjson

    for event in [e for e in events if e not in late] + late:
        told = {key: value for key, value in event.items() if key != "delivery"}
        found = arrival(told, orjson.dumps(told).decode())
        await keep_events(subs.world.database, [found], subs.world.now)
        await settle_all(subs.world.database, subs.world.clock)
    row = await subs.world.row("select * from subscriptions where session_id = $1", session)
    (cycle,) = await subs.cycles(row)
    assert (row["state"], cycle["email"]) == ("active", "dana@example.org")
    assert cycle["payment"] is not None
    left = await subs.world.row("select count(*) as n from facts where state = 'waiting'")
    assert left["n"] == 0


async def test_a_card_that_stays_declined_ends_it_and_says_so(subs: Subscriptions) -> None:
    row = await subs.begin(await subs.sells(ships=False))
    subs.break_card(row)
    await subs.later(days=31)
    for _ in range(16):
        await subs.later(days=1)
    assert (await subs.again(row))["state"] == "ended"
    assert await subs.mails() == ["subscribed", *["cycle_failed"] * 4, "subscription_ended"]
    assert len(await subs.cycles(row)) == 1


async def test_a_cycle_that_ships_is_among_the_orders_to_send_with_its_shipping(
    subs: Subscriptions,
) -> None:
    await subs.world.row(
        "insert into shipping_options (store_id, title, countries, prices)"
        " values ($1, 'Post', '{DE}', '{\"USD\": 400}') returning id",
        subs.world.store_id,
    )
    listed = await subs.sells(stock=1)
    with pytest.raises(Invalid):
        await subs.open(listed)
    with pytest.raises(Invalid):
        await subs.open(listed, country="US")
    with pytest.raises(Conflict):
        await subs.open(listed, country="DE")
    row = await subs.begin(listed, country="DE", shown_total="1600")
    (cycle,) = await subs.cycles(row)
    assert (cycle["goods"], cycle["shipping"], cycle["paid"]) == (1200, 400, 1600)
    assert (cycle["ships"], cycle["claiming"], cycle["country"]) == (True, True, "DE")
    assert cycle["address"]["line1"] == "Lark Lane 1"
    with pytest.raises(Conflict):
        await subs.open(listed, country="DE", shown_total="1600")
    await subs.later(days=31)
    assert [c["claiming"] for c in await subs.cycles(row)] == [True, False]
    assert await proved(subs)


async def test_money_of_a_cycle_that_goes_back_takes_the_cycle_back(subs: Subscriptions) -> None:
    programs = await open_programs(subs.world)
    await programs.on("cycles", Step("cycles", 2, reward()))
    await programs.on("orders", Step("orders", 2, reward()))
    row = await subs.begin(await subs.sells(ships=False))
    await subs.later(days=31)
    assert await programs.grants("Dana") == [(2, "owed"), (2, "owed")]
    payment = (await subs.cycles(row))[1]["payment"]
    subs.sandbox.stripe.v1.refunds.create({"payment_intent": payment})
    await subs.catch_up()
    assert (await subs.cycles(row))[1]["state"] == "refunded"
    assert await programs.grants("Dana") == [(2, "void"), (2, "void")]
    assert await proved(subs)


async def test_the_creator_ends_one_at_once_and_nobody_elses(subs: Subscriptions) -> None:
    programs = await open_programs(subs.world)
    row = await subs.begin(await subs.sells(ships=False))
    world, alice = subs.world, programs.author.creator_id
    told = (world.database, subs.gateway)
    with pytest.raises(NotFound):
        await subscribing.cancel_for(*told, world.store_id + 1, alice, row["id"], world.clock)
    await subscribing.cancel_for(*told, world.store_id, alice, row["id"], world.clock)
    await subs.catch_up()
    assert (await subs.again(row))["state"] == "ended"
    assert await subs.mails() == ["subscribed", "subscription_ended"]
    noted = await world.row("select what from deeds order by id desc limit 1")
    assert noted["what"] == "subscription_ended"


async def test_a_page_that_nobody_completes_is_over(subs: Subscriptions) -> None:
    session = await subs.open(await subs.sells(ships=False))
    await subs.later(minutes=40)
    told = (subs.world.database, subs.gateway, subs.world.clock)
    await subscribing.end_overdue_subscriptions(*told)
    row = await subs.world.row("select * from subscriptions where session_id = $1", session)
    assert row["state"] == "expired"


async def test_what_is_sold_by_subscription_lies_in_no_cart(subs: Subscriptions) -> None:
    from milepost.services.cart_changes import Add
    from milepost.services.carting import begin_cart, change_cart

    listed = await subs.sells(ships=False)
    token = await begin_cart(subs.world.database, subs.world.now, listed.product, "USD")
    with pytest.raises((Conflict, NotFound)):
        await change_cart(subs.world.database, token, Add(listed.product, 1), subs.world.now)


async def test_the_audit_notices_a_cycle_that_is_not_there_and_one_that_counts_wrongly(
    subs: Subscriptions,
) -> None:
    programs = await open_programs(subs.world)
    await programs.on("cycles", Step("cycles", 2, reward()))
    row = await subs.begin(await subs.sells(ships=False))
    assert await proved(subs)
    world = subs.world
    await world.rows("update loyalty_facts set stands = false where kind = 'cycle' returning id")
    await world.rows(
        "update orders set subscription_id = null, invoice = null, period_start = null,"
        " period_end = null returning id"
    )
    found = (await audit_orders_of(world.database)).differences
    assert f"subscription {row['id']} has 0 cycles; Stripe told of 1 paid invoices" in found
    await world.rows(
        "update orders set subscription_id = $1, invoice = 'in_x', period_start = made_at,"
        " period_end = made_at returning id",
        row["id"],
    )
    (found_now,) = (await audit_orders_of(world.database)).differences
    assert "loyalty counts 0 of them" in found_now
