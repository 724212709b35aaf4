"""Balance transactions: every movement of (pretended) money, with Stripe's fee on charges."""

from .books import Thing
from .currencies import decimals
from .desk import Desk
from .identifiers import new_id

DAYS_TO_AVAILABLE = 2
DISPUTE_FEE = 1500


def fee_of(amount: int, currency: str) -> int:
    """2.9 % and 30 cents, rounded half up: an example of a fee, as fees differ by country."""
    return (amount * 29 + 500) // 1000 + (30 if decimals(currency) == 2 else 0)


def move(
    desk: Desk, kind: str, category: str, amount: int, currency: str, source: str, fee: int = 0
) -> Thing:
    """One movement; `amount` is positive for money in, `fee` is what Stripe keeps of it."""
    now = desk.clock.now()
    details = [
        {
            "amount": fee,
            "application": None,
            "currency": currency,
            "description": "Stripe processing fees" if kind == "charge" else "Dispute fee",
            "type": "stripe_fee",
        }
    ]
    return desk.books.put(
        "balance_transaction",
        {
            "id": new_id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": now + DAYS_TO_AVAILABLE * 86_400,
            "balance_type": "payments",
            "created": now,
            "currency": currency,
            "description": None,
            "exchange_rate": None,
            "fee": fee,
            "fee_details": details if fee else [],
            "net": amount - fee,
            "reporting_category": category,
            "source": source,
            "status": "pending",
            "type": kind,
        },
    )
