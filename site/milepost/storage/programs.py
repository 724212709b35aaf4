"""Programs: their rules, and the runs that judge everybody for one of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("programs")


async def next_chunk(db: Connection, program_id: int, most: int, now: datetime) -> Any | None:
    """The next customers of the program's run; the program is locked. None where it is over."""
    await _sql.plan_for_many(db)
    return await _sql.next_chunk_of_run(db, program_id=program_id, most=most, now=now)


async def note_run(db: Connection, program_id: int, upto: int) -> None:
    """All customers up to this one are judged."""
    await _sql.note_run(db, program_id=program_id, upto=upto)


async def runs_in_no_hand(db: Connection, now: datetime) -> set[tuple[int, int]]:
    """The programs whose run has begun and which nobody judges just now, and how far they came."""
    found = await rows_of(_sql.runs_in_no_hand(db, now=now))
    return {(row["id"], row["run_through"]) for row in found}


async def end_run(db: Connection, program_id: int, now: datetime) -> None:
    """Everybody is judged, unless somebody asked for another run meanwhile."""
    await _sql.end_run(db, program_id=program_id, now=now)


async def begin_runs(db: Connection, now: datetime) -> list[int]:
    """The programs that everybody has to be judged for now."""
    return [row["id"] for row in await rows_of(_sql.begin_runs(db, now=now))]


async def ask_for_run(db: Connection, program_id: int, now: datetime) -> None:
    """Everybody is to be judged for it."""
    await _sql.ask_for_run(db, program_id=program_id, now=now)


async def add(db: Connection, **columns: Any) -> int:
    """A new program with a track of its own, off."""
    return int(await _sql.add_program(db, **columns))


async def add_milestone(db: Connection, program_id: int, **columns: Any) -> int:
    """A new milestone of the program; it has no reward yet."""
    return int(await _sql.add_program_milestone(db, program_id=program_id, **columns))


async def reward(db: Connection, milestone_id: int, **columns: Any) -> int:
    """What the milestone gives from now on: the next version of its reward (A12)."""
    made = int(await _sql.add_loyalty_reward(db, milestone_id=milestone_id, **columns))
    await _sql.give_loyalty_reward(db, milestone_id=milestone_id, reward_id=made)
    return made


async def turn(
    db: Connection,
    program_id: int,
    is_on: bool,
    creator_id: int | None,
    now: datetime,
    counts_from: datetime,
) -> None:
    """On, or off; nothing that was earned is lost (S20)."""
    await _sql.turn_program(
        db,
        program_id=program_id,
        is_on=is_on,
        creator_id=creator_id,
        now=now,
        counts_from=counts_from,
    )


async def save(db: Connection, program_id: int, **columns: Any) -> None:
    """Its rule from now on."""
    await _sql.save_program(db, program_id=program_id, **columns)


async def change_milestone(db: Connection, milestone_id: int, **columns: Any) -> None:
    """What the milestone measures, and its place."""
    await _sql.change_program_milestone(db, milestone_id=milestone_id, **columns)


async def translate(
    db: Connection,
    program_id: int,
    names: Mapping[str, Any],
    texts: Mapping[int, Mapping[str, Any]],
) -> None:
    """What it is called in other languages, and what its milestones say, by their ids."""
    await _sql.translate_program(
        db,
        program_id=program_id,
        names=names,
        milestone_ids=list(texts),
        texts=list(texts.values()),
    )


async def take_out(db: Connection, milestone_id: int, *, archive: bool, now: datetime) -> None:
    """It gives no more; one that has given something is archived (A13)."""
    if archive:
        await _sql.archive_program_milestone(db, milestone_id=milestone_id, now=now)
    else:
        await _sql.remove_program_milestone(db, milestone_id=milestone_id)


async def known_products(db: Connection, store_id: int, ids: Iterable[int]) -> set[int]:
    """Those of these products that are the store's."""
    found = _sql.known_products(db, store_id=store_id, product_ids=list(ids))
    return {row["id"] for row in await rows_of(found)}


async def hold(db: Connection, store_id: int, program_id: int) -> Any | None:
    """One of the store's programs, locked."""
    return await _sql.hold_program(db, store_id=store_id, program_id=program_id)


async def milestones_of(db: Connection, program_id: int) -> list[Any]:
    """Its milestones with what they give, in their order."""
    return await rows_of(_sql.milestones_of_program(db, program_id=program_id))


async def keep_facts(db: Connection, store_id: int, now: datetime) -> bool:
    """The store keeps facts about its customers from now on; False where it did already."""
    return await _sql.keep_facts(db, store_id=store_id, now=now) is not None
