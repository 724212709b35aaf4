"""`/shop`: what the store sells, by collection and by a word; each page by key (B21)."""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from milepost.domain.messages import N_
from milepost.domain.numbers import number_in
from milepost.services.carting import token_hash
from milepost.services.publishing import in_language
from milepost.storage import listings
from milepost.storage.database import Connection, reading
from milepost.web.me.visit import PRIVATE
from milepost.web.public.chosen import plain
from milepost.web.public.home import reader_locale
from milepost.web.public.view import store_view
from milepost.web.shop.cards import View, card_view
from milepost.web.shop.token import token_of
from milepost.web.slugs import is_slug

PAGE = 24
SORTS = {"": N_("Newest"), "low": N_("Price, low to high"), "high": N_("Price, high to low")}
WAYS = {"low": 1, "high": -1}
CACHED = "public, max-age=0, s-maxage=2, stale-while-revalidate=30"


@dataclass(frozen=True, slots=True)
class Shop:
    """The shop of this site, as this reader sees it: their language, and their currency (M1)."""

    row: Any
    locale: str
    currency: str
    is_known: bool  # the page is made for somebody

    @property
    def store_id(self) -> int:
        """Whose shop it is."""
        return int(self.row["id"])

    @property
    def collections(self) -> list[View]:
        """Those that have something in them, in their order."""
        return [
            {**one, "title": in_language(one, self.locale)("title")}
            for one in self.row["collections"] or ()
        ]


async def shop_of(request: Request, db: Connection) -> Shop:
    """The shop, in the currency asked for, else the cart's, else the store's own: one query.

    Raises 404 where there is no store at all.
    """
    token = token_of(request)
    row = await listings.shop(db, token_hash(token) if token else b"")
    if row is None:
        raise HTTPException(404)
    asked = request.query_params.get("currency", "")
    wanted = [asked, row["cart_currency"], row["currencies"][0]]
    currency = next(one for one in wanted if one in row["currencies"])
    return Shop(row, reader_locale(request), currency, bool(token))


async def shop_page(request: Request) -> Response:
    """`GET /shop`: newest first, or by `?sort=`; `?find=` a word, `?before=` goes on below."""
    return await _shelf(request, None)


async def collection_page(request: Request) -> Response:
    """`GET /shop/in/{collection}`: what is in it, newest first."""
    slug = request.path_params["collection"]
    if not is_slug(slug):
        raise HTTPException(404)
    return await _shelf(request, slug)


async def _shelf(request: Request, slug: str | None) -> Response:
    query = request.query_params
    find = plain(query.get("find", ""), 80).strip()
    before = number_in(query.get("before", ""))
    sort = query.get("sort", "") if query.get("sort") in WAYS else ""
    async with reading(request.state.site.database) as db:
        shop = await shop_of(request, db)
        here = next((one for one in shop.collections if one["slug"] == slug), None)
        if slug is not None and here is None:
            raise HTTPException(404)
        rows = await listings.for_sale(
            db,
            shop.store_id,
            PAGE + 1,
            collection_id=here["id"] if here else None,
            find=find,
            before=before,
            by_price=(WAYS[sort], shop.currency) if sort else None,
        )
    further = {"currency": shop.currency} if query.get("currency") == shop.currency else {}
    found = ({"find": find} if find else {}) | further
    kept = found | ({"sort": sort} if sort else {})
    older = urlencode({"before": rows[PAGE - 1]["id"]} | kept) if len(rows) > PAGE else ""
    return answered(
        request,
        shop,
        "shop/shop.html",
        cards=[card_view(row, shop.locale, shop.currency) for row in rows[:PAGE]],
        here=here,
        find=find,
        sort=sort,
        sorts=[
            (name, label, urlencode(found | ({"sort": name} if name else {})))
            for name, label in SORTS.items()
        ],
        first=f"?{urlencode(kept)}" if kept else "",
        older=older,
        is_first=before is None,
    )


def answered(
    request: Request, shop: Shop, template: str, status: int = 200, **context: Any
) -> Response:
    """A page of the shop; one that was made for somebody is kept by nobody else."""
    site = request.state.site
    html = site.renderer.page(
        template,
        shop.locale,
        store=store_view(shop.row, shop.locale),
        shop={
            "currency": shop.currency,
            "currencies": shop.row["currencies"],
            "collections": shop.collections,
            "address": f"{site.settings.base_url}/shop",
            "own": request.url.path,
            "is_own_currency": shop.currency == shop.row["currencies"][0],
        },
        **context,
    )
    headers = {"vary": "accept-language, cookie", "content-language": shop.locale}
    if shop.is_known or status != 200:
        return HTMLResponse(html, status, PRIVATE | headers)
    tag = f'"{sha256(html.encode()).hexdigest()[:24]}"'
    headers |= {"cache-control": CACHED, "etag": tag}
    if tag in re.findall(r'"[0-9a-f]+"', request.headers.get("if-none-match", "")):
        return Response(None, 304, headers)
    return HTMLResponse(html, 200, headers)
