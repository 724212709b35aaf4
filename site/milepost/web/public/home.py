"""The front page: the store's campaigns, and what is new in its shop."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from milepost.services.publishing import publish
from milepost.storage import campaigns, listings
from milepost.storage.database import reading
from milepost.web.public.view import campaign_view, store_view
from milepost.web.shop.cards import card_view
from milepost.wording.languages import negotiate

MOST = 24
MOST_WARES = 4  # of the shop, the newest


def reader_locale(request: Request) -> str:
    """The reader's language: asked for in the address, else the browser's."""
    return negotiate(request.headers.get("accept-language", ""), request.query_params.get("lang"))


async def front_page(request: Request) -> Response:
    """`GET /`: one query, and three for each campaign shown; two more for what the shop has new."""
    site, locale = request.state.site, reader_locale(request)
    now = site.clock()
    async with reading(site.database) as db:
        slugs = await campaigns.published_slugs(db, now, MOST)
        shown = [p for slug in slugs if (p := await publish(db, slug, now))]
        sells = not shown or shown[0].campaign["store_has_shop"]
        shop = await listings.shop(db) if sells else None
        wares = await listings.for_sale(db, shop["id"], MOST_WARES) if shop is not None else []
    store = store_view(shown[0].campaign, locale) if shown else None
    if store is None and shop is not None and wares:
        store = store_view(shop, locale)
    currency = shop["currencies"][0] if shop is not None else ""
    html = site.renderer.page(
        "public/home.html",
        locale,
        store=store or {"name": "Milepost", "tagline": "", "brand": "#17795e", "brand_css_url": ""},
        campaigns=[campaign_view(p, locale, now, site.settings.base_url) for p in shown],
        cards=[card_view(row, locale, currency) for row in wares],
        shop={"is_own_currency": True},
    )
    return HTMLResponse(html, headers={"cache-control": "no-cache", "vary": "accept-language"})
