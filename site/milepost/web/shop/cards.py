"""How a listing is seen: in a grid, its pictures, its stars."""

from typing import Any

from milepost.domain.listings import Offer, price_of, tenths
from milepost.domain.pictures import picture_size
from milepost.services.publishing import in_language
from milepost.wording.often import every_words

View = dict[str, Any]


def card_view(row: Any, locale: str, currency: str) -> View:
    """A listing for the grid: its first picture, its lowest price, its stars."""
    variants = row["variants"] or []
    offers = [Offer(v["prices"].get(currency), v["stock"]) for v in variants]
    priced = [offer for offer in offers if offer.price is not None]
    shown = next((v for v in variants if v["image"]), None)
    return {
        "id": row["id"],
        "slug": row["slug"],
        "title": in_language(row, locale)("title"),
        "picture": picture_view(shown, locale) if shown else None,
        "price": price_of(offers),
        "every": _every(variants, locale),
        "currency": currency,
        "is_sold_out": bool(priced) and all(offer.is_sold_out for offer in priced),
        "few": priced[0].few if len(priced) == 1 else None,
        "stars": stars_view(row),
    }


def _every(variants: list[Any], locale: str) -> str:
    """How often it is paid, where all of it is sold by one rhythm; else nothing."""
    often = {(v["every_count"], v["every_unit"]) for v in variants}
    return every_words(*often.pop(), locale) if len(often) == 1 else ""


def picture_view(variant: Any, locale: str) -> View:
    """A variant's picture with its text in the reader's language."""
    src = variant["image"]
    width, height = picture_size(src) or (1600, 1200)
    alt = in_language(variant, locale)("image_alt")
    return {"src": src, "alt": alt, "width": width, "height": height, "of": variant["id"]}


def stars_view(row: Any) -> View | None:
    """The average of a listing's reviews; None without any."""
    average = tenths(row["stars"], row["reviews"])
    if average is None:
        return None
    return {"tenths": average, "count": row["reviews"]}
