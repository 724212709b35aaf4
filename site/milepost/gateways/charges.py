"""Charges of saved cards while their holders are away (P2, P4), and what became of them."""

from collections.abc import Mapping

import stripe
from stripe.params import PaymentIntentCreateParams

from milepost.gateways.marks import ATTEMPT, FOR
from milepost.gateways.refusals import Declined

DONE = frozenset({"succeeded", "processing"})


def charge_params(
    customer: str,
    method: str,
    amount: int,
    currency: str,
    metadata: Mapping[str, str],
    description: str,
    tax_calculation: str | None,
) -> PaymentIntentCreateParams:
    """One try to take `amount` minor units, with nobody there to be sent to a bank's page.

    Source: Stripe, "Save a payment method and charge it later"; "Calculate tax in your custom
    payment flows".
    """
    params: PaymentIntentCreateParams = {
        "customer": customer,
        "payment_method": method,
        "amount": amount,
        "currency": currency.lower(),
        "description": description,
        "metadata": dict(metadata),
        "off_session": True,
        "confirm": True,
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
    }
    if tax_calculation is not None:
        params["hooks"] = {"inputs": {"tax": {"calculation": tax_calculation}}}
    return params


def is_of(intent: stripe.PaymentIntent, attempt_id: int) -> bool:
    """True when `intent` is the charge that this attempt made."""
    told = intent.metadata.to_dict() if intent.metadata else {}
    return told.get(ATTEMPT) == str(attempt_id) and told.get(FOR) == "charge"


def outcome(intent: stripe.PaymentIntent) -> str:
    """The intent's id when its money is here or on the way. Raises Declined otherwise."""
    if intent.status in DONE:
        return intent.id
    error = intent.last_payment_error
    code = (error.decline_code or error.code) if error else None
    message = (error.message if error else None) or f"payment intent {intent.id}: {intent.status}"
    raise Declined(code or str(intent.status), intent.id, message)
