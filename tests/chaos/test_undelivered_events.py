"""Events that never came, came late, came in the wrong order, or made no sense."""

import itertools
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from pgqueuer import PgQueuer

from milepost.gateways.stripe import StripeGateway
from milepost.services.auditing import audit_campaign
from milepost.services.receiving import look_since, poll_events, sweep
from milepost.settings import read_settings
from milepost.storage.database import raw_connection, unit
from milepost.worker.jobs import register
from tests.acceptance.crowd import Crowd, Paid, live_campaign
from tests.acceptance.processes import KEY, SECRET, Milepost, eventually
from tests.databases import Databases
from tests.world import World

Event = dict[str, Any]
WORTH = "select state, counted_units, counted_money, refunded_totals from pledges where key = $1"


@pytest.fixture(scope="module")
def milepost(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Milepost]:
    """A Milepost of this file's own, whose Stripe has told nobody anything yet.

    To ask for what was told is to read all of it: ten thousand events where a crowd has been.
    """
    url = databases.create()
    with Milepost(tmp_path_factory.mktemp("undelivered"), url) as milepost:
        yield milepost
    databases.drop(url)


@pytest.fixture
async def gateway(milepost: Milepost) -> AsyncIterator[StripeGateway]:
    """Stripe as the processes of `milepost` know it."""
    settings = read_settings(
        base_url=milepost.webs[0],
        database_url=milepost.database_url,
        secret_key=milepost.environment["SECRET_KEY"],
        stripe_api_base=milepost.sandbox,
        stripe_secret_key=KEY,
        stripe_webhook_secret=SECRET,
    )
    gateway = StripeGateway(settings)
    yield gateway
    await gateway.close()


def events_about(milepost: Milepost, paid: Paid) -> list[Event]:
    """What the sandbox told, or would have told, about a payment, oldest first."""
    session = next(s for s in milepost.sandbox_has("sessions") if s["id"] == paid.session)
    names = {paid.session, session["payment_intent"]}
    found = []
    for event in milepost.sandbox_has("events"):
        thing = event["data"]["object"]
        if not names.isdisjoint({thing["id"], thing.get("payment_intent")}):
            found.append({name: value for name, value in event.items() if name != "delivery"})
    return found


async def refused(world: World) -> set[str]:
    """The events that are kept with a reason why they changed nothing."""
    sql = "select provider_id from inbox i join facts f on f.inbox_id = i.id"
    rows = await world.rows(f"{sql} where f.state = 'refused'")
    return {row["provider_id"] for row in rows}


async def settled(world: World, campaign: int) -> None:
    """Nothing waits that is about the campaign."""

    async def is_settled() -> bool:
        sql = "select from facts where state = 'waiting' and campaign_id = $1"
        return not await world.rows(sql, campaign)

    await eventually(is_settled, "all that can be settled is settled")


@pytest.fixture
def undelivered(milepost: Milepost) -> Iterator[None]:
    """The sandbox keeps its events to itself."""
    milepost.switch("delivery", never=True)
    yield
    milepost.switch("delivery", never=False)


@pytest.mark.usefixtures("undelivered")
async def test_pledges_whose_events_never_came_are_found_by_asking(
    gateway: StripeGateway, crowd: Crowd, world: World
) -> None:
    campaign = await live_campaign(world, "never-told")
    tier = await world.tier(campaign)
    for who in ("dana", "eli", "dana"):
        await crowd.pledge("never-told", who, tier=tier)
    assert (await crowd.state("never-told"))["units"] == 0

    async def ask() -> int:
        since = await look_since(world.database, world.now)
        return await poll_events(world.database, gateway.events_since(since), world.now)

    assert await ask() >= 3

    async def all_count() -> bool:
        state = await crowd.state("never-told", 1)
        return (state["units"], state["backers"], state["raised"]) == (3, 2, 3 * 4500)

    await eventually(all_count, "all three count")
    assert await ask() == 0


@pytest.mark.usefixtures("undelivered")
async def test_the_workers_schedule_asks_by_itself(
    gateway: StripeGateway, crowd: Crowd, world: World
) -> None:
    campaign = await live_campaign(world, "each-minute")
    tier = await world.tier(campaign)
    await crowd.pledge("each-minute", "dana", tier=tier)
    connection = await raw_connection(world.database)
    queue = PgQueuer.from_asyncpg_connection(connection)
    register(queue, world.database, gateway, world.clock)
    (asks,) = [e for e in queue.sm.registry.values() if e.parameters.entrypoint == "poll_events"]
    assert asks.parameters.expression == "* * * * *"
    await asks.parameters.func(None)  # type: ignore[arg-type]
    await connection.close()

    async def counts() -> bool:
        return (await crowd.state("each-minute"))["units"] == 1

    await eventually(counts, "the pledge counts")


def orders(events: Sequence[Event], dice: random.Random) -> list[list[Event]]:
    """As they happened, backwards, and shuffled; each order also with everything told twice."""
    shuffled = [dice.sample(events, len(events)) for _ in range(3)]
    told = [list(events), list(reversed(events)), *shuffled]
    return told + [[*order, *reversed(order)] for order in told[1:3]]


async def story(milepost: Milepost, crowd: Crowd, paid: Paid, name: str) -> None:
    """What happens to a payment after it was made."""
    session = next(s for s in milepost.sandbox_has("sessions") if s["id"] == paid.session)
    charges = milepost.sandbox_has("charges")
    charge = next(c for c in charges if c["payment_intent"] == session["payment_intent"])["id"]
    if name == "part of it is refunded":
        milepost.switch(f"charges/{charge}/refund", amount=1500)
        milepost.switch(f"charges/{charge}/refund", amount=500)
    elif name == "all of it is refunded":
        milepost.switch(f"charges/{charge}/refund")
    else:
        dispute = milepost.switch(f"charges/{charge}/dispute")["id"]
        if name == "a dispute is won":
            milepost.switch(f"disputes/{dispute}/win")
        if name == "a dispute is lost":
            milepost.switch(f"disputes/{dispute}/lose")


@pytest.mark.usefixtures("undelivered")
@pytest.mark.parametrize(
    ("name", "worth"),
    [
        ("part of it is refunded", ("charged", 1, 2500)),
        ("all of it is refunded", ("refunded", 0, 0)),
        ("a dispute is open", ("disputed", 0, 0)),
        ("a dispute is won", ("charged", 1, 4500)),
        ("a dispute is lost", ("refunded", 0, 0)),
    ],
)
async def test_the_books_are_the_same_in_whatever_order_events_come(
    milepost: Milepost, crowd: Crowd, world: World, name: str, worth: tuple[str, int, int]
) -> None:
    slug = name.replace(" ", "-")
    campaign = await live_campaign(world, slug)
    tier = await world.tier(campaign)
    numbers = itertools.count()
    dice = random.Random(name)
    results = []
    many = len(orders([], dice))
    for number in range(many):
        paid = await crowd.pledge(slug, f"backer-{next(numbers)}", tier=tier)
        await story(milepost, crowd, paid, name)
        for place, event in enumerate(orders(events_about(milepost, paid), dice)[number]):
            assert await crowd.tell(event, place % 2) == 200
            if number % 2:
                await settled(world, campaign)
        results.append(paid)
    await settled(world, campaign)
    rows = [await world.row(WORTH, paid.key) for paid in results]
    assert [(r["state"], r["counted_units"], r["counted_money"]) for r in rows] == [worth] * many
    row = await world.row("select units, money from campaigns where id = $1", campaign)
    assert (row["units"], row["money"]) == (worth[1] * many, worth[2] * many)
    async with unit(world.database) as db:
        assert (await audit_campaign(db, campaign)).differences == []


async def test_a_page_said_to_be_closed_after_it_was_paid_changes_nothing(
    milepost: Milepost, crowd: Crowd, world: World
) -> None:
    campaign = await live_campaign(world, "closed-late")
    tier = await world.tier(campaign, slots=3)
    paid = await crowd.pledge("closed-late", "dana", tier=tier)

    async def counts() -> bool:
        return (await crowd.state("closed-late"))["units"] == 1

    await eventually(counts, "the pledge counts")
    completed = next(
        event
        for event in events_about(milepost, paid)
        if event["type"] == "checkout.session.completed"
    )
    closed = completed | {"id": "evt_closed_late", "type": "checkout.session.expired"}
    assert await crowd.tell(closed) == 200
    await settled(world, campaign)
    state = await crowd.state("closed-late")
    assert (state["units"], state["tiers"][0]["left"]) == (1, 2)
    row = await world.row(WORTH, paid.key)
    assert (row["state"], row["counted_money"]) == ("charged", 4500)
    assert "evt_closed_late" in await refused(world)


def about(campaign: int, pledge: int, event: str, **more: Any) -> Event:
    """A signed-to-be event that says that a pledge was paid."""
    metadata = {"milepost_campaign": str(campaign), "milepost_pledge": str(pledge)}
    session = {
        "id": f"cs_{event}",
        "object": "checkout.session",
        "mode": "payment",
        "payment_status": "paid",
        "payment_intent": f"pi_{event}",
        "amount_total": 4500,
        "metadata": metadata,
        "customer_details": {"email": "eli@example.org", "name": "Eli"},
        **more,
    }
    created = int(datetime.now(UTC).timestamp())
    kind = "checkout.session.completed"
    return {"id": event, "type": kind, "created": created, "data": {"object": session}}


async def test_what_makes_no_sense_is_kept_with_its_reason_and_holds_nobody_up(
    milepost: Milepost, crowd: Crowd, world: World
) -> None:
    campaign = await live_campaign(world, "no-sense")
    tier = await world.tier(campaign)
    newest = (await world.row("select max(id) as id from pledges"))["id"] or 0
    nameless = about(campaign, newest + 1, "evt_nameless", customer_details=None)
    early = about(campaign, newest + 1, "evt_early")
    stranger = about(999_999, 1, "evt_stranger")
    for event in (nameless, early, stranger):
        assert [await crowd.tell(event, web) for web in (0, 1)] == [200, 200]

    await settled(world, campaign)
    await sweep(world.database, world.now)
    listed = milepost.run("inbox")
    for line in (
        "evt_nameless checkout.session.completed: checkout “cs_evt_nameless” was completed"
        " without an e-mail address",
        f"evt_early checkout.session.completed: no pledge {newest + 1} in campaign {campaign} here",
        "evt_stranger checkout.session.completed: no campaign 999999 here",
    ):
        assert line in listed.stdout

    # The rest goes on; and with it comes the pledge that the early event was about.
    await crowd.choose("no-sense", tier=tier)
    await crowd.pledge("no-sense", "dana", tier=tier)

    async def dana_counts() -> bool:
        return (await crowd.state("no-sense"))["units"] == 1

    await eventually(dana_counts, "Dana's pledge counts")
    still = milepost.run("inbox", "--again", "evt_nameless")
    assert still.returncode == 1
    assert "can still not be understood: checkout “cs_evt_nameless”" in still.stderr
    again = milepost.run("inbox", "--again", "evt_early")
    assert (again.returncode, again.stdout) == (0, "evt_early waits again and will be settled.\n")

    async def both_count() -> bool:
        return (await crowd.state("no-sense"))["units"] == 2

    await eventually(both_count, "the early one counts too")
    assert (await refused(world)).isdisjoint({"evt_early"})
    assert await refused(world) >= {"evt_nameless", "evt_stranger"}
