"""Paying a session: one code path for the hosted page and for a scripted crowd."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from . import intents, sessions, setups
from .books import Thing
from .cards import ACCOUNTS, BANK_OF_CURRENCY, CARDS, passes_luhn
from .customers import check_email, new_customer
from .desk import Desk
from .errors import DECLINES, Refused, invalid
from .methods import Means, address, billing, new_method
from .words import words

FIELDS = words(
    "method email name number expiry cvc country postal_code phone account routing "
    "ship_name line1 line2 city state ship_postal_code ship_country shipping_option"
)
"""The names of the page's form fields; `method` is `card` or `bank`."""


@dataclass
class Outcome:
    """How an attempt went: where the buyer goes next, or what is wrong with which field."""

    session: Thing
    status: str
    """`complete`, `requires_action` or `open`."""
    next_url: str | None = None
    problems: dict[str, str] = field(default_factory=dict)
    error: Thing | None = None


def pay(desk: Desk, identifier: str, typed: dict[str, str]) -> Outcome:
    """One attempt on an open session, with what the buyer typed."""
    session = open_session(desk, identifier)
    typed = {name: typed.get(name, "").strip() for name in FIELDS}
    problems = check(desk, session, typed)
    if problems:
        return Outcome(session, "open", problems=problems)
    _note_buyer(desk, session, typed)
    if session["payment_status"] == "no_payment_required" and session["mode"] == "payment":
        return _complete(desk, session)
    means = _means(typed)
    assert means is not None
    month, year = _expiry(typed["expiry"]) if typed["method"] == "card" else (1, 2000)
    place = (typed["country"], typed["postal_code"])
    details = billing(typed["email"], typed["name"], *place, typed["phone"] or None)
    method = new_method(desk, means, details, (month, year))
    page = f"{desk.base_url}/pay/{identifier}/authenticate"
    if session["mode"] == "setup":
        setup = desk.books.the("setup_intent", session["setup_intent"])
        _customer_first(desk, session, setup)
        setups.attempt(desk, setup, method, page)
        return _after(desk, session, setup, setup["last_setup_error"])
    intent = _intent(desk, session)
    _customer_first(desk, session, intent)
    intents.attempt(desk, intent, method, page=page)
    return _after(desk, session, intent, intent["last_payment_error"])


def authenticate(desk: Desk, identifier: str, accepted: bool) -> Outcome:
    """The card's holder has answered their bank's question."""
    session = open_session(desk, identifier)
    intent = desk.books.get("payment_intent", session["payment_intent"])
    setup = desk.books.get("setup_intent", session["setup_intent"])
    asked = intent or setup
    if asked is None or asked["status"] != "requires_action":
        raise invalid("Nobody is being asked to authenticate this session.", "session")
    if intent is not None:
        intents.answer_holder(desk, intent, accepted)
        return _after(desk, session, intent, intent["last_payment_error"])
    assert setup is not None
    setups.answer_holder(desk, setup, accepted)
    return _after(desk, session, setup, setup["last_setup_error"])


def open_session(desk: Desk, identifier: str) -> Thing:
    """The session, if it can still be paid."""
    session = desk.find("checkout.session", "checkout.session", identifier, "session", 404)
    if session["status"] != "open":
        raise invalid(f"This Checkout Session is {session['status']}.", "session")
    return session


def check(desk: Desk, session: Thing, typed: dict[str, str]) -> dict[str, str]:
    """What is wrong with the form, by field; empty when nothing is."""
    problems: dict[str, str] = {}
    try:
        check_email(typed["email"])
    except Refused:
        problems["email"] = "Enter an e-mail address, such as dana@example.org."
    if not typed["name"]:
        problems["name"] = "Enter the name of the holder."
    if session["payment_status"] == "no_payment_required" and session["mode"] == "payment":
        return problems | _check_shipping(session, typed)
    if typed["method"] == "bank":
        problems |= _check_bank(session, typed)
    else:
        typed["method"] = "card"
        problems |= _check_card(desk, typed)
    if not re.fullmatch("[A-Za-z]{2}", typed["country"]):
        problems["country"] = "Choose a country."
    typed["country"] = typed["country"].upper()
    if typed["country"] in ("US", "CA", "GB") and not typed["postal_code"]:
        problems["postal_code"] = "Enter the postal code."
    if session["phone_number_collection"]["enabled"] and not typed["phone"]:
        problems["phone"] = "Enter a phone number."
    return problems | _check_shipping(session, typed)


def _check_card(desk: Desk, typed: dict[str, str]) -> dict[str, str]:
    problems = {}
    number = re.sub(r"[ -]", "", typed["number"])
    if not re.fullmatch(r"\d{12,19}", number):
        problems["number"] = "Your card number is incomplete."
    elif not passes_luhn(number):
        problems["number"] = "Your card number is invalid."
    elif number not in CARDS:
        problems["number"] = DECLINES["test_mode_live_card"][1]
    typed["number"] = number
    month, year = _expiry(typed["expiry"])
    if not 1 <= month <= 12:
        problems["expiry"] = "Your card’s expiry date is incomplete. Write it as MM / YY."
    elif (year, month) < _year_and_month(desk.clock.now()):
        problems["expiry"] = "Your card’s expiry date is in the past."
    elif year > _year_and_month(desk.clock.now())[0] + 50:
        problems["expiry"] = "Your card’s expiry year is too far ahead."
    digits = 4 if number in CARDS and CARDS[number].brand == "amex" else 3
    if not re.fullmatch(rf"\d{{{digits}}}", typed["cvc"]):
        problems["cvc"] = f"Enter the {digits} digits of the security code."
    return problems


def _check_bank(session: Thing, typed: dict[str, str]) -> dict[str, str]:
    problems = {}
    typed["account"] = re.sub(r"[ -]", "", typed["account"]).upper()
    offered = BANK_OF_CURRENCY.get(session["currency"] or "usd")
    account = ACCOUNTS.get(typed["account"])
    if offered not in session["payment_method_types"]:
        problems["account"] = "This payment can’t be made by bank debit."
    elif account is None or account.type != offered:
        problems["account"] = "This is a sandbox: choose one of its test accounts."
    elif account.type == "us_bank_account" and typed["routing"] not in ("", "110000000"):
        problems["routing"] = "The test routing number is 110000000."
    return problems


def _check_shipping(session: Thing, typed: dict[str, str]) -> dict[str, str]:
    collected = session["shipping_address_collection"]
    if not collected:
        return {}
    problems = {}
    typed["ship_name"] = typed["ship_name"] or typed["name"]
    typed["ship_country"] = (typed["ship_country"] or typed["country"]).upper()
    if typed["ship_country"] not in collected["allowed_countries"]:
        problems["ship_country"] = "This can’t be sent to that country."
    for name, what in (("line1", "street and number"), ("city", "town or city")):
        if not typed[name]:
            problems[name] = f"Enter the {what}."
    if not typed["ship_postal_code"]:
        problems["ship_postal_code"] = "Enter the postal code."
    return problems


def _expiry(text: str) -> tuple[int, int]:
    """`MM / YY` or `MM / YYYY` as (month, year); (0, 0) when it can't be read."""
    found = re.fullmatch(r"(\d{1,2})\s*[/ -]?\s*(\d{4}|\d{2})", text)
    if found is None:
        return 0, 0
    year = int(found[2])
    return int(found[1]), year if year > 99 else 2000 + year


def _year_and_month(now: int) -> tuple[int, int]:
    moment = datetime.fromtimestamp(now, UTC)
    return moment.year, moment.month


def _means(typed: dict[str, str]) -> Means | None:
    if typed["method"] == "bank":
        return ACCOUNTS.get(typed["account"])
    return CARDS.get(typed["number"])


def _note_buyer(desk: Desk, session: Thing, typed: dict[str, str]) -> None:
    """What the buyer told becomes part of the session."""
    desk.annotate(session["id"], typed={k: v for k, v in typed.items() if k != "cvc"})
    where = address(country=typed["country"] or None, postal_code=typed["postal_code"] or None)
    details = sessions.customer_details(
        address=where,
        email=typed["email"],
        name=typed["name"],
        phone=typed["phone"] or None,
        tax_ids=[],
    )
    changes: Thing = {"customer_details": details}
    if session["shipping_address_collection"]:
        sent_to = address(
            city=typed["city"],
            country=typed["ship_country"],
            line1=typed["line1"],
            line2=typed["line2"],
            postal_code=typed["ship_postal_code"],
            state=typed["state"],
        )
        shipped = {"address": sent_to, "name": typed["ship_name"]}
        changes["collected_information"] = {
            "business_name": None,
            "individual_name": None,
            "shipping_details": shipped,
        }
    if session["shipping_options"] and typed["shipping_option"].isdigit():
        at = min(int(typed["shipping_option"]), len(session["shipping_options"]) - 1)
        chosen = session["shipping_options"][at]
        changes["shipping_cost"] = sessions.shipping_cost(chosen)
        changes["amount_total"] = session["amount_subtotal"] + chosen["shipping_amount"]
        changes["total_details"] = {
            **session["total_details"],
            "amount_shipping": chosen["shipping_amount"],
        }
    desk.change(None, session, **changes)


def _intent(desk: Desk, session: Thing) -> Thing:
    """The session's payment intent, made at its first attempt as Stripe does."""
    if found := desk.books.get("payment_intent", session["payment_intent"]):
        if found["amount"] != session["amount_total"]:
            desk.change(None, found, amount=session["amount_total"])
        return found
    given = dict(desk.note(session["id"])["intent"])
    given["customer"] = session["customer"]
    given["allowed_payment_method_types"] = session["allowed_payment_method_types"]
    given["excluded_payment_method_types"] = session["excluded_payment_method_types"]
    collected = session["collected_information"]
    if collected and "shipping" not in given:
        given["shipping"] = collected["shipping_details"]
    intent = intents.new_intent(desk, session["amount_total"], session["currency"], given)
    desk.annotate(intent["id"], session=session["id"])
    desk.change(None, session, payment_intent=intent["id"])
    return intent


def _customer_first(desk: Desk, session: Thing, intent: Thing) -> None:
    """A customer is made when the session asks for one, or has something to save for later."""
    saves = session["mode"] == "payment" and intent["setup_future_usage"] is not None
    if intent["customer"] is not None or not (session["customer_creation"] == "always" or saves):
        return
    details = session["customer_details"]
    customer = desk.note(session["id"]).get("customer")
    if customer is None:
        known = {key: details[key] for key in ("address", "email", "name", "phone")}
        customer = new_customer(desk, **known)["id"]
        desk.annotate(session["id"], customer=customer)
    desk.change(None, intent, customer=customer)


def _after(desk: Desk, session: Thing, intent: Thing, error: Thing | None) -> Outcome:
    if intent["status"] == "requires_action":
        url = f"{desk.base_url}/pay/{session['id']}/authenticate"
        return Outcome(session, "requires_action", url)
    if error is not None:
        where = {"incorrect_cvc": "cvc", "expired_card": "expiry"}.get(error["code"], "number")
        return Outcome(session, "open", problems={where: error["message"]}, error=error)
    if customer := intent["customer"]:
        desk.change(None, session, customer=customer)
    return _complete(desk, session, paid=intent["status"] == "succeeded")


def _complete(desk: Desk, session: Thing, paid: bool = True) -> Outcome:
    desk.agenda.drop("expire", session["id"])
    unpaid = session["payment_status"]
    status = "paid" if paid and unpaid == "unpaid" else unpaid
    desk.change(
        "checkout.session.completed", session, status="complete", payment_status=status, url=None
    )
    return Outcome(session, "complete", sessions.landing(session))


def bank_answers(desk: Desk, intent: Thing, failure: str | None) -> None:
    """A slow bank has answered: its intent's session is paid, or not."""
    if intent["status"] != "processing":
        raise invalid(f"PaymentIntent {intent['id']} is {intent['status']}, not processing.")
    intents.bank_answers(desk, intent, failure)
    session = desk.books.get("checkout.session", desk.note(intent["id"]).get("session"))
    if session is None:
        return
    if failure is None:
        desk.change("checkout.session.async_payment_succeeded", session, payment_status="paid")
    else:
        desk.events.record("checkout.session.async_payment_failed", session)
