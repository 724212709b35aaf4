"""The nightly run of an inactivity program and a journey (V10)."""

import asyncio
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

from bench.rows import Row
from bench.stage import Stage, now
from milepost.domain.loyalty_rewards import REWARDS
from milepost.domain.program_plans import ProgramPlan, Step
from milepost.services.author import Author
from milepost.services.judging import judge_waiting
from milepost.services.preparing import NewStore, create_store
from milepost.services.programs import create_program, turn_on
from milepost.storage import creators, loyalty
from milepost.storage.database import Database, open_database, reading, unit
from milepost.storage.loyalty import LoyalFact

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
    memory = Row("V10 memory that the run takes", "MiB", "≤ 16 MiB", better="less", reach=16.0)
    again = Row(
        f"V10 the next night of {CUSTOMERS:,} customers, nobody due", "s", "≤ 1 s",
        better="less", reach=1.0,
    )  # fmt: skip
    order = Row(
        f"V10 an order judged among {CUSTOMERS:,} customers / among 50", "ms", "≤ 1.5 ×",
        better="less", reach=1.5,
    )  # fmt: skip
    url = await stage.database()
    async with open_database(url) as database:
        store_id, author = await _people(database)
        await _settle_down(database)
        begun = time.perf_counter()
        made = await _bare(database, store_id)
        run.floor.append(time.perf_counter() - begun)
        await _programs(database, author)
        await _settle_down(database)
        ours, seconds, taken = await _night(url)
        run.ours.append(seconds)
        memory.ours.append(taken / 1024)
        if ours != made:
            raise RuntimeError(f"{ours} grants were made, and {made} by bare statements")
        ours, seconds, _ = await _night(url)
        assert ours == 0
        again.ours.append(seconds)
        small_id, author = await _store(database, "small")
        await _programs(database, author)
        for number in range(50):
            order.ours.append(await _order(database, store_id, number * CUSTOMERS // 50 + 1))
            order.floor.append(await _order(database, small_id, CUSTOMERS + number + 1))
    return [run, again, memory, order]


async def _night(url: str) -> tuple[int, float, int]:
    """Grants, seconds, and KiB above an idle process, of a night in a process of its own."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.nightly", url,
        cwd=Path(__file__).parent.parent, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await child.communicate()
    made, seconds, taken = out.split()
    return int(made), float(seconds), int(taken)


async def _order(database: Database, store_id: int, customer_id: int) -> float:
    """Milliseconds from an order's being told to its customer's being judged."""
    fact = LoyalFact(customer_id, "order", f"new:{customer_id}", now(), amount=2000, currency="USD")
    begun = time.perf_counter()
    async with unit(database) as db:
        await loyalty.tell(db, store_id, [fact])
    await judge_waiting(database, now)
    return (time.perf_counter() - begun) * 1000


async def _store(database: Database, slug: str) -> tuple[int, Author]:
    async with unit(database) as db:
        store_id = await create_store(db, NewStore(slug, slug.title()), now())
        alice = await creators.add(db, f"alice@{slug}.example.org", "Alice", "en", now())
        await db.execute("insert into loyalty (store_id, since) values ($1, $2)", store_id, now())
    return store_id, Author(alice, f"alice@{slug}.example.org", store_id, 0)


async def _people(database: Database) -> tuple[int, Author]:
    store_id, author = await _store(database, "loyal")
    async with unit(database) as db:
        await db.execute(PEOPLE, store_id, now(), CUSTOMERS, timeout=1800)
        await db.execute(FACTS, store_id, now(), CUSTOMERS, timeout=1800)
        await db.execute("select setval('loyalty_seq', $1)", CUSTOMERS * 5)
        for table in ("grants", "account_entries", "balances"):
            name = f"floor_{table.removeprefix('account_')}"
            await db.execute(f"create table {name} (like {table} including all)")
    async with reading(database) as db:
        await db.execute("vacuum analyze accounts, loyalty_facts", timeout=1800)
    return store_id, author


async def _settle_down(database: Database) -> None:
    """What was written so far is on the disk, and slows down nothing that is measured."""
    async with reading(database) as db:
        await db.execute("checkpoint", timeout=1800)


async def _bare(database: Database, store_id: int) -> int:
    async with unit(database) as db:
        await db.execute("set local work_mem = '64MB'; set local jit = off")  # as ours has it
        for statement in BARE:
            await db.execute(statement, store_id, now(), timeout=1800)
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
