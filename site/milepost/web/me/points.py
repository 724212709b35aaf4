"""`/me/points`: somebody's points become store credit."""

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Refusal
from milepost.domain.numbers import number_in
from milepost.services.exchanging import Offer, exchange, offers_to
from milepost.services.publishing import in_language
from milepost.services.signing_in import Visit
from milepost.storage.database import reading
from milepost.web.me.visit import back_to, language_of, shown, signed_in, store_here
from milepost.web.public.chosen import plain
from milepost.wording.saying import say

HERE = "/me/points"


@signed_in
async def points(request: Request, visit: Visit) -> Response:
    """`GET` what points are worth; `POST` turns `points` of a `store` into its `currency`."""
    site, locale = request.state.site, language_of(request, visit.locale)
    if request.method != "POST":
        return await _page(request, visit, locale)
    sent = await request.form(max_files=0, max_fields=10)
    typed = {name: plain(str(value), 80) for name, value in sent.items()}
    try:
        await exchange(
            site.database,
            visit.email,
            typed.get("store", ""),
            typed.get("currency", ""),
            number_in(typed.get("points", "")) or 0,
            number_in(typed.get("seen", "")) or 0,
            site.clock(),
        )
    except Refusal as refusal:
        return await _page(request, visit, locale, refusal)
    return back_to(f"{HERE}?done=1&lang={locale}")


def offers_view(offers: Iterable[Offer], locale: str) -> list[dict[str, Any]]:
    """What templates show of the offers."""
    return [
        {
            "store": one.store["store"],
            "store_name": in_language(one.store, locale, "store_")("name"),
            "currency": one.currency,
            "has": one.has,
            "points": one.points,
            "amount": one.amount,
            "choices": one.choices,
        }
        for one in offers
    ]


async def _page(
    request: Request, visit: Visit, locale: str, refusal: Refusal | None = None
) -> Response:
    async with reading(request.state.site.database) as db:
        store = await store_here(db, locale)
        offers = await offers_to(db, visit.email)
    return shown(
        request,
        "me/points.html",
        locale,
        200 if refusal is None else 422,
        visit=visit,
        store=store,
        offers=offers_view(offers, locale),
        stores=len({one.store["store"] for one in offers}),
        error=say(refusal.sentence, locale) if refusal is not None else "",
        done=bool(request.query_params.get("done")),
    )
