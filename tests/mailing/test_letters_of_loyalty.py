"""Mails about programs: one for what a batch earned, one to come back, one before a code ends."""

from datetime import timedelta
from typing import Any

import pytest

from milepost.domain.loyalty_rewards import LoyaltyReward
from milepost.domain.program_plans import Step
from milepost.services.judging import judge_waiting, run_due_programs, tell_expiring
from milepost.services.posting import post_waiting
from milepost.storage import loyalty
from milepost.storage.database import unit
from milepost.storage.loyalty import LoyalFact
from tests.loyalty import Programs, open_programs, reward
from tests.mailing.people import BASE_URL, composer
from tests.mailing.test_letters import parsed
from tests.shop import customer
from tests.world import World


@pytest.fixture
async def loyal(world: World) -> Programs:
    """Programs of Alice's store."""
    return await open_programs(world)


async def posted(world: World) -> list[Any]:
    """All mails, after those that wait were sent."""
    while await post_waiting(world.database, None, composer, world.clock):
        pass
    return await world.rows("select * from mails order by id")


async def test_one_mail_lists_what_was_earned_at_once_with_reasons_and_codes(
    world: World, loyal: Programs
) -> None:
    await loyal.on("orders", Step("orders", 1, reward("percent", 1000)), name="Regulars")
    await loyal.on("spend", Step("spend", 1000, reward()), name="Patrons")
    order = await loyal.order("Dana")
    await loyal.order("Dana", source=order)
    (mail,) = await posted(world)
    assert (mail["kind"], mail["state"], mail["recipient"]) == (
        "reward_earned", "sent", "dana@example.org",
    )  # fmt: skip
    code = await world.row("select code from shop_codes")
    for said in (
        "10% off an order. For one order since 1 June 2026 (Regulars).",
        "500 points. For $10 spent since 1 June 2026 (Patrons).",
        code["code"],
        f"{BASE_URL}/me/rewards",
    ):
        assert said in mail["text"], mail["text"]
        assert said in mail["html"] or "(" in said
    assert "unsubscribe" not in mail["text"]
    parsed(mail["html"])


async def test_a_run_for_everybody_and_what_was_long_ago_mail_nobody(
    world: World, loyal: Programs
) -> None:
    await loyal.order("Dana")
    await loyal.on(
        "orders", Step("orders", 1, reward()), starts_at=world.now - timedelta(days=9),
        counts_from=world.now - timedelta(days=9),
    )  # fmt: skip
    assert await loyal.balance("Dana") == (500, 0)
    await loyal.order("Eli", at=world.now - timedelta(days=5))
    assert await loyal.balance("Eli") == (500, 0), "a backfilled fact counts"
    assert await posted(world) == []


async def test_what_was_taken_back_before_the_mail_went_is_not_told(
    world: World, loyal: Programs
) -> None:
    await loyal.on("orders", Step("orders", 1, reward()))
    order = await loyal.order("Dana")
    await loyal.order("Dana", 0, source=order)
    (mail,) = await posted(world)
    assert mail["state"] == "skipped"


async def test_an_invitation_back_is_news_and_goes_to_nobody_who_wants_none(
    world: World, loyal: Programs
) -> None:
    """S7."""
    await loyal.on("inactivity", Step("months", 3, reward("amount", 500)), name="Come back")
    for who in ("Dana", "Eli", "Frank"):
        await loyal.order(who)
    await world.rows("update customers set news = false where name = 'Eli' returning id")
    world.now += timedelta(days=93)
    for _ in range(2):
        await run_due_programs(world.database, world.clock)
    await world.rows("update customers set news = false where name = 'Frank' returning id")
    dana, frank = await posted(world)
    assert dana["kind"] == frank["kind"] == "come_back"
    assert (dana["recipient"], dana["state"]) == ("dana@example.org", "sent")
    assert (frank["recipient"], frank["state"]) == ("frank@example.org", "skipped")
    assert "For 3 months without an order after 1 June 2026 (Come back)." in dana["text"]
    assert f"No more news from Larkfield: {BASE_URL}/unsubscribe/" in dana["text"]
    assert "$5 off an order" in dana["subject"]


async def test_a_code_that_ends_within_a_week_is_told_once_and_not_when_it_was_used(
    world: World, loyal: Programs
) -> None:
    percent = LoyaltyReward("percent", code_as="percent", percent=1000, days=30)
    await loyal.on("orders", Step("orders", 1, percent), name="Regulars")
    for who in ("Dana", "Eli"):
        await loyal.order(who)
    await world.rows("update shop_codes set used = 1 where customer_id ="
                     " (select id from customers where name = 'Eli') returning id")  # fmt: skip
    assert await tell_expiring(world.database, world.clock) == 0
    world.now += timedelta(days=24)
    assert await tell_expiring(world.database, world.clock) == 1
    assert await tell_expiring(world.database, world.clock) == 0
    (mail,) = [m for m in await posted(world) if m["kind"] == "reward_expiring"]
    assert mail["recipient"] == "dana@example.org"
    assert "10% off an order is yours until 1 July" in mail["text"], mail["text"]
    assert "Your code: " in mail["text"] and "ends on 1 July" in mail["subject"]


async def test_two_judges_promise_one_mail(world: World, loyal: Programs) -> None:
    """A15."""
    await loyal.on("orders", *(Step("orders", n, reward(asked=n)) for n in (1, 2)))
    dana = await customer(world, "Dana")
    facts = [LoyalFact(dana, "order", f"order:{n}", world.now, amount=1000) for n in (1, 2)]
    async with unit(world.database) as db:
        await loyalty.tell(db, world.store_id, facts)
    for _ in range(2):
        await judge_waiting(world.database, world.clock)
    (mail,) = await posted(world)
    assert "One point" in mail["text"] and "2 points" in mail["text"]
