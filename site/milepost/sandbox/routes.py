"""The part of Stripe's API that the sandbox speaks: every address on one screen."""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from stripe import params
from stripe.params import checkout as checkout_params
from stripe.params import tax as tax_params

from . import (
    billing_lists,
    customers,
    disputes,
    intents,
    invoices,
    methods,
    refunds,
    session_rules,
    sessions,
    subscriptions,
    taxes,
)
from .books import Thing
from .desk import Desk
from .lists import Keeps, alike, page

Given = dict[str, Any]
Work = Callable[[Desk, str, Given], Thing]
"""Does one call: the desk, the address's id ('' when there is none), the checked parameters."""
EVERYTHING = frozenset({"*"})


@dataclass(frozen=True)
class Route:
    """One address of the API, with the library's declaration of what it takes."""

    method: str
    path: str
    takes: type
    work: Work
    covered: frozenset[str] = EVERYTHING


def reading(kind: str, noun: str, param: str) -> Work:
    """Answers the thing of the id in the address."""
    return lambda desk, identifier, given: desk.find(kind, noun, identifier, param, 404)


def listing(kind: str, url: str, *fields: str) -> Work:
    """Answers a page of things, kept by those fields."""
    return lambda desk, _, given: page(desk, kind, url, given, alike(given, *fields))


def items_of(desk: Desk, identifier: str, given: Given) -> Thing:
    """A page of a session's line items, in the order they were told."""
    desk.find("checkout.session", "checkout.session", identifier, "session", 404)
    items = desk.note(identifier)["line_items"]
    start, limit = 0, given.get("limit", 10)
    if "starting_after" in given:
        start = 1 + next((i for i, x in enumerate(items) if x["id"] == given["starting_after"]), -1)
    found = items[start : start + limit]
    url = f"/v1/checkout/sessions/{identifier}/line_items"
    more = start + limit < len(items)
    return {"object": "list", "data": found, "has_more": more, "url": url}


def events(desk: Desk, _: str, given: Given) -> Thing:
    """A page of events, by type (with `*`) and by whether all endpoints took them."""
    kinds = [given["type"]] if "type" in given else given.get("types")

    def keeps(event: Thing) -> bool:
        if kinds is not None and not any(fnmatchcase(event["type"], kind) for kind in kinds):
            return False
        taken = event["pending_webhooks"] == 0
        return bool(given.get("delivery_success", taken) == taken)

    return page(desk, "event", "/v1/events", given, keeps)


def saved_methods(desk: Desk, given: Given, customer: str | None, url: str) -> Thing:
    """A page of payment methods; without a customer, those of none are left out as Stripe does."""
    keeps: Keeps = alike({**given, "customer": customer} if customer else given, "customer", "type")
    return page(
        desk, "payment_method", url, given, lambda m: m["customer"] is not None and keeps(m)
    )


def customers_listed(desk: Desk, _: str, given: Given) -> Thing:
    """A page of customers, by their exact e-mail address."""
    return page(desk, "customer", "/v1/customers", given, alike(given, "email"))


def sessions_listed(desk: Desk, _: str, given: Given) -> Thing:
    """A page of sessions."""
    agrees = alike(given, "customer", "payment_intent", "status", "subscription", "payment_link")
    email = given.get("customer_details", {}).get("email")

    def keeps(session: Thing) -> bool:
        known = session["customer_details"] or {}
        return agrees(session) and (email is None or known.get("email") == email)

    return page(desk, "checkout.session", "/v1/checkout/sessions", given, keeps)


def disputes_closed(desk: Desk, identifier: str, given: Given) -> Thing:
    """A dispute that its seller accepts as lost."""
    return disputes.lose(desk, desk.find("dispute", "dispute", identifier, "dispute", 404))


SESSION = ("checkout.session", "checkout.session", "session")
INTENT = ("payment_intent", "payment_intent", "intent")
SUBSCRIPTION = ("subscription", "subscription", "id")
METHOD = ("payment_method", "PaymentMethod", "payment_method")
BALANCE = ("balance_transaction", "balance transaction", "id")

ROUTES: tuple[Route, ...] = (
    Route("POST", "/v1/checkout/sessions", checkout_params.SessionCreateParams,
          lambda desk, _, given: sessions.create(desk, given), session_rules.COVERED),
    Route("GET", "/v1/checkout/sessions", checkout_params.SessionListParams, sessions_listed),
    Route("GET", "/v1/checkout/sessions/{id}", checkout_params.SessionRetrieveParams,
          reading(*SESSION)),
    Route("POST", "/v1/checkout/sessions/{id}", checkout_params.SessionUpdateParams,
          sessions.update, frozenset({"metadata", "expand"})),
    Route("POST", "/v1/checkout/sessions/{id}/expire", checkout_params.SessionExpireParams,
          lambda desk, name, _: sessions.expire(desk, name)),
    Route("GET", "/v1/checkout/sessions/{id}/line_items",
          checkout_params.SessionListLineItemsParams, items_of),
    Route("POST", "/v1/payment_intents", params.PaymentIntentCreateParams,
          lambda desk, _, given: intents.create(desk, given), intents.COVERED),
    Route("GET", "/v1/payment_intents", params.PaymentIntentListParams,
          listing("payment_intent", "/v1/payment_intents", "customer")),
    Route("GET", "/v1/payment_intents/{id}", params.PaymentIntentRetrieveParams, reading(*INTENT)),
    Route("POST", "/v1/payment_intents/{id}/confirm", params.PaymentIntentConfirmParams,
          intents.confirm, intents.CONFIRM_COVERED),
    Route("POST", "/v1/payment_intents/{id}/cancel", params.PaymentIntentCancelParams,
          intents.cancel),
    Route("GET", "/v1/setup_intents", params.SetupIntentListParams,
          listing("setup_intent", "/v1/setup_intents", "customer", "payment_method")),
    Route("GET", "/v1/setup_intents/{id}", params.SetupIntentRetrieveParams,
          reading("setup_intent", "setupintent", "intent")),
    Route("POST", "/v1/customers", params.CustomerCreateParams,
          lambda desk, _, given: customers.create(desk, given), customers.COVERED),
    Route("GET", "/v1/customers", params.CustomerListParams, customers_listed),
    Route("GET", "/v1/customers/{id}", params.CustomerRetrieveParams,
          reading("customer", "customer", "customer")),
    Route("POST", "/v1/customers/{id}", params.CustomerUpdateParams, customers.update,
          customers.COVERED - {"payment_method"}),
    Route("GET", "/v1/customers/{id}/payment_methods", params.CustomerPaymentMethodListParams,
          lambda desk, name, given: saved_methods(
              desk, given, desk.find("customer", "customer", name, "customer", 404)["id"],
              f"/v1/customers/{name}/payment_methods")),
    Route("GET", "/v1/payment_methods", params.PaymentMethodListParams,
          lambda desk, _, given: saved_methods(desk, given, None, "/v1/payment_methods")),
    Route("GET", "/v1/payment_methods/{id}", params.PaymentMethodRetrieveParams,
          lambda desk, name, _: methods.resolve(desk, name, "payment_method", 404)),
    Route("POST", "/v1/payment_methods/{id}", params.PaymentMethodUpdateParams, methods.update,
          frozenset({"metadata", "expand"})),
    Route("POST", "/v1/payment_methods/{id}/attach", params.PaymentMethodAttachParams,
          methods.attach),
    Route("POST", "/v1/payment_methods/{id}/detach", params.PaymentMethodDetachParams,
          methods.detach),
    Route("GET", "/v1/charges", params.ChargeListParams,
          listing("charge", "/v1/charges", "customer", "payment_intent", "transfer_group")),
    Route("GET", "/v1/charges/{id}", params.ChargeRetrieveParams,
          reading("charge", "charge", "charge")),
    Route("POST", "/v1/refunds", params.RefundCreateParams,
          lambda desk, _, given: refunds.create(desk, given), refunds.COVERED),
    Route("GET", "/v1/refunds", params.RefundListParams,
          listing("refund", "/v1/refunds", "charge", "payment_intent")),
    Route("GET", "/v1/refunds/{id}", params.RefundRetrieveParams,
          reading("refund", "refund", "refund")),
    Route("POST", "/v1/refunds/{id}", params.RefundUpdateParams, refunds.update),
    Route("GET", "/v1/disputes", params.DisputeListParams,
          listing("dispute", "/v1/disputes", "charge", "payment_intent")),
    Route("GET", "/v1/disputes/{id}", params.DisputeRetrieveParams,
          reading("dispute", "dispute", "dispute")),
    Route("POST", "/v1/disputes/{id}/close", params.DisputeCloseParams, disputes_closed),
    Route("GET", "/v1/subscriptions", params.SubscriptionListParams,
          billing_lists.subscriptions_listed,
          frozenset({"customer", "status", "limit", "starting_after", "ending_before", "created",
                     "expand"})),
    Route("GET", "/v1/subscriptions/{id}", params.SubscriptionRetrieveParams,
          reading(*SUBSCRIPTION)),
    Route("POST", "/v1/subscriptions/{id}", params.SubscriptionUpdateParams,
          subscriptions.update, subscriptions.UPDATE_COVERED),
    Route("DELETE", "/v1/subscriptions/{id}", params.SubscriptionCancelParams,
          subscriptions.cancel, subscriptions.CANCEL_COVERED),
    Route("GET", "/v1/invoices", params.InvoiceListParams, billing_lists.invoices_listed,
          frozenset({"customer", "status", "subscription", "limit", "starting_after",
                     "ending_before", "created", "expand"})),
    Route("GET", "/v1/invoices/{id}", params.InvoiceRetrieveParams,
          reading("invoice", "invoice", "invoice")),
    Route("POST", "/v1/invoices/{id}/pay", params.InvoicePayParams, subscriptions.pay,
          invoices.PAY_COVERED),
    Route("GET", "/v1/invoice_payments", params.InvoicePaymentListParams,
          billing_lists.payments_listed),
    Route("POST", "/v1/tax/calculations", tax_params.CalculationCreateParams,
          lambda desk, _, given: taxes.calculate(desk, given), taxes.COVERED),
    Route("GET", "/v1/tax/calculations/{id}", tax_params.CalculationRetrieveParams,
          reading("tax.calculation", "tax calculation", "calculation")),
    Route("GET", "/v1/events", params.EventListParams, events),
    Route("GET", "/v1/events/{id}", params.EventRetrieveParams, reading("event", "event", "id")),
    Route("GET", "/v1/balance_transactions", params.BalanceTransactionListParams,
          listing("balance_transaction", "/v1/balance_transactions", "currency", "source", "type")),
    Route("GET", "/v1/balance_transactions/{id}", params.BalanceTransactionRetrieveParams,
          reading(*BALANCE)),
)  # fmt: skip
