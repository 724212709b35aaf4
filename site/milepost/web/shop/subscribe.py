"""`/shop/{slug}/subscribe`: where to, what each payment is, and on to the payment page (P9)."""

import logging
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from milepost.domain.errors import Invalid, Refusal
from milepost.domain.messages import Sentence
from milepost.domain.numbers import number_in
from milepost.domain.shipping import COUNTRIES
from milepost.gateways.stripe import PaymentUnavailable
from milepost.services.shop_cart import title_of
from milepost.services.subscribing import Subscribable, Wish, Words, reckoned, subscribe
from milepost.storage import subscriptions
from milepost.storage.database import Connection, reading
from milepost.web.me.visit import PRIVATE
from milepost.web.public.chosen import plain
from milepost.web.public.destinations import options, select
from milepost.web.shop.shelves import Shop, answered, shop_of
from milepost.web.slugs import is_slug
from milepost.wording.languages import LOCALES, translator
from milepost.wording.often import every_words
from milepost.wording.saying import say

log = logging.getLogger("milepost.web")


async def subscribe_page(request: Request) -> Response:
    """GET: what it costs, to a `?country=` if it is sent. POST: 303 to the payment page."""
    if request.method != "POST":
        asked = {name: plain(said, 80) for name, said in request.query_params.items()}
        return await _page(request, asked)
    sent = await request.form(max_files=0, max_fields=10)
    typed = {name: plain(str(value), 80) for name, value in sent.items()}
    site = request.state.site
    async with reading(site.database) as db:
        shop, row = await _found(request, db, typed)
    if row["ships"] and "country" not in typed:
        return await _page(request, typed)
    locale = typed["lang"] if typed.get("lang") in LOCALES else shop.locale
    wish = Wish(
        row["slug"],
        row["id"],
        _currency(shop, typed),
        _country(typed),
        typed.get("shown_total", ""),
        locale,
    )
    words = Words(translator(locale).gettext("Shipping"))
    base_url = site.settings.base_url
    try:
        url = await subscribe(
            site.database, site.gateway, base_url, site.clock, shop.store_id, wish, words
        )
    except Refusal as refusal:
        return await _page(request, typed, 422 if isinstance(refusal, Invalid) else 409, refusal)
    except PaymentUnavailable as error:
        log.warning("no payment page for a subscription: %s", error)
        return await _page(request, typed, 503, stopped=Sentence(error.sentence))
    return RedirectResponse(url, 303, PRIVATE)


async def _found(request: Request, db: Connection, typed: Mapping[str, str]) -> tuple[Shop, Any]:
    """The shop and the variant that is sold by subscription. Raises 404."""
    slug, product_id = request.path_params["slug"], number_in(typed.get("product", ""))
    shop = await shop_of(request, db)
    row = None
    if is_slug(slug) and product_id:
        row = await subscriptions.product(db, shop.store_id, slug, product_id)
    if row is None:
        raise HTTPException(404)
    return shop, row


def _currency(shop: Shop, typed: Mapping[str, str]) -> str:
    asked = typed.get("currency", "")
    return asked if asked in shop.row["currencies"] else shop.currency


def _country(typed: Mapping[str, str]) -> str | None:
    asked = typed.get("country", "")
    return asked if asked in COUNTRIES else None


async def _page(
    request: Request,
    typed: Mapping[str, str],
    status: int = 200,
    refusal: Refusal | None = None,
    stopped: Sentence | None = None,
) -> Response:
    async with reading(request.state.site.database) as db:
        shop, row = await _found(request, db, typed)
    sentence = refusal.sentence if refusal is not None else stopped
    offer: Subscribable | None = None
    try:
        offer = reckoned(row, _currency(shop, typed), _country(typed))
    except Refusal as none:
        sentence, status = sentence or none.sentence, max(status, 409)
    return answered(
        request,
        shop,
        "shop/subscribe.html",
        status,
        listing={"slug": row["slug"], "title": title_of(row, shop.locale), "id": row["id"]},
        every=every_words(row["every_count"], row["every_unit"], shop.locale),
        offer=offer,
        currency=_currency(shop, typed),
        country=_country(typed) or "",
        ships=row["ships"],
        countries=_countries(row, _currency(shop, typed), _country(typed) or "", shop.locale),
        refused=say(sentence, shop.locale) if sentence is not None else "",
        about=getattr(refusal, "about", ""),
    )


def _countries(row: Any, currency: str, country: str, locale: str) -> Any:
    """Where it can be sent, as options."""
    ways = [one for one in row["shipping_options"] or () if currency in one["prices"]]
    if any(not way["countries"] for way in ways):
        codes = COUNTRIES
    else:
        codes = frozenset(code for way in ways for code in way["countries"]) & COUNTRIES
    return select(options(locale, codes), country) if codes else ""
