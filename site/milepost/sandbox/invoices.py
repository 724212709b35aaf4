"""Invoices of subscriptions: made at each period's start, paid by the saved card or tried again.

Stripe finalizes the invoice of a renewal after about an hour; the sandbox does so at once.
Source: Stripe API reference, "The Invoice object"; "Subscription invoices".
"""

from typing import Any

from . import attempts, intents
from .books import Thing
from .desk import Desk
from .errors import Refused, invalid
from .identifiers import new_id
from .invoice_papers import drawn
from .words import words

PAY_COVERED = frozenset(words("expand off_session payment_method"))


def new_invoice(desk: Desk, subscription: Thing, reason: str, start: int, end: int) -> Thing:
    """The open invoice of one period, with a line for each item."""
    customer = desk.books.the("customer", subscription["customer"])
    number = customer["next_invoice_sequence"]
    desk.change(None, customer, next_invoice_sequence=number + 1)
    before = desk.note(subscription["id"]).get("invoiced_at", start)
    paper = drawn(subscription, customer, reason, (before, start, end), desk.clock.now())
    paper["number"] = f"{customer['invoice_prefix']}-{number:04d}"
    invoice = desk.books.put("invoice", paper)
    desk.annotate(subscription["id"], invoiced_at=start)
    desk.events.record("invoice.created", invoice)
    desk.events.record("invoice.finalized", invoice)
    return invoice


def subscription_named(invoice: Thing) -> str:
    """The id of the subscription whose invoice it is."""
    return str(invoice["parent"]["subscription_details"]["subscription"])


def intent_of(desk: Desk, invoice: Thing) -> Thing:
    """The payment intent of an invoice, made at its first attempt."""
    if payment := payment_of(desk, invoice["id"]):
        return desk.books.the("payment_intent", payment["payment"]["payment_intent"])
    told = {"customer": invoice["customer"], "description": f"Invoice {invoice['number']}"}
    told |= {"allowed_payment_method_types": ["card"]}
    intent = intents.new_intent(desk, invoice["total"], invoice["currency"], told)
    note_payment(desk, invoice, intent)
    return intent


def payment_of(desk: Desk, invoice: str) -> Thing | None:
    """The payment of an invoice, once there was an attempt."""
    found = desk.books.shelf("invoice_payment").newest_first()
    return next((payment for payment in found if payment["invoice"] == invoice), None)


def note_payment(desk: Desk, invoice: Thing, intent: Thing) -> Thing:
    """The record that joins an invoice to the intent that is to pay it."""
    payment: Thing = {
        "id": new_id("inpay"),
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": invoice["total"],
        "created": desk.clock.now(),
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }
    return desk.books.put("invoice_payment", payment)


def attempt(desk: Desk, invoice: Thing, method: Thing | None, off_session: bool = True) -> bool:
    """One attempt to collect an open invoice; whether it is paid now."""
    intent = intent_of(desk, invoice)
    if method is not None:
        attempts.attempt(desk, intent, method, off_session=off_session)
    tried = invoice["attempt_count"] + 1
    desk.change(None, invoice, attempt_count=tried, attempted=True, next_payment_attempt=None)
    if intent["status"] != "succeeded":
        return False
    take(desk, invoice)
    return True


def take(desk: Desk, invoice: Thing) -> None:
    """Its money is here."""
    now, total = desk.clock.now(), invoice["total"]
    payment = payment_of(desk, invoice["id"])
    assert payment is not None
    desk.change(
        "invoice_payment.paid",
        payment,
        amount_paid=total,
        status="paid",
        status_transitions={"canceled_at": None, "paid_at": now},
    )
    desk.change(
        None,
        invoice,
        amount_paid=total,
        amount_remaining=0,
        attempted=True,
        auto_advance=False,
        ending_balance=0,
        next_payment_attempt=None,
        status="paid",
        status_transitions={**invoice["status_transitions"], "paid_at": now},
    )
    desk.events.record("invoice.paid", invoice)
    desk.events.record("invoice.payment_succeeded", invoice)


def check_open(invoice: Thing) -> None:
    """Refuse to collect what is not open."""
    if invoice["status"] == "paid":
        raise invalid("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] != "open":
        raise invalid(f"This invoice can't be paid: its status is {invoice['status']}.")


def declined(desk: Desk, invoice: Thing) -> Refused:
    """What an attempt by API is answered with when the card was declined."""
    intent = intent_of(desk, invoice)
    failure: dict[str, Any] = intent["last_payment_error"] or {
        "code": "resource_missing",
        "message": "This customer has no attached payment source or default payment method.",
    }
    fields = {key: value for key, value in failure.items() if key not in ("type", "message")}
    fields.pop("doc_url", None)
    return Refused(402, "card_error", failure["message"], **fields)
