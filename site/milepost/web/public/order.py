"""`/o/{key}`: an order's own page; what it says is the store's record, never a browser's (P9)."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from milepost.domain.carriers import tracking_link
from milepost.services.showing_orders import rows_of_order, state_of
from milepost.storage import orders
from milepost.storage.database import reading
from milepost.web.public.checkout import PRIVATE
from milepost.web.public.home import reader_locale
from milepost.web.public.view import store_view
from milepost.web.slugs import is_key
from milepost.wording.languages import LOCALES


async def own_page(request: Request) -> Response:
    """The order, its state, what it holds, and where it travels."""
    site, key = request.state.site, request.path_params["key"]
    if not is_key(key):
        raise HTTPException(404)
    async with reading(site.database) as db:
        row = await orders.by_key(db, key)
    if row is None:
        raise HTTPException(404)
    asked = request.query_params.get("lang")
    known = row["locale"] if row["locale"] in LOCALES else reader_locale(request)
    locale = asked if asked in LOCALES else known
    html = site.renderer.page(
        "public/order.html",
        locale,
        store=store_view(row, locale),
        o=order_view(row, locale),
    )
    return HTMLResponse(html, headers=PRIVATE)


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
