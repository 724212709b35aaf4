"""Refusals in the shape of Stripe's errors (source: Stripe API reference, "Errors")."""

from typing import Any

DECLINES: dict[str, tuple[str, str]] = {
    "generic_decline": ("card_declined", "Your card was declined."),
    "insufficient_funds": ("card_declined", "Your card has insufficient funds."),
    "lost_card": ("card_declined", "Your card was declined."),
    "stolen_card": ("card_declined", "Your card was declined."),
    "card_velocity_exceeded": (
        "card_declined",
        "Your card was declined for making repeated attempts too frequently.",
    ),
    "expired_card": ("expired_card", "Your card has expired."),
    "incorrect_cvc": ("incorrect_cvc", "Your card's security code is incorrect."),
    "processing_error": (
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
    ),
    "authentication_required": (
        "authentication_required",
        "Your card was declined. This transaction requires authentication.",
    ),
    "test_mode_live_card": (
        "card_declined",
        "Your card was declined. This is a sandbox, and it takes only the well-known test cards.",
    ),
}
"""Decline code → error code and what the buyer reads (source: Stripe, "Decline codes")."""


class Refused(Exception):
    """A call that Stripe would refuse: an HTTP status and the fields of its `error` object."""

    def __init__(self, status: int, kind: str, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.status = status
        self.fields: dict[str, Any] = {"message": message, "type": kind}
        self.fields.update({name: value for name, value in fields.items() if value is not None})

    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        fields = dict(self.fields)
        if code := fields.get("code"):
            fields["doc_url"] = f"https://docs.stripe.com/error-codes#{code.replace('_', '-')}"
        return {"error": fields}


def invalid(message: str, param: str | None = None, code: str | None = None) -> Refused:
    """A request that can't be carried out as it stands."""
    return Refused(400, "invalid_request_error", message, param=param, code=code)


def uncovered(what: str, param: str | None = None) -> Refused:
    """Something that Stripe does and this sandbox doesn't: said plainly rather than ignored."""
    return invalid(f"The sandbox doesn't cover {what}; Stripe itself may.", param, "not_in_sandbox")


def missing_param(param: str) -> Refused:
    """A parameter that has to be there isn't."""
    return invalid(f"Missing required param: {param}.", param, "parameter_missing")


def no_such(noun: str, identifier: str, param: str = "id", status: int = 400) -> Refused:
    """A named thing that isn't in the books; 404 when it is the address itself."""
    return Refused(
        status,
        "invalid_request_error",
        f"No such {noun}: '{identifier}'",
        code="resource_missing",
        param=param,
    )


def declined(decline_code: str, **fields: Any) -> Refused:
    """A card that its bank refuses, as 402 `card_error`."""
    code, message = DECLINES[decline_code]
    shown = decline_code if code in {"card_declined", "authentication_required"} else None
    return Refused(402, "card_error", message, code=code, decline_code=shown, **fields)
