"""Subscriptions: begun by a Checkout Session, carried on by the sandbox's clock.

At each period's end an invoice is made and collected from the saved card. One that is declined is
tried again after 1, 3, 5 and 7 days, as the default of "Automatic collection" may be set; then the
subscription is over. Source: Stripe, "How subscriptions work"; API reference, "Subscriptions".
"""

from typing import Any

from . import invoices
from .books import Thing
from .desk import Desk
from .errors import invalid
from .invoices import subscription_named
from .methods import resolve
from .new_subscriptions import new_subscription
from .parameters import merged_metadata
from .periods import boundary
from .words import words

UPDATE_COVERED = frozenset(
    words("cancel_at_period_end cancellation_details default_payment_method expand metadata")
)
CANCEL_COVERED = frozenset(words("cancellation_details expand invoice_now prorate"))
RETRIES = (1, 3, 5, 7)
"""Days until a declined invoice is tried again, after each attempt."""
DAY = 86_400
OVER = ("canceled", "incomplete_expired")


def begin(desk: Desk, session: Thing, intent: Thing) -> None:
    """The subscription that a session has paid the first period of."""
    note = desk.note(session["id"])
    now = desk.clock.now()
    given = note["subscription"]
    subscription = new_subscription(desk, session, intent, given, note["line_items"], now)
    interval, count = _recurs(subscription)
    end = boundary(now, interval, count, 1)
    desk.events.record("customer.subscription.created", subscription)
    invoice = invoices.new_invoice(desk, subscription, "subscription_create", now, end)
    invoices.note_payment(desk, invoice, intent)
    desk.change(None, subscription, latest_invoice=invoice["id"])
    desk.change(None, session, subscription=subscription["id"], invoice=invoice["id"])
    desk.change(None, invoice, attempt_count=1)
    invoices.take(desk, invoice)
    desk.agenda.put(end, "cycle", subscription["id"])


def _recurs(subscription: Thing) -> tuple[str, int]:
    recurring = subscription["items"]["data"][0]["price"]["recurring"]
    return recurring["interval"], recurring["interval_count"]


def cycle(desk: Desk, identifier: str) -> None:
    """A period has ended: the subscription with it, or the next begins with its invoice."""
    subscription = desk.books.the("subscription", identifier)
    if subscription["status"] in OVER:
        return
    if subscription["cancel_at_period_end"]:
        _end(desk, subscription)
        return
    number = desk.note(identifier)["period"] + 1
    anchor, (interval, count) = subscription["billing_cycle_anchor"], _recurs(subscription)
    start, end = (boundary(anchor, interval, count, at) for at in (number, number + 1))
    desk.annotate(identifier, period=number)
    items = [
        {**item, "current_period_start": start, "current_period_end": end}
        for item in subscription["items"]["data"]
    ]
    invoice = invoices.new_invoice(desk, subscription, "subscription_cycle", start, end)
    desk.change(
        "customer.subscription.updated",
        subscription,
        items={**subscription["items"], "data": items},
        latest_invoice=invoice["id"],
    )
    desk.agenda.put(end, "cycle", identifier)
    _collect(desk, invoice, start)


def retry(desk: Desk, identifier: str) -> None:
    """The time has come to try a declined invoice again."""
    invoice = desk.books.the("invoice", identifier)
    if invoice["status"] == "open":
        _collect(desk, invoice, desk.note(f"retry:{identifier}")["due"])


def _collect(desk: Desk, invoice: Thing, at: int) -> bool:
    """One attempt, and what follows from it; `at` is when it was due."""
    subscription = _subscription_of(desk, invoice)
    if subscription["status"] in OVER:
        return False
    if invoices.attempt(desk, invoice, _method(desk, subscription)):
        _recover(desk, subscription)
        return True
    tried = invoice["attempt_count"]
    is_last = tried > len(RETRIES)
    again = None if is_last else at + RETRIES[tried - 1] * DAY
    desk.change(None, invoice, next_payment_attempt=again, auto_advance=not is_last)
    desk.events.record("invoice.payment_failed", invoice)
    if again is None:
        _end(desk, subscription, "payment_failed")
        return False
    if subscription["status"] != "past_due":
        desk.change("customer.subscription.updated", subscription, status="past_due")
    desk.annotate(f"retry:{invoice['id']}", due=again)
    desk.agenda.put(again, "retry", invoice["id"])
    return False


def _recover(desk: Desk, subscription: Thing) -> None:
    owes = any(
        invoice["status"] == "open" and subscription_named(invoice) == subscription["id"]
        for invoice in desk.books.shelf("invoice").newest_first()
    )
    if subscription["status"] == "past_due" and not owes:
        desk.change("customer.subscription.updated", subscription, status="active")


def _method(desk: Desk, subscription: Thing) -> Thing | None:
    """The card that the subscription is paid with, or its customer's, unless it was detached."""
    customer = desk.books.the("customer", subscription["customer"])
    chosen = subscription["default_payment_method"]
    chosen = chosen or customer["invoice_settings"]["default_payment_method"]
    method = desk.books.get("payment_method", chosen)
    return None if method is None or desk.note(method["id"]).get("detached") else method


def _subscription_of(desk: Desk, invoice: Thing) -> Thing:
    return desk.books.the("subscription", subscription_named(invoice))


def _end(desk: Desk, subscription: Thing, reason: str | None = None) -> Thing:
    """Over: nothing is made or collected any more."""
    now = desk.clock.now()
    details = subscription["cancellation_details"]
    if reason is not None:
        details = {**details, "reason": reason}
    desk.agenda.drop("cycle", subscription["id"])
    for invoice in desk.books.shelf("invoice").newest_first():
        if invoice["status"] == "open" and subscription_named(invoice) == subscription["id"]:
            desk.agenda.drop("retry", invoice["id"])
            desk.change(None, invoice, auto_advance=False, next_payment_attempt=None)
    return desk.change(
        "customer.subscription.deleted",
        subscription,
        status="canceled",
        cancel_at=None,
        canceled_at=subscription["canceled_at"] or now,
        cancellation_details=details,
        ended_at=now,
    )


def _known(desk: Desk, identifier: str) -> Thing:
    subscription = desk.find("subscription", "subscription", identifier, "id", 404)
    if subscription["status"] in OVER:
        raise invalid(
            "A canceled subscription can only update its cancellation_details and metadata."
        )
    return subscription


def update(desk: Desk, identifier: str, given: dict[str, Any]) -> Thing:
    """Another card, an end after this period or none, other metadata."""
    subscription = _known(desk, identifier)
    told: Thing = {}
    if "metadata" in given:
        told["metadata"] = merged_metadata(subscription["metadata"], given["metadata"])
    if "default_payment_method" in given:
        told["default_payment_method"] = _owned(desk, subscription, given)["id"]
    if "cancel_at_period_end" in given:
        told |= _ending(desk, subscription, given["cancel_at_period_end"])
    if "cancellation_details" in given:
        told["cancellation_details"] = _details(subscription, told, given)
    return desk.change("customer.subscription.updated", subscription, **told)


def _owned(desk: Desk, subscription: Thing, given: Thing) -> Thing:
    method = resolve(desk, given["default_payment_method"], "default_payment_method")
    if method["customer"] != subscription["customer"]:
        raise invalid(
            "The customer does not have a payment method with the ID "
            f"{method['id']}. The payment method must be attached to the customer.",
            "default_payment_method",
            "resource_missing",
        )
    return method


def _ending(desk: Desk, subscription: Thing, ends: bool) -> Thing:
    if not ends:
        details = {**subscription["cancellation_details"], "reason": None}
        return {"cancel_at_period_end": False, "cancel_at": None, "canceled_at": None,
                "cancellation_details": details}  # fmt: skip
    if subscription["cancel_at_period_end"]:
        return {}
    details = {**subscription["cancellation_details"], "reason": "cancellation_requested"}
    end = subscription["items"]["data"][0]["current_period_end"]
    return {"cancel_at_period_end": True, "cancel_at": end, "canceled_at": desk.clock.now(),
            "cancellation_details": details}  # fmt: skip


def _details(subscription: Thing, told: Thing, given: Thing) -> Thing:
    details: Thing = told.get("cancellation_details") or subscription["cancellation_details"]
    told_now = {name: value or None for name, value in given["cancellation_details"].items()}
    return {**details, **told_now}


def cancel(desk: Desk, identifier: str, given: dict[str, Any]) -> Thing:
    """Over at once; nothing goes back by itself."""
    subscription = _known(desk, identifier)
    if "cancellation_details" in given:
        details = {**subscription["cancellation_details"], **given["cancellation_details"]}
        desk.change(None, subscription, cancellation_details=details)
    return _end(desk, subscription, "cancellation_requested")


def pay(desk: Desk, identifier: str, given: dict[str, Any]) -> Thing:
    """An open invoice is collected now, by the card that is named or the subscription's."""
    invoice = desk.find("invoice", "invoice", identifier, "invoice", 404)
    invoices.check_open(invoice)
    subscription = _subscription_of(desk, invoice)
    method = _method(desk, subscription)
    if "payment_method" in given:
        method = _owned(desk, subscription, {"default_payment_method": given["payment_method"]})
    if not invoices.attempt(desk, invoice, method, given.get("off_session", True)):
        desk.events.record("invoice.payment_failed", invoice)
        raise invoices.declined(desk, invoice)
    desk.agenda.drop("retry", identifier)
    _recover(desk, subscription)
    return invoice
