"""What can be listed of billing: subscriptions, their invoices, and what those were paid with."""

from typing import Any

from .books import Thing
from .desk import Desk
from .invoices import subscription_named
from .lists import page
from .subscriptions import OVER


def subscriptions_listed(desk: Desk, _: str, given: dict[str, Any]) -> Thing:
    """A page of subscriptions; those that are over only when asked for, as Stripe does."""
    status, customer = given.get("status"), given.get("customer")

    def keeps(subscription: Thing) -> bool:
        if customer is not None and subscription["customer"] != customer:
            return False
        if status in (None, "all"):
            return status == "all" or subscription["status"] != "canceled"
        over = subscription["status"] in OVER
        return over if status == "ended" else bool(subscription["status"] == status)

    return page(desk, "subscription", "/v1/subscriptions", given, keeps)


def invoices_listed(desk: Desk, _: str, given: dict[str, Any]) -> Thing:
    """A page of invoices."""
    asked = {name: given[name] for name in ("customer", "status") if name in given}

    def keeps(invoice: Thing) -> bool:
        if "subscription" in given and subscription_named(invoice) != given["subscription"]:
            return False
        return all(invoice[name] == value for name, value in asked.items())

    return page(desk, "invoice", "/v1/invoices", given, keeps)


def payments_listed(desk: Desk, _: str, given: dict[str, Any]) -> Thing:
    """A page of invoice payments."""
    paid_with = given.get("payment", {}).get("payment_intent")
    asked = {name: given[name] for name in ("invoice", "status") if name in given}

    def keeps(payment: Thing) -> bool:
        if paid_with not in (None, payment["payment"]["payment_intent"]):
            return False
        return all(payment[name] == value for name, value in asked.items())

    return page(desk, "invoice_payment", "/v1/invoice_payments", given, keeps)
