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
from .lists import whole
from .words import words

PAY_COVERED = frozenset(words("expand off_session payment_method"))
LINES = "/v1/invoices/{}/lines"


def new_invoice(desk: Desk, subscription: Thing, reason: str, start: int, end: int) -> Thing:
    """The open invoice of one period, with a line for each item."""
    now, identifier = desk.clock.now(), new_id("in")
    customer = desk.books.the("customer", subscription["customer"])
    items = subscription["items"]["data"]
    lines = [_line(identifier, subscription, item, start, end) for item in items]
    total = sum(line["amount"] for line in lines)
    number = customer["next_invoice_sequence"]
    desk.change(None, customer, next_invoice_sequence=number + 1)
    invoice: Thing = dict.fromkeys(
        words("""account_name account_tax_ids application automatically_finalizes_at custom_fields
        customer_account default_payment_method default_source description due_date
        ending_balance footer from_invoice last_finalization_error latest_revision
        next_payment_attempt on_behalf_of receipt_number rendering shipping_cost shipping_details
        statement_descriptor test_clock webhooks_delivered_at""")
    ) | {
        "id": identifier,
        "object": "invoice",
        "account_country": "US",
        "amount_due": total,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": total,
        "amount_shipping": 0,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": now,
        "currency": subscription["currency"],
        "customer": customer["id"],
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_phone": customer["phone"],
        "customer_shipping": customer["shipping"],
        "customer_tax_exempt": customer["tax_exempt"],
        "customer_tax_ids": [],
        "default_tax_rates": [],
        "discounts": [],
        "effective_at": now,
        "issuer": {"type": "self"},
        "lines": whole(lines, LINES.format(identifier)),
        "livemode": False,
        "metadata": {},
        "number": f"{customer['invoice_prefix']}-{number:04d}",
        "parent": {
            "quote_details": None,
            "subscription_details": {
                "metadata": dict(subscription["metadata"]),
                "subscription": subscription["id"],
            },
            "type": "subscription_details",
        },
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": ["card"],
        },
        # What an invoice of a subscription covers stands on its lines; these are the time before.
        "period_end": start,
        "period_start": desk.note(subscription["id"]).get("invoiced_at", start),
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "starting_balance": 0,
        "status": "open",
        "status_transitions": {
            "finalized_at": now,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "subtotal": total,
        "subtotal_excluding_tax": total,
        "total": total,
        "total_discount_amounts": [],
        "total_excluding_tax": total,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
    }
    desk.books.put("invoice", invoice)
    desk.annotate(subscription["id"], invoiced_at=start)
    desk.events.record("invoice.created", invoice)
    desk.events.record("invoice.finalized", invoice)
    return invoice


def _line(invoice: str, subscription: Thing, item: Thing, start: int, end: int) -> Thing:
    price = item["price"]
    amount = price["unit_amount"] * item["quantity"]
    return {
        "id": new_id("il"),
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": f"{item['quantity']} × {price['nickname'] or 'Subscription'}",
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": invoice,
        "livemode": False,
        "metadata": dict(subscription["metadata"]),
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": False,
                "proration_details": {"credited_items": None},
                "subscription": subscription["id"],
                "subscription_item": item["id"],
            },
            "type": "subscription_item_details",
        },
        "period": {"end": end, "start": start},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "quantity": item["quantity"],
        "quantity_decimal": str(item["quantity"]),
        "subscription": subscription["id"],
        "subtotal": amount,
        "taxes": [],
    }


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
