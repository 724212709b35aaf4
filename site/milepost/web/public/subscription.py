"""`/s/{key}`: where a subscription's payment page leads back to; it says nothing of who it is."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from milepost.storage import subscriptions
from milepost.web.public.own_pages import own_page_of
from milepost.wording.often import every_words


async def own_page(request: Request) -> Response:
    """The subscription, its state, what was agreed, and when it is paid next."""
    return await own_page_of(
        request, subscriptions.by_key, "public/subscription.html", "s", subscription_view
    )


def subscription_view(row: Any, locale: str) -> dict[str, Any]:
    """What pages show of a subscription; its payments and its address only to its owner."""
    return {
        "key": row["key"],
        "title": row["line"]["title"],
        "slug": row["line"].get("slug", ""),
        "state": row["state"],
        "cancels": row["cancels"],
        "goods": row["goods"],
        "shipping": row["shipping"],
        "total": row["goods"] + row["shipping"],
        "currency": row["currency"],
        "every": every_words(row["every_count"], row["every_unit"], locale),
        "ships": row["ships"],
        "period_end": row["period_end"],
        "begun_at": row["begun_at"],
        "ended_at": row["ended_at"],
        "zone": row["store_zone"],
        "goes_on": row["state"] != "ended",
    }
