"""A subscription as it begins, with an item for each price that its page was paid with.

Source: Stripe API reference, "The Subscription object", "The Subscription Item object".
"""

from .books import Thing
from .desk import Desk
from .identifiers import new_id
from .lists import whole
from .parameters import check_metadata
from .periods import boundary
from .words import words

NOT_SAID = words("""application application_fee_percent billing_cycle_anchor_config
    billing_thresholds cancel_at canceled_at customer_account days_until_due default_source ended_at
    latest_invoice next_pending_invoice_item_invoice on_behalf_of pause_collection
    pending_invoice_item_interval pending_setup_intent pending_update schedule test_clock
    transfer_data trial_end trial_settings trial_start""")


def new_subscription(
    desk: Desk, session: Thing, intent: Thing, given: Thing, items: list[Thing], now: int
) -> Thing:
    """The active subscription of a session that is paid by `intent`."""
    identifier = new_id("sub")
    subscription: Thing = dict.fromkeys(NOT_SAID) | {
        "id": identifier,
        "object": "subscription",
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": now,
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible"},
        "billing_schedules": [],
        "cancel_at_period_end": False,
        "cancellation_details": dict.fromkeys(words("comment feedback feedback_option reason")),
        "collection_method": "charge_automatically",
        "created": now,
        "currency": session["currency"],
        "customer": intent["customer"],
        "default_payment_method": intent["payment_method"],
        "description": given.get("description"),
        "discounts": [],
        "invoice_settings": {
            **dict.fromkeys(words("account_tax_ids custom_fields description footer")),
            "issuer": {"type": "self"},
        },
        "items": whole([], f"/v1/subscription_items?subscription={identifier}"),
        "livemode": False,
        "managed_payments": {"enabled": False},
        "metadata": check_metadata(given.get("metadata"), "subscription_data[metadata]"),
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "start_date": now,
        "status": "active",
    }
    subscription["items"]["data"] = [_item(subscription, item, now) for item in items]
    desk.books.put("subscription", subscription)
    desk.annotate(identifier, period=0)
    return subscription


def _item(subscription: Thing, item: Thing, now: int) -> Thing:
    price = {**item["price"], "nickname": item["description"], "active": True}
    recurring = price["recurring"]
    end = boundary(now, recurring["interval"], recurring["interval_count"], 1)
    return {
        "id": new_id("si", 14),
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": now,
        "current_period_end": end,
        "current_period_start": now,
        "current_trial": None,
        "discounts": [],
        "metadata": {},
        "plan": _plan(price, now),
        "price": price,
        "quantity": item["quantity"],
        "subscription": subscription["id"],
        "tax_rates": [],
    }


def _plan(price: Thing, now: int) -> Thing:
    """The price in the words that came before prices."""
    recurring = price["recurring"]
    return {
        "id": price["id"],
        "object": "plan",
        "active": True,
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": "per_unit",
        "created": now,
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "livemode": False,
        "metadata": {},
        "meter": None,
        "nickname": price["nickname"],
        "product": price["product"],
        "tiers_mode": None,
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }
