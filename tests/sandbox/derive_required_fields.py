"""Makes `required_fields.json` anew from the published npm package `stripe`.

    npm pack stripe@<version> && tar xzf stripe-*.tgz
    python tests/sandbox/derive_required_fields.py package > tests/sandbox/required_fields.json

In that package's declarations `field: T | null` is always present in an answer and `field?: T` may
be left out. The Python library's annotations don't tell the two apart, so the tests ask here.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOTS = {
    "Session": "Checkout/Sessions",
    "PaymentIntent": "PaymentIntents",
    "SetupIntent": "SetupIntents",
    "Charge": "Charges",
    "Refund": "Refunds",
    "Dispute": "Disputes",
    "Customer": "Customers",
    "PaymentMethod": "PaymentMethods",
    "EventBase": "Events",
    "Event": "Events",
    "LineItem": "LineItems",
    "Price": "Prices",
    "ShippingRate": "ShippingRates",
    "BalanceTransaction": "BalanceTransactions",
    "Calculation": "Tax/Calculations",
    "Subscription": "Subscriptions",
    "SubscriptionItem": "SubscriptionItems",
    "Invoice": "Invoices",
    "InvoiceLineItem": "InvoiceLineItems",
    "InvoicePayment": "InvoicePayments",
    "Plan": "Plans",
}
"""Interface name → the file of the package that declares it."""

METHODS = {"card", "us_bank_account", "sepa_debit", "bacs_debit"}
"""Payment methods whose nested shapes are kept; all of them would fill a file of ten times this."""

OF_ONE_METHOD = re.compile(r"(PaymentMethodDetails|PaymentMethodOptions|PaymentMethod)$")
OPENING = re.compile(r"^(?:export )?(?:declare )?(interface|namespace) (\w+)[^{]*\{$")
FIELD = re.compile(r"^(\w+)(\??): (.+);$")


def declared(text: str) -> dict[str, dict[str, tuple[bool, str]]]:
    """Every interface of a file by its full name: field → (required, type as written)."""
    found: dict[str, dict[str, tuple[bool, str]]] = {}
    path: list[tuple[str, str]] = []
    in_comment = False
    for line in (raw.strip() for raw in text.splitlines()):
        if in_comment or line.startswith("/*"):
            in_comment = "*/" not in line
            continue
        if opening := OPENING.match(line):
            path.append((opening[1], opening[2]))
            if opening[1] == "interface":
                found.setdefault(".".join(name for _, name in path), {})
        elif line.endswith("{"):
            path.append(("other", line))
        elif line.startswith("}"):
            path.pop()
        elif path and path[-1][0] == "interface" and (field := FIELD.match(line)):
            found[".".join(name for _, name in path)][field[1]] = (not field[2], field[3])
    return found


def shape_of(written: str, owner: str, known: set[str]) -> str | None:
    """The one interface that a type as written refers to, or None when it is plain or another's."""
    names = re.findall(r"[A-Z][\w.]*", written)
    for name in names:
        scope = owner.split(".")
        while True:
            if (candidate := ".".join([*scope, name])) in known:
                return candidate
            if not scope:
                break
            scope.pop()
    return None


def derive(package: Path) -> dict[str, Any]:
    """Required field names and nested shapes of everything reachable from the roots."""
    declarations: dict[str, dict[str, tuple[bool, str]]] = {}
    resources = package / "esm" / "resources"
    for name, file in ROOTS.items():
        for full, fields in declared((resources / f"{file}.d.ts").read_text()).items():
            if full == name or full.startswith(name + "."):
                declarations[full] = fields
    shared = declared((package / "esm" / "shared.d.ts").read_text())
    declarations["Address"] = shared["Address"]
    known = set(declarations)
    shapes: dict[str, Any] = {}
    waiting = [root for root in ROOTS if root in known]
    while waiting:
        owner = waiting.pop()
        if owner in shapes:
            continue
        fields = declarations[owner]
        nested = {}
        for field, (_, written) in fields.items():
            if OF_ONE_METHOD.search(owner) and field not in METHODS | {"billing_details"}:
                continue
            if shape := shape_of(written, owner, known):
                nested[field] = shape
                waiting.append(shape)
        shapes[owner] = {"required": sorted(f for f, (needed, _) in fields.items() if needed)}
        if nested:
            shapes[owner]["nested"] = dict(sorted(nested.items()))
    released = json.loads((package / "package.json").read_text())["version"]
    api = re.findall(r'"([^"]+)"', (package / "esm" / "apiVersion.d.ts").read_text())[0]
    return {
        "from": f"npm package stripe {released} (MIT), API version {api}; names only",
        "made_by": "tests/sandbox/derive_required_fields.py",
        "shapes": dict(sorted(shapes.items())),
    }


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(json.dumps(derive(Path(sys.argv[1])), indent=1))
