"""`/shop/{slug}`: one listing with its variants, its text and what buyers say (B21)."""

from typing import Any

import orjson
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.listings import Offer, price_of
from milepost.domain.money import major
from milepost.services.publishing import in_language
from milepost.services.shop_cart import MOST_PIECES
from milepost.storage import listings, reviews
from milepost.storage.database import Connection, reading
from milepost.web.shop.cards import View, picture_view, stars_view
from milepost.web.shop.shelves import Shop, answered, shop_of
from milepost.web.slugs import is_slug
from milepost.wording.often import every_words
from milepost.wording.prose import excerpt, prose, remark

LATEST = 3  # reviews below the text
DESCRIPTION = 200  # characters


async def listing_of(request: Request, db: Connection, shop: Shop) -> Any:
    """The published listing of the address: one query. Raises 404."""
    slug = request.path_params["slug"]
    row = await listings.one_for_sale(db, shop.store_id, slug) if is_slug(slug) else None
    if row is None:
        raise HTTPException(404)
    return row


async def listing_page(request: Request) -> Response:
    """`GET /shop/{slug}`: three queries, whatever it has sold."""
    async with reading(request.state.site.database) as db:
        shop = await shop_of(request, db)
        row = await listing_of(request, db, shop)
        said = await reviews.of_listing(db, row["id"], None, LATEST)
    base_url = request.state.site.settings.base_url
    listing = listing_view(row, shop, base_url)
    return answered(
        request,
        shop,
        "shop/listing.html",
        listing=listing,
        reviews=[review_view(one) for one in said],
        linked_data=linked_data(listing, shop, base_url),
    )


def listing_view(row: Any, shop: Shop, base_url: str) -> View:
    """The listing as its page shows it, in the reader's currency and language."""
    text = in_language(row, shop.locale)
    variants = [_variant(one, shop) for one in row["variants"] or ()]
    chosen = next((v for v in variants if v["can_be_bought"] and not v["every"]), None)
    pictures: dict[str, View] = {}
    for one in row["variants"] or ():
        if one["image"]:
            pictures.setdefault(one["image"], picture_view(one, shop.locale))
    words = text("text")
    price = price_of(Offer(v["price"], v["stock"]) for v in variants)
    return {
        "id": row["id"],
        "slug": row["slug"],
        "title": text("title"),
        "text": prose(words) if words else None,
        "description": excerpt(words, DESCRIPTION) if words else "",
        "is_gift_card": row["is_gift_card"],
        "variants": variants,
        "once": [v for v in variants if not v["every"]],
        "subscribed": [v for v in variants if v["every"] and v["price"]],
        "chosen": chosen["id"] if chosen else None,
        "price": price,
        "exact_price": major(price.lowest, shop.currency) if price else "",
        "is_sold_out": bool(variants)
        and all(v["is_sold_out"] or v["price"] is None for v in variants)
        and any(v["price"] is not None for v in variants),
        "pictures": list(pictures.values()),
        "stars": stars_view(row),
        "collections": [
            {"slug": one["slug"], "title": in_language(one, shop.locale)("title")}
            for one in row["collections"] or ()
        ],
        "address": f"{base_url}/shop/{row['slug']}",
        "most": MOST_PIECES,
    }


def _variant(one: Any, shop: Shop) -> View:
    offer = Offer(one["prices"].get(shop.currency), one["stock"])
    return {
        "id": one["id"],
        "label": in_language(one, shop.locale)("label"),
        "price": offer.price,
        "stock": offer.stock,
        "few": offer.few,
        "is_sold_out": offer.is_sold_out,
        "can_be_bought": offer.can_be_bought,
        "ships": one["ships"],
        "image": one["image"],
        "every": every_words(one["every_count"], one["every_unit"], shop.locale),
    }


def review_view(row: Any) -> View:
    """A review that is shown."""
    return {
        "id": row["id"],
        "stars": row["stars"],
        "name": row["name"],
        "made_at": row["made_at"],
        "body": remark(row["text"]) if row["text"] else "",
    }


def linked_data(listing: View, shop: Shop, base_url: str) -> Markup:
    """The listing for search engines. Source: schema.org, "Product", "Offer".

    A data block, which no browser runs; nothing in it can end it early.
    """
    found: View = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": listing["title"],
        "url": listing["address"],
        "offers": [_offer(one, listing, shop) for one in listing["variants"] if one["price"]],
    }
    if listing["description"]:
        found["description"] = listing["description"]
    if listing["pictures"]:
        found["image"] = [base_url + one["src"] for one in listing["pictures"]]
    if listing["stars"]:
        found["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": listing["stars"]["tenths"] / 10,
            "reviewCount": listing["stars"]["count"],
        }
    text = orjson.dumps(found).decode()
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _offer(one: View, listing: View, shop: Shop) -> View:
    there = "SoldOut" if one["is_sold_out"] else "InStock"
    offer = {
        "@type": "Offer",
        "price": major(one["price"], shop.currency),
        "priceCurrency": shop.currency,
        "availability": f"https://schema.org/{there}",
        "url": listing["address"],
    }
    return offer | ({"name": one["label"]} if one["label"] else {})
