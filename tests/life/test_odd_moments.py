"""Two things at one moment, or in an order nobody meant: no cent and no slot is lost (P3, P4)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from milepost.domain.errors import Conflict, Invalid
from milepost.domain.facts import Fact
from milepost.services import changing
from milepost.services.deciding import cancel_pledge, change_pledge, release_pledge
from milepost.services.refunding import refund_pledge
from milepost.storage import attempts
from milepost.storage.database import unit
from tests.life.life import DECLINED_LATER, WAY, Life
from tests.life.test_changing import campaign_with_tiers, claimed, clean
from tests.life.test_closing import all_or_nothing, until_the_deadline
from tests.sandbox.door import AS_STRIPE_POSTS
from tests.world import paid, recorders

pytestmark = AS_STRIPE_POSTS
BOUNCES = "4000000000005126"  # Stripe's test card whose refunds fail later


async def test_what_becomes_of_a_refused_payment_is_nothing_to_the_pledge(life: Life) -> None:
    campaign = await life.world.campaign()
    milestone = await life.world.milestone(campaign, 1)
    dana = await life.world.pledged(campaign, "Dana")
    twice = paid(dana, "Dana")
    twice.payment = "pi_besides"
    await life.world.hear(campaign, twice)
    await life.world.settle()
    for fact in (
        Fact("refund", dana, amount=4500, ref="re_besides", payment="pi_besides"),
        Fact("refunded_total", dana, amount=4500, payment="pi_besides"),
        Fact("dispute_lost", dana, amount=4500, ref="dp_besides", payment="pi_besides"),
    ):
        await life.world.hear(campaign, fact)
    await life.world.settle()
    assert (await life.state(dana), await life.meter()) == ("charged", (1, 4500, 1))
    assert await life.world.grants(milestone) == {"dana": "owed"}


async def test_nothing_changes_while_its_money_is_on_the_way_back(life: Life) -> None:
    campaign, recorder, _ = await campaign_with_tiers(life)
    dana = await life.pledge(campaign, "Dana", tier=str(recorder), quantity="2")
    assert await life.change(dana, tier=str(recorder)) is None
    with pytest.raises(Conflict):
        await life.change(dana, tier=str(recorder), quantity="2")
    with pytest.raises(Conflict):
        await change_pledge(life.database, dana, [recorders(2)], "alice", life.world.now)
    with pytest.raises(Conflict):
        await life.cancel(dana)
    await life.refund()
    assert (await life.meter(), life.taken()) == ((1, 4500, 1), 4500)
    assert await life.cancel(dana) == 4500
    with pytest.raises(Conflict):
        await life.change(dana, tier=str(recorder), bonus="1")
    await life.refund()
    assert (await life.meter(), life.taken()) == ((0, 0, 0), 0)


async def test_a_page_that_is_just_being_opened_is_not_doubled(life: Life) -> None:
    campaign = await all_or_nothing(life, goal=4000)
    eli = await life.pledge(campaign, "Eli", DECLINED_LATER)
    until_the_deadline(life)
    await life.close()
    await life.charge()
    async with unit(life.database) as db:
        begun = await attempts.begin(db, eli, "mend", "elsewhere", life.world.now)
    with pytest.raises(Conflict):
        await life.mend(eli)
    life.later(minutes=3)  # whoever was opening it is gone
    assert await life.mend(eli)
    row = await life.world.row("select state from attempts where id = $1", begun)
    assert row["state"] == "failed"


async def test_a_page_that_was_given_up_while_it_opened_is_ended(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign, recorder, signed = await campaign_with_tiers(life)
    dana = await life.pledge(campaign, "Dana", tier=str(recorder))
    opening = life.gateway.open_checkout

    async def slowly(**told: Any) -> Any:
        page = await opening(**told)
        async with unit(life.database) as db:
            await attempts.close(db, {told["attempt_id"]: ("failed", "another came")})
        return page

    monkeypatch.setattr(life.gateway, "open_checkout", slowly)
    with pytest.raises(Conflict):
        await life.change(dana, tier=str(signed))
    assert {s["status"] for s in life.sandbox.all("sessions")} == {"complete", "expired"}


async def test_a_paid_change_that_is_told_twice_changes_once(life: Life) -> None:
    campaign, recorder, signed = await campaign_with_tiers(life)
    dana = await life.pledge(campaign, "Dana", tier=str(recorder))
    session = await life.change(dana, tier=str(signed))
    assert session is not None
    attempt = (await life.world.row("select id from attempts where state = 'open'"))["id"]
    life.pay(session, "Dana")
    await life.catch_up()
    payment = (await life.world.rows("select payment from payments order by payment"))[-1][0]
    again = Fact("topped_up", dana, amount=3500, payment=payment, detail={"attempt": attempt})
    for _ in range(2):
        await life.world.hear(campaign, again)
        await life.world.settle()
    assert (await claimed(life, signed), await life.meter()) == (1, (1, 8000, 1))
    assert (await life.letters()).count(("changed", "dana")) == 1


async def test_a_refund_that_the_bank_sent_back_can_be_given_again(life: Life) -> None:
    campaign, recorder, _ = await campaign_with_tiers(life)
    dana = await life.pledge(campaign, "Dana", BOUNCES, tier=str(recorder))
    await refund_pledge(life.database, dana, "alice", life.world.now)
    await life.refund()
    life.later(days=30)
    await life.catch_up()
    assert await life.state(dana) == "charged"
    assert (await refund_pledge(life.database, dana, "alice", life.world.now)).amount == 4500


async def test_nobody_cancels_or_refunds_around_a_payment_that_is_under_way(life: Life) -> None:
    campaign, recorder, signed = await campaign_with_tiers(life)
    dana = await life.pledge(campaign, "Dana", tier=str(recorder))
    assert await life.change(dana, tier=str(signed))
    with pytest.raises(Conflict):
        await refund_pledge(life.database, dana, "alice", life.world.now)
    other = await all_or_nothing(life, goal=4000, slug="other")
    eli = await life.pledge(other, "Eli", DECLINED_LATER)
    until_the_deadline(life)
    await life.close()
    await life.charge()
    assert await life.mend(eli)
    with pytest.raises(Conflict):
        await cancel_pledge(life.database, eli, "alice", life.world.now)


async def test_what_is_chosen_and_paid_again_after_a_refund_by_line_counts_again(
    life: Life,
) -> None:
    campaign, recorder, _ = await campaign_with_tiers(life)
    milestone = await life.world.milestone(campaign, 1, switches={"tiers": frozenset({recorder})})
    dana = await life.pledge(campaign, "Dana", tier=str(recorder), bonus="5")
    await refund_pledge(life.database, dana, "alice", life.world.now, returned={1: 1})
    await life.refund()
    assert (await life.meter(), await life.world.grants(milestone)) == (
        (0, 500, 1),
        {"dana": "void"},
    )
    session = await life.change(dana, tier=str(recorder))
    assert session is not None
    life.pay(session, "Dana")
    await life.catch_up()
    assert (await life.meter(), await life.world.grants(milestone)) == (
        (1, 4500, 1),
        {"dana": "owed"},
    )
    await refund_pledge(life.database, dana, "alice", life.world.now, returned={1: 1})
    assert await clean(life)


async def test_a_line_goes_back_as_often_as_it_is_there(life: Life) -> None:
    campaign, recorder, _ = await campaign_with_tiers(life)
    dana = await life.pledge(campaign, "Dana", tier=str(recorder), bonus="45")
    await refund_pledge(life.database, dana, "alice", life.world.now, returned={1: 1})
    with pytest.raises(Invalid):
        await refund_pledge(life.database, dana, "alice", life.world.now, returned={1: 1})


async def test_two_who_leave_in_one_moment_of_the_last_day_do_not_sink_it(life: Life) -> None:
    campaign = await all_or_nothing(life)
    dana = await life.pledge(campaign, "Dana", amount="50")
    eli = await life.pledge(campaign, "Eli", amount="50")
    await life.pledge(campaign, "Fay", amount="40")
    deadline = datetime(2026, 6, 10, 18, tzinfo=UTC)
    life.later(seconds=(deadline - life.world.now - timedelta(hours=2)).total_seconds())
    cancel = changing.cancel
    await cancel(life.database, life.gateway, life.world.clock, dana)  # heard, not yet settled
    with pytest.raises(Conflict):
        await cancel(life.database, life.gateway, life.world.clock, eli)
    await life.catch_up()
    with pytest.raises(Conflict):
        await life.cancel(eli)
    assert (await life.meter())[1] == 9000


async def test_a_cancel_behind_a_change_waits_for_it_and_frees_its_slot(life: Life) -> None:
    campaign, recorder, signed = await campaign_with_tiers(
        life, funding_model="all_or_nothing", goal=1
    )
    dana = await life.pledge(campaign, "Dana", tier=str(recorder))
    choice = changing.Choice(tier=str(signed))
    await changing.change(life.database, life.gateway, life.world.clock, dana, choice, WAY)
    with pytest.raises(Conflict):
        await cancel_pledge(life.database, dana, "alice", life.world.now)
    await life.world.hear(campaign, Fact("cancelled", dana))
    await life.catch_up()
    assert await claimed(life, signed) == 0


async def test_a_worker_that_was_away_for_days_gives_each_try_its_day(life: Life) -> None:
    campaign = await all_or_nothing(life, goal=4000)
    eli = await life.pledge(campaign, "Eli", DECLINED_LATER)
    until_the_deadline(life)
    await life.close()
    await life.charge()
    life.later(days=20)
    for _ in range(3):
        await life.charge()
    assert await life.state(eli) == "past_due"
    assert (await life.letters()).count(("charge_failed", "eli")) == 2


async def test_after_a_failed_close_nothing_held_is_released(life: Life) -> None:
    campaign = await all_or_nothing(life, goal=10_000, review_limit=5000)
    eli = await life.pledge(campaign, "Eli", amount="100")
    until_the_deadline(life)
    await life.close()
    assert ("failed", "eli") in await life.letters()
    with pytest.raises(Conflict):
        await release_pledge(life.database, eli, "alice", life.world.now)


async def test_each_end_of_a_granting_is_announced_whatever_runs_already(life: Life) -> None:
    campaign = await life.world.campaign()
    await life.world.milestone(campaign, 1, exclusive="The map")
    await life.world.pledged(campaign, "Dana")
    jobs = await life.world.rows("select from pgqueuer where entrypoint = 'announce'")
    assert len(jobs) == 2  # at the reach, and once its earlier backers are granted
