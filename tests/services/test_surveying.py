"""Surveys: whom a question concerns, reminders once each, a lock with notice (B9, B5)."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from milepost.domain.errors import Closed, Conflict, Invalid, NotFound
from milepost.domain.lines import Line
from milepost.services.addressing import Address, WrongAddress, read_address, send_to
from milepost.services.asking import change_question
from milepost.services.surveying import (
    NewQuestion,
    WrongAnswers,
    announce_lock,
    answer,
    ask,
    remind,
)
from milepost.storage import surveys
from milepost.storage.database import reading, unit
from milepost.web.me.view import answers_view
from tests.world import World

HOME = Address(name="Dana", line1="5 Elm Road", city="Berlin", postal_code="10115", country="DE")


async def asked(world: World, campaign_id: int, *questions: NewQuestion) -> int:
    """Ask; how many pledges it concerns."""
    async with unit(world.database) as db:
        return await ask(db, campaign_id, questions, world.now)


async def mailed(world: World, kind: str) -> Counter[str]:
    """How many mails of the kind each has."""
    rows = await world.rows("select recipient from mails where kind = $1", kind)
    return Counter(row["recipient"].partition("@")[0] for row in rows)


async def prompts(world: World, pledge_id: int) -> list[str]:
    """What concerns the pledge."""
    async with reading(world.database) as db:
        return [row["prompt"] for row in await surveys.of_pledge(db, pledge_id)]


@pytest.fixture
async def shop(world: World) -> dict[str, int]:
    """Dana has a shirt, Eli a poster and a cap beside it, Fay an own amount."""
    campaign_id = await world.campaign()
    made = {
        "campaign": campaign_id,
        "shirt": await world.tier(campaign_id, title="Shirt", ships=True),
        "poster": await world.tier(campaign_id, title="Poster"),
        "cap": await world.tier(campaign_id, title="Cap", kind="addon", units=0),
    }
    shirt = Line("tier", "Shirt", 1, 4500, 1, made["shirt"])
    poster, cap = (
        Line("tier", "Poster", 1, 4500, 1, made["poster"]),
        Line("addon", "Cap", 1, 4500, 0, made["cap"]),
    )
    made["Dana"] = await world.pledged(campaign_id, "Dana", shirt)
    made["Eli"] = await world.pledged(campaign_id, "Eli", poster, cap)
    made["Fay"] = await world.pledged(campaign_id, "Fay", Line("own_amount", "", 1, 4500, 0))
    return made


async def test_a_question_goes_to_whoever_it_concerns_and_to_nobody_else(
    world: World, shop: dict[str, int]
) -> None:
    size = NewQuestion("Size?", "choice", ("S", "L"), tiers=[shop["shirt"]])
    colour = NewQuestion("Cap colour?", tiers=[shop["cap"], shop["shirt"]])
    assert await asked(world, shop["campaign"], size, colour) == 2
    assert await asked(world, shop["campaign"], NewQuestion("Your name in the book?")) == 3
    assert await prompts(world, shop["Dana"]) == ["Size?", "Cap colour?", "Your name in the book?"]
    assert await prompts(world, shop["Eli"]) == ["Cap colour?", "Your name in the book?"]
    assert await prompts(world, shop["Fay"]) == ["Your name in the book?"]
    assert await mailed(world, "survey") == {"dana": 2, "eli": 2, "fay": 1}


async def test_a_question_about_a_reward_goes_to_whoever_has_it_once_it_is_open(
    world: World, shop: dict[str, int]
) -> None:
    milestone_id = await world.milestone(shop["campaign"], 1, "all_backers", reveal="manual")
    await world.settle()
    about = NewQuestion("Which muff?", milestone_id=milestone_id)
    assert await asked(world, shop["campaign"], about) == 0, "it is not revealed yet"
    assert await prompts(world, shop["Dana"]) == []
    await world.rows("update milestones set revealed_at = reached_at returning id")
    assert await prompts(world, shop["Dana"]) == ["Which muff?"]
    (dana,) = await world.rows("select id from customers where email like 'dana@%'")
    await world.rows("update grants set state = 'void' where customer_id = $1 returning 1", dana[0])
    assert await prompts(world, shop["Dana"]) == []
    assert await prompts(world, shop["Eli"]) == ["Which muff?"]


@pytest.mark.parametrize(
    "question",
    [
        NewQuestion(" "),
        NewQuestion("Size?", "choice"),
        NewQuestion("Size?", "text", ("S",)),
        NewQuestion("Size?", "choice", ("S", "S")),
        NewQuestion("Size?", "choice", ("S",), translations={"de": {"options": ["S", "M"]}}),
        NewQuestion("Size?", tiers=[99]),
        NewQuestion("Size?", milestone_id=99),
    ],
)
async def test_a_question_that_nobody_could_answer_is_refused(
    world: World, shop: dict[str, int], question: NewQuestion
) -> None:
    with pytest.raises(Invalid):
        await asked(world, shop["campaign"], NewQuestion("Fine?"), question)
    assert await world.rows("select 1 from questions") == []
    with pytest.raises(Invalid):
        await asked(world, shop["campaign"])
    with pytest.raises(NotFound):
        await asked(world, 99, NewQuestion("Fine?"))


async def test_reminders_come_after_three_and_ten_days_once_each(
    world: World, shop: dict[str, int]
) -> None:
    await asked(world, shop["campaign"], NewQuestion("Name?", tiers=[shop["poster"]]))
    seen = []
    for _ in range(15):
        world.now += timedelta(days=1)
        await remind(world.database, world.clock)
        await remind(world.database, world.clock)
        seen.append(sum((await mailed(world, "survey_reminder")).values()))
    assert seen == [0, 0, 2, 2, 2, 2, 2, 2, 2, 4, 4, 4, 4, 4, 4]
    # Dana, whose shirt has no address yet, and Eli, who has not answered.
    assert await mailed(world, "survey_reminder") == {"dana": 2, "eli": 2}


async def test_whoever_has_answered_and_has_an_address_is_left_alone(
    world: World, shop: dict[str, int]
) -> None:
    optional = NewQuestion("Anything else?", required=False)
    await asked(world, shop["campaign"], NewQuestion("Name?"), optional)
    required, _ = (r["id"] for r in await world.rows("select id from questions order by id"))
    for who in ("Dana", "Eli", "Fay"):
        await answer(world.database, shop[who], {required: who}, world.now)
    await send_to(world.database, shop["Dana"], HOME, world.now)
    world.now += timedelta(days=11)
    await remind(world.database, world.clock)
    assert await mailed(world, "survey_reminder") == {}


async def test_a_late_worker_sends_the_latest_reminder_alone_and_newcomers_get_their_time(
    world: World, shop: dict[str, int]
) -> None:
    await asked(world, shop["campaign"], NewQuestion("Name?"))
    world.now += timedelta(days=12)
    await world.pledged(shop["campaign"], "Gus")
    await remind(world.database, world.clock)
    assert await mailed(world, "survey_reminder") == {"dana": 1, "eli": 1, "fay": 1}
    world.now += timedelta(days=3)
    await remind(world.database, world.clock)
    assert (await mailed(world, "survey_reminder"))["gus"] == 1


async def test_a_lock_needs_48_hours_and_tells_those_it_concerns(
    world: World, shop: dict[str, int]
) -> None:
    campaign = shop["campaign"]
    soon = world.now + timedelta(hours=48) - timedelta(seconds=1)
    with pytest.raises(Invalid):
        await announce_lock(world.database, campaign, soon, world.now)
    with pytest.raises(NotFound):
        await announce_lock(world.database, 99, world.now + timedelta(days=9), world.now)
    locks_at = world.now + timedelta(days=9)
    assert await announce_lock(world.database, campaign, locks_at, world.now) == 1
    assert await announce_lock(world.database, campaign, locks_at, world.now) == 1
    assert await mailed(world, "locks_soon") == {"dana": 1}
    later = locks_at + timedelta(days=1)
    await announce_lock(world.database, campaign, later, world.now)
    assert await mailed(world, "locks_soon") == {"dana": 2}, "a lock that moves is told again"
    details: list[Any] = await world.rows("select detail from mails where kind = 'locks_soon'")
    assert details[-1]["detail"]["at"] == later.isoformat()
    world.now = later - timedelta(hours=48)
    await remind(world.database, world.clock)
    assert await mailed(world, "survey_reminder") == {"dana": 1}
    world.now = later
    with pytest.raises(Closed):
        await asked(world, campaign, NewQuestion("Name?"))
    with pytest.raises(Conflict):
        await announce_lock(world.database, campaign, later + timedelta(days=9), world.now)
    with pytest.raises(Closed):
        await send_to(world.database, shop["Dana"], HOME, world.now)
    with pytest.raises(Closed):
        await answer(world.database, shop["Dana"], {}, world.now)
    await remind(world.database, world.clock)
    assert await mailed(world, "survey_reminder") == {"dana": 1}


async def test_answers_to_what_does_not_concern_the_pledge_are_ignored(
    world: World, shop: dict[str, int]
) -> None:
    await asked(world, shop["campaign"], NewQuestion("Size?", tiers=[shop["shirt"]]),
                NewQuestion("Name?"))  # fmt: skip
    size, name = (r["id"] for r in await world.rows("select id from questions order by id"))
    with pytest.raises(WrongAnswers) as wrong:
        await answer(world.database, shop["Fay"], {size: "L"}, world.now)
    assert list(wrong.value.errors) == [name]
    await answer(world.database, shop["Fay"], {size: "L", name: " Fay "}, world.now)
    rows = await world.rows("select question_id, answer from answers")
    assert [tuple(r) for r in rows] == [(name, "Fay")]


async def test_a_pledge_that_is_over_is_sent_nowhere(world: World, shop: dict[str, int]) -> None:
    await world.rows("update pledges set state = 'refunded' returning id")
    with pytest.raises(Closed):
        await send_to(world.database, shop["Dana"], HOME, world.now)


def test_what_is_wrong_with_an_address_is_said_field_by_field() -> None:
    with pytest.raises(WrongAddress) as wrong:
        read_address({"name": "x" * 101, "country": "Nowhere"})
    assert list(wrong.value.errors) == ["name", "line1", "city", "country"]
    assert read_address({"name": " Dana ", "line1": "1", "city": "Dublin", "country": "ie"}) == (
        Address(name="Dana", line1="1", city="Dublin", country="IE")
    )


async def test_a_changed_question_says_in_every_language_what_its_answers_stand_for(
    world: World, shop: dict[str, int]
) -> None:
    """An option is sent by its value, so its label follows it wherever it is put."""
    words = {"prompt": "Farbe", "options": ["Rot", "Blau"]}
    question = NewQuestion("Colour", "choice", ["Red", "Blue"], translations={"de": words})
    await asked(world, shop["campaign"], question)
    number = (await world.row("select id from questions"))["id"]
    creator = await world.row(
        "insert into creators (email, made_at) values ('bob@example.org', now()) returning id"
    )

    async def changed(prompt: str, *options: str) -> tuple[str, dict[str, str]]:
        await change_question(
            world.database, world.store_id, shop["campaign"], number, prompt, options, True,
            creator["id"], world.now,
        )  # fmt: skip
        async with reading(world.database) as db:
            view = answers_view(await surveys.of_pledge(db, shop["Dana"]), "de")[0]
        return view["prompt"], {o["value"]: o["label"] for o in view["options"]}

    moved = {"Blue": "Blau", "Green": "Green", "Red": "Rot"}
    assert await changed("Colour", "Blue", "Green", "Red") == ("Farbe", moved)
    fewer = {"Green": "Green", "Blue": "Blau"}
    assert await changed("Colour", "Green", "Blue") == ("Farbe", fewer)
    assert await changed("Which colour?", "Green", "Blue") == ("Which colour?", fewer)
