"""Subscriptions: their invoices, paid or declined, and how they stand (L7)."""

from collections.abc import Mapping
from typing import Any

from milepost.gateways.stripe_facts import (
    Meaning,
    NotUnderstood,
    Understood,
    fact_about,
    id_of,
    instant,
    is_subscribed,
    whole,
)

OF_A_PERIOD = ("subscription_create", "subscription_cycle")
STATES = {
    "active": "active",
    "trialing": "active",
    "past_due": "past_due",
    "unpaid": "unpaid",
    "paused": "unpaid",
}


def _subscription_of(invoice: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What an invoice says of its subscription, if that is one of ours."""
    details = (invoice.get("parent") or {}).get("subscription_details")
    return details if details and is_subscribed(details) else None


def _invoice_paid(invoice: Mapping[str, Any]) -> Understood | None:
    details = _subscription_of(invoice)
    if details is None:
        return None
    if invoice["billing_reason"] not in OF_A_PERIOD:
        raise NotUnderstood(f"invoice “{invoice['id']}” is for {invoice['billing_reason']}")
    periods = [line["period"] for line in invoice["lines"]["data"]]
    detail = {
        "subscription": id_of(details["subscription"]),
        "start": min(instant(period["start"]) for period in periods),
        "end": max(instant(period["end"]) for period in periods),
    }
    amount = invoice["amount_paid"]
    return fact_about("cycle", details, amount=amount, ref=invoice["id"], detail=detail)


def _invoice_failed(invoice: Mapping[str, Any]) -> Understood | None:
    details = _subscription_of(invoice)
    if details is None or invoice["billing_reason"] == OF_A_PERIOD[0]:
        return None  # a first payment is declined on its page, which says so
    detail = {
        "subscription": id_of(details["subscription"]),
        "attempt": whole(invoice["attempt_count"]),
    }
    return fact_about("cycle_failed", details, ref=invoice["id"], detail=detail)


def _invoice_payment(payment: Mapping[str, Any]) -> Understood | None:
    """What an invoice was paid with, which it doesn't say itself; finds the order by its `ref`."""
    intent = payment["payment"].get("payment_intent")
    return intent and fact_about("paying", {}, payment=intent, ref=id_of(payment["invoice"]))


def _subscription_stands(subscription: Mapping[str, Any]) -> Understood | None:
    if not is_subscribed(subscription) or subscription["status"] in (
        "incomplete",
        "incomplete_expired",
    ):
        return None  # nothing has begun that way
    if subscription["status"] == "canceled":
        return _subscription_ended(subscription)
    if subscription["status"] not in STATES:
        raise NotUnderstood(f"“{subscription['id']}” is {subscription['status']}")
    items = subscription["items"]["data"]
    detail = {
        "subscription": subscription["id"],
        "state": STATES[subscription["status"]],
        "cancels": bool(subscription["cancel_at_period_end"] or subscription["cancel_at"]),
        "cancelled_at": subscription["canceled_at"],
        "period_end": max(instant(item["current_period_end"]) for item in items),
    }
    return fact_about("stands", subscription, detail=detail)


def _subscription_ended(subscription: Mapping[str, Any]) -> Understood | None:
    if not is_subscribed(subscription):
        return None
    why = (subscription.get("cancellation_details") or {}).get("reason")
    detail = {
        "subscription": subscription["id"],
        "ended_at": instant(subscription["ended_at"]),
        "reason": str(why or "")[:100],
    }
    return fact_about("ended", subscription, detail=detail)


MEANINGS: dict[str, Meaning] = {
    "invoice.paid": _invoice_paid,
    "invoice.payment_failed": _invoice_failed,
    "invoice_payment.paid": _invoice_payment,
    "customer.subscription.updated": _subscription_stands,
    "customer.subscription.deleted": _subscription_ended,
}
