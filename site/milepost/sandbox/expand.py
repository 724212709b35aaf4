"""Expanding ids into their objects (source: Stripe API reference, "Expanding responses")."""

from .books import Thing
from .desk import Desk
from .errors import invalid
from .lists import whole

KIND_OF = {
    "balance_transaction": "balance_transaction",
    "charge": "charge",
    "customer": "customer",
    "default_payment_method": "payment_method",
    "failure_balance_transaction": "balance_transaction",
    "invoice": "invoice",
    "latest_charge": "charge",
    "latest_invoice": "invoice",
    "payment_intent": "payment_intent",
    "payment_method": "payment_method",
    "setup_intent": "setup_intent",
    "shipping_rate": "shipping_rate",
    "subscription": "subscription",
}
"""Field → the kind of thing that its id names."""
DEEPEST = 4


def expanded(desk: Desk, answer: Thing, paths: list[str]) -> Thing:
    """A copy of the answer with the ids at those paths replaced by their objects."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > DEEPEST:
            raise invalid(
                f"You cannot expand more than {DEEPEST} levels of a property. Property: {path}",
                "expand",
            )
        answer = _expand(desk, answer, steps, path)
    return answer


def _expand(desk: Desk, thing: Thing, steps: list[str], path: str) -> Thing:
    name, rest = steps[0], steps[1:]
    if name == "data" and thing.get("object") == "list" and rest:
        return {**thing, "data": [_expand(desk, item, rest, path) for item in thing["data"]]}
    value = _value(desk, thing, name, path)
    if rest and isinstance(value, dict):
        value = _expand(desk, value, rest, path)
    return {**thing, name: value}


def _value(desk: Desk, thing: Thing, name: str, path: str) -> object:
    kind = thing.get("object")
    if name == "line_items" and kind == "checkout.session":
        items = desk.note(thing["id"]).get("line_items", [])
        return whole(items, f"/v1/checkout/sessions/{thing['id']}/line_items")
    if name == "refunds" and kind == "charge":
        refunds = desk.books.shelf("refund").newest_first()
        mine = [refund for refund in refunds if refund["charge"] == thing["id"]]
        return whole(mine, f"/v1/charges/{thing['id']}/refunds")
    if name == "payments" and kind == "invoice":
        payments = desk.books.shelf("invoice_payment").newest_first()
        made = [payment for payment in payments if payment["invoice"] == thing["id"]]
        return whole(made, "/v1/invoice_payments")
    value = thing.get(name)
    if isinstance(value, dict) or (value is None and name in thing and name in KIND_OF):
        return value
    if name not in KIND_OF or name not in thing:
        raise invalid(
            f"This property cannot be expanded ({name}). You may want to try expanding "
            f"another property, or check the API version that you are using. Path: {path}",
            "expand",
            "property_cannot_be_expanded",
        )
    return desk.books.the(KIND_OF[name], str(value))
