"""Refunds: whole or in part, never more than is left (source: "Refund and cancel payments")."""

from typing import Any

from . import charges
from .balance import move
from .books import Thing
from .cards import Account
from .currencies import written
from .desk import Desk
from .errors import Refused, invalid, no_such
from .identifiers import new_id
from .methods import means_of
from .parameters import check_metadata, merged_metadata
from .words import words

COVERED = frozenset(words("amount charge expand metadata payment_intent reason"))


def create(desk: Desk, given: dict[str, Any]) -> Thing:
    """A refund by API, of a charge or of a payment intent's charge."""
    charge = _charge_of(desk, given)
    if charge["disputed"]:
        raise invalid(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            "charge",
            "charge_disputed",
        )
    if not charge["paid"]:
        raise invalid(f"Charge {charge['id']} has not been paid; cannot refund it.", "charge")
    left = charges.refundable(charge)
    if left == 0:
        raise invalid(
            f"Charge {charge['id']} has already been refunded.", None, "charge_already_refunded"
        )
    amount = given.get("amount", left)
    if amount < 1:
        raise invalid("Invalid positive integer", "amount", "parameter_invalid_integer")
    if amount > left:
        currency = charge["currency"]
        raise invalid(
            f"Refund amount ({written(amount, currency)}) is greater than unrefunded amount on "
            f"charge ({written(left, currency)})",
            "amount",
        )
    check_metadata(given.get("metadata"))
    return refund(desk, charge, amount, given)


def _charge_of(desk: Desk, given: dict[str, Any]) -> Thing:
    if ("charge" in given) == ("payment_intent" in given):
        raise invalid("One of the following params should be provided: payment_intent or charge.")
    if "charge" in given:
        return desk.find("charge", "charge", given["charge"], "charge")
    intent = desk.find(
        "payment_intent", "payment_intent", given["payment_intent"], "payment_intent"
    )
    if intent["latest_charge"] is None or intent["status"] != "succeeded":
        raise Refused(
            400,
            "invalid_request_error",
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return desk.books.the("charge", intent["latest_charge"])


def refund(desk: Desk, charge: Thing, amount: int, given: dict[str, Any]) -> Thing:
    """Gives back `amount` of a charge; what a slow bank must do is pending at first."""
    means = means_of(desk, desk.books.the("payment_method", charge["payment_method"]))
    late = isinstance(means, Account) or means.refund == "late"
    refunded: Thing = {
        "id": new_id("re" if charge["id"].startswith("ch") else "pyr"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": desk.clock.now(),
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "destination_details": _destination(charge),
        "metadata": check_metadata(given.get("metadata")),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": given.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if late else "succeeded",
        "transfer_reversal": None,
    }
    moved = move(desk, "refund", "refund", -amount, charge["currency"], refunded["id"])
    refunded["balance_transaction"] = moved["id"]
    desk.books.put("refund", refunded)
    desk.events.record("refund.created", refunded)
    _recount(desk, charge, amount, "charge.refunded")
    if late or (not isinstance(means, Account) and means.refund == "fails"):
        desk.agenda.put(desk.clock.exact() + desk.habits.bank_seconds, "refund", refunded["id"])
    return refunded


def _destination(charge: Thing) -> Thing:
    kind = charge["payment_method_details"]["type"]
    if kind == "card":
        reference = {
            "reference_status": "pending",
            "reference_type": "acquirer_reference_number",
            "type": "refund",
        }
        return {"card": reference, "type": "card"}
    place = {"us_bank_account": "us_bank_transfer", "sepa_debit": "eu_bank_transfer"}.get(kind)
    place = place or "gb_bank_transfer"
    return {place: {"reference": None, "reference_status": None}, "type": place}


def _recount(desk: Desk, charge: Thing, amount: int, event: str) -> None:
    total = charge["amount_refunded"] + amount
    before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    desk.change(None, charge, amount_refunded=total, refunded=total == charge["amount_captured"])
    now = {name: charge[name] for name in before}
    previous = {name: value for name, value in before.items() if value != now[name]}
    desk.events.record(event, charge, previous)


def answer(desk: Desk, refunded: Thing) -> None:
    """The time has come: a pending refund arrives, a failing one fails."""
    method = desk.books.the("payment_method", refunded["payment_method"])
    means = means_of(desk, method)
    if not isinstance(means, Account) and means.refund == "fails":
        fail(desk, refunded, "lost_or_stolen_card")
    else:
        arrive(desk, refunded)


def arrive(desk: Desk, refunded: Thing) -> None:
    """A pending refund has arrived."""
    if refunded["status"] != "pending":
        raise invalid(f"Refund {refunded['id']} is {refunded['status']}, not pending.", "refund")
    desk.agenda.drop("refund", refunded["id"])
    desk.change("refund.updated", refunded, status="succeeded")
    desk.events.record("charge.refund.updated", refunded, {"status": "pending"})


def fail(desk: Desk, refunded: Thing, reason: str) -> None:
    """The bank could not give the money to the buyer: it returns to the balance."""
    if refunded["status"] not in ("pending", "succeeded"):
        raise invalid(f"Refund {refunded['id']} is already {refunded['status']}.", "refund")
    desk.agenda.drop("refund", refunded["id"])
    before = refunded["status"]
    currency, amount = refunded["currency"], refunded["amount"]
    back = move(desk, "refund_failure", "refund_failure", amount, currency, refunded["id"])
    refunded |= {"failure_reason": reason, "failure_balance_transaction": back["id"]}
    desk.change("refund.failed", refunded, status="failed")
    for event in ("refund.updated", "charge.refund.updated"):
        desk.events.record(event, refunded, {"status": before})
    _recount(desk, desk.books.the("charge", refunded["charge"]), -amount, "charge.updated")


def update(desk: Desk, identifier: str, given: dict[str, Any]) -> Thing:
    """New metadata for a refund."""
    refunded = desk.books.get("refund", identifier)
    if refunded is None:
        raise no_such("refund", identifier, "refund", 404)
    merged = merged_metadata(refunded["metadata"], given.get("metadata"))
    return desk.change("refund.updated", refunded, metadata=merged)
