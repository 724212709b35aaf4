"""What a backer who is signed in can use of their own in a pledge: seen, and asked for."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from milepost.domain.numbers import number_in
from milepost.services.own_rewards import program_in
from milepost.services.purses import MOST_GIFTS, Purse, Wish, show_purse
from milepost.storage.database import Connection
from milepost.web.me.visit import visit_token

GIFT = "gift-"  # and the grant's key: the field of one gift
MOST_FIELDS = 2 + MOST_GIFTS


def purse_fields(sent: Mapping[str, str]) -> dict[str, str]:
    """What the form's fields about it hold."""
    names = [name for name in sent if name.startswith(GIFT) and len(name) < 60]
    found = {name: "1" for name in ("credit", *names) if sent.get(name)}
    return found | ({"purse": sent["purse"][:20]} if sent.get("purse") else {})


def wish_of(request: Request, typed: Mapping[str, str]) -> Wish | None:
    """What they want to use; None where the form did not ask.

    Also of a browser that has been signed out since: whoever counts on their credit is told, and
    not led to pay the whole.
    """
    visit = visit_token(request)
    gifts = tuple(name.removeprefix(GIFT) for name in typed if name.startswith(GIFT))
    wants = "credit" in typed or bool(gifts)
    if "purse" not in typed or (visit is None and not wants):
        return None
    return Wish(visit or "", "credit" in typed, gifts, number_in(typed["purse"]) or 0)


async def purse_here(db: Connection, request: Request, slug: str) -> Purse | None:
    """What whoever asks has for the campaign; None for whom the store does not know."""
    visit = visit_token(request)
    if visit is None:
        return None
    return await show_purse(db, slug, visit, request.state.site.clock())


def purse_view(purse: Purse, typed: Mapping[str, str], locale: str) -> dict[str, Any]:
    """Its credit, and each gift with what it is; all is chosen until something else was."""
    asked = "purse" in typed
    return {
        "credit": purse.credit,
        "uses_credit": not asked or "credit" in typed,
        "gifts": [
            {
                "field": f"{GIFT}{key}",
                "program": program_in(gift, locale),
                "titles": [
                    product["translations"].get(locale, {}).get("title") or product["title"]
                    for product in gift["products"]
                ],
                "ships": any(product["ships"] for product in gift["products"]),
                "chosen": not asked or f"{GIFT}{key}" in typed,
            }
            for key, gift in purse.gifts.items()
        ],
    }
