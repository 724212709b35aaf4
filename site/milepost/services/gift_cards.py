"""Gift cards: each piece that is paid is a code, mailed to its buyer, redeemed once as credit.

Money that goes back takes its card back: one that nobody has redeemed first, else what is left of
the credit; what was spent of it is forgiven, as no account goes below zero (L9).
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from milepost.domain.accounts import move
from milepost.domain.errors import Conflict, NotFound
from milepost.domain.messages import N_
from milepost.domain.money import Money
from milepost.services.signing_in import Asking, address_of, send_link
from milepost.storage import accounts, gift_cards, ledger, mails
from milepost.storage.accounts import Entry
from milepost.storage.database import Connection, Database, unit
from milepost.storage.mails import OrderLetter

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is read as another
LENGTH = 16


async def set_right(db: Connection, order_ids: Sequence[int], now: datetime) -> None:
    """As many cards stand as pieces of these orders are paid; their buyer is told of new ones."""
    lines = await gift_cards.lines_of(db, order_ids) if order_ids else []
    new = [(line, _code()) for line in lines for _ in range(line["wanted"] - line["has"])]
    if new:
        await gift_cards.add(db, new, now)
        letters = [
            OrderLetter("gift_cards", f"gift_cards:{order_id}", order_id)
            for order_id in sorted({line["order_id"] for line, _ in new})
        ]
        await mails.promise_of_orders(db, letters, now)
    for line in lines:
        if line["has"] > line["wanted"]:
            most = line["has"] - line["wanted"]
            gone = await gift_cards.void(db, line["order_id"], line["line"], most, now)
            await _take_back(db, [card for card in gone if card["customer_id"] is not None], now)


async def _take_back(db: Connection, cards: Sequence[Any], now: datetime) -> None:
    for card in cards:
        account, source = (card["customer_id"], card["currency"]), _source(card["id"])
        ready = (await accounts.hold(db, [account[0]])).get(account, 0)
        had = (await accounts.of_sources(db, account[1], [(account[0], source)]))[
            account[0], source
        ]
        moved = move(0, kept=had["kept"], forgiven=had["forgiven"], ready=ready, wait=False)
        entry = Entry(*account, "taken_back", moved.ready, 0, moved.forgiven, source=source)
        await accounts.enter(db, [entry], now)


async def redeem(database: Database, email: str, typed: str, now: datetime) -> int:
    """The card's amount is credit of whoever reads this address, in its store; the card's id.

    Raises NotFound for no such code, Conflict for one that was redeemed or is void.
    """
    async with unit(database) as db:
        card = await _standing(db, typed)
        ids = await ledger.know_customers(db, card["store_id"], {email: ("", "en")}, now)
        customer_id = ids[email][0]
        await gift_cards.redeem(db, card["id"], customer_id, now)
        entry = Entry(
            customer_id, card["currency"], "redeemed", card["amount"], source=_source(card["id"])
        )
        await accounts.enter(db, [entry], now)
    return int(card["id"])


async def ask_for_link(
    database: Database, base_url: str, typed: str, email: str, asking: Asking, now: datetime
) -> None:
    """Whoever has a card that stands can sign in, known or not: a link is mailed to `email`.

    Raises what `redeem` does, Invalid for what is no address, TooOften.
    """
    address = address_of(email)
    async with unit(database) as db:
        card = await _standing(db, typed)
        await ledger.know_customers(db, card["store_id"], {address: ("", asking.locale)}, now)
        await send_link(db, base_url, address, asking, now)


async def _standing(db: Connection, typed: str) -> Any:
    """The card of a code as it was typed, locked."""
    code = "".join(c for c in typed.upper() if c in LETTERS)[:LENGTH]
    found = await gift_cards.hold(db, code) if len(code) == LENGTH else []
    if not found:
        raise NotFound(
            N_("There is no gift card with this code. Check how it is spelled."), about="card"
        )
    card = found[0]
    if card["redeemed_at"] is not None:
        raise Conflict(N_("This gift card was redeemed already."), about="card")
    if card["voided_at"] is not None:
        raise Conflict(N_("This gift card is void: what was paid for it went back."), about="card")
    return card


async def redeemed(db: Connection, email: str, card_id: int) -> Money | None:
    """What whoever reads this address has redeemed of the card."""
    row = await gift_cards.redeemed_by(db, email, card_id)
    return None if row is None else Money(row["amount"], row["currency"])


def written(code: str) -> str:
    """The code in groups of four, as it is read out."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def _source(card_id: int) -> str:
    return f"gift_card:{card_id}"
