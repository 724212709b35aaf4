"""Showing an order: its rows as pages and mails list them, made from what was kept with it (M3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from milepost.wording.format import written_in
from milepost.wording.languages import translator


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One row: a label, and minor units that add up to the total; None for a gift."""

    label: str
    amount: int | None
    kind: str = "line"  # or gift, off, shipping, credit, tax
    quantity: int = 1
    price: int = 0
    image: str = ""
    slug: str = ""


def rows_of_order(order: Mapping[str, Any], locale: str) -> list[OrderRow]:
    """Everything in the order: lines before discounts, gifts, what came off, shipping, tax."""
    _, number = translator(locale).gettext, written_in(locale).number
    rows = []
    for line in order["lines"]:
        many = line["quantity"]
        rows.append(
            OrderRow(
                f"{number(many)} × {line['title']}" if many > 1 else line["title"],
                many * line["price"],
                "line",
                many,
                line["price"],
                line.get("image") or "",
                line.get("slug") or "",
            )
        )
    rows += [OrderRow(gift["title"], None, "gift", 1, 0, gift.get("image") or "")
             for gift in order["gifts"]]  # fmt: skip
    if order["code_off"]:
        label = _("Code %(code)s") % {"code": order["code"]} if order["code"] else _("Code")
        rows.append(OrderRow(label, -order["code_off"], "off"))
    if order["tiers_off"]:
        rows.append(OrderRow(_("Rewards of this cart"), -order["tiers_off"], "off"))
    if order["shipping"] or order["shipping_title"]:
        title = order["shipping_title"]
        label = _("Shipping: %(place)s") % {"place": title} if title else _("Shipping")
        rows.append(OrderRow(label, order["shipping"] - order["shipping_off"], "shipping"))
    if order["credit"]:
        rows.append(OrderRow(_("Paid with store credit"), -order["credit"], "credit"))
    if order["tax"]:
        rows.append(OrderRow(_("Tax"), order["tax"], "tax"))
    return rows


def state_of(order: Mapping[str, Any]) -> str:
    """How the order stands, for words and colours of a page.

    `late`: paid after its page was over, and not all was there; `short`: so is a cycle's piece not.
    """
    state = str(order["state"])
    if state == "open" and order["processing"]:
        return "processing"
    if state == "paid" and any(d["state"] == "open" for d in order["disputes"].values()):
        return "disputed"
    if state == "paid" and order["shipped_at"] is not None:
        return "shipped"
    if state == "paid" and not order["claiming"]:
        return "short" if order["subscription_id"] is not None else "late"
    return state
