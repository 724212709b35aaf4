"""What the world told us of a pledge or an order: Stripe's events and our own decisions."""

from dataclasses import dataclass, field
from typing import Any, Literal

FactKind = Literal[
    "paying",  # a payment has begun; names the payment
    "saved",  # the card is saved for the campaign's end
    "card",  # which card that is, or another one in its place
    "waiting",  # the checkout is complete, its money still on the way
    "paid",  # the money is here
    "failed",  # the money will not come
    "declined",  # one try was declined; others may follow
    "expired",  # the checkout can no longer be completed
    "turned_back",  # a page to mend the card or to pay for a change was left without doing so
    "refund",  # one refund as it stands now
    "refunded_total",  # all refunds of a charge together
    "disputed",
    "dispute_won",
    "dispute_lost",
    "changed",  # the backer's new lines
    "topped_up",  # the difference for new lines is paid; they come about with it
    "cancelled",
    "released",  # a person released a held pledge
    "dropped",  # the charge was given up
    "begun",  # a subscription's page was completed
    "cycle",  # an invoice of a subscription was paid
    "cycle_failed",  # it was declined; other tries may follow
    "stands",  # a subscription as Stripe has it now
    "ended",  # a subscription is over
]


@dataclass(slots=True)
class Fact:
    """One fact about one pledge, or about the order or the subscription with such a key.

    `amount` is in minor units; `ref` is the provider's id of the refund or dispute that it is
    about; `inbox_id` is where the fact is kept. `detail` holds what only some kinds have: who paid
    (`email`, `name`, `locale`), the `attempt` that it answers (P4), the `tax` in the amount, new
    lines, a card's `customer` and `method`, the `code` of a decline.
    """

    kind: FactKind
    pledge_id: int
    inbox_id: int = 0
    amount: int = 0
    ref: str = ""
    payment: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    order: str = ""
    subscription: str = ""
