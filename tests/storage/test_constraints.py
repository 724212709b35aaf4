"""The database itself refuses what money and promises must never be, each by its name."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.storage import (
    campaign_refusals,
    loyalty_refusals,
    people_refusals,
    pledge_refusals,
    shop_refusals,
    subscription_refusals,
)
from tests.storage.pledge_refusals import ATTEMPT
from tests.storage.small_world import SMALL_WORLD

REFUSED = [
    *campaign_refusals.REFUSED,
    *pledge_refusals.REFUSED,
    *people_refusals.REFUSED,
    *shop_refusals.REFUSED,
    *loyalty_refusals.REFUSED,
    *subscription_refusals.REFUSED,
]


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a database with the small world in it."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(SMALL_WORLD + shop_refusals.SHOP + loyalty_refusals.LOYALTY)
    await connection.execute(subscription_refusals.SUBSCRIPTIONS)
    yield connection
    await connection.close()


async def test_each_truth_is_kept_under_its_own_name(db: asyncpg.Connection) -> None:
    kept = []
    for name, statement in REFUSED:
        transaction = db.transaction()
        await transaction.start()
        try:
            await db.execute(statement)
            kept.append((f"{statement} was accepted", name))
        except asyncpg.IntegrityConstraintViolationError as error:
            kept.append((error.constraint_name, name))
        finally:
            await transaction.rollback()
    assert [pair for pair in kept if pair[0] != pair[1]] == []


@pytest.mark.parametrize(
    "statement",
    [
        "update entries set money = 1",
        "delete from entries",
        "truncate entries",
        "truncate entries, grants",
        "update entries set seq = seq where seq = 1",
        "insert into entries select * from entries"
        " on conflict (campaign_id, seq) do update set money = 0",
    ],
)
async def test_the_ledger_is_only_ever_appended_to(db: asyncpg.Connection, statement: str) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
        await db.execute(statement)
    assert await db.fetchval("select sum(money) from entries") == 4500


@pytest.mark.parametrize(
    "statement",
    [
        "update account_entries set ready = 1",
        "delete from account_entries",
        "truncate account_entries",
    ],
)
async def test_accounts_are_only_ever_appended_to(db: asyncpg.Connection, statement: str) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
        await db.execute(statement)
    assert await db.fetchval("select sum(ready) from account_entries") == 100


@pytest.mark.parametrize(
    "statement", ["update deeds set what = 'joined'", "delete from deeds", "truncate deeds"]
)
async def test_the_log_is_only_ever_appended_to(db: asyncpg.Connection, statement: str) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
        await db.execute(statement)


async def test_a_new_attempt_may_begin_once_the_first_is_over(db: asyncpg.Connection) -> None:
    await db.execute("update attempts set state = 'failed'")
    await db.execute(f"{ATTEMPT} (1, 'checkout', 'i2', now())")
    with pytest.raises(asyncpg.UniqueViolationError) as refused:
        await db.execute(f"{ATTEMPT} (1, 'checkout', 'i3', now())")
    assert refused.value.constraint_name == "one_attempt_at_a_time"


async def test_every_check_and_unique_name_of_the_schema_is_tried_here(
    db: asyncpg.Connection,
) -> None:
    rows = await db.fetch(
        "select conname from pg_constraint c join pg_class t on t.oid = c.conrelid"
        " where c.contype = 'c' and t.relnamespace = 'public'::regnamespace"
        " and t.relname not like 'pgqueuer%' and t.relname not like 'alembic%'"
    )
    tried = {name for name, _ in REFUSED}
    spare = {"scope_of_a_track", "source_known", "purpose_known", "attempt_state_known"}
    spare |= {"basis_of_a_campaign", "funding_model_known", "units_of_a_tier"}
    spare |= {"reward_kind_known", "code_kind_known"}
    assert {row["conname"] for row in rows} - tried - spare == set()
