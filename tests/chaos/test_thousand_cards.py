"""1,000 saved cards charged at the close by two workers, one of them killed half-way (P2, P4)."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

from tests.acceptance.crowd import Crowd, live_campaign
from tests.acceptance.processes import Milepost, eventually
from tests.world import World

BACKERS, AT_ONCE, PRICE = 1_000, 24, 2_500
SLUG = "thousand-cards"
GOOD, DECLINED_LATER = "4242424242424242", "4000000000000341"
CHARGED_HERE = """
select p.id, p.state, p.money, (select count(*) from jsonb_each(p.paid)) as payments
from pledges p where p.campaign_id = $1"""


async def test_nobody_is_charged_twice_and_nobody_forgotten_when_a_worker_dies(
    milepost: Milepost, crowd: Crowd, world: World
) -> None:
    campaign = await live_campaign(
        world, SLUG, basis="money", goal=PRICE * 10, funding_model="all_or_nothing"
    )
    tier = await world.tier(campaign, price=PRICE)
    numbers = iter(range(BACKERS))

    async def back() -> None:
        for number in numbers:
            session = await crowd.choose(SLUG, number % 2, tier=tier, bonus=number % 7)
            card = DECLINED_LATER if number % 20 == 0 else GOOD
            await crowd.pay(session, f"saver-{number:04}", card=card)

    await asyncio.gather(*(back() for _ in range(AT_ONCE)))

    async def count(state: str) -> int:
        row = await world.row(
            "select count(*) from pledges where campaign_id = $1 and state = $2", campaign, state
        )
        return int(row[0])

    async def all_are_saved() -> bool:
        return await count("confirmed") == BACKERS

    await eventually(all_are_saved, "every card is saved")
    assert _taken(milepost, campaign) == Counter()
    promised = await world.row("select closes_at from campaigns where id = $1", campaign)

    async def ends(at: datetime) -> None:
        await world.rows(
            "update campaigns set closes_at = $2 where id = $1 returning id", campaign, at
        )

    await ends(datetime.now(UTC) - timedelta(seconds=1))

    async def half_are_charged() -> bool:
        return await count("charged") > BACKERS // 3

    await eventually(half_are_charged, "a third is charged", within=90)
    milepost.kill_worker()

    async def all_are_tried() -> bool:
        return await count("charged") + await count("past_due") == BACKERS

    await eventually(all_are_tried, "every card was tried", within=150)
    milepost.check()

    pledges = await world.rows(CHARGED_HERE, campaign)
    charged = {p["id"]: p["money"] for p in pledges if p["state"] == "charged"}
    assert len(charged) == BACKERS - BACKERS // 20
    assert {p["payments"] for p in pledges if p["state"] == "charged"} == {1}
    assert {p["payments"] for p in pledges if p["state"] == "past_due"} == {0}
    assert _taken(milepost, campaign) == Counter(dict.fromkeys(charged.items(), 1))
    told = milepost.run("closing", SLUG)
    assert f"{len(charged)} of {BACKERS} pledges charged" in told.stdout
    await ends(promised[0])  # for the audit holds the deadline to what was promised
    audit = milepost.run("audit", "--payments")
    assert audit.stderr == ""
    assert SLUG not in audit.stdout  # no difference of this campaign is told
    assert f"{SLUG}: {BACKERS} entries, clean" in milepost.run("audit").stdout


def _taken(milepost: Milepost, campaign: int) -> Counter[tuple[int, int]]:
    """What the sandbox's own books say was taken: pledge and amount, how often."""
    return Counter(
        (int(charge["metadata"]["milepost_pledge"]), charge["amount"])
        for charge in milepost.sandbox_has("charges")
        if charge["paid"] and charge["metadata"].get("milepost_campaign") == str(campaign)
    )
