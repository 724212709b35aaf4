"""An invoice of a subscription's period as it is drawn up, with a line for each item.

Source: Stripe API reference, "The Invoice object", "The Invoice Line Item object".
"""

from .books import Thing
from .identifiers import new_id
from .lists import whole
from .words import words

LINES = "/v1/invoices/{}/lines"
NOT_SAID = words("""account_name account_tax_ids application automatically_finalizes_at
    custom_fields customer_account default_payment_method default_source description due_date
    ending_balance footer from_invoice last_finalization_error latest_revision
    next_payment_attempt on_behalf_of receipt_number rendering shipping_cost shipping_details
    statement_descriptor test_clock webhooks_delivered_at""")


def drawn(
    subscription: Thing, customer: Thing, reason: str, moments: tuple[int, int, int], now: int
) -> Thing:
    """The open invoice, finalized `now`; `moments`: the period before it, its start, its end.

    What an invoice of a subscription covers stands on its lines; its own period is the time before.
    """
    identifier, (before, start, end) = new_id("in"), moments
    items = subscription["items"]["data"]
    lines = [_line(identifier, subscription, item, start, end) for item in items]
    return {
        **dict.fromkeys(NOT_SAID),
        "id": identifier,
        "object": "invoice",
        "account_country": "US",
        "billing_reason": reason,
        "created": now,
        "currency": subscription["currency"],
        "effective_at": now,
        "issuer": {"type": "self"},
        "lines": whole(lines, LINES.format(identifier)),
        "livemode": False,
        "metadata": {},
        "parent": _parent(subscription),
        "period_end": start,
        "period_start": before,
        "status": "open",
        "status_transitions": {
            "finalized_at": now,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        **_collected(),
        **_sums(sum(line["amount"] for line in lines)),
        **_customer(customer),
    }


def _parent(subscription: Thing) -> Thing:
    return {
        "quote_details": None,
        "subscription_details": {
            "metadata": dict(subscription["metadata"]),
            "subscription": subscription["id"],
        },
        "type": "subscription_details",
    }


def _collected() -> Thing:
    """How it is paid: by the card that is saved, no tax on it, and not tried yet."""
    return {
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
        "collection_method": "charge_automatically",
        "default_tax_rates": [],
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": ["card"],
        },
    }


def _sums(total: int) -> Thing:
    """What it comes to; nothing of it is paid, taken off, or tax."""
    return {
        "amount_due": total,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": total,
        "amount_shipping": 0,
        "discounts": [],
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "starting_balance": 0,
        "subtotal": total,
        "subtotal_excluding_tax": total,
        "total": total,
        "total_discount_amounts": [],
        "total_excluding_tax": total,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
    }


def _customer(customer: Thing) -> Thing:
    """Whose it is, as the customer stood when it was drawn up."""
    told = words("address email name phone shipping tax_exempt")
    return {f"customer_{name}": customer[name] for name in told} | {
        "customer": customer["id"],
        "customer_tax_ids": [],
    }


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
