"""Payment methods: a test card or a test bank account, saved to a customer or used once."""

from typing import Any

from .books import Thing
from .cards import ACCOUNTS, CARDS, TOKENS, Account, Card
from .desk import Desk
from .errors import declined, invalid
from .identifiers import new_id
from .parameters import check_metadata, merged_metadata

Means = Card | Account


def billing(
    email: str | None = None,
    name: str | None = None,
    country: str | None = None,
    postal_code: str | None = None,
    phone: str | None = None,
    **lines: str | None,
) -> Thing:
    """Billing details as a payment method and a charge carry them."""
    return {
        "address": address(country=country, postal_code=postal_code, **lines),
        "email": email,
        "name": name,
        "phone": phone,
        "tax_id": None,
    }


def address(**known: str | None) -> Thing:
    """An address with all of Stripe's lines, the unknown ones null."""
    lines = ("city", "country", "line1", "line2", "postal_code", "state")
    return {line: known.get(line) or None for line in lines}


def new_method(desk: Desk, means: Means, details: Thing, exp: tuple[int, int]) -> Thing:
    """A payment method of that card or account, attached to nobody."""
    method: Thing = {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": details,
        "created": desk.clock.now(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card" if isinstance(means, Card) else means.type,
    }
    method[method["type"]] = _face(means, details, exp)
    desk.books.put("payment_method", method)
    desk.annotate(method["id"], means=means.number, set_up=False)
    return method


def _face(means: Means, details: Thing, exp: tuple[int, int]) -> Thing:
    fingerprint = f"sandbox{means.last4}{sum(map(ord, means.number)):08d}"
    if isinstance(means, Account):
        if means.type == "us_bank_account":
            return {
                "account_holder_type": "individual",
                "account_type": "checking",
                "bank_name": "STRIPE TEST BANK",
                "financial_connections_account": None,
                "fingerprint": fingerprint,
                "last4": means.last4,
                "networks": {"preferred": "ach", "supported": ["ach"]},
                "routing_number": "110000000",
                "status_details": {},
            }
        if means.type == "sepa_debit":
            return {
                "bank_code": means.number[4:9],
                "branch_code": "",
                "country": means.number[:2],
                "fingerprint": fingerprint,
                "generated_from": {"charge": None, "setup_attempt": None},
                "last4": means.last4,
            }
        return {"fingerprint": fingerprint, "last4": means.last4, "sort_code": "108800"}
    postal = "pass" if details["address"]["postal_code"] else None
    return {
        "brand": means.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": postal,
            "cvc_check": "pass",
        },
        "country": means.country,
        "display_brand": means.brand.replace("amex", "american_express"),
        "exp_month": exp[0],
        "exp_year": exp[1],
        "fingerprint": fingerprint,
        "funding": "debit" if "debit" in means.title else "credit",
        "generated_from": None,
        "last4": means.last4,
        "networks": {"available": [means.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def means_of(desk: Desk, method: Thing) -> Means:
    """The test card or account behind a payment method."""
    number = desk.note(method["id"])["means"]
    return CARDS.get(number) or ACCOUNTS[number]


def resolve(desk: Desk, identifier: str, param: str, status: int = 400) -> Thing:
    """The payment method of that id; a test token such as `pm_card_visa` makes a fresh one."""
    if identifier in TOKENS:
        exp = (12, desk.clock.now() // 31_556_952 + 1972)
        return new_method(desk, CARDS[TOKENS[identifier]], billing(), exp)
    return desk.find("payment_method", "PaymentMethod", identifier, param, status)


def save_to(desk: Desk, method: Thing, customer: str, off_session: bool) -> None:
    """Attach a payment method; `off_session` when its holder agreed to later charges."""
    if off_session:
        desk.annotate(method["id"], set_up=True)
    if method["customer"] != customer:
        desk.change(None, method, customer=customer)
        desk.events.record("payment_method.attached", method)


def attach(desk: Desk, identifier: str, given: dict[str, Any]) -> Thing:
    """Attach by API: a card that its bank would refuse can't be attached."""
    method = resolve(desk, identifier, "payment_method", 404)
    if "customer" not in given:
        raise invalid("Missing required param: customer.", "customer", "parameter_missing")
    desk.find("customer", "customer", given["customer"], "customer")
    if method["customer"] not in (None, given["customer"]):
        raise invalid(
            "The payment method you provided has already been attached to a customer.",
            code="payment_method_already_attached",
        )
    means = means_of(desk, method)
    if isinstance(means, Card) and not means.saves:
        raise declined(means.decline or "generic_decline")
    save_to(desk, method, given["customer"], off_session=False)
    return method


def detach(desk: Desk, identifier: str, given: dict[str, Any]) -> Thing:
    """After this the payment method can't be used again."""
    method = desk.find("payment_method", "PaymentMethod", identifier, "payment_method", 404)
    if method["customer"] is None:
        raise invalid(
            "The payment method you provided is not attached to a customer so detachment is "
            "impossible.",
            "payment_method",
        )
    before = method["customer"]
    desk.change(None, method, customer=None)
    desk.annotate(method["id"], detached=True)
    desk.events.record("payment_method.detached", method, {"customer": before})
    return method


def update(desk: Desk, identifier: str, given: dict[str, Any]) -> Thing:
    """New metadata for a payment method."""
    method = desk.find("payment_method", "PaymentMethod", identifier, "payment_method", 404)
    merged = merged_metadata(method["metadata"], given.get("metadata"))
    return desk.change("payment_method.updated", method, metadata=check_metadata(merged))
