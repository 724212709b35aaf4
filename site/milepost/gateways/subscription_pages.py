"""Payment pages of subscriptions, and of the cards that they are paid with."""

from datetime import datetime
from typing import Any

from stripe.params.checkout import SessionCreateParams

from milepost.gateways.marks import FOR, SUBSCRIPTION


def subscription_params(
    *,
    key: str,
    currency: str,
    items: list[tuple[str, int]],
    every: tuple[int, Any],
    country: Any,
    expires_at: datetime,
    success_url: str,
    cancel_url: str,
    locale: str,
) -> SessionCreateParams:
    """A page that begins a subscription to (title, minor units) `every` so many units of time.

    Cards alone: with a slow bank it would begin before anybody has paid. Source: Stripe, "Build a
    subscriptions integration with Checkout".
    """
    metadata = {SUBSCRIPTION: key}
    count, unit = every
    params: SessionCreateParams = {
        "mode": "subscription",
        "client_reference_id": key,
        "metadata": metadata,
        "subscription_data": {"metadata": metadata},
        "allowed_payment_method_types": ["card"],
        "expires_at": int(expires_at.timestamp()),
        "success_url": success_url,
        "cancel_url": cancel_url,
        "locale": "de" if locale == "de" else "en",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": currency.lower(),
                    "unit_amount": amount,
                    "product_data": {"name": title[:250]},
                    "recurring": {"interval": unit, "interval_count": count},
                },
            }
            for title, amount in items
        ],
    }
    if country is not None:
        params["shipping_address_collection"] = {"allowed_countries": [country]}
    return params


def card_params(
    *, key: str, payer: str, currency: str, success_url: str, cancel_url: str, locale: str
) -> SessionCreateParams:
    """A page that saves another card for the subscription's next invoices."""
    metadata = {SUBSCRIPTION: key, FOR: "card"}
    return {
        "mode": "setup",
        "customer": payer,
        "currency": currency.lower(),
        "allowed_payment_method_types": ["card"],
        "metadata": metadata,
        "setup_intent_data": {"metadata": metadata},
        "success_url": success_url,
        "cancel_url": cancel_url,
        "locale": "de" if locale == "de" else "en",
    }
