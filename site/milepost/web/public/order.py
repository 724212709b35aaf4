"""`/o/{key}`: an order's own page; what it says is the store's record, never a browser's (P9)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.carriers import tracking_link
from milepost.services.showing_orders import rows_of_order, state_of
from milepost.storage import orders
from milepost.web.public.own_pages import own_page_of


async def own_page(request: Request) -> Response:
    """The order, its state, what it holds, and where it travels."""
    return await own_page_of(request, orders.by_key, "public/order.html", "o", order_view)


def order_view(row: Any, locale: str) -> dict[str, Any]:
    """What pages show of an order; its address only to whoever may see that."""
    return {
        "id": row["id"],
        "key": row["key"],
        "number": f"{row['id']:06}",
        "state": state_of(row),
        "rows": rows_of_order(row, locale),
        "currency": row["currency"],
        "total": row["total"],
        "paid": row["paid"],
        "refunded": row["refunded"],
        "credit": row["credit"] if row["claiming"] else 0,
        "credit_back": row["credit_back"],
        "coming_back": max(0, row["asked_back"] - row["refunded"]),
        "ships": row["ships"],
        "country": row["country"],
        "carrier": row["carrier"],
        "tracking": row["tracking"],
        "tracking_url": tracking_link(row["carrier"], row["tracking"]),
        "zone": row["store_zone"],
        "made_at": row["made_at"],
        "paid_at": row["paid_at"],
        "shipped_at": row["shipped_at"],
        "pay_url": row["pay_url"] if row["state"] == "open" else None,
        "has_customer": row["customer_id"] is not None,
    }
