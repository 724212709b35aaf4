"""Payment pages: what Stripe is told to show, and the card that one of them saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import stripe
from stripe.params.checkout import SessionCreateParams, SessionCreateParamsLineItem

LONGEST_NOTE = 1200  # Source: Stripe API reference, "Create a Session", custom_text


@dataclass(frozen=True, slots=True)
class CheckoutLine:
    """One row of the payment page; `unit_price` in minor units."""

    title: str
    unit_price: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Checkout:
    """A payment page that was opened: where it is and how Stripe calls it."""

    session: str
    url: str


@dataclass(frozen=True, slots=True)
class Card:
    """A card that may be charged while its holder is away: Stripe's ids of both."""

    customer: str
    method: str


def session_params(
    mode: Literal["payment", "setup"],
    pledge_id: int,
    metadata: Mapping[str, str],
    currency: str,
    lines: Sequence[CheckoutLine],
    expires_at: datetime,
    success_url: str,
    cancel_url: str,
    locale: str,
) -> SessionCreateParams:
    """A page that takes a payment, or saves a card; it and what comes of it carry `metadata`."""
    params: SessionCreateParams = {
        "mode": mode,
        "client_reference_id": str(pledge_id),
        "metadata": dict(metadata),
        "expires_at": int(expires_at.timestamp()),
        "success_url": success_url,
        "cancel_url": cancel_url,
        "locale": "de" if locale == "de" else "en",
    }
    if mode == "payment":
        params["line_items"] = [_line_item(line, currency) for line in lines]
        params["payment_intent_data"] = {"metadata": dict(metadata)}
    else:
        params["currency"] = currency.lower()
        params["customer_creation"] = "always"
        params["setup_intent_data"] = {"metadata": dict(metadata)}
    return params


def _line_item(line: CheckoutLine, currency: str) -> SessionCreateParamsLineItem:
    return {
        "quantity": line.quantity,
        "price_data": {
            "currency": currency.lower(),
            "unit_amount": line.unit_price,
            "product_data": {"name": line.title},
        },
    }


def name_payer(params: SessionCreateParams, customer: str | None, email: str | None) -> None:
    """Open the page for a customer whom Stripe knows, else with this address filled in."""
    if customer is not None:
        params["customer"] = customer
        params.pop("customer_creation", None)
    elif email is not None:
        params["customer_email"] = email


def add_tax(params: SessionCreateParams) -> None:
    """Tax on top of the prices by the payer's address; a page that saves a card only asks for it.

    Source: Stripe, "Automatically collect tax on Checkout sessions".
    """
    params["billing_address_collection"] = "required"
    if params.get("mode") != "payment":
        return
    params["automatic_tax"] = {"enabled": True}
    for item in params.get("line_items", []):
        item["price_data"]["tax_behavior"] = "exclusive"
    if "customer" in params:
        params["customer_update"] = {"address": "auto"}


def add_note(params: SessionCreateParams, note: str) -> None:
    """A sentence beside the button of the page. Source: Stripe, "Customize text and policies"."""
    params["custom_text"] = {"submit": {"message": note[:LONGEST_NOTE]}}


def card_of(session: stripe.checkout.Session) -> Card | None:
    """The card that a completed session with its setup intent expanded has saved."""
    setup = session.setup_intent
    if session.status != "complete" or not isinstance(setup, stripe.SetupIntent):
        return None
    customer, method = _id(setup.customer), _id(setup.payment_method)
    return Card(customer, method) if customer and method else None


def _id(told: str | stripe.Customer | stripe.PaymentMethod | None) -> str:
    return told if isinstance(told, str) else told.id if told else ""
