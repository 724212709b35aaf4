"""Stripe's own books, read back so that ours can be held against them (C7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import stripe


@dataclass(frozen=True, slots=True)
class Movement:
    """A payment or a refund as Stripe has it now; `amount` in minor units, never negative.

    `payment` is the payment intent that it is, or gives back; "" for a refund of something else.
    What belongs to a pledge says so in `metadata` (payments only).
    """

    id: str
    amount: int
    currency: str
    status: str
    payment: str
    metadata: Mapping[str, str]
    created: datetime


def of_payment(intent: stripe.PaymentIntent) -> Movement:
    """What a payment intent has brought in."""
    return Movement(
        intent.id,
        intent.amount_received,
        intent.currency.upper(),
        str(intent.status),
        intent.id,
        intent.metadata.to_dict() if intent.metadata else {},
        datetime.fromtimestamp(intent.created, UTC),
    )


def of_refund(refund: stripe.Refund) -> Movement:
    """What a refund gives back, whatever its status; a failed one has given nothing."""
    payment = refund.payment_intent
    return Movement(
        refund.id,
        refund.amount,
        refund.currency.upper(),
        str(refund.status or ""),
        payment if isinstance(payment, str) else payment.id if payment else "",
        refund.metadata.to_dict() if refund.metadata else {},
        datetime.fromtimestamp(refund.created, UTC),
    )
