"""Line items of a session, each with the price made for it, and what they come to."""

from decimal import Decimal
from typing import Any

from . import periods
from .books import Thing
from .currencies import LARGEST, MINIMUM, check_currency, written
from .desk import Desk
from .errors import invalid, missing_param, uncovered
from .identifiers import new_id
from .parameters import check_metadata

MOST = 100


def new_items(desk: Desk, given: list[dict[str, Any]], recurring: bool = False) -> list[Thing]:
    """The line items as told: at least one, all of one currency, of a subscription one interval."""
    if not given:
        raise missing_param("line_items")
    if len(given) > MOST:
        raise invalid(f"You can have at most {MOST} line items.", "line_items")
    items = [_item(desk, item, f"line_items[{at}]", recurring) for at, item in enumerate(given)]
    currencies = {item["currency"] for item in items}
    if len(currencies) > 1:
        raise invalid(
            "You specified inconsistent currencies across line items; all prices must use the "
            f"same currency. Currencies given: {', '.join(sorted(currencies))}.",
            "line_items",
        )
    if len({str(item["price"]["recurring"]) for item in items}) > 1:
        raise uncovered("prices of several intervals in one subscription", "line_items")
    return items


def _item(desk: Desk, given: dict[str, Any], name: str, recurring: bool) -> Thing:
    data, quantity = _checked(given, name, recurring)
    product = _product(data, f"{name}[price_data]")
    price = _price(desk, data, f"{name}[price_data]")
    total = price["unit_amount"] * quantity
    identifier = new_id("li")
    desk.annotate(identifier, image=next(iter(product.get("images", [])), None),
                  details=product.get("description"))  # fmt: skip
    return {
        "id": identifier,
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": price["currency"],
        "description": product["name"],
        "metadata": check_metadata(given.get("metadata"), f"{name}[metadata]"),
        "price": price,
        "quantity": quantity,
    }


def _checked(given: dict[str, Any], name: str, recurring: bool) -> tuple[Thing, int]:
    """What a line is to cost, and how many are bought; refuse what the mode does not know."""
    if "price" in given:
        raise uncovered("prices that were made beforehand", f"{name}[price]")
    if "price_data" not in given:
        raise missing_param(f"{name}[price_data]")
    data, quantity = given["price_data"], given.get("quantity")
    if quantity is None:
        raise missing_param(f"{name}[quantity]")
    if quantity < 1:
        raise invalid(
            f"This value must be greater than or equal to 1 (it currently is '{quantity}').",
            f"{name}[quantity]",
            "parameter_invalid_integer",
        )
    if recurring:
        _check_recurring(data, f"{name}[price_data]")
    elif "recurring" in data:
        raise invalid(
            "You specified `payment` mode but passed a recurring price. Either switch to "
            "`subscription` mode or use only one-time prices.",
            f"{name}[price_data][recurring]",
        )
    return data, quantity


def _product(data: Thing, name: str) -> Thing:
    product: Thing | None = data.get("product_data")
    if product is None:
        raise missing_param(f"{name}[product_data]")
    if len(product.get("images", [])) > 8:
        raise invalid("At most 8 images.", f"{name}[product_data][images]")
    return product


def _price(desk: Desk, data: Thing, name: str) -> Thing:
    """The price that is made for the line alone."""
    unit = _unit_amount(data, name)
    return {
        "id": new_id("price"),
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": desk.clock.now(),
        "currency": check_currency(data["currency"], f"{name}[currency]"),
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": new_id("prod", 14),
        "recurring": _recurring(data.get("recurring")),
        "tax_behavior": data.get("tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring" if "recurring" in data else "one_time",
        "unit_amount": unit,
        "unit_amount_decimal": str(unit),
    }


def _check_recurring(data: dict[str, Any], name: str) -> None:
    if "recurring" not in data:
        raise uncovered("prices that are paid once in a subscription", f"{name}[recurring]")
    told = data["recurring"]
    periods.check(told["interval"], told.get("interval_count", 1), f"{name}[recurring]")


def _recurring(told: dict[str, Any] | None) -> Thing | None:
    return told and {
        "interval": told["interval"],
        "interval_count": told.get("interval_count", 1),
        "meter": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }


def _unit_amount(data: dict[str, Any], name: str) -> int:
    if ("unit_amount" in data) == ("unit_amount_decimal" in data):
        raise invalid(
            "You must specify one of `unit_amount` or `unit_amount_decimal`.",
            f"{name}[unit_amount]",
        )
    exact = Decimal(data.get("unit_amount", data.get("unit_amount_decimal", 0)))
    if exact < 0:
        raise invalid(
            "Invalid non-negative integer", f"{name}[unit_amount]", "parameter_invalid_integer"
        )
    if exact != int(exact):
        raise uncovered("fractions of a minor unit", f"{name}[unit_amount_decimal]")
    return int(exact)


def shipping_rates(desk: Desk, given: list[dict[str, Any]], currency: str) -> list[Thing]:
    """The shipping options of a session, each with the rate made for it."""
    rates = []
    for at, option in enumerate(given):
        name = f"shipping_options[{at}]"
        data = option.get("shipping_rate_data")
        if data is None:
            raise uncovered("shipping rates that were made beforehand", f"{name}[shipping_rate]")
        fixed = data.get("fixed_amount")
        if fixed is None:
            raise missing_param(f"{name}[shipping_rate_data][fixed_amount]")
        if check_currency(fixed["currency"]) != currency:
            raise invalid("Shipping options must use the session's currency.", name)
        if fixed["amount"] < 0:
            raise invalid("Invalid non-negative integer", name, "parameter_invalid_integer")
        rate = {
            "id": new_id("shr"),
            "object": "shipping_rate",
            "active": True,
            "created": desk.clock.now(),
            "delivery_estimate": data.get("delivery_estimate")
            and {"maximum": None, "minimum": None, **data["delivery_estimate"]},
            "display_name": data["display_name"],
            "fixed_amount": {"amount": fixed["amount"], "currency": currency},
            "livemode": False,
            "metadata": check_metadata(data.get("metadata")),
            "tax_behavior": data.get("tax_behavior", "unspecified"),
            "tax_code": None,
            "type": "fixed_amount",
        }
        desk.books.put("shipping_rate", rate)
        rates.append({"shipping_amount": fixed["amount"], "shipping_rate": rate["id"]})
    return rates


def check_total(total: int, currency: str) -> None:
    """A session's total is nothing at all, or an amount that can be charged."""
    if total and total < MINIMUM.get(currency, 1):
        raise invalid(
            "The Checkout Session's total amount due must add up to at least "
            f"{written(MINIMUM[currency], currency)}",
            None,
            "amount_too_small",
        )
    if total > LARGEST:
        raise invalid(
            "The Checkout Session's total amount must be no more than "
            f"{written(LARGEST, currency)}",
            None,
            "amount_too_large",
        )
