"""`/shop/{slug}/reviews`: what buyers say; whoever has bought it says it here (B21)."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Closed, Conflict, Invalid, Refusal
from milepost.domain.listings import LONGEST_REVIEW, LONGEST_REVIEWER
from milepost.domain.messages import N_
from milepost.domain.numbers import number_in
from milepost.services.reviewing import NewReview, write_review
from milepost.storage import reviews as storage
from milepost.storage.database import reading
from milepost.web.me.visit import back_to, visit_of
from milepost.web.public.view import store_view
from milepost.web.shop.listing import listing_of, listing_view, review_view
from milepost.web.shop.shelves import Shop, answered, shop_of
from milepost.wording.prose import writable
from milepost.wording.saying import say

PAGE = 20
DONE = {"kept": N_("Thank you. Others see your review once the store has approved it.")}
NOT_SIGNED_IN = N_("You are not signed in any more. Copy your text, sign in, and send it again.")
STORE_S_NAME = N_("That is the name of the store. Type your own.")


async def reviews_page(request: Request) -> Response:
    """GET lists what is shown, newest first, and the form for whoever may; POST keeps theirs."""
    if request.method != "POST":
        return await _page(request)
    site, sent = request.state.site, await request.form(max_files=0, max_fields=10)
    typed = {name: str(sent.get(name, "")) for name in ("stars", "text", "name")}
    visit = await visit_of(request)
    async with reading(site.database) as db:
        shop = await shop_of(request, db)
        row = await listing_of(request, db, shop)
    name = " ".join(writable(typed["name"][: 2 * LONGEST_REVIEWER]).split())
    review = NewReview(number_in(typed["stars"], 5) or 0, _text_in(typed["text"]), name)
    try:
        if visit is None:
            raise Closed(NOT_SIGNED_IN)
        if name.casefold() == str(store_view(shop.row, shop.locale)["name"]).casefold():
            raise Invalid(STORE_S_NAME, about="name")
        await write_review(
            site.database, shop.store_id, row["id"], visit.email, review, site.clock()
        )
    except Refusal as refusal:
        return await _page(request, typed, refusal)
    return back_to(f"/shop/{row['slug']}/reviews?said=kept")


async def _page(
    request: Request, typed: Mapping[str, str] | None = None, refusal: Refusal | None = None
) -> Response:
    site = request.state.site
    before = number_in(request.query_params.get("before", ""))
    visit = await visit_of(request)
    async with reading(site.database) as db:
        shop = await shop_of(request, db)
        row = await listing_of(request, db, shop)
        said = await storage.of_listing(db, row["id"], before, PAGE + 1)
        who = await storage.reviewer(db, shop.store_id, row["id"], visit.email) if visit else None
    own = _own(who, typed)
    may = "yes" if who is not None and who["order_id"] else "signed_out" if not visit else "no"
    known = Shop(shop.row, shop.locale, shop.currency, shop.is_known or visit is not None)
    errors = {refusal.about: say(refusal.sentence, shop.locale)} if refusal else {}
    return answered(
        request,
        known,
        "shop/reviews.html",
        _status(refusal),
        listing=listing_view(row, shop, site.settings.base_url),
        reviews=[review_view(one) for one in said[:PAGE]],
        older=said[PAGE - 1]["id"] if len(said) > PAGE else None,
        is_first=before is None,
        may=may,
        own=own,
        errors=errors,
        done=DONE.get(request.query_params.get("said", "")),
        longest=LONGEST_REVIEW,
        longest_name=LONGEST_REVIEWER,
    )


def _own(who: Any, typed: Mapping[str, str] | None) -> dict[str, Any]:
    """What the form holds: what was typed, else what was said before, else a first name."""
    own = {"stars": "", "text": "", "name": "", "state": ""}
    if who is not None and who["review_id"] is not None:
        own = {k: str(who[k]) for k in own}
    elif who is not None:
        own["name"] = who["customer_name"].split(" ")[0]
    return own | dict(typed or {})


def _status(refusal: Refusal | None) -> int:
    if refusal is None:
        return 200
    return 409 if isinstance(refusal, Conflict | Closed) else 422


def _text_in(typed: str) -> str:
    """What was typed, its lines kept, without characters that no page can hold."""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n")[: 2 * LONGEST_REVIEW].split("\n")
    return "\n".join(writable(line).rstrip() for line in lines).strip()
