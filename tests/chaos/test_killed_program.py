"""A real worker that is killed in the middle of a program's run over everybody (A15)."""

from pathlib import Path

import asyncpg

from milepost.domain.program_plans import Step
from milepost.services.auditing_loyalty import audit_loyalty_of
from milepost.services.judging import CHUNK
from milepost.services.programs import turn_on
from milepost.storage.database import unit
from tests.chaos.test_killed_tracking import a_worker
from tests.loyalty import open_programs, reward
from tests.waiting import until
from tests.world import open_world

CUSTOMERS = CHUNK + 2_000  # a whole chunk, and the one in which the worker is killed
EVERYBODY = """
insert into accounts (customer_id, store_id) select n, $1 from generate_series(1, $2::bigint) n
"""
ORDERS = """
insert into loyalty_facts (store_id, customer_id, kind, source, at, seq, waiting)
select $1, n, 'order', 'order:' || n, $3, n, false from generate_series(1, $2::bigint) n
"""
WAITS = """
select exists (select from pg_stat_activity
               where datname = current_database() and wait_event_type = 'Lock'
                 and query like '%from met(%')
"""


async def test_another_worker_finishes_the_run_and_gives_nothing_twice(
    database_url: str, tmp_path: Path
) -> None:
    async with open_world(database_url) as world:
        loyal = await open_programs(world)
        long_ago = world.now.replace(year=2020)
        async with unit(world.database) as db:
            await db.execute(EVERYBODY, world.store_id, CUSTOMERS)
            await db.execute(ORDERS, world.store_id, CUSTOMERS, long_ago)
        program = await loyal.draw("orders", Step("orders", 1, reward()), starts_at=long_ago)
        async with unit(world.database) as db:
            await db.execute("delete from pgqueuer")
        await turn_on(world.database, loyal.author, program, world.now, long_ago)
        # somebody else is at the last customer's balance: the second chunk can't be finished
        holder = await asyncpg.connect(database_url)
        holding = holder.transaction()
        await holding.start()
        await holder.execute(
            "insert into balances (customer_id, unit) values ($1, 'points')", CUSTOMERS
        )
        worker = await a_worker(tmp_path, database_url)
        try:

            async def is_in_the_middle() -> bool:
                return bool((await world.row(WAITS))[0])

            await until(is_in_the_middle)
        finally:
            worker.kill()
            await worker.wait()
        left = await world.row("select run_through, (select count(*) from grants) from programs")
        assert tuple(left) == (CHUNK, CHUNK), "killed between two chunks"
        await holding.rollback()
        await holder.close()
        worker = await a_worker(tmp_path, database_url)
        try:

            async def is_over() -> bool:
                return (await world.row("select run_through from programs"))[0] is None

            await until(is_over)
        finally:
            worker.terminate()
            await worker.wait()
        (given,) = await world.rows(
            "select count(*), count(distinct beneficiary), (select sum(ready) from account_entries)"
            " from grants"
        )
        assert tuple(given) == (CUSTOMERS, CUSTOMERS, 500 * CUSTOMERS)
        assert (await audit_loyalty_of(world.database, world.now)).differences == []
