"""`/studio/{store}/orders`: what was bought, found and filtered; what is to send, many at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.carriers import KNOWN
from milepost.domain.errors import Refusal
from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.services.listing_orders import items_of, orders_csv
from milepost.services.publishing import in_language
from milepost.services.sending_orders import ship_orders
from milepost.services.showing_orders import state_of
from milepost.storage import order_list
from milepost.storage.database import Connection, reading
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.parts import asked, download, errors_of, question, status_of, typed_in

PAGE = 50
SHOWS = ("send", "sent", "late", "disputed", "refunded", "open", "over")


@behind(Deed.SEE_PLEDGES)
async def orders(request: Request, desk: Desk) -> Response:
    """`GET …/orders`: newest first, fifty a page; `?show=send` with what to fill in."""
    return await _page(request, desk)


async def _page(
    request: Request,
    desk: Desk,
    typed: Mapping[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    site, minds = request.state.site, desk.may(Deed.MIND_PLEDGES)
    q, show = asked(request, "q", 320), asked(request, "show")
    show = "send" if refusal is not None else show if show in SHOWS else ""
    before = number_in(asked(request, "before"))
    async with reading(site.database) as db:
        ids = await _searched(db, desk, q)
        rows = await order_list.some(db, desk.store_id, show, ids, before, PAGE + 1)
        apart = await order_list.apart(db, desk.store_id)
        campaigns = await order_list.campaigns_to_send(db, desk.store_id)
    here = f"{desk.home}/orders"
    older = rows[PAGE - 1]["id"] if len(rows) > PAGE else None
    words = {"q": q, "show": show}
    return shown(
        request,
        "studio/orders/list.html",
        desk,
        status_of(refusal),
        orders=[_in_list(row, minds) for row in rows[:PAGE]],
        q=q,
        show=show,
        minds=minds,
        fulfils=desk.may(Deed.FULFIL),
        apart=apart,
        campaigns=[
            {"slug": c["slug"], "title": in_language(c, desk.locale)("title"), "ready": c["ready"]}
            for c in campaigns
        ],
        carriers=KNOWN,
        v=dict(typed or {}),
        errors=errors_of(refusal, desk.locale),
        sent=number_in(asked(request, "sent")),
        first_href=here + question(**words) if before is not None else None,
        older_href=here + question(**words, before=older) if older else None,
        csv_href=f"{here}.csv" + question(**words),
    )


async def _searched(db: Connection, desk: Desk, q: str) -> Sequence[int] | None:
    """The ids that fit what was searched for; None where nothing was."""
    if not q:
        return None
    number = number_in(q.lstrip("#0"))
    return await order_list.search(db, desk.store_id, q, number, desk.may(Deed.MIND_PLEDGES))


def _in_list(row: Any, minds: bool) -> dict[str, Any]:
    return {
        "id": row["id"],
        "who": row["name"] or (row["email"] if minds else ""),
        "email": row["email"] if minds else "",
        "erased": row["erased"],
        "state": state_of(row),
        "items": items_of([*row["lines"], *row["gifts"]]),
        "country": row["country"],
        "currency": row["currency"],
        "total": row["total"] if minds else None,
        "refunded": row["refunded"] if minds else 0,
        "at": row["paid_at"] or row["made_at"],
        "can_send": state_of(row) == "paid" and row["ships"],
    }


@behind(Deed.SEE_PLEDGES)
async def as_csv(request: Request, desk: Desk) -> Response:
    """`GET …/orders.csv`: all that the list is asked for, a chunk at a time."""
    site, show = request.state.site, asked(request, "show")
    async with reading(site.database) as db:
        ids = await _searched(db, desk, asked(request, "q", 320))
    minds = desk.may(Deed.MIND_PLEDGES)
    lines = orders_csv(site.database, desk.store_id, show if show in SHOWS else "", ids, minds)
    return download(lines, "orders.csv")


@behind(Deed.FULFIL)
async def ship(request: Request, desk: Desk) -> Response:
    """`POST …/orders/ship`: the ticked ones are on their way, each with its number."""
    if request.method != "POST":
        return back_to(f"{desk.home}/orders?show=send")
    site, typed = request.state.site, await typed_in(request, 3 * PAGE)
    parcels = [
        (number, typed.get("carrier", ""), typed.get(f"tracking-{number}", ""))
        for name in typed
        if name.startswith("order-") and (number := number_in(name.removeprefix("order-")))
    ]
    try:
        sent = await ship_orders(site.database, desk.author, parcels, site.clock())
    except Refusal as refusal:
        return await _page(request, desk, typed, refusal)
    return back_to(f"{desk.home}/orders?show=send&sent={sent}")
