"""Payment pages of orders: what Stripe is told to show, and where what was bought is sent."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from stripe.params.checkout import SessionCreateParams

from milepost.domain.orders import Item
from milepost.gateways.marks import ORDER


def order_params(
    *,
    key: str,
    currency: str,
    items: Sequence[Item],
    country: Any,
    expires_at: datetime,
    success_url: str,
    cancel_url: str,
    locale: str,
    email: str = "",
) -> SessionCreateParams:
    """A page that takes the payment of one order; with a `country` it asks where in it to send.

    The `email` of whoever is signed in is on it already, and can't be changed there.

    Source: Stripe API reference, "Create a Session".
    """
    metadata = {ORDER: key}
    params: SessionCreateParams = {
        "mode": "payment",
        "client_reference_id": key,
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata},
        "expires_at": int(expires_at.timestamp()),
        "success_url": success_url,
        "cancel_url": cancel_url,
        "locale": "de" if locale == "de" else "en",
        "line_items": [
            {
                "quantity": item.quantity,
                "price_data": {
                    "currency": currency.lower(),
                    "unit_amount": item.unit_price,
                    "product_data": {"name": item.title[:250]},
                },
            }
            for item in items
        ],
    }
    if email:
        params["customer_email"] = email
    if country is not None:
        params["shipping_address_collection"] = {"allowed_countries": [country]}
    return params
