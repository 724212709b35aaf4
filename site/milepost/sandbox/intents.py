"""Payment intents: the intention to collect an amount, through one or more attempts.

Source: Stripe, "How PaymentIntents and SetupIntents work".
"""

from typing import Any

from . import taxes
from .attempts import attempt
from .books import Thing
from .cards import BANK_OF_CURRENCY
from .currencies import check_charge, check_currency
from .desk import Desk
from .errors import Refused, declined, invalid, uncovered
from .identifiers import new_id, secret_of
from .methods import address, resolve
from .parameters import check_metadata
from .words import words

COVERED = frozenset(
    words(
        "amount currency confirm customer description expand metadata off_session payment_method "
        "receipt_email return_url setup_future_usage shipping statement_descriptor "
        "statement_descriptor_suffix transfer_group allowed_payment_method_types "
        "excluded_payment_method_types automatic_payment_methods error_on_requires_action "
        "capture_method mandate_data hooks.inputs.tax.calculation"
    )
)
CONFIRM_COVERED = frozenset(
    words(
        "expand off_session payment_method return_url receipt_email setup_future_usage "
        "error_on_requires_action mandate_data shipping"
    )
)


def shipping_of(given: Any) -> Thing | None:
    """Shipping details with all of Stripe's lines."""
    if not given:
        return None
    return {
        "address": address(**given["address"]),
        "carrier": given.get("carrier"),
        "name": given.get("name"),
        "phone": given.get("phone"),
        "tracking_number": given.get("tracking_number"),
    }


def kinds_offered(
    currency: str, allowed: list[str] | None, excluded: list[str] | None
) -> list[str]:
    """The kinds of payment method that can pay in a currency, within what the caller allows."""
    possible = ["card"]
    if bank := BANK_OF_CURRENCY.get(currency):
        possible.append(bank)
    offered = [kind for kind in possible if kind in (allowed or possible)]
    return [kind for kind in offered if kind not in (excluded or [])]


def new_intent(desk: Desk, amount: int, currency: str, given: dict[str, Any]) -> Thing:
    """A payment intent that nobody has tried to pay yet."""
    allowed = given.get("allowed_payment_method_types")
    excluded = given.get("excluded_payment_method_types")
    identifier = new_id("pi")
    intent: Thing = {
        "id": identifier,
        "object": "payment_intent",
        "allowed_payment_method_types": allowed,
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": given.get("automatic_payment_methods"),
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": given.get("capture_method", "automatic_async"),
        "client_secret": secret_of(identifier),
        "confirmation_method": "automatic",
        "created": desk.clock.now(),
        "currency": currency,
        "customer": given.get("customer"),
        "customer_account": None,
        "description": given.get("description"),
        "excluded_payment_method_types": excluded,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "managed_payments": {"enabled": False},
        "metadata": check_metadata(given.get("metadata")),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {
                "installments": None,
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
            }
        },
        "payment_method_types": kinds_offered(currency, allowed, excluded),
        "payment_record": None,
        "processing": None,
        "receipt_email": given.get("receipt_email"),
        "review": None,
        "setup_future_usage": given.get("setup_future_usage"),
        "shipping": shipping_of(given.get("shipping")),
        "source": None,
        "statement_descriptor": given.get("statement_descriptor"),
        "statement_descriptor_suffix": given.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": given.get("transfer_group"),
    }
    if "hooks" in given:
        intent["hooks"] = given["hooks"]
    desk.books.put("payment_intent", intent)
    desk.events.record("payment_intent.created", intent)
    return intent


def create(desk: Desk, given: dict[str, Any]) -> Thing:
    """A payment intent by API, tried at once when `confirm` is true."""
    currency = check_currency(given["currency"])
    check_charge(given["amount"], currency)
    check_metadata(given.get("metadata"))
    taxes.check_hook(desk, given)
    if given.get("capture_method") == "manual":
        raise uncovered("manual capture", "capture_method")
    if "off_session" in given and not given.get("confirm"):
        raise invalid(
            "You cannot use `off_session` without also setting `confirm` to true.", "off_session"
        )
    if "customer" in given:
        desk.find("customer", "customer", given["customer"], "customer")
    method = None
    if "payment_method" in given:
        method = resolve(desk, given["payment_method"], "payment_method")
        _check_owner(desk, method, given.get("customer"))
    if given.get("confirm") and method is None:
        raise invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            "payment_method",
            "payment_intent_unexpected_state",
        )
    intent = new_intent(desk, given["amount"], currency, given)
    if method is not None:
        desk.change(None, intent, payment_method=method["id"], status="requires_confirmation")
    if given.get("confirm"):
        confirm(desk, intent["id"], {k: v for k, v in given.items() if k != "payment_method"})
    return intent


def _check_owner(desk: Desk, method: Thing, customer: str | None) -> None:
    if desk.note(method["id"]).get("detached"):
        raise invalid(
            f"The provided PaymentMethod ({method['id']}) was detached from a Customer and can't "
            "be used again.",
            "payment_method",
        )
    if method["customer"] is not None and method["customer"] != customer:
        raise invalid(
            f"The PaymentMethod {method['id']} belongs to the Customer {method['customer']}. "
            "Please include the Customer in the `customer` parameter on the PaymentIntent.",
            "payment_method",
        )


def confirm(desk: Desk, identifier: str, given: dict[str, Any]) -> Thing:
    """Try to pay by API; a decline is 402 and leaves the intent open for another try."""
    intent = desk.find("payment_intent", "payment_intent", identifier, "intent", 404)
    if "payment_method" in given:
        method = resolve(desk, given["payment_method"], "payment_method")
        _check_owner(desk, method, intent["customer"])
    elif intent["payment_method"] is not None:
        method = desk.books.the("payment_method", intent["payment_method"])
    else:
        raise _unexpected(intent, "confirm", "missing a payment method")
    if intent["status"] not in ("requires_payment_method", "requires_confirmation"):
        raise _unexpected(intent, "confirm", f"in the status {intent['status']}")
    if method["type"] not in intent["payment_method_types"]:
        raise invalid(
            f"The PaymentMethod provided ({method['type']}) is not allowed for this PaymentIntent.",
            "payment_method",
        )
    told: Thing = {
        name: given[name] for name in ("receipt_email", "setup_future_usage") if name in given
    }
    if "shipping" in given:
        told["shipping"] = shipping_of(given["shipping"])
    desk.change(None, intent, **told)
    off_session = given.get("off_session") not in (None, False, "false")
    attempt(desk, intent, method, off_session, given.get("return_url"))
    if intent["status"] == "requires_action" and given.get("error_on_requires_action"):
        desk.change(None, intent, status="requires_payment_method", next_action=None)
        raise declined("authentication_required", payment_intent=intent, payment_method=method)
    if failure := intent["last_payment_error"]:
        fields = {key: value for key, value in failure.items() if key not in ("type", "message")}
        fields.pop("doc_url", None)
        raise Refused(402, "card_error", failure["message"], **fields, payment_intent=intent)
    return intent


def _unexpected(intent: Thing, verb: str, why: str) -> Refused:
    return Refused(
        400,
        "invalid_request_error",
        f"You cannot {verb} this PaymentIntent because it's {why}.",
        code="payment_intent_unexpected_state",
        payment_intent=intent,
    )


def cancel(desk: Desk, identifier: str, given: dict[str, Any]) -> Thing:
    """Cancel by API; the intent of a Checkout Session is cancelled by expiring its session."""
    intent = desk.find("payment_intent", "payment_intent", identifier, "intent", 404)
    if desk.note(identifier).get("session"):
        raise invalid(
            "You cannot cancel this PaymentIntent because it is associated with a Checkout "
            "Session. You should expire the Checkout Session instead.",
            "intent",
        )
    return drop(desk, intent, given.get("cancellation_reason"))


def drop(desk: Desk, intent: Thing, reason: str | None) -> Thing:
    """No attempt will follow."""
    open_states = ("requires_payment_method", "requires_confirmation", "requires_action")
    if intent["status"] not in open_states:
        raise _unexpected(intent, "cancel", f"in the status {intent['status']}")
    return desk.change(
        "payment_intent.canceled",
        intent,
        status="canceled",
        canceled_at=desk.clock.now(),
        cancellation_reason=reason,
        next_action=None,
    )
