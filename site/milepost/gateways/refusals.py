"""What can go wrong between us and Stripe, told apart by what may be done next."""

import stripe

from milepost.domain.messages import N_


class PaymentUnavailable(Exception):
    """Stripe could not be asked, or refused; `sentence` may be shown to the backer."""

    sentence = N_(
        "The payment page could not be opened just now. Nothing was charged. Please try again in"
        " a minute."
    )


class BadSignature(Exception):
    """An event that Stripe did not sign, or signed too long ago."""


class Declined(Exception):
    """A charge that the card's bank refused, for good; its event is on the way too.

    `code` is the bank's reason, such as `insufficient_funds` or `authentication_required`, else
    Stripe's own; `intent` is the payment intent, "" when there is none. Source: Stripe, "Decline
    codes".
    """

    def __init__(self, code: str, intent: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.intent = intent
        self.message = message


class Unchargeable(Exception):
    """A charge that Stripe would not even try: no money moved, and no event will say so."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class RefundRefused(Exception):
    """A refund that Stripe will not make, however often it is asked."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class TaxUnknown(Exception):
    """A tax that Stripe can't calculate for this place or currency."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def of_charge(error: stripe.StripeError) -> Declined | Unchargeable | PaymentUnavailable:
    """What an error of a charge comes to; PaymentUnavailable while its outcome is unknown."""
    if not isinstance(error, stripe.CardError | stripe.InvalidRequestError):
        return PaymentUnavailable(str(error))
    told = error.error
    intent = told.payment_intent if told else None
    message = error.user_message or str(error)
    if isinstance(error, stripe.InvalidRequestError) and intent is None:
        return Unchargeable(message)
    code = (told.decline_code if told else None) or error.code or "card_declined"
    return Declined(code, intent["id"] if intent else "", message)
