"""500 pledges of 50 backers, events twice and shuffled, a dead worker, a database that crashes."""

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime
from itertools import count

import httpx

from milepost.services.milestones import reveal_milestone
from tests.acceptance.crowd import Crowd, Paid, live_campaign, session_in
from tests.acceptance.processes import Milepost, eventually
from tests.chaos.postgres import Interruptible
from tests.chaos.promises import check_promises, read_ledger
from tests.world import World

BACKERS, EACH = 50, 10
SLUG = "five-hundred"


async def prepare(world: World) -> tuple[int, list[int], dict[int, int]]:
    """The campaign, its tiers, and what its finite milestones have to give."""
    campaign = await live_campaign(world, SLUG, goal=400)
    one = await world.tier(campaign, title="One recorder", price=4_501, units=1)
    pair = await world.tier(campaign, title="A pair", price=8_099, units=2)

    def codes(name: str, many: int) -> tuple[str, ...]:
        return tuple(f"{name}-{number:04}" for number in range(many))

    strap = await world.product(title="Strap", stock=30)
    muff = await world.product(title="Wind muff", stock=1_000)
    pools = codes("NEW", 20), codes("EACH", 480), codes("LAST", 60)
    finite = {
        await world.milestone(campaign, 50, product_id=strap): 30,
        await world.milestone(campaign, 350, "new_backers", codes=pools[0]): 20,
        await world.milestone(campaign, 600, "new_backers", product_id=muff): 1_000,
        await world.milestone(campaign, 800, codes=pools[1], switches={"per": "pledge"}): 480,
        await world.milestone(campaign, 1_000, codes=pools[2], mystery=True): 60,
    }
    await world.milestone(campaign, 500, code_kind="shared", shared_code="LARKS-FOR-ALL")
    await world.milestone(
        campaign, 350, "new_backers", title="A field map", exclusive="The map", reveal="manual"
    )
    await world.milestone(campaign, 1_000_000, title="Never reached")
    return campaign, [one, pair], finite


def queue_of_pledges(dice: random.Random) -> list[str]:
    """Who pledges, in order: half of them from the start, the others from the middle on."""
    names = [f"backer-{number:02}" for number in range(BACKERS)]
    halves = [half * EACH for half in (names[: BACKERS // 2], names[BACKERS // 2 :])]
    for half in halves:
        dice.shuffle(half)
    return [name for half in halves for name in half]


async def persist(crowd: Crowd, web: int, typed: dict[str, object]) -> str:
    """Send the form until it leads to a payment page, as somebody does who wants to pledge."""
    found, last = "", "none"

    async def is_led_on() -> bool:
        nonlocal found, last
        try:
            answer = await crowd.send(SLUG, web, **typed)
        except httpx.TransportError as error:
            last = repr(error)
            return False
        last = f"{answer.status_code}: {answer.text[-500:]}"
        if answer.status_code == 303:
            found = session_in(answer)
        else:
            assert answer.status_code >= 500, answer.text
        return bool(found)

    try:
        await eventually(is_led_on, "a payment page opens")
    except AssertionError as error:
        raise AssertionError(f"{error}; the last answer: {last}") from None
    return found


async def test_five_hundred_pledges_are_counted_once_each_whatever_breaks(
    milepost: Milepost, postgres: Interruptible, crowd: Crowd, world: World
) -> None:
    campaign, tiers, finite = await prepare(world)
    before = milepost.sandbox_has("books").get("usd", {"charged": 0, "charges": 0})
    earlier = {event["id"] for event in milepost.sandbox_has("events")}
    milepost.switch("delivery", twice=True, shuffle=1.5)
    dice = random.Random(500)
    waiting, number = iter(queue_of_pledges(dice)), count(1)
    units: dict[str, int] = {}
    paid: dict[str, Paid] = {}

    async def back() -> None:
        for who in waiting:
            quantity, tier = dice.randint(1, 2), dice.randrange(2)
            bonus = f"{dice.randint(0, 300) / 100:.2f}"
            typed = {"tier": tiers[tier], "quantity": quantity, "bonus": bonus}
            session = await persist(crowd, dice.randrange(2), typed)
            units[session] = quantity * (tier + 1)
            paid[session] = await crowd.pay(session, dice.choice([who, who.upper()]))
            match next(number):
                case 150:
                    milepost.kill_worker()
                case 300:
                    with postgres.away():
                        pass

    await asyncio.gather(*(back() for _ in range(BACKERS)))
    assert len(paid) == BACKERS * EACH
    milepost.switch("delivery", twice=False, shuffle=0.0)
    await _all_is_quiet(milepost, world)

    ledger = await read_ledger(world, campaign)
    books = milepost.sandbox_has("books")["usd"]
    assert books["charges"] - before["charges"] == len(ledger.entries) == BACKERS * EACH
    assert books["charged"] - before["charged"] == ledger.money
    assert ledger.money == sum(p.amount for p in paid.values())
    assert ledger.units == sum(units.values())
    state = await _state_at_rest(crowd, ledger.units)
    assert (state["total"], state["units"], state["raised"], state["backers"]) == (
        ledger.units,
        ledger.units,
        ledger.money,
        BACKERS,
    )
    await check_promises(world, campaign, ledger, finite)
    made = {event["id"] for event in milepost.sandbox_has("events")} - earlier
    await _every_event_was_kept_once(world, made)
    audit = milepost.run("audit")
    assert (audit.returncode, audit.stderr) == (0, "")
    assert f"{SLUG}: {BACKERS * EACH} entries, clean\n" in audit.stdout
    await _pages_show_what_is_owed(crowd, world, campaign, list(paid.values()))


async def _all_is_quiet(milepost: Milepost, world: World) -> None:
    """Every event has been delivered, every fact settled, every fan-out is through."""

    async def is_delivered() -> bool:
        milepost.switch("delivery/retry")
        answer = await asyncio.to_thread(milepost.sandbox_has, "state")
        return not answer["deliveries"]["waiting"]

    async def is_settled() -> bool:
        row = await world.row(
            "select (select count(*) from facts where state = 'waiting') as waiting,"
            " (select count(*) from milestones where granted_through < 9223372036854775807) as left"
        )
        return (row["waiting"], row["left"]) == (0, 0)

    await eventually(is_delivered, "all events are delivered")
    await eventually(is_settled, "all is settled and granted")
    milepost.check()


async def _state_at_rest(crowd: Crowd, units: int) -> dict[str, object]:
    """The public state, once both web processes tell the same."""

    async def agree() -> bool:
        return [(await crowd.state(SLUG, web))["units"] for web in (0, 1)] == [units, units]

    await eventually(agree, "both web processes show all units")
    return await crowd.state(SLUG)


async def _every_event_was_kept_once(world: World, made: set[str]) -> None:
    kept = await world.rows(
        "select i.provider_id, f.state, f.reason"
        " from inbox i left join facts f on f.inbox_id = i.id where i.provider_id = any($1)",
        list(made),
    )
    assert Counter(row["provider_id"] for row in kept) == Counter(made)
    assert {(row["state"], row["reason"]) for row in kept} <= {("settled", None), (None, None)}


async def _pages_show_what_is_owed(
    crowd: Crowd, world: World, campaign: int, paid: list[Paid]
) -> None:
    """The first backer, and the first one who came after the second reach."""
    hidden = await world.row(
        "select m.id, m.reached_seq from milestones m join campaigns c using (track_id)"
        " where c.id = $1 and m.reveal = 'manual'",
        campaign,
    )
    rows = await world.rows(
        "select p.key, c.name, b.first_seq from pledges p join customers c on c.id = p.customer_id"
        " join backers b on b.customer_id = c.id and b.campaign_id = p.campaign_id"
        " where p.campaign_id = $1 order by b.first_seq, p.id",
        campaign,
    )
    assert {p.key for p in paid} == {row["key"] for row in rows}
    first = rows[0]
    last = next(row for row in rows if row["first_seq"] > hidden["reached_seq"])
    early, late = await crowd.page(f"/p/{first['key']}"), await crowd.page(f"/p/{last['key']}", 1)
    assert "LARKS-FOR-ALL" in early and "LARKS-FOR-ALL" in late
    assert "everyone who backs the campaign gets it" in early
    assert "you backed it before" in early and "NEW-0" not in early
    assert "you first backed the campaign after" in late and "NEW-0" in late
    assert "The map" not in early + late
    await reveal_milestone(world.database, hidden["id"], "alice", datetime.now(UTC))
    assert "The map" in await crowd.page(f"/p/{last['key']}")
    assert "The map" not in await crowd.page(f"/p/{first['key']}")
