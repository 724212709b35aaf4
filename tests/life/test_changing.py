"""A backer changes and cancels until the close; a difference is charged, or goes back (P6, A4)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from milepost.domain.errors import Closed, Conflict, Invalid, SoldOut
from milepost.services.auditing import audit_all
from milepost.services.auditing_payments import AuditedPayments, audit_payments
from milepost.services.refunding import refund_pledge
from tests.life.life import GOOD, Life
from tests.sandbox.door import AS_STRIPE_POSTS, LONG_AGO

pytestmark = AS_STRIPE_POSTS
DEADLINE = datetime(2026, 6, 10, 18)


async def books(life: Life) -> AuditedPayments:
    """The proof against Stripe's books, an hour after everything; our own must be clean too."""
    async for audited in audit_all(life.database):
        assert audited.differences == []
    later = life.world.now + timedelta(hours=1)
    return await audit_payments(life.database, life.gateway, lambda: later, LONG_AGO)


async def clean(life: Life) -> bool:
    """Stripe's books and ours agree to the cent."""
    return (await books(life)).differences == []


async def campaign_with_tiers(life: Life, **more: Any) -> tuple[int, int, int]:
    """A campaign for units, a recorder at $45, and a limited print at $80."""
    campaign = await life.world.campaign(**{"closes_at": DEADLINE} | more)
    recorder = await life.world.tier(campaign)
    signed = await life.world.tier(campaign, title="Signed print", price=8000, slots=1)
    return campaign, recorder, signed


async def claimed(life: Life, tier: int) -> int:
    """Slots of the tier that are claimed."""
    found: int = (await life.world.row("select claimed from tiers where id = $1", tier))[0]
    return found


async def test_a_charged_pledge_grows_once_the_difference_is_paid(life: Life) -> None:
    campaign, recorder, signed = await campaign_with_tiers(life)
    dana = await life.pledge(campaign, "Dana", tier=str(recorder))
    session = await life.change(dana, tier=str(signed))
    assert session is not None
    assert await life.meter() == (1, 4500, 1)  # nothing has changed yet
    assert await claimed(life, signed) == 1
    life.pay(session, "Dana")
    await life.catch_up()
    assert await life.meter() == (1, 8000, 1)
    assert life.taken() == 8000
    kinds = [r["kind"] for r in await life.world.rows("select kind from entries order by seq")]
    assert kinds == ["confirmed", "increased"]
    assert await clean(life)
    assert ("changed", "dana") in await life.letters()


async def test_a_difference_that_is_never_paid_changes_nothing_and_frees_the_slot(
    life: Life,
) -> None:
    campaign, recorder, signed = await campaign_with_tiers(life)
    dana = await life.pledge(campaign, "Dana", tier=str(recorder))
    assert await life.change(dana, tier=str(signed))
    life.later(minutes=40)
    await life.catch_up()
    assert await claimed(life, signed) == 0
    assert await life.meter() == (1, 4500, 1)
    assert life.taken() == 4500
    assert await clean(life)


async def test_a_charged_pledge_that_costs_less_gets_the_difference_back(life: Life) -> None:
    campaign, recorder, signed = await campaign_with_tiers(life)
    dana = await life.pledge(campaign, "Dana", tier=str(signed))
    assert await life.change(dana, tier=str(recorder)) is None
    assert await claimed(life, signed) == 0
    await life.refund()
    assert await life.meter() == (1, 4500, 1)
    assert life.taken() == 4500
    assert await life.state(dana) == "charged"
    assert await clean(life)


async def test_the_last_slot_stays_with_the_backer_who_changes_around_it(life: Life) -> None:
    campaign, recorder, signed = await campaign_with_tiers(
        life, funding_model="all_or_nothing", goal=1
    )
    dana = await life.pledge(campaign, "Dana", tier=str(signed))
    assert await life.change(dana, tier=str(signed), bonus="5") is None
    assert (await claimed(life, signed), await life.meter()) == (1, (1, 8500, 1))
    eli = await life.pledge(campaign, "Eli", tier=str(recorder))
    with pytest.raises(SoldOut):
        await life.change(eli, tier=str(signed))
    assert await life.change(dana, tier=str(recorder)) is None
    assert await life.change(eli, tier=str(signed)) is None
    assert await claimed(life, signed) == 1
    assert await clean(life)


async def test_an_uncharged_pledge_is_charged_what_it_was_changed_to(life: Life) -> None:
    campaign, recorder, signed = await campaign_with_tiers(
        life, funding_model="all_or_nothing", goal=1
    )
    milestone = await life.world.milestone(campaign, 1, switches={"tiers": frozenset({signed})})
    dana = await life.pledge(campaign, "Dana", tier=str(recorder))
    assert await life.world.grants(milestone) == {}
    assert await life.change(dana, tier=str(signed)) is None
    assert await life.world.grants(milestone) == {"dana": "provisional"}  # A7
    life.later(days=10)
    await life.close()
    await life.charge()
    assert life.taken() == 8000
    assert await life.world.grants(milestone) == {"dana": "owed"}
    assert await clean(life)


async def test_a_cancelled_pledge_gives_its_money_and_its_slot_back(life: Life) -> None:
    campaign, recorder, _signed = await campaign_with_tiers(life)
    dana = await life.pledge(campaign, "Dana", tier=str(recorder))
    assert await life.cancel(dana) == 4500
    with pytest.raises(Conflict):
        await life.cancel(dana)
    await life.refund()
    assert await life.state(dana) == "refunded"
    assert await life.meter() == (0, 0, 0)
    assert life.taken() == 0
    assert await clean(life)


async def test_an_uncharged_pledge_is_cancelled_and_never_charged(life: Life) -> None:
    campaign, _, signed = await campaign_with_tiers(life, funding_model="all_or_nothing", goal=1)
    dana = await life.pledge(campaign, "Dana", tier=str(signed))
    await life.pledge(campaign, "Eli", amount="20")
    assert await life.cancel(dana) == 0
    assert await claimed(life, signed) == 0
    life.later(days=10)
    await life.close()
    await life.charge()
    assert (await life.state(dana), life.taken()) == ("cancelled", 0)


async def test_after_the_close_pledges_stand_as_they_are(life: Life) -> None:
    campaign, recorder, _ = await campaign_with_tiers(life)
    dana = await life.pledge(campaign, "Dana", tier=str(recorder))
    life.later(days=10)
    with pytest.raises(Closed):
        await life.change(dana, tier=str(recorder), quantity="2")
    with pytest.raises(Closed):
        await life.cancel(dana)


@pytest.mark.parametrize("guarded", [True, False])
async def test_in_the_last_day_nobody_sinks_a_funded_campaign(life: Life, guarded: bool) -> None:
    campaign = await life.world.campaign(
        closes_at=DEADLINE, funding_model="all_or_nothing", basis="money", goal=9000
    )
    await life.world.rows("update campaigns set last_day_guard = $1 returning id", guarded)
    dana = await life.pledge(campaign, "Dana", amount="50")
    eli = await life.pledge(campaign, "Eli", amount="50")
    fay = await life.pledge(campaign, "Fay", amount="5")
    deadline = DEADLINE.replace(tzinfo=UTC)
    life.later(seconds=(deadline - life.world.now - timedelta(hours=24, minutes=1)).total_seconds())
    assert await life.change(dana, amount="45") is None
    life.later(minutes=2)
    assert await life.cancel(fay) == 0  # the goal is still reached
    if not guarded:
        assert await life.cancel(dana) == 0
        return
    with pytest.raises(Conflict):
        await life.cancel(eli)
    with pytest.raises(Conflict):
        await life.change(eli, amount="40")
    assert await life.change(eli, amount="60") is None


async def test_a_difference_too_small_to_be_paid_is_refused_beside_its_field(life: Life) -> None:
    campaign, recorder, _ = await campaign_with_tiers(life)
    dana = await life.pledge(campaign, "Dana", tier=str(recorder))
    with pytest.raises(Invalid) as refused:
        await life.change(dana, tier=str(recorder), bonus="0.20")
    assert refused.value.about == "bonus"


async def test_two_changes_at_once_are_one_after_the_other(life: Life) -> None:
    campaign, recorder, signed = await campaign_with_tiers(life)
    dana = await life.pledge(campaign, "Dana", tier=str(recorder))
    first = await life.change(dana, tier=str(signed))
    second = await life.change(dana, tier=str(recorder), quantity="3")
    assert first and second and first != second
    assert await claimed(life, signed) == 0
    with pytest.raises(AssertionError, match="expired"):
        life.pay(first, "Dana")
    life.pay(second, "Dana", GOOD)
    await life.catch_up()
    assert await life.meter() == (3, 13500, 1)
    assert await clean(life)


async def test_a_refund_by_line_takes_its_units_its_tier_and_nothing_else(life: Life) -> None:
    campaign, recorder, _signed = await campaign_with_tiers(life)
    milestone = await life.world.milestone(campaign, 2, switches={"tiers": frozenset({recorder})})
    dana = await life.pledge(campaign, "Dana", tier=str(recorder), quantity="3", bonus="10")
    assert await life.world.grants(milestone) == {"dana": "owed"}
    now = life.world.now
    await refund_pledge(life.database, dana, "alice", now, returned={1: 1})
    await life.refund()
    assert await life.meter() == (2, 10000, 1)
    await refund_pledge(life.database, dana, "alice", now, amount=500)
    await life.refund()
    assert await life.meter() == (2, 9500, 1)
    with pytest.raises(Invalid):
        await refund_pledge(life.database, dana, "alice", now, amount=9501)
    with pytest.raises(Invalid):
        await refund_pledge(life.database, dana, "alice", now, returned={7: 1})
    await refund_pledge(life.database, dana, "alice", now)
    await life.refund()
    assert (await life.meter(), await life.state(dana)) == ((0, 0, 0), "refunded")
    assert await life.world.grants(milestone) == {"dana": "void"}
    assert await clean(life)


async def test_shipping_and_its_refund_never_touch_the_meter(life: Life) -> None:
    campaign = await life.world.campaign(basis="money", goal=100, closes_at=DEADLINE)
    recorder = await life.world.tier(campaign, ships=True)
    await life.world.zone(campaign, {recorder: (700, 300)})
    dana = await life.pledge(campaign, "Dana", tier=str(recorder), quantity="2")
    assert (await life.meter(), life.taken()) == ((2, 9000, 1), 10000)
    await refund_pledge(life.database, dana, "alice", life.world.now, returned={2: 1})
    await life.refund()
    assert (await life.meter(), life.taken()) == ((2, 9000, 1), 9000)
    await refund_pledge(life.database, dana, "alice", life.world.now)
    await life.refund()
    assert (await life.meter(), life.taken()) == ((0, 0, 0), 0)
    assert await clean(life)


async def test_a_payment_that_counts_nowhere_is_told(life: Life) -> None:
    campaign, recorder, _ = await campaign_with_tiers(life)
    dana = await life.pledge(campaign, "Dana", tier=str(recorder))
    await life.world.rows("update pledges set paid = '{}' where id = $1 returning id", dana)
    (told,) = (await books(life)).differences
    assert "45.00 USD" in told and f"pledge {dana}" in told and "does not count it" in told
    assert (await books(life)).on_their_way == 0


async def test_a_change_keeps_the_price_and_the_early_bird_that_a_backer_has(life: Life) -> None:
    campaign, recorder, _ = await campaign_with_tiers(life)
    dana = await life.pledge(campaign, "Dana", tier=str(recorder))
    ended = life.world.now - timedelta(seconds=1)
    await life.world.rows(
        "update tiers set price = 9900, closes_at = $1 where id = $2 returning id", ended, recorder
    )
    session = await life.change(dana, tier=str(recorder), bonus="10")
    assert session is not None
    life.pay(session, "Dana")
    await life.catch_up()
    assert await life.meter() == (1, 5500, 1)
    assert await clean(life)


async def test_a_dispute_holds_a_lost_one_is_a_refund_and_a_won_one_releases(life: Life) -> None:
    campaign, recorder, _ = await campaign_with_tiers(life)
    milestone = await life.world.milestone(campaign, 1)
    dana = await life.pledge(campaign, "Dana", "4000000000000259", tier=str(recorder))
    assert await life.state(dana) == "disputed"
    assert (await life.meter())[0] == 0
    (dispute,) = life.sandbox.all("disputes")
    life.sandbox.switch(f"disputes/{dispute['id']}/win")
    await life.catch_up()
    assert await life.state(dana) == "charged"
    assert await life.world.grants(milestone) == {"dana": "owed"}
    eli = await life.pledge(campaign, "Eli", "4000000000000259", tier=str(recorder))
    dispute = next(d for d in life.sandbox.all("disputes") if d["status"] != "won")
    life.sandbox.switch(f"disputes/{dispute['id']}/lose")
    await life.catch_up()
    assert await life.state(eli) == "refunded"
    assert await life.meter() == (1, 4500, 1)


async def test_what_went_back_before_is_asked_for_again_by_a_dearer_change(life: Life) -> None:
    campaign, recorder, signed = await campaign_with_tiers(life)
    dana = await life.pledge(campaign, "Dana", tier=str(recorder))
    await refund_pledge(life.database, dana, "alice", life.world.now, amount=1000)
    await life.refund()
    session = await life.change(dana, tier=str(signed))
    assert session is not None
    life.pay(session, "Dana")
    await life.catch_up()
    assert (await life.meter(), life.taken()) == ((1, 8000, 1), 8000)
    assert await clean(life)


async def test_a_tier_that_is_returned_whole_takes_its_reward_along_and_the_bonus_stays(
    life: Life,
) -> None:
    campaign, recorder, _ = await campaign_with_tiers(life)
    milestone = await life.world.milestone(campaign, 2, switches={"tiers": frozenset({recorder})})
    dana = await life.pledge(campaign, "Dana", tier=str(recorder), quantity="2", bonus="10")
    await refund_pledge(life.database, dana, "alice", life.world.now, returned={1: 2})
    await life.refund()
    assert await life.state(dana) == "charged"
    assert await life.meter() == (0, 1000, 1)
    assert await life.world.grants(milestone) == {"dana": "void"}  # A7
    assert await clean(life)
