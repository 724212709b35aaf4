"""What buyers, banks and people at the dashboard do, at the turn of a switch."""

from collections.abc import Callable
from typing import Any

from . import checkout, disputes, form, refunds
from .books import Thing
from .cards import ACCOUNTS
from .charges import BANK_FAILURES
from .desk import Desk
from .errors import invalid, missing_param

Told = dict[str, Any]
Act = Callable[[str, Told], Thing]
"""Does what a switch says: the id in its address ('' when there is none), and what it is told."""


class Acts:
    """All of it, over one desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def pay(self, _: str, told: Told) -> Thing:
        """What the hosted form does, in one call; `authenticate` answers 3-D Secure."""
        if "session" not in told:
            raise missing_param("session")
        number = str(told.get("card", told.get("number", "4242424242424242")))
        bank = number.replace(" ", "") in ACCOUNTS
        typed = {
            "method": "bank" if bank else "card",
            "account": number if bank else "",
            "number": "" if bank else number,
            "expiry": "12 / 34",
            "cvc": "1234" if number.startswith(("34", "37")) else "123",
            "name": "Dana Backer",
            "email": "dana@example.org",
            "country": "US",
            "postal_code": "94107",
            "line1": "1 Milepost Road",
            "city": "Springfield",
            "state": "IL",
            "ship_postal_code": "94107",
            "phone": "+1 555 0100",
        }
        typed |= {name: str(told[name]) for name in form.FIELDS if name in told}
        outcome = checkout.pay(self.desk, str(told["session"]), typed)
        choice = told.get("authenticate", "accept")
        if outcome.status == "requires_action" and choice != "leave":
            outcome = checkout.authenticate(self.desk, outcome.session["id"], choice == "accept")
        return {
            "status": outcome.status,
            "next_url": outcome.next_url,
            "problems": outcome.problems,
            "error": outcome.error,
            "session": outcome.session,
        }

    def bank(self, identifier: str, failure: str | None) -> Thing:
        """A slow bank answers now; `identifier` is a session's or a payment intent's."""
        session = self.desk.books.get("checkout.session", identifier)
        about = session["payment_intent"] if session else identifier
        intent = self.desk.find("payment_intent", "payment_intent", str(about), "id", 404)
        why = None if failure is None else failure or "no_account"
        if why is not None and why not in BANK_FAILURES:
            raise invalid(f"A bank fails for one of: {', '.join(BANK_FAILURES)}.", "reason")
        checkout.bank_answers(self.desk, intent, why)
        return session or intent

    def refund(self, identifier: str, told: Told) -> Thing:
        """As a person does on the dashboard."""
        if type(told.get("amount", 0)) is not int:
            raise invalid("`amount` takes an integer, in minor units.", "amount")
        known: Told = {key: told[key] for key in ("amount", "reason", "metadata") if key in told}
        return refunds.create(self.desk, {**known, "charge": identifier})

    def dispute(self, identifier: str, told: Told) -> Thing:
        """The buyer's bank takes the charge back."""
        charge = self.desk.find("charge", "charge", identifier, "charge", 404)
        return disputes.open_dispute(self.desk, charge, told.get("reason", "fraudulent"))

    def close_dispute(self, identifier: str, won: bool) -> Thing:
        """The buyer's bank decides."""
        dispute = self.desk.find("dispute", "dispute", identifier, "dispute", 404)
        return (disputes.win if won else disputes.lose)(self.desk, dispute)

    def arrive(self, identifier: str, _: Told) -> Thing:
        """A pending refund arrives now."""
        refunded = self.desk.find("refund", "refund", identifier, "refund", 404)
        refunds.arrive(self.desk, refunded)
        return refunded

    def fail_refund(self, identifier: str, told: Told) -> Thing:
        """A refund fails now."""
        refunded = self.desk.find("refund", "refund", identifier, "refund", 404)
        refunds.fail(self.desk, refunded, told.get("reason", "unknown"))
        return refunded
