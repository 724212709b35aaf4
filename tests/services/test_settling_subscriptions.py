"""Cycles that are paid together are settled together (L7, P3): set-wise, whatever their number."""

from typing import Any

from milepost.domain.facts import Fact
from milepost.domain.program_plans import Step
from milepost.services.settling_subscriptions import settle_subscriptions
from milepost.storage.database import Database, open_database, unit
from tests.loyalty import open_programs, reward
from tests.shop import Listed, listing, subscribed
from tests.world import World

MONTH = 30 * 86_400


async def opened(world: World, listed: Listed, who: str) -> str:
    """`who` has opened a payment page, of which nothing is heard yet; the subscription's key."""
    id_ = await subscribed(world, who, listed)
    async with unit(world.database) as db:
        await db.execute(
            "update subscriptions set state = 'open', provider_id = null, customer_id = null,"
            " begun_at = null, email = '', name = '' where id = $1",
            id_,
        )
    row = await world.row("select key from subscriptions where id = $1", id_)
    return str(row["key"])


def facts(key: str, who: str) -> list[Fact]:
    """All that can be told of a subscription at once: begun, paid, declined, with another card."""
    at = 1_780_000_000
    named: dict[str, Any] = {"subscription": f"sub_{key}", "at": at}
    person = {"email": f"{who.lower()}@example.org", "name": who, "payer": f"cus_{who}"}
    period = {"start": at, "end": at + MONTH}
    return [
        Fact("begun", 0, detail=named | person, subscription=key),
        Fact("cycle", 0, amount=1200, ref=f"in_{key}", detail=named | period, subscription=key),
        Fact("cycle_failed", 0, ref=f"in_{key}_2", detail=named | {"attempt": 1}, subscription=key),
        Fact("card", 0, detail={"method": f"pm_{who}"}, subscription=key),
    ]


async def statements(
    world: World, database: Database, heard: list[str], keys: dict[str, str]
) -> list[str]:
    """What is asked of the database to settle all that is told of these at once."""
    for who, key in keys.items():
        await world.hear(0, *facts(key, who))
    before = len(heard)
    assert await settle_subscriptions(database, world.clock) == 4 * len(keys)
    return [query for query in heard[before:] if "pg_advisory_unlock_all" not in query]


async def test_thirty_cycles_take_as_many_statements_as_two(
    world: World, database_url: str
) -> None:
    programs = await open_programs(world)
    await programs.on("cycles", Step("cycles", 1, reward()))
    listed = await listing(world, stock=100)
    first = {"Fay": await opened(world, listed, "Fay")}
    few = {who: await opened(world, listed, who) for who in ("Dana", "Eli")}
    many = {f"Eli{n}": await opened(world, listed, f"Eli{n}") for n in range(30)}
    heard: list[str] = []
    async with open_database(database_url) as database, database.connection() as connection:
        connection.raw_connection.add_query_logger(lambda query: heard.append(query.query))
        await statements(world, database, heard, first)  # a new connection asks for types, too
        asked = await statements(world, database, heard, few)
        assert asked == await statements(world, database, heard, many)
    assert len(asked) < 40
    made = await world.rows("select o.claiming, o.name, m.kind from orders o"
                            " join mails m on m.key = 'order:' || o.id")  # fmt: skip
    assert len(made) == 33 and {(row["claiming"], row["kind"]) for row in made} == {
        (True, "subscribed")
    }
    jobs = await world.rows("select from pgqueuer where entrypoint = 'use_card'")
    assert len(jobs) == 33
    assert len(await world.rows("select from mails where kind = 'cycle_failed'")) == 33


async def test_of_cycles_paid_together_as_many_claim_a_piece_as_there_are(world: World) -> None:
    listed = await listing(world, stock=3)
    keys = {who: await opened(world, listed, who) for who in ("Dana", "Eli", "Fay", "Gil", "Hal")}
    for who, key in keys.items():
        await world.hear(0, *facts(key, who))
    await settle_subscriptions(world.database, world.clock)
    made = await world.rows("select name, claiming from orders order by id")
    assert [(row["name"], row["claiming"]) for row in made] == [
        ("Dana", True),
        ("Eli", True),
        ("Fay", True),
        ("Gil", False),
        ("Hal", False),
    ]
    left = await world.row("select stock, claimed from products where id = $1", listed.product)
    assert tuple(left) == (0, 3)
