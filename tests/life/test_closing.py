"""A campaign's end: funded and charged, or failed and nobody charged (P2, P5, P7, P8, A9)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from milepost.domain.errors import Closed
from milepost.services.auditing_payments import audit_payments
from milepost.services.closing import close_due
from milepost.services.deciding import release_pledge
from milepost.storage.database import unit
from tests.life.life import ASKS_ALWAYS, DECLINED_LATER, Life
from tests.sandbox.door import AS_STRIPE_POSTS, LONG_AGO

pytestmark = AS_STRIPE_POSTS
DEADLINE = datetime(2026, 6, 10, 18)


async def all_or_nothing(life: Life, goal: int = 9000, **more: object) -> int:
    """A live campaign for money that closes on 10 June."""
    told = {"basis": "money", "goal": goal, "closes_at": DEADLINE, "zone": "Etc/UTC"} | more
    return await life.world.campaign(funding_model="all_or_nothing", **told)


def until_the_deadline(life: Life) -> None:
    """It is the campaign's deadline."""
    life.later(seconds=(DEADLINE.replace(tzinfo=UTC) - life.world.now).total_seconds())


async def outcome(life: Life) -> str | None:
    """What the only campaign has come to."""
    found: str | None = (await life.world.row("select outcome from campaigns"))[0]
    return found


async def test_a_funded_campaign_charges_every_saved_card_once_and_its_rewards_are_owed(
    life: Life,
) -> None:
    campaign = await all_or_nothing(life)
    milestone = await life.world.milestone(campaign, 5000)
    dana = await life.pledge(campaign, "Dana")
    eli = await life.pledge(campaign, "Eli", amount="60")
    assert life.taken() == 0
    assert await life.world.grants(milestone) == {"dana": "provisional", "eli": "provisional"}
    life.later(days=1)
    await life.close()
    assert await outcome(life) is None
    until_the_deadline(life)
    await life.close()
    assert await outcome(life) == "funded"
    await life.charge()
    await life.charge()
    assert life.taken() == 4500 + 6000
    assert [await life.state(p) for p in (dana, eli)] == ["charged", "charged"]
    assert await life.world.grants(milestone) == {"dana": "owed", "eli": "owed"}
    assert await life.meter() == (0, 10500, 2)
    kinds = [kind for kind, who in await life.letters() if who == "dana"]
    assert kinds == ["receipt", "charge_due", "charged"]


async def test_a_failed_campaign_charges_nobody_and_voids_every_reward(life: Life) -> None:
    campaign = await all_or_nothing(life, goal=20000)
    stocked = await life.world.product(stock=5)
    milestone = await life.world.milestone(campaign, 4000, product_id=stocked)
    dana = await life.pledge(campaign, "Dana")
    assert (await life.world.row("select stock from products"))[0] == 4
    until_the_deadline(life)
    await life.close()
    assert await outcome(life) == "failed"
    await life.charge()
    assert life.taken() == 0
    assert await life.state(dana) == "confirmed"
    assert await life.world.grants(milestone) == {"dana": "void"}
    assert (await life.world.row("select stock from products"))[0] == 5
    assert await life.world.rows("select from cards") == []
    assert await life.letters() == [("receipt", "dana"), ("failed", "dana")]
    assert await life.meter() == (0, 4500, 1)


async def test_closing_twice_or_by_two_workers_is_closing_once(life: Life) -> None:
    campaign = await all_or_nothing(life)
    await life.pledge(campaign, "Dana", amount="100")
    until_the_deadline(life)
    assert await close_due(life.database, life.world.clock) == 1
    assert await close_due(life.database, life.world.clock) == 0
    assert len(await life.world.rows("select from charges")) == 1
    assert [kind for kind, _ in await life.letters()].count("charge_due") == 1


async def test_a_checkout_begun_in_time_may_finish_and_tips_the_campaign(life: Life) -> None:
    campaign = await all_or_nothing(life)
    await life.pledge(campaign, "Dana")
    life.later(seconds=(DEADLINE.replace(tzinfo=UTC) - life.world.now).total_seconds() - 60)
    _, session = await life.start(campaign)
    life.later(minutes=5)
    await life.close()
    assert await outcome(life) is None
    with pytest.raises(Closed):
        await life.start(campaign)
    life.pay(session, "Eli")
    await life.close()
    assert await outcome(life) == "funded"


async def test_a_checkout_that_outlasts_the_grace_is_ended_and_the_campaign_decided(
    life: Life,
) -> None:
    campaign = await all_or_nothing(life)
    await life.pledge(campaign, "Dana")
    life.later(seconds=(DEADLINE.replace(tzinfo=UTC) - life.world.now).total_seconds() - 60)
    late, _ = await life.start(campaign)
    life.later(minutes=17)
    await life.close()
    assert await life.state(late) == "expired"
    assert await outcome(life) == "failed"


async def test_a_late_pledge_is_charged_at_once_after_a_funded_close_only(life: Life) -> None:
    campaign = await all_or_nothing(life, late_pledges=True)
    milestone = await life.world.milestone(campaign, 5000)
    await life.pledge(campaign, "Dana", amount="100")
    until_the_deadline(life)
    with pytest.raises(Closed):
        await life.start(campaign)  # its outcome is not known yet
    await life.close()
    eli = await life.pledge(campaign, "Eli")
    assert await life.state(eli) == "charged"
    assert life.taken() == 4500
    assert (await life.world.grants(milestone))["eli"] == "owed"
    failed = await all_or_nothing(life, goal=10**9, slug="failed", late_pledges=True)
    await life.close()
    with pytest.raises(Closed):
        await life.start(failed)


async def test_a_declined_card_is_tried_on_days_1_3_5_and_7_and_then_dropped(life: Life) -> None:
    campaign = await all_or_nothing(life)
    milestone = await life.world.milestone(campaign, 5000)
    await life.pledge(campaign, "Dana", amount="80")
    eli = await life.pledge(campaign, "Eli", DECLINED_LATER)
    until_the_deadline(life)
    await life.close()
    await life.charge()
    assert await life.state(eli) == "past_due"
    tried = [0]
    for day in range(1, 9):
        life.later(days=1)
        before = len(await life.world.rows("select from attempts where purpose = 'charge'"))
        await life.charge()
        after = len(await life.world.rows("select from attempts where purpose = 'charge'"))
        if after > before:
            tried.append(day)
    assert tried == [0, 1, 3, 5, 7]
    assert await life.state(eli) == "dropped"
    assert await life.meter() == (0, 8000, 1)
    assert life.taken() == 8000
    assert await life.world.grants(milestone) == {"dana": "owed", "eli": "void"}
    assert [kind for kind, who in await life.letters() if who == "eli"] == [
        "receipt",
        "charge_due",
        *["charge_failed"] * 4,
        "dropped",
    ]


async def test_a_declined_backer_pays_on_the_page_and_is_tried_no_more(life: Life) -> None:
    campaign = await all_or_nothing(life)
    await life.pledge(campaign, "Dana", amount="80")
    eli = await life.pledge(campaign, "Eli", DECLINED_LATER)
    until_the_deadline(life)
    await life.close()
    await life.charge()
    life.later(hours=23, minutes=50)
    session = await life.mend(eli)
    life.later(minutes=15)
    await life.charge()  # a page is open: nothing is tried beside it
    assert len(await life.world.rows("select from attempts where purpose = 'charge'")) == 2
    life.pay(session, "Eli")
    await life.catch_up()
    assert await life.state(eli) == "charged"
    life.later(days=9)
    await life.charge()
    assert life.taken() == 8000 + 4500
    assert ("charged", "eli") in await life.letters()


async def test_a_mending_page_that_was_left_leaves_the_schedule_as_it_was(life: Life) -> None:
    campaign = await all_or_nothing(life, goal=4000)
    eli = await life.pledge(campaign, "Eli", DECLINED_LATER)
    until_the_deadline(life)
    await life.close()
    await life.charge()
    first = await life.mend(eli)
    assert await life.mend(eli) != first  # the first page is closed: one attempt at a time (P4)
    life.later(hours=1)
    await life.catch_up()  # Stripe has closed the second
    assert await life.world.rows("select from attempts where state in ('begun', 'open')") == []
    life.later(days=1)
    await life.charge()
    assert len(await life.world.rows("select from attempts where purpose = 'charge'")) == 2


async def test_a_bank_that_asks_its_holder_is_answered_on_the_page(life: Life) -> None:
    campaign = await all_or_nothing(life, goal=4000)
    eli = await life.pledge(campaign, "Eli", ASKS_ALWAYS)
    until_the_deadline(life)
    await life.close()
    await life.charge()
    assert await life.state(eli) == "past_due"
    failed = await life.world.row("select detail from mails where kind = 'charge_failed'")
    assert failed["detail"]["code"] == "authentication_required"
    life.pay(await life.mend(eli), "Eli", ASKS_ALWAYS)
    await life.catch_up()
    assert await life.state(eli) == "charged"
    assert life.taken() == 4500


async def test_a_worker_that_dies_around_the_call_charges_nobody_twice(life: Life) -> None:
    campaign = await all_or_nothing(life, goal=4000)
    await life.pledge(campaign, "Dana")
    until_the_deadline(life)
    await life.close()
    await life.charge()
    # as if the answer had never been noted: the attempt stands as it was begun
    async with unit(life.database) as db:
        await db.execute("update attempts set state = 'begun' where purpose = 'charge'")
    life.later(minutes=2)
    await life.charge()
    assert life.taken() == 4500


async def test_a_deadline_is_an_instant_in_the_campaigns_zone(life: Life) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin"):
        await life.world.campaign(
            slug=zone.split("/")[1].lower().replace("_", "-"), zone=zone, closes_at=DEADLINE
        )
    closed: dict[str, datetime] = {}
    start = datetime(2026, 6, 10, tzinfo=UTC)
    for hour in range(40):
        life.world.now = start + timedelta(hours=hour)
        await close_due(life.database, life.world.clock)
        for row in await life.world.rows("select zone from campaigns where outcome is not null"):
            closed.setdefault(row["zone"], life.world.now)
    assert closed == {
        zone: DEADLINE.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for zone in closed
    }
    assert len(closed) == 3


async def test_tax_is_added_at_the_close_and_never_counted(life: Life) -> None:
    campaign = await all_or_nothing(life, goal=4000, tax=True)
    dana = await life.pledge(campaign, "Dana")
    until_the_deadline(life)
    await life.close()
    await life.charge()
    row = await life.world.row("select state, tax, money from pledges where id = $1", dana)
    assert (row["state"], row["money"]) == ("charged", 4500)
    assert row["tax"] > 0
    assert life.taken() == 4500 + row["tax"]
    assert await life.meter() == (0, 4500, 1)
    later = life.world.now + timedelta(hours=1)
    told = await audit_payments(life.database, life.gateway, lambda: later, LONG_AGO)
    assert told.differences == []


async def test_a_taxed_charge_that_was_declined_is_paid_with_its_tax_on_the_page(
    life: Life,
) -> None:
    campaign = await all_or_nothing(life, goal=4000, tax=True)
    eli = await life.pledge(campaign, "Eli", DECLINED_LATER)
    until_the_deadline(life)
    await life.close()
    await life.charge()
    life.pay(await life.mend(eli), "Eli")
    await life.catch_up()
    row = await life.world.row("select state, tax from pledges where id = $1", eli)
    assert row["state"] == "charged"
    assert row["tax"] > 0
    assert life.taken() == 4500 + row["tax"]
    assert await life.meter() == (0, 4500, 1)


async def test_a_card_that_is_gone_from_stripe_is_declined_and_mended_like_any_other(
    life: Life,
) -> None:
    campaign = await all_or_nothing(life, goal=4000)
    eli = await life.pledge(campaign, "Eli")
    card = await life.world.row("select method from cards")
    life.sandbox.stripe.v1.payment_methods.detach(card["method"])
    until_the_deadline(life)
    await life.close()
    await life.charge()
    assert await life.state(eli) == "past_due"
    assert ("charge_failed", "eli") in await life.letters()
    life.pay(await life.mend(eli), "Eli")
    await life.catch_up()
    assert (await life.state(eli), life.taken()) == ("charged", 4500)


async def test_a_card_whose_event_was_lost_is_asked_of_stripe(life: Life) -> None:
    campaign = await all_or_nothing(life, goal=4000)
    eli = await life.pledge(campaign, "Eli")
    await life.world.rows("delete from cards returning pledge_id")
    until_the_deadline(life)
    await life.close()
    await life.charge()
    assert (await life.state(eli), life.taken()) == ("charged", 4500)


async def test_a_pledge_released_after_the_close_is_charged_then(life: Life) -> None:
    campaign = await all_or_nothing(life, goal=4000, review_limit=5000)
    await life.pledge(campaign, "Dana")
    eli = await life.pledge(campaign, "Eli", amount="60")
    until_the_deadline(life)
    await life.close()
    await life.charge()
    assert (await life.state(eli), life.taken()) == ("confirmed", 4500)
    await release_pledge(life.database, eli, "alice", life.world.now)
    await life.catch_up()
    await life.charge()
    assert (await life.state(eli), life.taken()) == ("charged", 10500)
    assert await life.meter() == (0, 10500, 2)
