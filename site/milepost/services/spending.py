"""Spending: what an order uses of its customer's own, which is credit, gifts and a code.

It is claimed with the order's pieces, given once the order is paid, and the customer's again when
nothing comes of it. Each of these holds the customer's account first, as judging does: two tabs
never spend the same.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from milepost.services.doings import note_orders
from milepost.services.gift_cards import set_right
from milepost.storage import accounts, mails, spendings
from milepost.storage.accounts import Entry
from milepost.storage.database import Connection
from milepost.storage.mails import OrderLetter

Row = Mapping[str, Any]


def source_of(order_id: int) -> str:
    """What the entries of a customer's account call the order."""
    return f"order:{order_id}"


def grants_of(row: Row) -> list[tuple[int, int]]:
    """The grants that an order's gifts are of, by milestone and beneficiary."""
    keys = dict.fromkeys(gift["grant"] for gift in row["gifts"] if gift.get("grant"))
    return [(int(milestone), int(rest)) for milestone, _, rest in (k.partition(":") for k in keys)]


async def hold_own(db: Connection, rows: Sequence[Row]) -> None:
    """Lock the accounts of whoever these orders are."""
    await spendings.hold_accounts(
        db, {row["customer_id"] for row in rows if row["customer_id"] is not None}
    )


async def claim_own(db: Connection, row: Row, now: datetime) -> str:
    """Claim the order's credit and gifts; what is not there any more, and then nothing may stand.

    `credit` or `gift`; nothing when all is claimed. Whoever calls holds the account.
    """
    credit, grants = row["credit"], grants_of(row)
    if credit:
        source = source_of(row["id"])
        spender = row["customer_id"], row["currency"]
        if not await accounts.spend(db, *spender, credit, source, now):
            return "credit"
    if grants and not await spendings.claim_gifts(db, row["customer_id"], row["id"], grants):
        return "gift"
    return ""


async def give_back_own(db: Connection, rows: Sequence[Row], now: datetime) -> None:
    """Nothing comes of these orders, which had claimed: what they used is their customers' again.

    What should have been taken back from them meanwhile is looked at again (L9).
    """
    whose = {row["customer_id"] for row in rows if row["customer_id"] is not None}
    if not whose:
        return
    await enter_returned(db, [(row, row["credit"]) for row in rows if row["credit"]], now)
    await spendings.free_gifts(db, [row["id"] for row in rows])
    await spendings.judge_again(db, whose)


async def enter_returned(
    db: Connection, returned: Sequence[tuple[Row, int]], now: datetime
) -> None:
    """So much of the credit that each order used is in its customer's account again."""
    await accounts.hold(db, {row["customer_id"] for row, _ in returned})
    entries = [
        Entry(
            row["customer_id"],
            row["currency"],
            "returned",
            ready=amount,
            source=source_of(row["id"]),
        )
        for row, amount in returned
    ]
    await accounts.enter(db, entries, now)


async def return_credit(db: Connection, row: Any, amount: int, now: datetime) -> None:
    """So much is in the customer's account again, and what the order was worth falls by it (L3)."""
    await hold_own(db, [row])
    await enter_returned(db, [(row, amount)], now)
    await spendings.return_credit(db, row["id"], amount)
    await set_right(db, [row["id"]], now)
    await note_orders(db, [row["id"]])
    key = f"order_credit_back:{row['id']}:{row['credit_back'] + amount}"
    letter = OrderLetter("order_refunded", key, row["id"], {"credit": amount})
    await mails.promise_of_orders(db, [letter], now)


async def give_own(db: Connection, order_ids: Sequence[int]) -> None:
    """These orders are paid: their gifts and their customers' own codes are given for good."""
    if order_ids:
        await spendings.give_gifts(db, order_ids)
