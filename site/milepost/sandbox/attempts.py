"""Attempts to pay: by card, through 3-D Secure, or by a slow bank.

Source: Stripe, "3D Secure authentication", "Save and reuse" (off-session rules), "Bank debits".
"""

from . import charges
from .books import Thing
from .cards import Account, Card
from .desk import Desk
from .errors import DECLINES
from .methods import means_of, save_to


def attempt(
    desk: Desk,
    intent: Thing,
    method: Thing,
    off_session: bool = False,
    return_url: str | None = None,
    page: str | None = None,
    always_ask: bool = False,
) -> None:
    """One attempt to pay: it succeeds, fails, waits for a slow bank, or asks the card's holder."""
    means = means_of(desk, method)
    desk.change(
        None, intent, payment_method=method["id"], last_payment_error=None, next_action=None
    )
    if isinstance(means, Account):
        _wait_for_bank(desk, intent, method, means)
    elif always_ask or asks_holder(
        means, desk.note(method["id"]).get("set_up", False), off_session
    ):
        if off_session:
            _decline(desk, intent, method, means, "authentication_required", False)
        else:
            _ask_holder(desk, intent, return_url, page)
    else:
        _charge(desk, intent, method, means, authenticated=False)


def asks_holder(card: Card, set_up: bool, off_session: bool) -> bool:
    """Whether the bank wants its holder to authenticate this payment."""
    if not off_session:
        return card.asks != "never"
    return card.asks == "always" or (card.asks == "unless_set_up" and not set_up)


def _ask_holder(desk: Desk, intent: Thing, return_url: str | None, page: str | None) -> None:
    url = page or f"{desk.base_url}/authenticate/{intent['id']}"
    action = {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": url}}
    desk.change(
        "payment_intent.requires_action", intent, status="requires_action", next_action=action
    )


def answer_holder(desk: Desk, intent: Thing, accepted: bool) -> None:
    """The holder has accepted or refused at their bank."""
    method = desk.books.the("payment_method", intent["payment_method"])
    means = means_of(desk, method)
    desk.change(None, intent, next_action=None)
    if accepted and isinstance(means, Card):
        _charge(desk, intent, method, means, authenticated=True)
        return
    error = {
        "code": "payment_intent_authentication_failure",
        "doc_url": "https://docs.stripe.com/error-codes#payment-intent-authentication-failure",
        "message": "We are unable to authenticate your payment method. Please choose a different "
        "payment method and try again.",
        "payment_method": dict(method),
        "type": "invalid_request_error",
    }
    _fail(desk, intent, error)


def _charge(desk: Desk, intent: Thing, method: Thing, card: Card, authenticated: bool) -> None:
    if card.decline is not None:
        _decline(desk, intent, method, card, card.decline, authenticated)
        return
    if intent["customer"] and intent["setup_future_usage"]:
        save_to(desk, method, intent["customer"], intent["setup_future_usage"] == "off_session")
    charge = charges.new_charge(
        desk, intent, method, card, "succeeded", authenticated=authenticated
    )
    _succeed(desk, intent, charge, card)


def _succeed(desk: Desk, intent: Thing, charge: Thing, means: Card | Account) -> None:
    desk.change(
        "payment_intent.succeeded",
        intent,
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        next_action=None,
        processing=None,
    )
    charges.book(desk, charge)
    if means.dispute is not None:
        desk.agenda.put(desk.clock.exact(), "dispute", charge["id"])


def _decline(
    desk: Desk, intent: Thing, method: Thing, card: Card, decline: str, authenticated: bool
) -> None:
    charge = charges.new_charge(desk, intent, method, card, "failed", decline, authenticated)
    desk.change(None, intent, latest_charge=charge["id"])
    code, message = DECLINES[decline]
    error = {
        "charge": charge["id"],
        "code": code,
        "doc_url": f"https://docs.stripe.com/error-codes#{code.replace('_', '-')}",
        "message": message,
        "payment_method": dict(method),
        "type": "card_error",
    }
    if code in ("card_declined", "authentication_required"):
        error["decline_code"] = decline
    _fail(desk, intent, error)


def _fail(desk: Desk, intent: Thing, error: Thing) -> None:
    desk.change(
        "payment_intent.payment_failed",
        intent,
        status="requires_payment_method",
        last_payment_error=error,
        payment_method=None,
        next_action=None,
        processing=None,
    )


def _wait_for_bank(desk: Desk, intent: Thing, method: Thing, account: Account) -> None:
    if intent["customer"] and intent["setup_future_usage"]:
        save_to(desk, method, intent["customer"], intent["setup_future_usage"] == "off_session")
    charge = charges.new_charge(desk, intent, method, account, "pending")
    desk.change(
        "payment_intent.processing", intent, status="processing", latest_charge=charge["id"]
    )
    if account.settles:
        desk.agenda.put(desk.clock.exact() + desk.habits.bank_seconds, "bank", intent["id"])


def bank_answers(desk: Desk, intent: Thing, failure: str | None) -> None:
    """A slow bank has said yes (`failure` None) or no."""
    desk.agenda.drop("bank", intent["id"])
    method = desk.books.the("payment_method", intent["payment_method"])
    charge = desk.books.the("charge", intent["latest_charge"])
    if failure is None:
        charges.settle(desk, charge)
        _succeed(desk, intent, charge, means_of(desk, method))
        return
    charges.fail(desk, charge, failure)
    error = {
        "charge": charge["id"],
        "code": "payment_intent_payment_attempt_failed",
        "message": charges.BANK_FAILURES[failure],
        "payment_method": dict(method),
        "type": "card_error",
    }
    _fail(desk, intent, error)
