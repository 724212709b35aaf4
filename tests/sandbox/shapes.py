"""Whether an object has the shape that Stripe publishes: all it must have, nothing invented."""

import json
from pathlib import Path
from typing import Any, ForwardRef, get_args

import stripe

SHAPES: dict[str, Any] = json.loads((Path(__file__).parent / "required_fields.json").read_text())
CLASSES: dict[str, type] = {
    "balance_transaction": stripe.BalanceTransaction,
    "charge": stripe.Charge,
    "checkout.session": stripe.checkout.Session,
    "customer": stripe.Customer,
    "dispute": stripe.Dispute,
    "event": stripe.Event,
    "invoice": stripe.Invoice,
    "invoice_payment": stripe.InvoicePayment,
    "item": stripe.LineItem,
    "line_item": stripe.InvoiceLineItem,
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "plan": stripe.Plan,
    "price": stripe.Price,
    "refund": stripe.Refund,
    "setup_intent": stripe.SetupIntent,
    "shipping_rate": stripe.ShippingRate,
    "subscription": stripe.Subscription,
    "subscription_item": stripe.SubscriptionItem,
    "tax.calculation": stripe.tax.Calculation,
}
NAMES = {"checkout.session": "Session", "event": "EventBase", "item": "LineItem"}
FREE = {"metadata", "fraud_details", "previous_attributes"}
"""Fields whose keys are anybody's choice."""


def missing(thing: Any, shape: str, path: str = "") -> list[str]:
    """The required fields that a thing lacks, by path."""
    if isinstance(thing, list):
        return [gap for item in thing for gap in missing(item, shape, path + "[]")]
    if not isinstance(thing, dict):
        return []
    if thing.get("object") == "list":
        return missing(thing["data"], shape, path + ".data")
    if isinstance(kind := thing.get("object"), str) and kind in CLASSES:
        shape = NAMES.get(kind, CLASSES[kind].__name__)
    declared = SHAPES["shapes"][shape]
    gaps = [f"{path}.{name}" for name in declared["required"] if name not in thing]
    for name, below in declared.get("nested", {}).items():
        if name in thing:
            gaps += missing(thing[name], below, f"{path}.{name}")
    return gaps


def invented(thing: Any, declared: type | None, path: str = "") -> list[str]:
    """The fields of a thing that Stripe's library doesn't know, by path."""
    if isinstance(thing, list):
        return [extra for item in thing for extra in invented(item, declared, path + "[]")]
    if not isinstance(thing, dict):
        return []
    if thing.get("object") == "list":
        return invented(thing["data"], declared, path + ".data")
    declared = CLASSES.get(thing.get("object", ""), declared)
    if declared is None:
        return []
    known: dict[str, Any] = declared.__annotations__
    extras = [f"{path}.{name}" for name in thing if name not in known]
    for name, value in thing.items():
        if name in known and name not in FREE:
            extras += invented(value, _class_in(known[name]), f"{path}.{name}")
    return extras


def _class_in(annotation: Any) -> type | None:
    """The library's class that an annotation names, if it names one."""
    if isinstance(annotation, ForwardRef):
        annotation = annotation.__forward_arg__
    if isinstance(annotation, str):
        return getattr(stripe, annotation.strip("\"'"), None)
    if isinstance(annotation, type):
        return annotation if issubclass(annotation, stripe.StripeObject) else None
    found = [_class_in(part) for part in get_args(annotation)]
    return next((one for one in found if one is not None), None)
