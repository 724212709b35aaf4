"""Gift cards: one for each piece that was paid, and who redeemed it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("gift_cards")


async def lines_of(db: Connection, order_ids: Sequence[int]) -> list[Any]:
    """The orders' lines of gift cards, each with how many should stand and how many do."""
    return await rows_of(_sql.gift_lines(db, order_ids=list(order_ids)))


async def add(db: Connection, cards: Sequence[tuple[Any, str]], now: datetime) -> None:
    """A card for each (line, code)."""
    await _sql.add_gift_cards(
        db,
        now=now,
        store_ids=[line["store_id"] for line, _ in cards],
        order_ids=[line["order_id"] for line, _ in cards],
        lines=[line["line"] for line, _ in cards],
        codes=[code for _, code in cards],
        currencies=[line["currency"] for line, _ in cards],
        amounts=[line["amount"] for line, _ in cards],
    )


async def void(db: Connection, order_id: int, line: int, most: int, now: datetime) -> list[Any]:
    """So many of the line's cards are void; those cards, with who had redeemed them."""
    found = _sql.void_gift_cards(db, order_id=order_id, line=line, most=most, now=now)
    return await rows_of(found)


async def hold(db: Connection, code: str) -> list[Any]:
    """The cards of the code, locked."""
    return await rows_of(_sql.hold_gift_cards(db, code=code))


async def redeem(db: Connection, card_id: int, customer_id: int, now: datetime) -> None:
    """It is this customer's credit now."""
    await _sql.redeem_gift_card(db, card_id=card_id, customer_id=customer_id, now=now)


async def redeemed_by(db: Connection, email: str, card_id: int) -> Any | None:
    """The card, if whoever reads this address has redeemed it."""
    return await _sql.redeemed_gift_card(db, email=email, card_id=card_id)


async def of_order(db: Connection, order_id: int) -> list[Any]:
    """The order's cards, void ones too."""
    return await rows_of(_sql.gift_cards_of_order(db, order_id=order_id))
