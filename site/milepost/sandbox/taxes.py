"""Tax as the sandbox reckons it: one plain rate a country, made up here and nobody's law.

Source of the shapes: Stripe, "Automatically collect tax on Checkout sessions", "Calculations".
"""

from typing import Any

from .books import Thing
from .currencies import THREE_DECIMAL, check_currency
from .desk import Desk
from .errors import Refused, invalid, missing_param, uncovered
from .identifiers import new_id
from .methods import address
from .words import words

RATES = {"DE": 19}
OTHERWISE = 10
"""Per cent, on top of the price, for goods and shipping alike; the rate of every other country."""
KEPT = 90 * 24 * 60 * 60
COVERED = frozenset(
    words(
        "currency customer_details.address customer_details.address_source line_items.amount "
        "line_items.quantity line_items.reference line_items.tax_behavior"
    )
)


def tax_on(amount: int, country: str, currency: str) -> int:
    """The tax on an amount in minor units, rounded half up to what the currency can charge."""
    grain = 10 if currency in THREE_DECIMAL else 1
    hundredths = amount * RATES.get(country, OTHERWISE)
    return (hundredths + 50 * grain) // (100 * grain) * grain


def check(desk: Desk, given: dict[str, Any]) -> None:
    """Refuse a session whose automatic tax could not be reckoned."""
    if not given.get("automatic_tax", {}).get("enabled"):
        return
    if given["mode"] == "setup":
        raise invalid(
            "`automatic_tax` can not be enabled in `setup` mode.", "automatic_tax[enabled]"
        )
    for at, item in enumerate(given.get("line_items", [])):
        if item.get("price_data", {}).get("tax_behavior") != "exclusive":
            raise uncovered(
                "tax that is not `exclusive` of the price",
                f"line_items[{at}][price_data][tax_behavior]",
            )
    update = given.get("customer_update", {})
    told_here = "auto" in (update.get("address"), update.get("shipping"))
    if "customer" in given and not told_here and not home_of(desk, given["customer"]):
        raise invalid(
            "Automatic tax calculation in Checkout requires a valid address on the Customer. Add "
            "a valid address to the Customer or set either `customer_update[address]` to 'auto' "
            "or `customer_update[shipping]` to 'auto' to save the address entered in Checkout to "
            "the Customer.",
            code="customer_tax_location_invalid",
        )


def home_of(desk: Desk, customer: str | None) -> str:
    """The country that a customer is known to live in, or ""."""
    known = desk.books.get("customer", customer)
    return str(((known or {}).get("address") or {}).get("country") or "")


def enabled(country: str) -> Thing:
    """A session's `automatic_tax`, complete once the country is known."""
    status = "complete" if country else "requires_location_inputs"
    return {
        "enabled": True,
        "liability": {"account": None, "type": "self"},
        "provider": "stripe",
        "status": status,
    }


def taxed(desk: Desk, session: Thing, country: str) -> Thing:
    """The fields of a session that change with the country that it is taxed in."""
    items, currency = desk.note(session["id"])["line_items"], session["currency"]
    for item in items:
        item["amount_tax"] = tax_on(item["amount_subtotal"], country, currency) if country else 0
        item["amount_total"] = item["amount_subtotal"] + item["amount_tax"]
    desk.annotate(session["id"], line_items=items)
    tax = sum(item["amount_tax"] for item in items)
    changes: Thing = {"automatic_tax": enabled(country)}
    if shipping := session["shipping_cost"]:
        net = shipping["amount_subtotal"]
        on_it = tax_on(net, country, currency) if country else 0
        tax += on_it
        changes["shipping_cost"] = {**shipping, "amount_tax": on_it, "amount_total": net + on_it}
    details = {**session["total_details"], "amount_tax": tax}
    total = session["amount_subtotal"] + details["amount_shipping"] + tax
    return {**changes, "total_details": details, "amount_total": total}


def calculate(desk: Desk, given: dict[str, Any]) -> Thing:
    """What a sale to that address would be taxed."""
    currency = check_currency(given["currency"])
    where = given.get("customer_details", {}).get("address")
    if where is None:
        raise missing_param("customer_details[address]")
    country = where["country"].upper()
    if len(country) != 2 or not country.isalpha() or country in ("XX", "ZZ"):
        raise _nowhere(country)
    if country == "US" and not where.get("postal_code"):
        raise invalid(
            "We could not determine the customer's tax location based on the provided customer "
            "address: a United States address needs its postal code.",
            "customer_details[address]",
            "customer_tax_location_invalid",
        )
    if not given["line_items"]:
        raise missing_param("line_items")
    for at, item in enumerate(given["line_items"]):
        if item["amount"] < 0:
            raise invalid("Invalid non-negative integer", f"line_items[{at}][amount]")
        if item.get("tax_behavior", "exclusive") != "exclusive":
            raise uncovered("tax that is not `exclusive`", f"line_items[{at}][tax_behavior]")
    amounts = [item["amount"] for item in given["line_items"]]
    tax = sum(tax_on(amount, country, currency) for amount in amounts)
    found: Thing = {
        "id": new_id("taxcalc"),
        "object": "tax.calculation",
        "amount_total": sum(amounts) + tax,
        "currency": currency,
        "customer": None,
        "customer_details": {
            "address": address(**{**where, "country": country}),
            "address_source": given["customer_details"].get("address_source"),
            "ip_address": None,
            "tax_ids": [],
            "taxability_override": "none",
        },
        "expires_at": desk.clock.now() + KEPT,
        "livemode": False,
        "ship_from_details": None,
        "shipping_cost": None,
        "tax_amount_exclusive": tax,
        "tax_amount_inclusive": 0,
        "tax_breakdown": [_breakdown(country, sum(amounts), tax)],
        "tax_date": desk.clock.now(),
    }
    desk.books.put("tax.calculation", found)
    return found


def _nowhere(country: str) -> Refused:
    return invalid(
        f"Country '{country}' is unknown. Try using a 2-character alphanumeric country code "
        "instead, such as 'US', 'EG', or 'GB'.",
        "customer_details[address][country]",
    )


def _breakdown(country: str, amount: int, tax: int) -> Thing:
    return {
        "amount": tax,
        "inclusive": False,
        "tax_rate_details": {
            "country": country,
            "flat_amount": None,
            "percentage_decimal": str(RATES.get(country, OTHERWISE)),
            "rate_type": "percentage",
            "state": None,
            "tax_type": "sales_tax" if country == "US" else "vat",
        },
        "taxability_reason": "standard_rated",
        "taxable_amount": amount,
    }


def check_hook(desk: Desk, given: dict[str, Any]) -> None:
    """Refuse a payment intent that names a calculation of something else."""
    calculation = given.get("hooks", {}).get("inputs", {}).get("tax", {}).get("calculation")
    if not calculation:
        return
    name = "hooks[inputs][tax][calculation]"
    found = desk.find("tax.calculation", "tax calculation", calculation, name)
    if found["expires_at"] <= desk.clock.now():
        raise invalid(f"The tax calculation {calculation} has expired.", name)
    if (found["amount_total"], found["currency"]) != (given["amount"], given["currency"].lower()):
        raise invalid(
            f"The tax calculation {calculation} comes to {found['amount_total']} "
            f"{found['currency']}, not to the amount of this PaymentIntent.",
            name,
        )
