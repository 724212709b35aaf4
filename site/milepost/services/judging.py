"""Judging: what customers did becomes points, grants, codes; what fell is taken back (L1–L10).

Facts are kept as they arrive (`services/doings.py`) and judged here: a batch of customers, each
under the lock of their own account, all that follows in one transaction and a fixed number of
statements for each program. A run judges everybody for one program, a chunk at a time.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from milepost.domain.accounts import POINTS, Moved, move
from milepost.services.clock import Clock
from milepost.storage import accounts, loyalty, own_rewards, programs
from milepost.storage.accounts import Entry
from milepost.storage.database import Connection, Database, unit

log = logging.getLogger("milepost.judging")
BATCH = 500  # customers at a time
CHUNK = 20_000  # customers of a run at a time
ENDS_SOON = timedelta(days=7)  # how long before its end a code's owner hears of it


async def judge_waiting(database: Database, clock: Clock) -> int:
    """Judge the customers of whom something was told and whom no other worker holds; how many."""
    judged = 0
    while True:
        async with unit(database) as db:
            ids = await loyalty.lock_waiting(db, BATCH)
            if not ids:
                return judged
            await judge(db, ids, clock())
        judged += len(ids)


async def judge(db: Connection, ids: Sequence[int], now: datetime) -> None:
    """Judge these customers, whose accounts are locked, inside the caller's transaction."""
    told = await loyalty.take_facts(db, ids)
    kinds = {fact["kind"] for fact in told}
    if kinds & {"cycle", "break"}:
        await loyalty.break_runs(db, ids)
    if "order" in kinds:
        await loyalty.note_last_orders(db, ids)
    stores = {fact["store_id"] for fact in told}
    settings = await loyalty.hold_settings(db, stores)
    pending = {store: timedelta(days=row["pending_days"]) for store, row in settings.items()}
    await _earn(db, told, pending, now)
    # Of what was long ago, before the store kept facts, nobody is mailed.
    new = {f["customer_id"] for f in told if f["at"] >= settings[f["store_id"]]["since"]}
    made: list[tuple[int, int, int, bool]] = []
    for program in await loyalty.programs_to_judge(db, stores, now):
        if program["gives"]:
            given = await loyalty.grant(db, program["id"], ids, now)
            is_news = program["kind"] == "inactivity"
            made += [
                (g["customer_id"], g["milestone_id"], g["beneficiary"], is_news) for g in given
            ]
        await _set_right(db, program["id"], ids, pending[program["store_id"]], now)
    if told_of := [grant for grant in made if grant[0] in new]:
        await own_rewards.promise_earned(db, told_of, now)


async def _earn(
    db: Connection, facts: Sequence[Any], pending: Mapping[int, timedelta], now: datetime
) -> None:
    """Each fact is worth its points to the account, no more and no less (L9, L10).

    What comes in comes before what goes out, so that of what was told together the least is
    forgiven.
    """
    so_far = await accounts.of_sources(db, POINTS, [(f["customer_id"], f["source"]) for f in facts])
    changed = []
    for fact in facts:
        had = so_far[fact["customer_id"], fact["source"]]
        if change := fact["points"] - (had["kept"] - had["forgiven"]):
            changed.append((change < 0, fact["id"], fact, had))
    if not changed:
        return
    ready = await accounts.hold(db, {fact["customer_id"] for _, _, fact, _ in changed})
    entries = []
    for is_less, _, fact, had in sorted(changed, key=lambda row: row[:2]):
        wait = pending[fact["store_id"]]
        moved = _move(fact["points"], had, ready, (fact["customer_id"], POINTS), bool(wait))
        entries.append(
            Entry(
                fact["customer_id"],
                POINTS,
                "taken_back" if is_less else "earned",
                moved.ready,
                moved.pending,
                moved.forgiven,
                now + wait if moved.pending > 0 else None,
                source=fact["source"],
            )
        )
    await accounts.enter(db, entries, now)


async def _set_right(
    db: Connection, program_id: int, ids: Sequence[int], pending: timedelta, now: datetime
) -> None:
    """Take back what its readings no longer reach, and give again what they do (L9)."""
    fallen = await loyalty.fallen(db, program_id, ids)
    if not fallen:
        return
    await loyalty.turn(
        db,
        [
            (row["milestone_id"], row["beneficiary"], "void" if row["is_short"] else "owed")
            for row in fallen
        ],
        now,
    )
    rows = [row for row in fallen if row["unit"] is not None]
    so_far = await accounts.of_grants(db, [(r["milestone_id"], r["beneficiary"]) for r in rows])
    ready = await accounts.hold(db, {row["customer_id"] for row in rows}) if rows else {}
    entries = []
    for row in rows:
        grant, account = (
            (row["milestone_id"], row["beneficiary"]),
            (row["customer_id"], row["unit"]),
        )
        worth = 0 if row["is_short"] else row["worth"]
        wait = row["unit"] == POINTS and bool(pending)
        moved = _move(worth, so_far[grant], ready, account, wait)
        entries.append(
            Entry(
                *account,
                "reversed" if row["is_short"] else "granted",
                moved.ready,
                moved.pending,
                moved.forgiven,
                now + pending if moved.pending > 0 else None,
                milestone_id=grant[0],
                beneficiary=grant[1],
            )
        )
    await accounts.enter(db, entries, now)


def _move(
    worth: int, had: Any, ready: dict[tuple[int, str], int], account: tuple[int, str], wait: bool
) -> Moved:
    """The entry, and what it leaves to spend for the account's next one."""
    has = ready.get(account, 0)
    moved = move(
        worth,
        kept=had["kept"],
        forgiven=had["forgiven"],
        ready=has,
        pending=had["pending"],
        wait=wait,
    )
    ready[account] = has + moved.ready
    return moved


async def run_program(database: Database, program_id: int, clock: Clock) -> int:
    """Judge all customers of the program's store for it; how many grants that made.

    Each chunk is one transaction that also notes how far it came: a run that was killed goes on
    there, and none of it is given twice (A15).
    """
    made = 0
    while True:
        async with unit(database) as db:
            chunk = await programs.next_chunk(db, program_id, CHUNK, clock())
            if chunk is None:
                await programs.end_run(db, program_id, clock())
                return made
            past, upto = chunk["past"], chunk["upto"]
            made += await loyalty.grant_to_chunk(db, program_id, past, upto, clock())
            await programs.note_run(db, program_id, upto)


async def run_due_programs(database: Database, clock: Clock) -> int:
    """Judge everybody for each program that time alone can move, and finish what was begun."""
    made = 0
    async with unit(database) as db:
        due = await programs.begin_runs(db, clock())
    for program_id in due:
        made += await run_program(database, program_id, clock)
    return made


async def runs_in_no_hand(database: Database, clock: Clock) -> set[tuple[int, int]]:
    """Programs that are in the middle of a run and that nobody judges now, and how far they came.

    Who stands there at two looks was left, by a worker that died.
    """
    async with unit(database) as db:
        return await programs.runs_in_no_hand(db, clock())


async def tell_expiring(database: Database, clock: Clock) -> int:
    """Promise a mail about each unused code that ends within a week, once; how many."""
    told = 0
    while True:
        async with unit(database) as db:
            now = clock()
            count = await own_rewards.promise_expiring(db, now, now + ENDS_SOON, CHUNK)
        told += count
        if not count:
            return told


async def ripen(database: Database, clock: Clock) -> int:
    """What has waited out its pending period can be spent (L10); how many entries."""
    ripe = 0
    while True:
        async with unit(database) as db:
            count = await accounts.ripen(db, clock(), 1000)
        ripe += count
        if not count:
            return ripe
