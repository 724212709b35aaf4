"""Setup intents: the intention to save a payment method for later."""

from typing import Any

from .books import Thing
from .cards import Account, Card
from .desk import Desk
from .errors import DECLINES
from .identifiers import new_id, secret_of
from .intents import kinds_offered
from .methods import means_of, save_to
from .parameters import check_metadata


def new_setup(
    desk: Desk,
    currency: str,
    customer: str | None,
    given: dict[str, Any],
    allowed: list[str] | None,
    excluded: list[str] | None,
) -> Thing:
    """A setup intent that waits for a payment method."""
    identifier = new_id("seti")
    setup: Thing = {
        "id": identifier,
        "object": "setup_intent",
        "allowed_payment_method_types": allowed,
        "application": None,
        "automatic_payment_methods": None,
        "cancellation_reason": None,
        "client_secret": secret_of(identifier),
        "created": desk.clock.now(),
        "customer": customer,
        "customer_account": None,
        "description": given.get("description"),
        "excluded_payment_method_types": excluded,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "managed_payments": {"enabled": False},
        "mandate": None,
        "metadata": check_metadata(given.get("metadata")),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
            }
        },
        "payment_method_types": kinds_offered(currency, allowed, excluded),
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": "off_session",
    }
    desk.books.put("setup_intent", setup)
    desk.events.record("setup_intent.created", setup)
    return setup


def attempt(desk: Desk, setup: Thing, method: Thing, page: str, always_ask: bool) -> None:
    """One attempt to save: it succeeds, is refused, or asks the card's holder."""
    means = means_of(desk, method)
    desk.change(
        None,
        setup,
        payment_method=method["id"],
        last_setup_error=None,
        latest_attempt=new_id("setatt"),
        next_action=None,
    )
    if isinstance(means, Card) and not means.saves:
        _fail(desk, setup, method, means.decline or "generic_decline")
    elif isinstance(means, Card) and (always_ask or means.asks in ("unless_set_up", "always")):
        action = {"type": "redirect_to_url", "redirect_to_url": {"return_url": None, "url": page}}
        desk.change(
            "setup_intent.requires_action", setup, status="requires_action", next_action=action
        )
    else:
        _succeed(desk, setup, method)


def answer_holder(desk: Desk, setup: Thing, accepted: bool) -> None:
    """The holder has accepted or refused at their bank."""
    method = desk.books.the("payment_method", setup["payment_method"])
    desk.change(None, setup, next_action=None)
    if accepted:
        _succeed(desk, setup, method)
        return
    error = {
        "code": "setup_intent_authentication_failure",
        "doc_url": "https://docs.stripe.com/error-codes#setup-intent-authentication-failure",
        "message": "We are unable to authenticate your payment method. Please choose a different "
        "payment method and try again.",
        "payment_method": dict(method),
        "type": "invalid_request_error",
    }
    _refuse(desk, setup, error)


def _succeed(desk: Desk, setup: Thing, method: Thing) -> None:
    desk.annotate(method["id"], set_up=True)
    if setup["customer"] is not None:
        save_to(desk, method, setup["customer"], off_session=True)
    mandate = new_id("mandate") if isinstance(means_of(desk, method), Account) else None
    desk.change("setup_intent.succeeded", setup, status="succeeded", mandate=mandate)


def _fail(desk: Desk, setup: Thing, method: Thing, decline: str) -> None:
    code, message = DECLINES[decline]
    error = {
        "code": code,
        "doc_url": f"https://docs.stripe.com/error-codes#{code.replace('_', '-')}",
        "message": message,
        "payment_method": dict(method),
        "type": "card_error",
    }
    if code == "card_declined":
        error["decline_code"] = decline
    _refuse(desk, setup, error)


def _refuse(desk: Desk, setup: Thing, error: Thing) -> None:
    desk.change(
        "setup_intent.setup_failed",
        setup,
        status="requires_payment_method",
        last_setup_error=error,
        payment_method=None,
        next_action=None,
    )


def drop(desk: Desk, setup: Thing, reason: str) -> None:
    """No attempt will follow."""
    desk.change(
        "setup_intent.canceled",
        setup,
        status="canceled",
        cancellation_reason=reason,
        next_action=None,
    )
