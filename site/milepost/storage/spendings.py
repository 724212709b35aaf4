"""What orders hold of their customers' own: gifts, by their grants, and credit that went back."""

from collections.abc import Iterable, Sequence

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("spendings")


async def hold_accounts(db: Connection, customer_ids: Iterable[int]) -> None:
    """These customers' accounts, locked in the order of their ids."""
    if ids := sorted(set(customer_ids)):
        await rows_of(_sql.hold_accounts(db, customer_ids=ids))


async def claim_gifts(
    db: Connection, customer_id: int, order_id: int, grants: Sequence[tuple[int, int]]
) -> bool:
    """These grants go with the order; False where one is not there to go, and none may stand."""
    found = _sql.claim_gifts(
        db,
        customer_id=customer_id,
        order_id=order_id,
        milestone_ids=[milestone for milestone, _ in grants],
        beneficiaries=[beneficiary for _, beneficiary in grants],
    )
    return len(await rows_of(found)) == len(grants)


async def free_gifts(db: Connection, order_ids: Sequence[int]) -> None:
    """What these orders would have brought comes with another."""
    await _sql.free_gifts(db, order_ids=list(order_ids))


async def give_gifts(db: Connection, order_ids: Sequence[int]) -> None:
    """Gifts and own codes of these orders, which are paid, are given for good."""
    await _sql.give_gifts(db, order_ids=list(order_ids))


async def judge_again(db: Connection, customer_ids: Iterable[int]) -> None:
    """What these customers have a right to is looked at again."""
    await _sql.judge_again(db, customer_ids=sorted(set(customer_ids)))


async def return_credit(db: Connection, order_id: int, amount: int) -> None:
    """So much of what the order paid with store credit is the customer's again."""
    await _sql.return_credit(db, order_id=order_id, amount=amount)
