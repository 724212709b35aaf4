"""Campaigns as the templates get them, small enough to read."""

from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup

STORE: dict[str, Any] = {
    "name": "Larkfield Press & Sound",
    "tagline": "For slow walks",
    "slug": "larkfield",
    "brand": "#17795e",
    "brand_css_url": "/brand.css",
}
REACHED_AT = datetime(2026, 11, 12, 10, tzinfo=UTC)
SECRET = "The title that nobody may see yet"


def milestone(number: int, target: int, total: int, **more: Any) -> dict[str, Any]:
    """A milestone that is reached when `total` is at its target."""
    reached = total >= target
    return {
        "id": f"m{number}",
        "target": target,
        "state": "revealed" if reached else "ahead",
        "left": None if reached else target - total,
        "reached_at": REACHED_AT if reached else None,
        "reached_seq": 255 if reached else None,
        "audience": "all_backers",
        "reward": "reveal",
        "title": f"Milestone {number}",
        "text": f"Text {number}",
        "image": None,
        "image_alt": "",
        "mystery": False,
        **more,
    }


def tier(number: int, **more: Any) -> dict[str, Any]:
    """A tier that can be chosen."""
    return {
        "id": str(number),
        "title": f"Tier {number}",
        "text": "",
        "price": 4500,
        "units": 1,
        "left": None,
        "most": None,
        "ships": False,
        "state": "open",
        "opens_at": None,
        "closes_at": None,
        **more,
    }


def campaign(total: int = 342, **more: Any) -> dict[str, Any]:
    """A live unit campaign with milestones at 100, 400 and 600, and a goal of 500."""
    return {
        "slug": "field-recorder",
        "title": "Field Recorder No. 2",
        "state": "live",
        "basis": "units",
        "currency": "USD",
        "goal": 500,
        "total": total,
        "raised": total * 12000,
        "units": total,
        "backers": total,
        "version": 981,
        "opens_at": datetime(2026, 11, 1, 9, tzinfo=UTC),
        "closes_at": datetime(2026, 12, 3, 23, tzinfo=UTC),
        "milestones": [
            milestone(1, 100, total, reward="product", image="/media/muff.avif", image_alt="Fur"),
            milestone(2, 400, total, audience="new_backers"),
            milestone(3, 600, total, mystery=True, title=SECRET, text=SECRET),
        ],
        "tiers": [tier(1), tier(2, left=0, state="sold_out")],
        "addons": [tier(3, title="A strap", price=1500, most=2)],
        "tax": False,
        "shipping": {"asks": False, "countries": {}, "range": {}, "fees": ""},
        "blurb": "A pocket recorder for walks.",
        "story": Markup("<h2>Why</h2><p>Because.</p>"),
        "hero": {"src": "/media/hero.avif", "alt": "A recorder", "width": 1600, "height": 1200},
        "funded": total >= 500,
        "outcome": None,
        "takes_comments": True,
        "has_purses": True,
        "funding_model": "keep_it_all",
        "zone": "Europe/Berlin",
        "can_pledge": True,
        "address": "http://localhost:8000/c/field-recorder",
        **more,
    }


def pledge(**more: Any) -> dict[str, Any]:
    """Dana's pledge: one tier and a bonus."""
    return {
        "key": "k",
        "state": "charged",
        "held": False,
        "lines": [
            {"title": "Tier 1", "quantity": 2, "unit_price": 4500, "amount": 9000, "source": "tier"}
        ],
        "tax": 0,
        "credit": 1200,
        "total": 9000,
        "currency": "USD",
        "refunded": 0,
        "made_at": REACHED_AT,
        "confirmed_at": REACHED_AT,
        "pay_url": None,
        "goods": None,
        "has_backer": True,
        "card_sentence": None,
        **more,
    }
