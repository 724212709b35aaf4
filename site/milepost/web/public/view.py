"""What the public templates see: the public state, with what only a page shows."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from milepost.domain.pictures import picture_size
from milepost.services.publishing import Published, State, in_language
from milepost.web.public.destinations import shipping_view
from milepost.web.public.unlocking import unlocking
from milepost.wording.prose import prose


def campaign_view(published: Published, locale: str, now: datetime, base_url: str) -> State:
    """The public state with the page's own parts: story, picture, rules of the money."""
    row = published.campaign
    state = published.state(locale, now)
    text = in_language(row, locale)
    reached = state["total"] >= row["goal"]
    hero = None
    if row["image"]:
        hero = picture_view(row["image"], text("image_alt"))
    return state | {
        "blurb": text("blurb"),
        "story": prose(text("story")) if row["story"] else None,
        "hero": hero,
        "funded": row["outcome"] == "funded" or (row["outcome"] is None and reached),
        "funding_model": row["funding_model"],
        "tax": row["tax"],
        "shipping": shipping_view(published, state, locale),
        "zone": row["zone"],
        "can_pledge": state["state"] == "live"
        or (state["state"] == "closed" and row["late_pledges"] and row["outcome"] == "funded"),
        "address": f"{base_url}/c/{row['slug']}",
        "takes_comments": row["comments"] != "closed",
        "has_purses": row["has_purses"],
        "unlocking": unlocking(published.milestones, state, locale)
        if state["state"] == "live"
        else [],
        "review_limit": row["review_limit"],
    }


def announced_view(published: Published, locale: str, now: datetime, base_url: str) -> State:
    """What the page of an announced campaign shows: what comes, when, and how many wait for it."""
    row = published.campaign
    text = in_language(row, locale)
    return published.state(locale, now) | {
        "blurb": text("blurb"),
        "hero": picture_view(row["image"], text("image_alt")) if row["image"] else None,
        "followers": row["followers"],
        "zone": row["zone"],
        "lies_ahead": row["opens_at"] > now,
        "address": f"{base_url}/c/{row['slug']}",
    }


def picture_view(src: str, alt: str) -> State:
    """A wide picture; one that is kept in two sizes is offered in both."""
    srcset = ""
    if "-1600." in src:
        srcset = f"{src.replace('-1600.', '-800.')} 800w, {src} 1600w"
    width, height = picture_size(src) or (1600, 1200)
    return {"src": src, "alt": alt, "srcset": srcset, "width": width, "height": height}


def store_view(row: Any, locale: str) -> State:
    """The store of a campaign's row, for the frame of its pages."""
    text = in_language(row, locale, "store_")
    brand = row["store_brand"]
    return {
        "name": text("name"),
        "tagline": text("tagline"),
        "slug": row["store_slug"],
        "brand": brand,
        "brand_css_url": brand_css_url(row["store_slug"], brand),
        "has_shop": bool(row.get("store_has_shop")),
        "zone": row.get("store_zone") or "UTC",
    }


def brand_css_url(slug: str, brand: str) -> str:
    """Where the store's colours are; the address changes with them, so browsers may keep it."""
    return f"/brand/{slug}.{sha256(brand.encode()).hexdigest()[:12]}.css"
