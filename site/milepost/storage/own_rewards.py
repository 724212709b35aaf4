"""What a customer has of programs: accounts, readings, grants with their rules; and mails of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("own_rewards")


async def accounts_of(db: Connection, email: str) -> list[Any]:
    """The address's customers in stores where they may have an account; who has one comes first."""
    return await rows_of(_sql.own_accounts(db, email=email))


async def has_any(db: Connection, email: str) -> bool:
    """True when any of these customers has an account, or may come to one."""
    return bool(await _sql.has_own_rewards(db, email=email))


async def pendings(db: Connection, customer_id: int) -> list[Any]:
    """What can't be spent yet, by unit and the instant from which it can."""
    return await rows_of(_sql.own_pendings(db, customer_id=customer_id))


async def running(db: Connection, store_id: int, now: datetime) -> list[Any]:
    """The store's programs that give now."""
    return await rows_of(_sql.running_programs(db, store_id=store_id, now=now))


async def milestones_of(db: Connection, program_ids: Sequence[int]) -> list[Any]:
    """The milestones of these programs with their present rewards, in order."""
    return await rows_of(_sql.milestones_of_programs(db, program_ids=list(program_ids)))


async def readings(db: Connection, customer_id: int, program_ids: Sequence[int]) -> list[Any]:
    """Where the customer stands in each of these programs, by what its milestones measure."""
    ids = list(program_ids)
    return await rows_of(_sql.own_readings(db, customer_id=customer_id, program_ids=ids))


async def given(db: Connection, customer_id: int, program_ids: Sequence[int]) -> list[Any]:
    """Which milestones of these programs have given something to the customer."""
    ids = list(program_ids)
    return await rows_of(_sql.given_milestones(db, customer_id=customer_id, program_ids=ids))


async def grants(
    db: Connection, customer_id: int, before: tuple[int, int, int] | None, most: int
) -> list[Any]:
    """The next grants, newest first; `before`: the seq, milestone and beneficiary of the last."""
    seq, milestone_id, beneficiary = before if before is not None else (None, None, None)
    found = _sql.own_grants(
        db,
        customer_id=customer_id,
        seq=seq,
        milestone_id=milestone_id,
        beneficiary=beneficiary,
        most=most,
    )
    return await rows_of(found)


async def grants_told(db: Connection, grants: Iterable[tuple[int, int]]) -> list[Any]:
    """These grants, by milestone and beneficiary, as they stand now."""
    told = list(grants)
    return await rows_of(
        _sql.grants_of_mails(
            db,
            milestone_ids=[milestone for milestone, _ in told],
            beneficiaries=[beneficiary for _, beneficiary in told],
        )
    )


async def products(db: Connection, ids: Iterable[int]) -> list[Any]:
    """The `title` and `translations` of these products."""
    return await rows_of(_sql.titles_of_products(db, product_ids=sorted(ids)))


async def customers_told(db: Connection, ids: Iterable[int]) -> dict[int, Any]:
    """The customers whom mails go to, with their stores, by id."""
    rows = await rows_of(_sql.customers_of_mails(db, customer_ids=sorted(ids)))
    return {row["id"]: row for row in rows}


async def promise_earned(
    db: Connection, grants: Sequence[tuple[int, int, int, bool]], now: datetime
) -> None:
    """Promise each customer one mail about these grants with this transaction.

    Each is a customer, milestone and beneficiary, and whether the mail about it is news.
    """
    by_customer: dict[tuple[int, bool], list[list[int]]] = {}
    for customer_id, milestone_id, beneficiary, is_news in sorted(grants):
        by_customer.setdefault((customer_id, is_news), []).append([milestone_id, beneficiary])
    await _sql.promise_earned(
        db,
        customer_ids=[customer_id for customer_id, _ in by_customer],
        firsts=[f"{own[0][0]}:{own[0][1]}" for own in by_customer.values()],
        details=[orjson.dumps({"grants": own}).decode() for own in by_customer.values()],
        are_news=[is_news for _, is_news in by_customer],
        now=now,
    )


async def promise_expiring(db: Connection, now: datetime, until: datetime, most: int) -> int:
    """Promise a mail about each unused code of a customer's own that ends by then; how many."""
    return int(await _sql.promise_expiring(db, now=now, until=until, most=most))
