"""Orders: what each fact does to one, what its payment page lists, what a refund gives back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from milepost.domain.facts import Fact
from milepost.domain.money import split

OrderState = Literal["open", "expired", "cancelled", "paid", "refunded"]
MOST_ITEMS = 100  # rows of a payment page. Source: Stripe API reference, "Create a Session"


@dataclass(slots=True)
class Order:
    """An order as facts move it: `total` is what was asked for, `paid` what came (P1, P9).

    `claiming`: its pieces and its code's use are set aside for it (P3). `refunds` are amounts by
    Stripe's id of each, none once it failed; `disputes` what is known of each, by id. `credit_left`
    is what was paid with store credit and has not gone back there.
    """

    id: int
    key: str
    state: OrderState
    total: int
    claiming: bool
    processing: bool = False
    payment: str = ""
    paid: int = 0
    refunded: int = 0
    refunds: dict[str, int] = field(default_factory=dict)
    refunded_total: int = 0
    disputes: dict[str, dict[str, Any]] = field(default_factory=dict)
    credit_left: int = 0

    @property
    def owes_credit(self) -> bool:
        """True when a lost dispute took all that the card paid: the credit goes back too (A8)."""
        return self.state == "refunded" and self.credit_left > 0

    @property
    def is_over(self) -> bool:
        """True once its payment page can't be paid and nothing came of it."""
        return self.state in ("expired", "cancelled")

    @property
    def disputed(self) -> bool:
        """True while somebody's bank has not decided."""
        return any(dispute["state"] == "open" for dispute in self.disputes.values())


def hear(order: Order, fact: Fact) -> str:
    """Apply a fact, which may come twice, late and in any order; why it is unlawful, else "" (P1).

    What was claimed is given back by whoever writes the order, and claimed anew where a payment
    comes after its page was over.
    """
    match fact.kind:
        case "paid":
            if order.paid and fact.payment != order.payment:
                return "a second payment for an order that was paid"
            if not order.paid:
                order.payment, order.paid = fact.payment, fact.amount
                order.state, order.processing = "paid", False
        case "paying":
            order.payment = order.payment or fact.payment
        case "waiting":
            order.payment = order.payment or fact.payment
            order.processing = order.state == "open"
        case "failed" if order.state == "open":
            order.state, order.processing = "cancelled", False
        case "expired" if order.state == "open" and not order.processing:
            order.state = "expired"
        case "refund":
            order.refunds[fact.ref] = fact.amount
        case "refunded_total":
            order.refunded_total = max(order.refunded_total, fact.amount)
        case "disputed" | "dispute_won" | "dispute_lost":
            _dispute(order, fact)
    _weigh(order)
    return ""


def _dispute(order: Order, fact: Fact) -> None:
    known = order.disputes.get(fact.ref, {"state": "open"})
    states = {"dispute_won": "won", "dispute_lost": "lost"}
    state = states.get(fact.kind, known["state"])  # told late, it is still over
    order.disputes[fact.ref] = known | fact.detail | {"state": state, "amount": fact.amount}


def _weigh(order: Order) -> None:
    """What went back, by the larger of both accounts; a refund that failed is known by its id."""
    back = sum(order.refunds.values())
    if 0 not in order.refunds.values():
        back = max(back, order.refunded_total)
    lost = sum(d["amount"] for d in order.disputes.values() if d["state"] == "lost")
    order.refunded = min(back + lost, order.paid)
    if order.paid:
        is_back = order.refunded == order.paid and (not order.credit_left or lost > 0)
        order.state = "refunded" if is_back else "paid"


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a payment page; `unit_price` in minor units."""

    title: str
    unit_price: int
    quantity: int


def payment_items(
    parts: Sequence[tuple[str, int, int]], credit: int = 0, rest: str = "…", coin: int = 1
) -> list[Item]:
    """What the payment page lists of (title, pieces, amount): to the cent what is charged (K6).

    A part whose amount its pieces do not share in whole `coin`s is one row; `credit` is spread over
    all (M2); what does not fit on the page is its last row, `rest`.
    """
    amounts = [amount for _, _, amount in parts]
    coins = [amount // coin for amount in amounts]
    shares = (
        [share * coin for share in split(credit // coin, coins)] if credit else [0] * len(parts)
    )
    items = []
    for (title, quantity, amount), share in zip(parts, shares, strict=True):
        left = amount - share
        if left % (quantity * coin):
            items.append(Item(f"{quantity} × {title}", left, 1))
        else:
            items.append(Item(title, left // quantity, quantity))
    if len(items) > MOST_ITEMS:
        over = items[MOST_ITEMS - 1 :]
        whole = sum(item.unit_price * item.quantity for item in over)
        items[MOST_ITEMS - 1 :] = [Item(rest, whole, 1)]
    return items


def pieces_of(row: Mapping[str, Any]) -> dict[int, int]:
    """How many of each product an order is about, its gifts among them."""
    pieces = Counter[int]()
    for line in (*row["lines"], *row["gifts"]):
        pieces[line["product"]] += line["quantity"]
    return dict(pieces)


@dataclass(frozen=True, slots=True)
class Part:
    """A line of an order: so many pieces, and what was paid for them together."""

    quantity: int
    amount: int


def worth_of(
    parts: Sequence[Part],
    returned: Mapping[int, int],
    earlier: Mapping[int, int],
    coin: int = 1,
) -> int:
    """The minor units of the pieces of these lines, by place, after those that came back (M2).

    Each piece is worth whole `coin`s, for no less can go back. Raises ValueError for a line that is
    not there so often.
    """
    whole = 0
    for place, count in returned.items():
        before = earlier.get(place, 0)
        if not 0 <= place < len(parts) or not 1 <= count <= parts[place].quantity - before:
            raise ValueError(f"line {place} is not there {count} times")
        coins, rest = divmod(parts[place].amount, coin)
        pieces = split(coins, [1] * parts[place].quantity)
        whole += sum(pieces[before : before + count]) * coin + (rest if not before else 0)
    return whole
