"""A creator draws programs up in the studio, saves them, and turns them on after a look (S20)."""

from datetime import timedelta
from typing import Any

import pytest

from milepost.domain.program_plans import Step
from milepost.domain.programs import KINDS
from milepost.services.judging import run_program
from tests.loyalty import Programs, open_programs, reward
from tests.shop import listing, sells_in
from tests.web.client import Reader
from tests.web.serving import Served
from tests.web.studio import enter, log_of, send
from tests.world import World

pytestmark = pytest.mark.usefixtures("alice")
HOME = "/studio/larkfield/programs"
POINTS = {"m0": "new", "m0-target": "3", "m0-reward": "points", "m0-points": "500"}


async def begun(served: Served, kind: str = "orders") -> int:
    """Alice has begun a draft of this kind; its id."""
    answer = await send(served.reader, f"{HOME}/new", kind=kind)
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].split("/")[-1].split("?")[0])


async def ruled(reader: Reader, program: int, base: int = 0, **typed: str) -> Any:
    """What the rule's form answers to what was typed."""
    sent = {"name": "Thanks", "base": str(base), "do": "save"} | typed
    return await send(reader, f"{HOME}/{program}", **sent)


async def milestones(world: World) -> list[tuple[Any, ...]]:
    rows = await world.rows(
        "select m.target, r.kind, r.unit, r.worth, r.percent, r.amounts, r.products, r.days"
        " from milestones m join rewards r on r.id = m.reward_id"
        " where m.archived_at is null order by m.position"
    )
    return [tuple(row) for row in rows]


async def test_the_empty_list_offers_to_add_a_rule_of_seven_kinds(
    served: Served, world: World
) -> None:
    page = (await served.reader.get(HOME)).text
    assert "Add rule" in page and "There is no rule yet" in page
    kinds = (await served.reader.get(f"{HOME}/new")).text
    for key in KINDS:
        assert f'name="kind" value="{key}"' in kinds and f"{HOME}/help#{key}" in kinds
    assert kinds.count(">new<") == 1
    help_page = (await served.reader.get(f"{HOME}/help")).text
    assert all(f'id="{key}"' in help_page for key in KINDS)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_draft_of_each_kind_begins_with_a_milestone_and_gives_nothing(
    served: Served, world: World, kind: str
) -> None:
    program = await begun(served, kind)
    page = (await served.reader.get(f"{HOME}/{program}")).text
    assert "What customers will see" in page and "draft" in page
    assert len(await milestones(world)) == 1
    assert (await world.row("select is_on from programs"))["is_on"] is False
    assert (await served.reader.get(f"{HOME}/{program}/turn")).status_code == 200
    assert f"{HOME}/{program}" in (await served.reader.get(HOME)).text


async def test_each_kind_of_reward_is_saved_and_shown_again(served: Served, world: World) -> None:
    """S12–S18."""
    await sells_in(world, "USD", "EUR")
    pins = [(await listing(world, title=title)).product for title in ("Pin", "Cap")]
    program = await begun(served)
    asked = {
        "points": {"points": "500"},
        "credit": {"money": "5"},
        "amount": {"money": "7.50", "days": "30"},
        "percent": {"percent": "7,5"},
        "shipping": {"days": "60"},
        "gift": {f"product-{pin}": "on" for pin in pins},
    }
    typed = {"currency": "EUR", "starts_at": "2027-03-01T09:00", "ends_at": "2027-12-31T18:00"}
    for place, (kind, fields) in enumerate(asked.items()):
        own = {f"m{place}-{name}": value for name, value in fields.items()}
        typed |= {f"m{place}": "new", f"m{place}-target": str(place + 1)}
        typed |= {f"m{place}-reward": kind, **own}
    answer = await ruled(served.reader, program, every="6", **typed)
    assert answer.status_code == 303, answer.text
    assert await milestones(world) == [
        (1, "points", "points", 500, None, {}, [], None),
        (2, "credit", "EUR", 500, None, {}, [], None),
        (3, "amount", None, None, None, {"EUR": 750}, [], 30),
        (4, "percent", None, None, 750, {}, [], None),
        (5, "shipping", None, None, None, {}, [], 60),
        (6, "gift", None, None, None, {}, sorted(pins), None),
    ]
    page = (await served.reader.get(f"{HOME}/{program}")).text
    assert 'value="7.50"' in page and 'value="2027-12-31T18:00"' in page and "Pin" in page
    again = await ruled(served.reader, program, 1, every="6", **typed)
    assert again.status_code == 303
    log = (await served.reader.get("/studio/larkfield/log")).text
    assert "Saved the rule of the program “Thanks”" in log and "Store credit" in log


@pytest.mark.parametrize(
    "typed, about, said",
    [
        ({"name": " "}, "name", "Give it a name"),
        ({"m0-target": ""}, "m0-target", "at which target"),
        ({"m0-target": "three"}, "m0-target", "not a whole number"),
        ({"m0-target": "0"}, "m0-target", "from 1 to"),
        ({"m0-points": ""}, "m0-points", "how much it gives"),
        ({"m0-reward": "percent", "m0-percent": "101"}, "m0-percent", "from 0.01 to 100"),
        ({"m0-reward": "credit", "m0-money": "much"}, "m0-money", "not an amount"),
        ({"m0-reward": "gift"}, "m0-products", "Pick the product"),
        ({"m0-reward": "gift", "m0-product-999": "on"}, "m0-products", "no such product"),
        ({"m0-reward": "shipping", "m0-days": "9999"}, "m0-days", "up to 3"),
        ({"m0-reward": "moon"}, "m0-reward", "Choose what it gives"),
        ({"every": "2"}, "every", "after its last milestone"),
        ({"ends_at": "2001-01-01T00:00"}, "ends_at", "ends before it starts"),
    ],
)
async def test_a_rule_that_cannot_stand_is_refused_beside_its_field_and_kept_as_typed(
    served: Served, world: World, typed: dict[str, str], about: str, said: str
) -> None:
    program = await begun(served)
    before = await milestones(world)
    answer = await ruled(served.reader, program, **(POINTS | typed))
    assert answer.status_code == 422 and said in answer.text
    assert f'id="{about}-note"' in answer.text
    assert await milestones(world) == before


async def test_the_forms_buttons_add_take_out_and_move_without_saving(
    served: Served, world: World
) -> None:
    program = await begun(served, "mixed")
    before = await milestones(world)
    page = (await ruled(served.reader, program, **POINTS, do="add")).text
    assert 'name="m1" value="new"' in page
    second = {"m1": "new", "m1-target": "2", "m1-measure": "reviews", "m1-reward": "shipping"}
    first = POINTS | {"m0-measure": "orders"}
    page = (await ruled(served.reader, program, **first, **second, do="up-m1")).text
    assert page.index('value="reviews" selected') < page.index('value="orders" selected')
    page = (await ruled(served.reader, program, **POINTS, **second, do="remove-m0")).text
    assert 'name="m0"' not in page and 'name="m1"' in page
    assert await milestones(world) == before


async def test_whoever_saves_second_is_shown_the_first_and_keeps_what_was_typed(
    served: Served, world: World
) -> None:
    program = await begun(served)
    async with Reader(served.url) as bob:
        await enter(bob, "Bob")
        first = await ruled(served.reader, program, **(POINTS | {"m0-points": "700"}))
        assert first.status_code == 303
        late = await ruled(bob, program, **(POINTS | {"name": "Bob’s"}))
    assert late.status_code == 409 and "Alice saved this part" in late.text
    assert 'value="Bob’s"' in late.text and "700" in late.text
    assert [row[3] for row in await milestones(world)] == [700]


async def test_turning_on_tells_first_what_a_backfill_gives_and_costs(
    served: Served, world: World
) -> None:
    loyal: Programs = await open_programs(world)
    await loyal.settings(buys={"USD": [100, 500]})
    program = await loyal.draw("orders", Step("orders", 2, reward()), Step("orders", 3, reward()))
    past = world.now - timedelta(days=40)
    for who, count in (("Dana", 3), ("Eli", 2), ("Fay", 1)):
        for _ in range(count):
            await loyal.order(who, at=past)
    at = f"{HOME}/{program}/turn"
    today = (await served.reader.get(at)).text
    assert "Everybody begins at zero" in today and "none of this is given" in today
    shown = (await served.reader.get(f"{at}?from=past")).text
    assert "3 rewards are given at once" in shown and "1,500 points" in shown
    assert "$75" in shown
    posted = shown.split('name="since" value="')[1].split('"')[0]
    answer = await send(served.reader, at, do="on", since=posted)
    assert answer.status_code == 303, answer.text
    assert await run_program(world.database, program, world.clock) == 3
    assert await loyal.balance("Dana") == (1000, 0)
    assert "2 customers rewarded" in (await served.reader.get(HOME)).text


async def test_what_is_foreseen_of_each_kind_is_what_is_given(served: Served, world: World) -> None:
    loyal: Programs = await open_programs(world)
    past = world.now - timedelta(days=200)
    for who, count in (("Dana", 5), ("Eli", 2)):
        for place in range(count):
            await loyal.order(who, 2000, at=past + timedelta(days=place))
        await loyal.tell(who, "review", at=past + timedelta(days=60))
    spell = await loyal.draw("inactivity", Step("months", 3, reward()))
    journey = await loyal.draw(
        "mixed", Step("orders", 2, reward()), Step("reviews", 1, reward("shipping", None))
    )
    laps = await loyal.draw("orders", Step("orders", 2, reward()), every=2)
    for program, given in ((spell, 2), (journey, 4), (laps, 3)):
        at = f"{HOME}/{program}/turn"
        shown = (await served.reader.get(f"{at}?from=past")).text
        assert f"{given} rewards are given at once" in shown, program
        posted = shown.split('name="since" value="')[1].split('"')[0]
        assert (await send(served.reader, at, do="on", since=posted)).status_code == 303
        assert await run_program(world.database, program, world.clock) == given


async def test_of_very_many_customers_an_even_part_is_asked_and_the_page_says_so(
    served: Served, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    loyal: Programs = await open_programs(world)
    program = await loyal.draw("orders", Step("orders", 1, reward()))
    await world.rows(
        "insert into accounts (customer_id, store_id) select g, $1 from generate_series(1, 800) g",
        world.store_id,
    )
    await world.rows(
        "insert into loyalty_facts (store_id, customer_id, kind, source, at, seq, waiting)"
        " select $1, g, 'order', g::text, $2, g, false from generate_series(1, 800) g",
        world.store_id,
        world.now - timedelta(days=9),
    )
    at = f"{HOME}/{program}/turn?from=past"
    assert "800 rewards are given at once" in (await served.reader.get(at)).text
    monkeypatch.setattr("milepost.services.program_foresight.MOST_ASKED", 400)
    page = (await served.reader.get(at)).text
    assert "One in 2 of 800 customers was asked" in page
    assert "800 rewards are given at once" in page


async def test_turning_off_is_asked_first_and_loses_nothing(served: Served, world: World) -> None:
    loyal: Programs = await open_programs(world)
    program = await loyal.on("orders", Step("orders", 1, reward()))
    await loyal.order("Dana")
    asked = (await served.reader.get(f"{HOME}/{program}/turn")).text
    assert "Nothing that was earned is lost" in asked
    answer = await send(served.reader, f"{HOME}/{program}/turn", do="off")
    assert answer.status_code == 303
    await loyal.order("Eli")
    assert (await loyal.balance("Dana"), await loyal.balance("Eli")) == ((500, 0), (0, 0))
    deeds = [what for _, what, *_ in await log_of(world)]
    assert deeds == ["program_created", "program_turned_on", "program_turned_off"]
    log = (await served.reader.get("/studio/larkfield/log")).text
    assert "Turned the program “Orders” off" in log
    kept = await send(served.reader, f"{HOME}/{program}/discard")
    assert kept.status_code == 409 and "It was on, so it stays" in kept.text


async def test_a_reached_milestone_keeps_its_target_and_says_so(
    served: Served, world: World
) -> None:
    loyal: Programs = await open_programs(world)
    program = await loyal.on("orders", Step("orders", 1, reward()))
    await loyal.order("Dana")
    page = (await served.reader.get(f"{HOME}/{program}")).text
    assert "its target stays" in page
    own = {"m0": str((await world.row("select id from milestones"))["id"])}
    answer = await ruled(served.reader, program, **(POINTS | own | {"m0-target": "2"}))
    assert answer.status_code == 409 and 'id="m0-target-note"' in answer.text


async def test_it_never_counts_from_later_than_it_did(served: Served, world: World) -> None:
    """What the days between gave would be taken back."""
    loyal: Programs = await open_programs(world)
    program = await loyal.on("orders", Step("orders", 1, reward()))
    await loyal.order("Dana")
    await loyal.turn_off(program)
    world.now += timedelta(days=5)
    answer = await send(
        served.reader, f"{HOME}/{program}/turn", do="on", since=world.now.isoformat()
    )
    assert answer.status_code == 422 and "Choose no later day" in answer.text
    assert (await send(served.reader, f"{HOME}/{program}/turn", do="on")).status_code == 303


async def test_a_draft_is_thrown_away_after_a_question(served: Served, world: World) -> None:
    program = await begun(served)
    assert "away?" in (await served.reader.get(f"{HOME}/{program}/discard")).text
    answer = await send(served.reader, f"{HOME}/{program}/discard")
    assert answer.status_code == 303
    for table in ("programs", "milestones", "rewards"):
        assert await world.rows(f"select from {table}") == []


async def test_programs_of_another_store_are_not_there(served: Served, world: World) -> None:
    program = await begun(served)
    async with Reader(served.url) as charlie:
        await enter(charlie, "Charlie")
        for path in ("", "/turn", "/discard", "/preview"):
            answer = await charlie.get(f"/studio/elsewhere/programs/{program}{path}")
            assert answer.status_code == 404


async def test_a_page_asks_as_much_of_one_milestone_as_of_many(
    served: Served, world: World
) -> None:
    loyal: Programs = await open_programs(world)
    said = []
    for many in (1, 9):
        steps = [Step("orders", place + 1, reward()) for place in range(many)]
        program = await loyal.draw("orders", *steps)
        for path in (HOME, f"{HOME}/{program}", f"{HOME}/{program}/turn?from=start"):
            start = len(served.statements)
            assert (await served.reader.get(path)).status_code == 200
            said.append(len(served.statements_since(start)))
    assert said[:3] == said[3:] and max(said) <= 9, said
