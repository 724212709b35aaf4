"""The nightly run of an inactivity program and a journey (V10)."""

import os
import resource
import time
from datetime import timedelta

from bench.rows import Row
from bench.stage import Stage, now
from milepost.domain.loyalty_rewards import REWARDS
from milepost.domain.program_plans import ProgramPlan, Step
from milepost.services.author import Author
from milepost.services.judging import run_due_programs
from milepost.services.preparing import NewStore, create_store
from milepost.services.programs import create_program, turn_on
from milepost.storage import creators
from milepost.storage.database import Database, open_database, reading, unit

CUSTOMERS = int(os.environ.get("MILEPOST_CUSTOMERS", "1000000"))
# five facts each: four orders and, between them, a review
PEOPLE = """
insert into accounts (customer_id, store_id, last_order, last_order_at)
select n, $1, n * 5, $2::timestamptz - make_interval(days => (n % 200)::int)
from generate_series(1, $3::bigint) n
"""
FACTS = """
insert into loyalty_facts (store_id, customer_id, kind, source, at, amount, currency, points, seq,
                           waiting)
overriding system value
select $1, n, case k when 3 then 'review' else 'order' end, n || ':' || k,
       $2::timestamptz - make_interval(days => (n % 200 + (5 - k) * 20)::int),
       case k when 3 then 0 else 1000 + n % 50 * 100 end, case k when 3 then null else 'USD' end,
       0, n * 5 + k - 5, false
from generate_series(1, $3::bigint) n, generate_series(1, 5) k
"""
# The same grants, entries and balances, by statements that know these very rules and nothing else.
GRANT = (
    "insert into floor_grants (milestone_id, beneficiary, customer_id, pledge_id, reward_id,"
    " granted_seq, quantity, state, backordered)"
)
BARE = (
    f"""{GRANT} select -1, last_order, customer_id, 0, 1, last_order, 1, 'owed', false from accounts
    where store_id = $1 and last_order_at <= $2::timestamptz - interval '3 months'""",
    f"""{GRANT} select -2, customer_id, customer_id, 0, 1, seq, 1, 'owed', false from (
        select customer_id, seq, row_number() over (partition by customer_id order by seq) as place
        from loyalty_facts where store_id = $1 and kind = 'order' and stands and at <= $2) f
    where place = 2""",
    f"""{GRANT} select distinct on (f.customer_id) -3, f.customer_id, f.customer_id, 0, 1, f.seq, 1,
        'owed', false
    from loyalty_facts f
    join floor_grants g on g.milestone_id = -2 and g.beneficiary = f.customer_id
    where f.store_id = $1 and f.kind = 'review' and f.stands and f.seq > g.granted_seq
      and f.at <= $2
    order by f.customer_id, f.seq""",
    f"""{GRANT} select distinct on (customer_id) -4, customer_id, customer_id, 0, 1, seq, 1, 'owed',
        false
    from (select f.customer_id, f.seq,
                 sum(f.amount) over (partition by f.customer_id order by f.seq) as spent
          from loyalty_facts f
          join floor_grants g on g.milestone_id = -3 and g.beneficiary = f.customer_id
          where f.store_id = $1 and f.kind = 'order' and f.stands and f.seq > g.granted_seq
            and f.at <= $2) f
    where spent >= 8000 order by customer_id, seq""",
    """insert into floor_entries (customer_id, unit, kind, ready, milestone_id, beneficiary,
                                  made_at)
    select customer_id, 'points', 'granted', 100, milestone_id, beneficiary, $2 from floor_grants
    where $1 > 0""",
    """insert into floor_balances (customer_id, unit, ready)
    select customer_id, unit, sum(ready) from floor_entries where $1 > 0 and made_at <= $2
    group by customer_id, unit""",
)


async def measure(stage: Stage, rounds: int) -> list[Row]:
    """V10, once: building the customers takes longer than what is measured."""
    run = Row(
        f"V10 nightly run of {CUSTOMERS:,} customers / bare statements", "s", "≤ 1.3 ×",
        better="less", reach=1.3,
    )  # fmt: skip
    again = Row("V10 the next night, nobody due", "s", "≤ 1 s", better="less", reach=1.0)
    memory = Row("V10 memory that the run takes", "MiB", "≤ 16 MiB", better="less", reach=16.0)
    async with open_database(await stage.database()) as database:
        store_id, author = await _people(database)
        begun = time.perf_counter()
        made = await _bare(database, store_id)
        run.floor.append(time.perf_counter() - begun)
        await _programs(database, author)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        begun = time.perf_counter()
        ours = await run_due_programs(database, now)
        run.ours.append(time.perf_counter() - begun)
        memory.ours.append((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
        if ours != made:
            raise RuntimeError(f"{ours} grants were made, and {made} by bare statements")
        begun = time.perf_counter()
        assert await run_due_programs(database, now) == 0
        again.ours.append(time.perf_counter() - begun)
    return [run, again, memory]


async def _people(database: Database) -> tuple[int, Author]:
    async with unit(database) as db:
        store_id = await create_store(db, NewStore("loyal", "Loyal"), now())
        alice = await creators.add(db, "alice@example.org", "Alice", "en", now())
        await db.execute("insert into loyalty (store_id, since) values ($1, $2)", store_id, now())
        await db.execute(PEOPLE, store_id, now(), CUSTOMERS, timeout=600)
        await db.execute(FACTS, store_id, now(), CUSTOMERS, timeout=600)
        for table in ("grants", "account_entries", "balances"):
            name = f"floor_{table.removeprefix('account_')}"
            await db.execute(f"create table {name} (like {table} including all)")
    async with reading(database) as db:
        await db.execute("vacuum analyze accounts, loyalty_facts", timeout=600)
    return store_id, Author(alice, "alice@example.org", store_id, 0)


async def _bare(database: Database, store_id: int) -> int:
    async with unit(database) as db:
        for statement in BARE:
            await db.execute(statement, store_id, now(), timeout=600)
        return int(await db.fetchval("select count(*) from floor_grants"))


async def _programs(database: Database, author: Author) -> None:
    """Both are on and count from before anybody did anything; nobody was judged yet."""
    long_ago, points = now() - timedelta(days=1000), REWARDS["points"].make(100, "USD")
    journey = (
        Step("orders", 2, points),
        Step("reviews", 1, points),
        Step("spend", 8000, points),
    )
    for kind, steps in (("inactivity", (Step("months", 3, points),)), ("mixed", journey)):
        plan = ProgramPlan(kind, kind, steps, long_ago, currency="USD")
        program_id = await create_program(database, author, plan, now())
        await turn_on(database, author, program_id, now(), long_ago)
