"""Customers: who paid, with their saved payment methods (source: "Customers")."""

import re
from typing import Any

from .books import Thing
from .desk import Desk
from .errors import invalid
from .identifiers import new_id
from .methods import address, attach
from .parameters import check_metadata, merged_metadata
from .words import words

COVERED = frozenset(
    words(
        "address description email expand invoice_settings.default_payment_method metadata name "
        "payment_method phone preferred_locales shipping tax_exempt business_name individual_name"
    )
)

PLAIN = words(
    "description email name phone preferred_locales tax_exempt business_name individual_name"
)
"""What a customer is told as it stands."""


def check_email(email: str, param: str = "email") -> str:
    """An address that Stripe would take for one."""
    if len(email) > 512 or not re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", email):
        raise invalid(f"Invalid email address: {email}", param, "email_invalid")
    return email


def new_customer(desk: Desk, **known: Any) -> Thing:
    """A customer, recorded as created."""
    customer: Thing = {
        "id": new_id("cus", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": desk.clock.now(),
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": new_id("", 8)[1:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    customer.update(known)
    desk.books.put("customer", customer)
    desk.events.record("customer.created", customer)
    return customer


def _told(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of a customer that a call sets."""
    told: dict[str, Any] = {key: given[key] or None for key in PLAIN if key in given}
    if told.get("email"):
        check_email(told["email"])
    if "tax_exempt" in told:
        told["tax_exempt"] = told["tax_exempt"] or "none"
    if "address" in given:
        told["address"] = address(**given["address"]) if given["address"] else None
    if "shipping" in given:
        told["shipping"] = given["shipping"] and {
            "address": address(**given["shipping"]["address"]),
            "name": given["shipping"]["name"],
            "phone": given["shipping"].get("phone"),
        }
        told["shipping"] = told["shipping"] or None
    return told


def create(desk: Desk, given: dict[str, Any]) -> Thing:
    """A customer as told."""
    told = {**_told(given), "metadata": check_metadata(given.get("metadata"))}
    if "payment_method" in given:
        desk.find("payment_method", "PaymentMethod", given["payment_method"], "payment_method")
    customer = new_customer(desk, **told)
    if "payment_method" in given:
        attach(desk, given["payment_method"], {"customer": customer["id"]})
    if "invoice_settings" in given:
        settings = {"invoice_settings": given["invoice_settings"]}
        update(desk, customer["id"], settings)
    return customer


def update(desk: Desk, identifier: str, given: dict[str, Any]) -> Thing:
    """Change what is told; leave the rest."""
    customer = desk.find("customer", "customer", identifier, "customer", 404)
    told = _told(given)
    if "metadata" in given:
        told["metadata"] = merged_metadata(customer["metadata"], given["metadata"])
    if chosen := given.get("invoice_settings", {}).get("default_payment_method"):
        method = desk.find("payment_method", "PaymentMethod", chosen, "invoice_settings")
        if method["customer"] != identifier:
            raise invalid(
                "The customer does not have a payment method with the ID "
                f"{chosen}. The payment method must be attached to the customer.",
                "invoice_settings[default_payment_method]",
                "resource_missing",
            )
        settings = customer["invoice_settings"]
        told["invoice_settings"] = {**settings, "default_payment_method": chosen}
    return desk.change("customer.updated", customer, **told)
