"""Judging: the rules L1–L10 by example, at the real database."""

from datetime import timedelta

import pytest

from milepost.domain.program_plans import Step
from milepost.services.judging import ripen, run_due_programs
from milepost.storage.database import reading
from tests.loyalty import Programs, open_programs, reward
from tests.world import World


@pytest.fixture
async def loyal(world: World) -> Programs:
    """Programs of Alice's store."""
    return await open_programs(world)


async def test_the_third_order_gives_500_points_once(loyal: Programs) -> None:
    """S3, L5."""
    await loyal.on("orders", Step("orders", 3, reward()))
    for _ in range(2):
        await loyal.order("Dana")
    assert await loyal.balance("Dana") == (0, 0)
    third = await loyal.order("Dana")
    assert await loyal.balance("Dana") == (500, 0)
    await loyal.order("Dana", source=third)
    await loyal.order("Dana")
    assert await loyal.balance("Dana") == (500, 0)
    assert await loyal.grants("Dana") == [(3, "owed")]
    assert await loyal.grants("Eli") == []


async def test_a_reading_that_jumps_past_several_targets_grants_each(loyal: Programs) -> None:
    """S4, L4."""
    await loyal.on(
        "spend",
        *(Step("spend", dollars * 100, reward(asked=dollars)) for dollars in (50, 100, 500)),
    )
    await loyal.order("Dana", 12_000)
    assert await loyal.grants("Dana") == [(5_000, "owed"), (10_000, "owed")]
    assert await loyal.balance("Dana") == (150, 0)
    await loyal.tell("Dana", "order", amount=90_000, currency="EUR")
    assert len(await loyal.grants("Dana")) == 2, "another currency does not add up (M1)"


async def test_a_refund_takes_back_what_was_not_spent_and_forgives_the_rest(
    loyal: Programs,
) -> None:
    """L9: and what was forgiven is not given a second time."""
    await loyal.on("orders", Step("orders", 1, reward()))
    order = await loyal.order("Dana")
    assert await loyal.spend("Dana", 300)
    await loyal.order("Dana", 0, source=order)
    assert await loyal.balance("Dana") == (0, 0)
    assert await loyal.grants("Dana") == [(1, "void")]
    await loyal.order("Dana")
    assert await loyal.balance("Dana") == (200, 0), "300 of the 500 were spent already"
    assert await loyal.grants("Dana") == [(1, "owed")]


async def test_points_of_a_milestone_do_not_count_toward_a_milestone(loyal: Programs) -> None:
    """S5, L3: earned in a lifetime, spent or not."""
    await loyal.settings(earns={"USD": [1, 100]})
    await loyal.on("points", Step("points", 1000, reward()))
    await loyal.order("Dana", 60_000)
    assert await loyal.balance("Dana") == (600, 0)
    await loyal.spend("Dana", 600)
    await loyal.order("Dana", 40_000)
    assert await loyal.balance("Dana") == (400 + 500, 0)
    await loyal.order("Dana", 99_900)
    assert len(await loyal.grants("Dana")) == 1


async def test_pending_points_can_be_spent_when_they_are_ripe(loyal: Programs) -> None:
    """L10, L9: and while they are pending a refund takes them whole."""
    await loyal.settings(pending_days=14)
    await loyal.on("orders", Step("orders", 1, reward()), Step("orders", 2, reward(asked=70)))
    await loyal.order("Dana")
    assert await loyal.balance("Dana") == (0, 500)
    assert not await loyal.spend("Dana", 1)
    second = await loyal.order("Dana")
    assert await loyal.balance("Dana") == (0, 570)
    await loyal.order("Dana", 0, source=second)
    assert await loyal.balance("Dana") == (0, 500)
    loyal.world.now += timedelta(days=14)
    assert await ripen(loyal.world.database, loyal.world.clock) == 1
    assert await loyal.balance("Dana") == (500, 0)
    assert await ripen(loyal.world.database, loyal.world.clock) == 0


async def test_a_withdrawn_review_takes_its_reward_back(loyal: Programs) -> None:
    """S6."""
    await loyal.on("reviews", Step("reviews", 2, reward(asked=100)))
    await loyal.tell("Dana", "review")
    second = await loyal.tell("Dana", "review")
    assert await loyal.balance("Dana") == (100, 0)
    await loyal.tell("Dana", "review", second, stands=False)
    assert await loyal.balance("Dana") == (0, 0)


async def test_three_months_without_an_order_give_once_in_each_spell(loyal: Programs) -> None:
    """S7, L6."""

    async def night() -> list[tuple[int, str]]:
        await run_due_programs(loyal.world.database, loyal.world.clock)
        return await loyal.grants("Dana")

    await loyal.on("inactivity", Step("months", 3, reward(asked=100)))
    await loyal.order("Dana")
    loyal.world.now += timedelta(days=91)
    assert await night() == []
    loyal.world.now += timedelta(days=1)
    assert await night() == await night() == [(3, "owed")]
    await loyal.order("Dana")
    loyal.world.now += timedelta(days=93)
    assert await night() == [(3, "owed"), (3, "owed")]
    assert await loyal.balance("Dana") == (200, 0)
    assert await loyal.grants("Eli") == [], "nobody misses whom nobody knew"


async def test_whoever_was_away_before_the_program_is_missed_a_spell_after_it_began(
    loyal: Programs,
) -> None:
    """L6, by nights that look only at those who came due since the last."""
    await loyal.order("Dana")
    loyal.world.now += timedelta(days=200)
    await loyal.on("inactivity", Step("days", 60, reward(asked=100)))
    given = []
    for days in (1, 30, 28, 1, 1):
        loyal.world.now += timedelta(days=days)
        given.append(await run_due_programs(loyal.world.database, loyal.world.clock))
    assert given == [0, 0, 0, 1, 0]
    assert await loyal.grants("Dana") == [(60, "owed")]


async def test_cycles_begin_again_at_zero_after_a_cancellation(loyal: Programs) -> None:
    """S8, L7."""
    await loyal.on("cycles", *(Step("cycles", n, reward(asked=n)) for n in (2, 3)))
    day = timedelta(days=1)
    begun = loyal.world.now
    for n in range(2):
        await loyal.tell("Dana", "cycle", f"invoice:{n}", run="sub_1", at=begun + n * day)
    await loyal.tell("Dana", "cycle", "invoice:1", run="sub_1", at=begun + day)
    assert await loyal.grants("Dana") == [(2, "owed")], "one that was told twice counts once"
    await loyal.tell("Dana", "break", run="sub_1", at=begun + 5 * day)
    await loyal.tell("Dana", "cycle", run="sub_2", at=begun + 6 * day)
    await loyal.tell("Dana", "cycle", run="sub_2", at=begun + 7 * day)
    assert await loyal.grants("Dana") == [(2, "owed")]
    await loyal.tell("Dana", "cycle", run="sub_2", at=begun + 8 * day)
    assert await loyal.grants("Dana") == [(2, "owed"), (3, "owed")]


async def test_a_step_counts_only_what_came_after_the_step_before(loyal: Programs) -> None:
    """S9, L8."""
    await loyal.on(
        "mixed",
        Step("orders", 2, reward(asked=10)),
        Step("reviews", 1, reward(asked=20)),
        Step("spend", 5_000, reward(asked=30)),
    )
    await loyal.tell("Dana", "review")
    await loyal.order("Dana", 9_000)
    second = await loyal.order("Dana", 9_000)
    assert await loyal.balance("Dana") == (10, 0), "the review came before the orders"
    await loyal.tell("Dana", "review")
    assert await loyal.balance("Dana") == (30, 0), "what was spent came before the review"
    await loyal.order("Dana", 0, source=second)
    assert await loyal.balance("Dana") == (20, 0), "the step is taken back, but stays completed"
    await loyal.order("Dana", 5_000)
    assert await loyal.balance("Dana") == (50, 0)


async def test_a_program_may_repeat(loyal: Programs) -> None:
    """L5."""
    await loyal.on("orders", Step("orders", 2, reward(asked=10)), every=3)
    told = [await loyal.order("Dana") for _ in range(5)]
    assert await loyal.balance("Dana") == (20, 0), "after 2 and 5 orders"
    await loyal.order("Dana", 0, source=told[0])
    assert await loyal.balance("Dana") == (10, 0)
    for _ in range(4):
        await loyal.order("Dana")
    assert await loyal.balance("Dana") == (30, 0), "8 orders"


async def test_only_facts_since_the_program_was_turned_on_count_unless_asked(
    loyal: Programs,
) -> None:
    """L2, S20."""
    before = loyal.world.now
    await loyal.order("Dana")
    loyal.world.now += timedelta(days=3)
    since = await loyal.draw("orders", Step("orders", 1, reward(asked=1)), starts_at=before)
    assert await loyal.grants("Dana") == []
    assert await loyal.turn_on(since) == 0
    backfilled = await loyal.draw("orders", Step("orders", 1, reward(asked=20)), starts_at=before)
    assert await loyal.turn_on(backfilled, counts_from=before) == 1
    assert await loyal.balance("Dana") == (20, 0)
    await loyal.turn_off(backfilled)
    await loyal.order("Eli")
    assert await loyal.balance("Eli") == (1, 0), "the one that is off gives nothing"
    assert await loyal.balance("Dana") == (20, 0), "and nothing that was earned is lost"


async def test_what_a_customer_is_given_is_a_code_of_their_own(loyal: Programs) -> None:
    """S15–S17."""
    await loyal.on(
        "orders",
        Step("orders", 1, reward("percent", 1000)),
        Step("orders", 2, reward("amount", 500)),
        Step("orders", 3, reward("shipping", None)),
        Step("orders", 4, reward("credit", 700)),
    )
    for _ in range(4):
        order = await loyal.order("Dana")
    async with reading(loyal.world.database) as db:
        codes = await db.fetch(
            "select kind, percent, amounts, most, used, customer_id is not null as own,"
            " length(code) as length, withdrawn_at from shop_codes order by id"
        )
    assert [tuple(row.values()) for row in codes] == [
        ("percent", 1000, {}, 1, 0, True, 12, None),
        ("amount", None, {"USD": 500}, 1, 0, True, 12, None),
        ("shipping", None, {}, 1, 0, True, 12, None),
    ]
    assert await loyal.balance("Dana", "USD") == (700, 0)
    await loyal.order("Dana", 0, source=order)
    assert await loyal.balance("Dana", "USD") == (0, 0)
    assert [state for _, state in await loyal.grants("Dana")] == ["owed"] * 3 + ["void"]
