"""Charges: one attempt to take money, that succeeded, failed, or waits for a slow bank."""

from .balance import fee_of, move
from .books import Thing
from .cards import Account, Card
from .desk import Desk
from .errors import DECLINES
from .identifiers import new_id
from .words import words

BANK_FAILURES = {
    "no_account": "The customer's bank account could not be located.",
    "account_closed": "The customer's bank account has been closed.",
    "insufficient_funds": "The customer's account has insufficient funds to cover this payment.",
    "debit_not_authorized": "The customer has notified their bank that this payment was "
    "unauthorized.",
}
"""Failure codes of bank debits and what they mean (source: Stripe, "Blocked bank accounts")."""


def new_charge(
    desk: Desk,
    intent: Thing,
    method: Thing,
    means: Card | Account,
    status: str,
    decline: str | None = None,
    authenticated: bool = False,
) -> Thing:
    """The charge of a payment intent's attempt, kept and recorded by its status."""
    paid = status == "succeeded"
    identifier = new_id("ch" if isinstance(means, Card) else "py")
    charge: Thing = {
        "id": identifier,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if paid else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "SANDBOX",
        "captured": status != "failed",
        "created": desk.clock.now(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": _outcome(status, decline),
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _details(intent, method, means, decline, authenticated),
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": f"{desk.base_url}/sandbox/charges/{identifier}" if paid else None,
        "refunded": False,
        "review": None,
        "shipping": intent["shipping"],
        "source": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": status,
        "transfer_data": None,
        "transfer_group": intent["transfer_group"],
    }
    if decline is not None:
        charge["failure_code"], charge["failure_message"] = DECLINES[decline]
    desk.books.put("charge", charge)
    desk.events.record(f"charge.{status}", charge)
    return charge


def _outcome(status: str, decline: str | None) -> Thing:
    if status == "failed":
        return {
            "advice_code": "try_again_later" if decline == "processing_error" else None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "declined_by_network",
            "reason": decline,
            "risk_level": "normal",
            "risk_score": 20,
            "seller_message": "The bank did not return any further details with this decline.",
            "type": "issuer_declined",
        }
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network",
        "reason": None,
        "risk_level": "normal",
        "risk_score": 20,
        "seller_message": "Payment complete.",
        "type": "authorized",
    }


def _details(
    intent: Thing, method: Thing, means: Card | Account, decline: str | None, authenticated: bool
) -> Thing:
    kind = method["type"]
    face = method[kind]
    if isinstance(means, Account):
        kept = {
            "us_bank_account": (
                "account_holder_type account_type bank_name fingerprint last4 routing_number"
            ),
            "sepa_debit": "bank_code branch_code country fingerprint last4",
            "bacs_debit": "fingerprint last4 sort_code",
        }[kind]
        details = {name: face[name] for name in words(kept)}
        if kind == "us_bank_account":
            details["payment_reference"] = None
        details["mandate"] = new_id("mandate")
        return {"type": kind, kind: details}
    secure = {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": new_id("3ds"),
        "version": "2.2.0",
    }
    checks = dict(face["checks"])
    if decline == "incorrect_cvc":
        checks["cvc_check"] = "fail"
    kept = "brand country exp_month exp_year fingerprint funding last4 regulated_status wallet"
    card = {name: face[name] for name in words(kept)}
    card |= {
        "amount_authorized": intent["amount"] if decline is None else None,
        "authorization_code": f"{intent['created'] % 1_000_000:06d}" if decline is None else None,
        "checks": checks,
        "electronic_commerce_indicator": "05" if authenticated else "07",
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": means.brand,
        "network_token": {"used": False},
        "network_transaction_id": f"{intent['created']}{means.last4}",
        "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
        "three_d_secure": secure if authenticated else None,
        "transaction_link_id": None,
    }
    return {"type": "card", "card": card}


def book(desk: Desk, charge: Thing) -> None:
    """The money of a successful charge arrives on the balance, told as `charge.updated`.

    With `automatic_async` capture, Stripe fills `balance_transaction` after the charge succeeded.
    """
    amount, currency = charge["amount"], charge["currency"]
    fee = fee_of(amount, currency)
    moved = move(desk, "charge", "charge", amount, currency, charge["id"], fee)
    desk.change("charge.updated", charge, balance_transaction=moved["id"])


def settle(desk: Desk, charge: Thing) -> None:
    """A slow bank has said yes."""
    desk.change(
        "charge.succeeded",
        charge,
        status="succeeded",
        paid=True,
        amount_captured=charge["amount"],
        receipt_url=f"{desk.base_url}/sandbox/charges/{charge['id']}",
    )


def fail(desk: Desk, charge: Thing, failure: str) -> None:
    """A slow bank has said no."""
    outcome = {**_outcome("failed", failure), "seller_message": BANK_FAILURES[failure]}
    desk.change(
        "charge.failed",
        charge,
        status="failed",
        captured=False,
        failure_code=failure,
        failure_message=BANK_FAILURES[failure],
        outcome=outcome,
    )


def refundable(charge: Thing) -> int:
    """What is left to refund, in minor units."""
    left: int = charge["amount_captured"] - charge["amount_refunded"]
    return left
