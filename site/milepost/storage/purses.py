"""Purses: what backers have that a pledge can use, what it took of that, and what came back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("purses")
GrantKey = tuple[int, int]  # milestone, beneficiary


async def of_visit(db: Connection, slug: str, visit: bytes, now: datetime) -> Any | None:
    """What the owner of this visit, by its hash, has for the campaign; None where nobody is."""
    return await _sql.purse(db, slug=slug, visit=visit, now=now)


async def take_along(
    db: Connection, customer_id: int, pledge_id: int, grants: Sequence[GrantKey]
) -> bool:
    """These gifts go with the pledge; False where one is not there to go, and none may stand."""
    found = _sql.take_along(
        db,
        customer_id=customer_id,
        pledge_id=pledge_id,
        milestone_ids=[milestone for milestone, _ in grants],
        beneficiaries=[beneficiary for _, beneficiary in grants],
    )
    return len(await rows_of(found)) == len(grants)


async def give_along(db: Connection, pledge_ids: Sequence[int]) -> None:
    """What goes with these pledges is given for good."""
    await _sql.give_along(db, pledge_ids=list(pledge_ids))


async def note_credit_back(db: Connection, back: Mapping[int, int]) -> None:
    """So much of what each pledge had set aside is its backer's again, in all."""
    await _sql.note_credit_back(db, pledge_ids=list(back), credit_backs=list(back.values()))


async def return_all_credit(db: Connection, campaign_id: int) -> list[Any]:
    """The same of all that is set aside in a campaign that failed: pledge, customer and amount."""
    rows: list[Any] = await rows_of(_sql.return_all_credit(db, campaign_id=campaign_id))
    return rows


async def hold_account(db: Connection, visit: bytes, store_id: int, now: datetime) -> None:
    """Lock the account of whoever's visit this is: nobody judges or spends it meanwhile."""
    await _sql.hold_account_of_visit(db, visit=visit, store_id=store_id, now=now)


async def left_along(db: Connection, pledge_id: int | None = None) -> Any | None:
    """A pledge of which nothing comes, and whose gifts go with it still; this one or any."""
    rows = await rows_of(_sql.left_along(db, pledge_id=pledge_id))
    return rows[0] if rows else None


async def take_back_along(db: Connection, pledge_id: int) -> int:
    """The gifts that should have gone with the pledge go with another; how many."""
    count: int = await _sql.take_back_along(db, pledge_id=pledge_id)
    return count


async def wrong(db: Connection, most: int) -> list[Any]:
    """Pledges that do not agree with their backers' accounts."""
    rows: list[Any] = await rows_of(_sql.wrong_purses(db, most=most))
    return rows


async def wrong_gifts(db: Connection, most: int) -> list[Any]:
    """Gifts that go with a pledge which does not say so, or the other way round."""
    rows: list[Any] = await rows_of(_sql.wrong_gifts_of_pledges(db, most=most))
    return rows
