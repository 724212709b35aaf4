"""Somebody's orders: one of them whole, with where it goes, and its receipt."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.services.gift_cards import written
from milepost.services.signing_in import Visit
from milepost.storage import gift_cards, orders
from milepost.storage.database import reading
from milepost.web.me.visit import language_of, shown, signed_in
from milepost.web.public.order import order_view
from milepost.web.public.view import store_view
from milepost.web.slugs import is_key


async def _mine(request: Request, visit: Visit) -> tuple[Any, list[Any]]:
    """The visitor's order and its refunds. Raises 404 for another's as for nobody's."""
    key = request.path_params["order"]
    async with reading(request.state.site.database) as db:
        rows = await orders.own(db, visit.email, key, None, 1) if is_key(key) else []
        if not rows:
            raise HTTPException(404)
        return rows[0], await orders.refunds_of(db, rows[0]["id"])


@signed_in
async def one(request: Request, visit: Visit) -> Response:
    """`GET /me/orders/{order}`: all of one order."""
    return await _page(request, visit, "me/order.html")


@signed_in
async def receipt(request: Request, visit: Visit) -> Response:
    """`GET /me/orders/{order}/receipt`: to print."""
    return await _page(request, visit, "me/order_receipt.html")


async def _page(request: Request, visit: Visit, template: str) -> Response:
    row, refunds = await _mine(request, visit)
    async with reading(request.state.site.database) as db:
        cards = await gift_cards.of_order(db, row["id"])
    locale = language_of(request, row["locale"])
    return shown(
        request,
        template,
        locale,
        visit=visit,
        store=store_view(row, locale),
        o=order_view(row, locale),
        name=row["name"],
        address=row["address"],
        cards=[{**card, "written": written(card["code"])} for card in cards],
        refunds=[r for r in refunds if r["state"] == "sent" and r["amount"]],
    )
