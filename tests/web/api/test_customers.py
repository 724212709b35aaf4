"""`/api/v1/customers` and what they have of programs: read by a shop's own help desk."""

from datetime import timedelta
from typing import Any

from milepost.domain.program_plans import Step
from milepost.services.erasing import erase_person
from milepost.services.judging import judge_waiting
from milepost.storage.accounts import Entry, enter
from milepost.storage.database import unit
from tests.loyalty import open_programs, reward
from tests.shop import bought, customer, listing, subscribed
from tests.web.api.program import Program, program_of
from tests.web.client import Reader
from tests.world import World, recorders


async def of(program: Program, path: str, **asked: Any) -> Any:
    """What is told there."""
    answer = await program.get(path, **asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_help_desk_finds_a_customer_by_address_and_sees_what_they_did(
    program: Program, world: World
) -> None:
    muff = await listing(world)
    eli, dana = await customer(world, "Eli"), await customer(world, "Dana")
    await world.pledged(await world.campaign(), "dana", recorders(1))
    await bought(world, "Dana", muff)
    await bought(world, "Dana", muff, state="open")
    await subscribed(world, "Dana", muff)
    (found,) = await program.every("/customers", email="Dana@Example.org")
    assert (found["id"], found["name"], found["erased"]) == (dana, "Dana", False)
    assert [each["id"] for each in await program.every("/customers", limit=1)] == [eli, dana]
    known = await of(program, f"/customers/{dana}")
    assert (known["pledges"], known["orders"]) == (1, 1)
    (subscription,) = known["subscriptions"]
    assert (subscription["title"], subscription["goods"]) == ("Bird of the month", 1200)
    assert (subscription["count"], subscription["unit"], subscription["state"]) == (
        1, "month", "active",
    )  # fmt: skip
    before = len(program.served.statements)
    await of(program, f"/customers/{dana}")
    assert len(program.served.statements_since(before)) <= 4


async def test_of_whoever_was_erased_nothing_personal_is_told(
    program: Program, world: World
) -> None:
    dana = await customer(world, "Dana")
    order = await bought(world, "Dana", await listing(world), shipped=True)
    await erase_person(world.database, "dana@example.org", world.now)
    told = await of(program, f"/customers/{dana}")
    assert (told["email"], told["name"], told["erased"], told["orders"]) == (None, None, True, 1)
    assert await program.every("/customers", email="dana@example.org") == []
    found = await program.every("/customers", email=f"erased-{dana}@erased.invalid")
    assert found == []
    told = await of(program, f"/orders/{order}")
    assert (told["email"], told["name"], told["address"]) == (None, None, None)


async def test_balances_are_the_sums_of_their_entries_and_say_when_what_is_pending_ripens(
    program: Program, world: World
) -> None:
    dana, later = await customer(world, "Dana"), world.now + timedelta(days=14)
    async with unit(world.database) as db:
        await enter(
            db,
            [
                Entry(dana, "points", "earned", ready=40, source="order:7"),
                Entry(dana, "points", "earned", pending=60, ripe_at=later, source="order:8"),
                Entry(dana, "USD", "adjusted", ready=500, reason="For the delay"),
                Entry(dana, "points", "spent", ready=-30, source="order:9"),
            ],
            world.now,
        )
    told = await of(program, f"/customers/{dana}/balances")
    ripens = [{"amount": 60, "at": later.isoformat().replace("+00:00", "Z")}]
    assert told["points"] == {"unit": "points", "ready": 10, "pending": 60, "ripens": ripens}
    assert told["credit"] == [{"unit": "USD", "ready": 500, "pending": 0, "ripens": []}]
    entries = await program.every(f"/customers/{dana}/entries", limit=1)
    assert [each["says"] for each in entries] == [
        "40 points for an order", "60 points for an order",
        "$5 set right by the store: For the delay", "30 points spent on an order",
    ]  # fmt: skip
    for name in ("ready", "pending"):
        assert sum(e[name] for e in entries if e["unit"] == "points") == told["points"][name]
    own = await program.every(f"/customers/{dana}/entries", unit="USD")
    assert [each["source"] for each in own] == [""]


async def test_a_program_is_read_with_its_milestones_and_where_a_customer_stands_in_it(
    program: Program, world: World, reader: Reader
) -> None:
    programs = await open_programs(world)
    thanks = await programs.on(
        "orders", Step("orders", 1, reward()), Step("orders", 3, reward("percent", 1000)),
        name="Thanks",
    )  # fmt: skip
    draft = await programs.draw("spend", Step("spend", 9000, reward("points", 5)), name="Big")
    assert [each["id"] for each in await program.every("/programs", limit=1)] == [thanks, draft]
    answer = await program.get(f"/programs/{thanks}")
    told = answer.json()
    assert (told["on"], [m["target"] for m in told["milestones"]]) == (True, [1, 3])
    assert told["milestones"][0]["reward"]["says"] == "500 points"
    assert answer.headers["etag"]
    dana = await customer(world, "Dana")
    await programs.order("Dana", 4800, "order:1")
    await judge_waiting(world.database, world.clock)
    (own,) = (await of(program, f"/customers/{dana}/standing"))["programs"]
    assert (own["program"], own["readings"], own["given"]) == (
        thanks, {"orders": 1}, [told["milestones"][0]["id"]],
    )  # fmt: skip
    assert (own["next"]["target"], own["next"]["left"]) == (3, 2)
    assert own["next"]["says"] == "1 of 3 orders, 2 more."
    (given,) = await program.every(f"/customers/{dana}/rewards")
    assert given["id"] == f"{told['milestones'][0]['id']}:{dana}"
    assert given["reason"] == "For one order since 1 June 2026 (Thanks)."
    assert given["code"] is None
    for number in (2, 3):
        await programs.order("Dana", 4800, f"order:{number}")
    await judge_waiting(world.database, world.clock)
    rewards = await program.every(f"/customers/{dana}/rewards", limit=1)
    (code,) = await world.rows("select code from shop_codes where customer_id = $1", dana)
    assert rewards[1]["code"]["code"] == code["code"]
    assert (await of(program, f"/customers/{dana}/standing"))["programs"][0]["next"] is None
    facts = await program.every("/loyalty/facts", limit=1)
    assert [(f["kind"], f["source"], f["amount"], f["customer"]) for f in facts] == [
        ("order", f"order:{number}", 4800, dana) for number in (1, 2, 3)
    ]
    assert await program.every("/loyalty/facts", kind="review") == []
    assert len(await program.every("/loyalty/facts", customer=dana, since=facts[2]["at"])) >= 1
    assert await program.every("/loyalty/facts", since="2030-01-01T00:00:00Z") == []


async def test_what_is_another_stores_is_not_there(program: Program, world: World) -> None:
    dana = await customer(world, "Dana")
    programs = await open_programs(world)
    thanks = await programs.on("orders", Step("orders", 1, reward()))
    async with unit(world.database) as db:
        other = await db.fetchval(
            "insert into stores (slug, name, created_at) values ('elsewhere', 'E', $1)"
            " returning id", world.now,
        )  # fmt: skip
    scopes = ("customers:read", "loyalty:read")
    async with program_of(program.served, world, *scopes, store_id=other) as charlie:
        own = f"/customers/{dana}"
        for path in (own, f"{own}/balances", f"{own}/entries", f"{own}/standing",
                     f"{own}/rewards", f"/programs/{thanks}"):  # fmt: skip
            assert (await charlie.get(path)).status_code == 404, path
        for path in ("/customers", "/programs", "/loyalty/facts"):
            assert await charlie.every(path) == []
