"""Checkout Sessions: from open to complete or expired (source: "The Session object")."""

import re
from typing import Any

from . import intents, session_rules, setups, taxes
from .books import Thing
from .currencies import check_currency
from .desk import Desk
from .errors import invalid, uncovered
from .identifiers import new_id
from .line_items import check_total, new_items, shipping_rates
from .parameters import check_metadata, merged_metadata
from .words import words

NO_INVOICE: Thing = {
    **dict.fromkeys(words("account_tax_ids custom_fields description footer issuer")),
    "metadata": {},
    "rendering_options": None,
}


def create(desk: Desk, given: dict[str, Any]) -> Thing:
    """An open session with its page, as told."""
    session_rules.check(desk, given)
    session = _blank(desk, given)
    session["metadata"] = check_metadata(given.get("metadata"))
    if given["mode"] == "payment":
        _fill_payment(desk, session, given)
    elif given["mode"] == "subscription":
        _fill_subscription(desk, session, given)
    else:
        _fill_setup(desk, session, given)
    session["url"] = f"{desk.base_url}/pay/{session['id']}"
    desk.books.put("checkout.session", session)
    desk.agenda.put(session["expires_at"], "expire", session["id"])
    return session


def _blank(desk: Desk, given: dict[str, Any]) -> Thing:
    """A session with all that doesn't depend on its mode."""
    texts = given.get("custom_text", {})
    text_names = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
    email = given.get("customer_email")
    if email is None and "customer" in given:
        email = desk.books.the("customer", given["customer"])["email"]
    session = dict.fromkeys(
        words("""after_expiration allow_promotion_codes amount_subtotal amount_total cancel_url
        client_reference_id client_secret collected_information consent consent_collection currency
        currency_conversion customer customer_account customer_email integration_identifier invoice
        invoice_creation locale origin_context payment_intent payment_link
        payment_method_configuration_details permissions recovered_from
        saved_payment_method_options setup_intent shipping_cost submit_type subscription
        total_details wallet_options""")
    )
    return {
        **session,
        "id": new_id("cs_test", 58),
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "allowed_payment_method_types": given.get("allowed_payment_method_types"),
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": given.get("billing_address_collection"),
        "cancel_url": given.get("cancel_url"),
        "client_reference_id": given.get("client_reference_id"),
        "created": desk.clock.now(),
        "custom_fields": [],
        "custom_text": {name: texts.get(name) or None for name in text_names},
        "customer": given.get("customer"),
        "customer_creation": None if "customer" in given else "if_required",
        "customer_details": customer_details(email=email) if email else None,
        "customer_email": given.get("customer_email"),
        "discounts": [],
        "excluded_payment_method_types": given.get("excluded_payment_method_types"),
        "expires_at": session_rules.expiry(desk, given),
        "integration_identifier": given.get("integration_identifier"),
        "livemode": False,
        "locale": given.get("locale"),
        "managed_payments": {"enabled": False},
        "mode": given["mode"],
        "payment_method_options": {
            "card": {
                "request_three_d_secure": given.get("payment_method_options", {})
                .get("card", {})
                .get("request_three_d_secure", "automatic")
            }
        },
        "phone_number_collection": given.get("phone_number_collection", {"enabled": False}),
        "shipping_address_collection": given.get("shipping_address_collection"),
        "shipping_options": [],
        "status": "open",
        "submit_type": given.get("submit_type"),
        "success_url": given["success_url"],
        "ui_mode": "hosted_page",
        "wallet_options": given.get("wallet_options"),
    }


def _fill_payment(desk: Desk, session: Thing, given: dict[str, Any]) -> None:
    items = new_items(desk, given.get("line_items", []))
    currency = items[0]["currency"]
    subtotal = sum(item["amount_subtotal"] for item in items)
    options = shipping_rates(desk, given.get("shipping_options", []), currency)
    shipping = options[0]["shipping_amount"] if options else 0
    check_total(subtotal + shipping, currency)
    session |= {
        "amount_subtotal": subtotal,
        "invoice_creation": {"enabled": False, "invoice_data": NO_INVOICE},
        "amount_total": subtotal + shipping,
        "currency": currency,
        "payment_method_collection": "if_required",
        "payment_method_types": _kinds(currency, given),
        "payment_status": "unpaid" if subtotal + shipping else "no_payment_required",
        "shipping_options": options,
        "shipping_cost": shipping_cost(options[0]) if options else None,
        "total_details": {"amount_discount": 0, "amount_shipping": shipping, "amount_tax": 0},
    }
    if "customer" not in given:
        session["customer_creation"] = given.get("customer_creation", "if_required")
    desk.annotate(
        session["id"],
        line_items=items,
        intent=given.get("payment_intent_data", {}),
        customer_update=given.get("customer_update", {}),
        branding=given.get("branding_settings", {}),
    )
    if given.get("automatic_tax", {}).get("enabled"):
        session |= taxes.taxed(desk, session, taxes.home_of(desk, given.get("customer")))


def _fill_subscription(desk: Desk, session: Thing, given: dict[str, Any]) -> None:
    """Like a payment of the first period; its payment intent is the invoice's, not the session's.

    The sandbox takes cards alone: a slow bank would begin a subscription that nobody has paid.
    """
    items = new_items(desk, given.get("line_items", []), recurring=True)
    currency = items[0]["currency"]
    total = sum(item["amount_subtotal"] for item in items)
    if not total:
        raise uncovered("subscriptions that cost nothing", "line_items")
    check_total(total, currency)
    if "card" not in _kinds(currency, given):
        raise uncovered("subscriptions that are not paid by card", "allowed_payment_method_types")
    session |= {
        "amount_subtotal": total,
        "amount_total": total,
        "currency": currency,
        "customer_creation": None,
        "payment_method_collection": "always",
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
    }
    desk.annotate(
        session["id"],
        line_items=items,
        intent={"setup_future_usage": "off_session", "description": "Subscription creation"},
        subscription=given.get("subscription_data", {}),
        customer_update=given.get("customer_update", {}),
        branding=given.get("branding_settings", {}),
    )


def shipping_cost(option: Thing) -> Thing:
    """What shipping by an option costs."""
    amount = option["shipping_amount"]
    return {
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "shipping_rate": option["shipping_rate"],
    }


def _fill_setup(desk: Desk, session: Thing, given: dict[str, Any]) -> None:
    if "line_items" in given:
        raise invalid("`line_items` can not be passed in `setup` mode.", "line_items")
    if "currency" not in given and "allowed_payment_method_types" not in given:
        raise invalid(
            "You must provide `currency` in `setup` mode when `allowed_payment_method_types` is "
            "not set.",
            "currency",
            "parameter_missing",
        )
    if "submit_type" in given:
        raise invalid("`submit_type` can not be passed in `setup` mode.", "submit_type")
    currency = check_currency(given.get("currency", "usd"))
    setup = setups.new_setup(
        desk,
        currency,
        given.get("customer"),
        given.get("setup_intent_data", {}),
        given.get("allowed_payment_method_types"),
        given.get("excluded_payment_method_types"),
    )
    session |= {
        "currency": given.get("currency") and currency,
        "customer_creation": given.get("customer_creation"),
        "payment_method_collection": "always",
        "payment_method_types": _kinds(currency, given),
        "payment_status": "no_payment_required",
        "setup_intent": setup["id"],
    }
    desk.annotate(setup["id"], session=session["id"])
    desk.annotate(
        session["id"],
        line_items=[],
        intent={},
        customer_update=given.get("customer_update", {}),
        branding=given.get("branding_settings", {}),
    )


def _kinds(currency: str, given: dict[str, Any]) -> list[str]:
    kinds = intents.kinds_offered(
        currency,
        given.get("allowed_payment_method_types"),
        given.get("excluded_payment_method_types"),
    )
    if not kinds:
        raise invalid(
            "No valid payment method types for this Checkout Session. The sandbox knows cards, and "
            "bank debits in USD, EUR and GBP.",
            "allowed_payment_method_types",
        )
    return kinds


def customer_details(**known: Any) -> Thing:
    """Who is paying, as far as known."""
    return {
        "address": known.get("address"),
        "business_name": None,
        "email": known.get("email"),
        "individual_name": None,
        "name": known.get("name"),
        "phone": known.get("phone"),
        "tax_exempt": "none",
        "tax_ids": known.get("tax_ids"),
    }


def update(desk: Desk, identifier: str, given: dict[str, Any]) -> Thing:
    """New metadata for a session."""
    session = desk.find("checkout.session", "checkout.session", identifier, "session", 404)
    merged = merged_metadata(session["metadata"], given.get("metadata"))
    return desk.change(None, session, metadata=merged)


def expire(desk: Desk, identifier: str) -> Thing:
    """An open session that nobody can pay any more."""
    session = desk.find("checkout.session", "checkout.session", identifier, "session", 404)
    if session["status"] != "open":
        raise invalid(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of {session['status']}.",
            "session",
        )
    desk.agenda.drop("expire", identifier)
    desk.change(None, session, status="expired", url=None)
    first = desk.note(identifier).get("first_intent") or session["payment_intent"]
    if intent := desk.books.get("payment_intent", first):
        intents.drop(desk, intent, "expired")
    if setup := desk.books.get("setup_intent", session["setup_intent"]):
        setups.drop(desk, setup, "abandoned")
    desk.events.record("checkout.session.expired", session)
    return session


def landing(session: Thing) -> str:
    """Where the buyer goes after success."""
    url: str = session["success_url"]
    return re.sub(r"\{CHECKOUT_SESSION_ID\}", session["id"], url)
