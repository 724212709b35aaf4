"""The form of the payment page: its fields, and what can be wrong with each."""

import re
from datetime import UTC, datetime

from .books import Thing
from .cards import ACCOUNTS, BANK_OF_CURRENCY, CARDS, passes_luhn
from .customers import check_email
from .desk import Desk
from .errors import DECLINES, Refused
from .methods import Means
from .words import words

FIELDS = words(
    "method email name number expiry cvc country postal_code phone account routing "
    "ship_name line1 line2 city state ship_postal_code ship_country shipping_option"
)
"""The names of the page's form fields; `method` is `card` or `bank`."""


def costs_nothing(session: Thing) -> bool:
    """Whether a session's total is zero, so that no payment method is needed."""
    return bool(session["mode"] == "payment" and session["payment_status"] == "no_payment_required")


def check(desk: Desk, session: Thing, typed: dict[str, str]) -> dict[str, str]:
    """What is wrong with the form, by field; empty when nothing is."""
    problems: dict[str, str] = {}
    try:
        check_email(typed["email"])
    except Refused:
        problems["email"] = "Enter an e-mail address, such as dana@example.org."
    if not typed["name"]:
        problems["name"] = "Enter your full name."
    if costs_nothing(session):
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
    if session["billing_address_collection"] == "required":
        problems |= _check_street(typed)
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
    month, year = expiry(typed["expiry"])
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
    problems |= _check_street(typed)
    if not typed["ship_postal_code"]:
        problems["ship_postal_code"] = "Enter the postal code."
    return problems


def _check_street(typed: dict[str, str]) -> dict[str, str]:
    asked = (("line1", "street and number"), ("city", "town or city"))
    return {name: f"Enter the {what}." for name, what in asked if not typed[name]}


def expiry(text: str) -> tuple[int, int]:
    """`MM / YY` or `MM / YYYY` as (month, year); (0, 0) when it can't be read."""
    found = re.fullmatch(r"(\d{1,2})\s*[/ -]?\s*(\d{4}|\d{2})", text)
    if found is None:
        return 0, 0
    year = int(found[2])
    return int(found[1]), year if year > 99 else 2000 + year


def _year_and_month(now: int) -> tuple[int, int]:
    moment = datetime.fromtimestamp(now, UTC)
    return moment.year, moment.month


def means_typed(typed: dict[str, str]) -> Means | None:
    """The test card or account whose number was typed."""
    if typed["method"] == "bank":
        return ACCOUNTS.get(typed["account"])
    return CARDS.get(typed["number"])
