"""What a call that makes a session may say (source: Stripe API reference, "Create a Session")."""

from typing import Any
from urllib.parse import urlsplit

from . import taxes
from .customers import check_email
from .desk import Desk
from .errors import invalid, missing_param, uncovered
from .parameters import check_metadata
from .words import words

COVERED = frozenset(
    words("""allowed_payment_method_types automatic_tax.enabled billing_address_collection
    branding_settings.display_name cancel_url client_reference_id currency custom_text customer
    customer_creation customer_email customer_update excluded_payment_method_types expand
    expires_at integration_identifier line_items.metadata line_items.price line_items.price_data
    line_items.quantity locale metadata mode payment_intent_data.capture_method
    payment_intent_data.description payment_intent_data.metadata payment_intent_data.receipt_email
    payment_intent_data.setup_future_usage payment_intent_data.shipping
    payment_intent_data.statement_descriptor payment_intent_data.statement_descriptor_suffix
    payment_intent_data.transfer_group payment_method_options.card.request_three_d_secure
    phone_number_collection setup_intent_data.description setup_intent_data.metadata
    shipping_address_collection shipping_options submit_type subscription_data.description
    subscription_data.metadata success_url ui_mode
   """)
)
SHORTEST, LONGEST = 30 * 60, 24 * 60 * 60
"""How far ahead a session may expire, in seconds."""
LEEWAY = 60
"""Stripe forgives a caller's clock and its own slowness by about this much."""


def check(desk: Desk, given: dict[str, Any]) -> None:
    """Refuse what no session can be made of, whatever its mode."""
    mode = given.get("mode")
    if mode is None:
        raise missing_param("mode")
    if mode == "subscription":
        _check_subscription(given)
    elif "subscription_data" in given:
        raise invalid(
            f"You can not pass `subscription_data` in `{mode}` mode.", "subscription_data"
        )
    if given.get("ui_mode", "hosted_page") != "hosted_page":
        raise uncovered("pages that are not hosted", "ui_mode")
    if given.get("billing_address_collection") == "required" and (
        "shipping_address_collection" in given
    ):
        raise uncovered("a billing address beside one to ship to", "billing_address_collection")
    _check_url(given, "success_url", needed=True)
    _check_url(given, "cancel_url")
    _check_customer(desk, given, mode)
    taxes.check(desk, given)
    if len(given.get("client_reference_id", "")) > 200:
        raise invalid("Invalid string: at most 200 characters.", "client_reference_id")
    intent, setup = given.get("payment_intent_data", {}), given.get("setup_intent_data", {})
    check_metadata(given.get("metadata"))
    check_metadata(intent.get("metadata"), "payment_intent_data[metadata]")
    check_metadata(setup.get("metadata"), "setup_intent_data[metadata]")


def _check_subscription(given: dict[str, Any]) -> None:
    """Refuse what no subscription begins with."""
    if "customer_creation" in given:
        raise invalid(
            "`customer_creation` can only be used in `payment` and `setup` mode.",
            "customer_creation",
        )
    if "submit_type" in given:
        raise invalid("`submit_type` can not be passed in `subscription` mode.", "submit_type")
    if "shipping_options" in given:
        raise invalid(
            "`shipping_options` is not supported in `subscription` mode.", "shipping_options"
        )
    if given.get("automatic_tax", {}).get("enabled"):
        raise uncovered("tax on subscriptions", "automatic_tax[enabled]")
    told = given.get("subscription_data", {}).get("metadata")
    check_metadata(told, "subscription_data[metadata]")


def _check_url(given: dict[str, Any], name: str, needed: bool = False) -> None:
    if name not in given:
        if needed:
            raise missing_param(name)
        return
    parts = urlsplit(given[name])
    if parts.scheme not in ("http", "https") or not parts.hostname or " " in given[name]:
        raise invalid("Not a valid URL", name, "url_invalid")


def _check_customer(desk: Desk, given: dict[str, Any], mode: str) -> None:
    if "customer" in given and "customer_email" in given:
        raise invalid("You may only specify one of these parameters: customer, customer_email.")
    if "customer" in given and "customer_creation" in given:
        raise invalid("You may only specify one of these parameters: customer, customer_creation.")
    if "customer_update" in given and "customer" not in given:
        raise invalid("`customer_update` can only be used with `customer`.", "customer_update")
    if "customer" in given:
        desk.find("customer", "customer", given["customer"], "customer")
    if "customer_email" in given:
        check_email(given["customer_email"], "customer_email")
    own = {"payment": "payment_intent_data", "setup": "setup_intent_data"}.get(mode)
    for wrong in ("setup_intent_data", "payment_intent_data"):
        if wrong in given and wrong != own:
            raise invalid(f"You can not pass `{wrong}` in `{mode}` mode.", wrong)
    if given.get("payment_intent_data", {}).get("capture_method") == "manual":
        raise uncovered("manual capture", "payment_intent_data[capture_method]")


def expiry(desk: Desk, given: dict[str, Any]) -> int:
    """When the session expires: told, or a day from now."""
    now = desk.clock.now()
    at: int = given.get("expires_at", now + LONGEST)
    if at < now + SHORTEST - LEEWAY:
        raise invalid(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session "
            "creation.",
            "expires_at",
        )
    if at > now + LONGEST + LEEWAY:
        raise invalid(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            "expires_at",
        )
    return at
