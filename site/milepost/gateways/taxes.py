"""Tax on what a saved card is charged: where its holder is, and what Stripe is asked.

Source: Stripe, "Calculate tax in your custom payment flows".
"""

import stripe
from stripe.params.tax import CalculationCreateParams

from milepost.gateways.refusals import TaxUnknown


def calculation_params(
    amount: int, currency: str, country: str, postal_code: str, reference: str
) -> CalculationCreateParams:
    """One sum before tax, in minor units, sold to a payer at that billing address."""
    return {
        "currency": currency.lower(),
        "line_items": [{"amount": amount, "reference": reference, "tax_behavior": "exclusive"}],
        "customer_details": {
            "address": {"country": country, "postal_code": postal_code},
            "address_source": "billing",
        },
    }


def place_of(method: stripe.PaymentMethod) -> tuple[str, str]:
    """The country and postal code told with a card. Raises TaxUnknown when no country was."""
    address = method.billing_details.address
    if address is None or not address.country:
        raise TaxUnknown(f"nobody told the country of {method.id}")
    return address.country, address.postal_code or ""
