"""The sandbox's own totals, from its charges, refunds and disputes alone."""

from .books import Books
from .words import words

NAMES = words("charges charged pending failed_charges refunds refunded disputes disputed net fees")


def totals(books: Books) -> dict[str, dict[str, int]]:
    """By currency, in minor units: what came in, what went back, and what is left of it."""
    found: dict[str, dict[str, int]] = {}

    def account(currency: str) -> dict[str, int]:
        return found.setdefault(currency, dict.fromkeys(NAMES, 0))

    for charge in books.shelf("charge").oldest_first():
        total = account(charge["currency"])
        if charge["status"] == "succeeded":
            total["charges"] += 1
            total["charged"] += charge["amount"]
        elif charge["status"] == "pending":
            total["pending"] += charge["amount"]
        else:
            total["failed_charges"] += 1
    for refund in books.shelf("refund").oldest_first():
        if refund["status"] in ("succeeded", "pending"):
            total = account(refund["currency"])
            total["refunds"] += 1
            total["refunded"] += refund["amount"]
    for dispute in books.shelf("dispute").oldest_first():
        total = account(dispute["currency"])
        total["disputes"] += 1
        if dispute["status"] != "won":
            total["disputed"] += dispute["amount"]
    for moved in books.shelf("balance_transaction").oldest_first():
        account(moved["currency"])["fees"] += moved["fee"]
    for total in found.values():
        total["net"] = total["charged"] - total["refunded"] - total["disputed"]
    return found
