"""Disputes: the buyer's bank takes a charge back; it is won, or lost (source: "Disputes")."""

from .balance import DISPUTE_FEE, move
from .books import Thing
from .desk import Desk
from .errors import invalid
from .identifiers import new_id
from .words import words

DAYS_TO_ANSWER = 9
EVIDENCE = words(
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure "
    "cancellation_rebuttal customer_communication customer_email_address customer_name "
    "customer_purchase_ip customer_signature duplicate_charge_documentation "
    "duplicate_charge_explanation duplicate_charge_id product_description receipt refund_policy "
    "refund_policy_disclosure refund_refusal_explanation service_date service_documentation "
    "shipping_address shipping_carrier shipping_date shipping_documentation "
    "shipping_tracking_number uncategorized_file uncategorized_text"
)
OPEN = ("needs_response", "under_review", "warning_needs_response", "warning_under_review")
CODES = {"fraudulent": "10.4", "product_not_received": "13.1", "duplicate": "12.6.1"}


def open_dispute(desk: Desk, charge: Thing, reason: str = "fraudulent") -> Thing:
    """The bank withdraws the charge's money and asks for an answer."""
    if charge["disputed"]:
        raise invalid(f"Charge {charge['id']} has already been disputed.", "charge")
    amount, currency = charge["amount"] - charge["amount_refunded"], charge["currency"]
    if not charge["paid"] or amount < 1:
        raise invalid(f"Charge {charge['id']} has nothing left to dispute.", "charge")
    evidence: Thing = dict.fromkeys(EVIDENCE)
    evidence |= {
        "customer_email_address": charge["billing_details"]["email"],
        "customer_name": charge["billing_details"]["name"],
        "enhanced_evidence": {},
    }
    dispute: Thing = {
        "id": new_id("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": desk.clock.now(),
        "currency": currency,
        "enhanced_eligibility_types": [],
        "evidence": evidence,
        "evidence_details": {
            "due_by": desk.clock.now() + DAYS_TO_ANSWER * 86_400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": None,
        },
        "intended_submission_method": None,
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "network_reason_code": CODES.get(reason),
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "needs_response",
    }
    details = charge["payment_method_details"]
    if details["type"] == "card":
        dispute["payment_method_details"] = {
            "type": "card",
            "card": {
                "brand": details["card"]["brand"],
                "case_type": "chargeback",
                "network": details["card"]["network"],
                "network_reason_code": CODES.get(reason),
            },
        }
    taken = move(desk, "adjustment", "dispute", -amount, currency, dispute["id"], DISPUTE_FEE)
    dispute["balance_transactions"].append(taken)
    desk.books.put("dispute", dispute)
    desk.change(None, charge, disputed=True)
    desk.events.record("charge.dispute.created", dispute)
    desk.events.record("charge.dispute.funds_withdrawn", dispute)
    return dispute


def lose(desk: Desk, dispute: Thing) -> Thing:
    """Closed against the seller: by the bank, or by the seller who accepts it."""
    _check_open(dispute)
    return desk.change("charge.dispute.closed", dispute, status="lost")


def win(desk: Desk, dispute: Thing) -> Thing:
    """Closed for the seller: the money comes back."""
    _check_open(dispute)
    amount, currency = dispute["amount"], dispute["currency"]
    back = move(desk, "adjustment", "dispute_reversal", amount, currency, dispute["id"])
    moved = [*dispute["balance_transactions"], back]
    desk.change("charge.dispute.closed", dispute, status="won", balance_transactions=moved)
    desk.events.record("charge.dispute.funds_reinstated", dispute)
    return dispute


def _check_open(dispute: Thing) -> None:
    if dispute["status"] not in OPEN:
        raise invalid("This dispute is already closed", "dispute")
