"""A limited tier at both doors at once: never one too many, and what is given back can be taken."""

import asyncio
from urllib.parse import urlsplit

from milepost.services.auditing import audit_campaign
from milepost.storage.database import unit
from tests.acceptance.crowd import Crowd, live_campaign, session_in
from tests.acceptance.processes import Milepost, eventually
from tests.world import World

SOLD_OUT = "has just been claimed. Choose another reward, or pledge without one."


async def left_becomes(crowd: Crowd, slug: str, left: int) -> None:
    """Both web processes come to tell that so many are left of the first tier."""

    async def told() -> bool:
        states = [await crowd.state(slug, web) for web in (0, 1)]
        return [state["tiers"][0]["left"] for state in states] == [left, left]

    await eventually(told, f"{left} left at both doors")


def key_of(milepost: Milepost, session: str) -> str:
    """The key of the pledge that a session is for, which only its backer and Stripe know."""
    found = next(s for s in milepost.sandbox_has("sessions") if s["id"] == session)
    return urlsplit(found["success_url"]).path.split("/")[-1]


async def books_are_clean(world: World, campaign: int) -> None:
    async with unit(world.database) as db:
        assert (await audit_campaign(db, campaign)).differences == []


async def test_two_hundred_at_once_get_ten_slots_and_a_hundred_and_ninety_honest_words(
    milepost: Milepost, crowd: Crowd, world: World
) -> None:
    campaign = await live_campaign(world, "ten-slots")
    tier = await world.tier(campaign, title="A walk with the makers", slots=10)
    answers = await asyncio.gather(
        *(crowd.send("ten-slots", number % 2, tier=tier) for number in range(200))
    )
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(303), statuses.count(422)) == (10, 190)
    refused = [answer.text for answer in answers if answer.status_code == 422]
    assert all(f"The last “A walk with the makers” {SOLD_OUT}" in page for page in refused)
    sessions = [session_in(answer) for answer in answers if answer.status_code == 303]
    assert len(set(sessions)) == 10
    await left_becomes(crowd, "ten-slots", 0)
    assert (await crowd.state("ten-slots"))["tiers"][0]["state"] == "sold_out"

    # Three leave it be, and Stripe closes their pages; seven pay.
    for session in sessions[:3]:
        milepost.switch(f"sessions/{session}/expire")
    await asyncio.gather(
        *(crowd.pay(session, f"walker-{n}") for n, session in enumerate(sessions[3:]))
    )
    await left_becomes(crowd, "ten-slots", 3)
    answers = await asyncio.gather(
        *(crowd.send("ten-slots", number % 2, tier=tier, quantity=2) for number in range(6))
    )
    assert sorted(answer.status_code for answer in answers) == [303, *[422] * 5]
    assert any(
        "Only 1 of “A walk with the makers” are left. Choose fewer." in answer.text
        or f"The last “A walk with the makers” {SOLD_OUT}" in answer.text
        for answer in answers
        if answer.status_code == 422
    )
    await left_becomes(crowd, "ten-slots", 1)
    await crowd.pledge("ten-slots", "eli", 1, tier=tier)
    await left_becomes(crowd, "ten-slots", 0)
    await books_are_clean(world, campaign)


async def test_a_checkout_chosen_again_gives_its_slot_to_the_next(
    milepost: Milepost, crowd: Crowd, world: World
) -> None:
    campaign = await live_campaign(world, "one-slot")
    last = await world.tier(campaign, title="The last one", slots=1)
    plain = await world.tier(campaign, title="The plain one", price=3_000)
    session = await crowd.choose("one-slot", tier=last)
    assert (await crowd.send("one-slot", 1, tier=last)).status_code == 422
    key = key_of(milepost, session)
    form = await crowd.page(f"/p/{key}/again", web=1)
    assert f'name="instead" value="{key}"' in form
    assert "Nothing was charged." in form

    again = await crowd.choose("one-slot", 1, tier=last, instead=key)
    assert again != session
    assert (await crowd.send("one-slot", tier=last)).status_code == 422
    other = await crowd.choose("one-slot", tier=plain, instead=key_of(milepost, again))
    await left_becomes(crowd, "one-slot", 1)
    await crowd.pledge("one-slot", "eli", tier=last)
    await crowd.pay(other, "dana")
    await left_becomes(crowd, "one-slot", 0)

    async def both_count() -> bool:
        return (await crowd.state("one-slot"))["backers"] == 2

    await eventually(both_count, "both pledges count")
    await books_are_clean(world, campaign)


async def test_a_form_sent_twice_gives_a_slot_back_once_and_a_paid_one_never(
    milepost: Milepost, crowd: Crowd, world: World
) -> None:
    campaign = await live_campaign(world, "twice-sent")
    tier = await world.tier(campaign, title="One of three", slots=3)
    key = key_of(milepost, await crowd.choose("twice-sent", tier=tier))
    sessions = await asyncio.gather(
        *(crowd.choose("twice-sent", web, tier=tier, instead=key) for web in (0, 1))
    )
    await left_becomes(crowd, "twice-sent", 1)
    await crowd.pay(sessions[0], "dana")
    await crowd.choose("twice-sent", tier=tier, instead=key_of(milepost, sessions[0]))
    await left_becomes(crowd, "twice-sent", 0)
    assert (await crowd.send("twice-sent", tier=tier)).status_code == 422
    milepost.switch(f"sessions/{sessions[1]}/expire")
    await left_becomes(crowd, "twice-sent", 1)
    await books_are_clean(world, campaign)
