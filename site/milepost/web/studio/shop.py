"""`/studio/{store}/shop`: the listings, one form each, and whether everybody sees them (B21)."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Invalid, Refusal
from milepost.domain.listings import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    Offer,
    price_of,
    tenths,
)
from milepost.domain.messages import N_
from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.services import selling
from milepost.services.author import Author
from milepost.services.preparing import Translations
from milepost.services.publishing import in_language
from milepost.services.selling import NewListing
from milepost.storage import listings, products, reviews
from milepost.storage.database import Database, reading
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.editor import forms
from milepost.web.studio.editor.sheet import Sheet, show
from milepost.web.studio.milestone_view import languages_beside
from milepost.web.studio.parts import asked, question
from milepost.web.studio.shop_variants import labels_of, variant_in
from milepost.wording.prose import prose
from milepost.wording.saying import say

PAGE = 24
MOST_FILES = 1
DONE = {
    "added": N_("The listing is made. Nobody sees it until you publish it."),
    "published": N_("It is in the shop."),
    "withdrawn": N_("It is out of the shop."),
    "removed": N_("The listing is gone. Its variants are among your products."),
    "put_up": N_("It is a variant now. Give it a price."),
    "variant_added": N_("The variant is added."),
    "variant_saved": N_("The variant is saved."),
    "moved": N_("The order is changed."),
    "off": N_("It is no variant any more. It is among your products."),
}
LABELS = {
    "title": N_("Title"),
    "slug": N_("Address"),
    "text": N_("Text"),
    "is_gift_card": N_("It is a gift card"),
}
Act = Callable[[Database, Author, int, datetime], Awaitable[None]]


@behind(Deed.SEE_STORE)
async def shop(request: Request, desk: Desk) -> Response:
    """`GET …/shop`: newest first; `?find=` a word, `?before=` goes on below."""
    find, before = asked(request, "find", 80), number_in(asked(request, "before"))
    async with reading(request.state.site.database) as db:
        store = await listings.store(db, desk.store_id)
        rows = await listings.in_studio(db, desk.store_id, find, before, PAGE + 1)
        waiting = await reviews.waiting(db, desk.store_id)
    older = question(find=find, before=rows[PAGE - 1]["id"]) if len(rows) > PAGE else ""
    return shown(
        request,
        "studio/shop/listings.html",
        desk,
        listings=[_seen(row, store["currencies"][0], desk.locale) for row in rows[:PAGE]],
        find=find,
        older=older,
        is_first=before is None,
        currency=store["currencies"][0],
        waiting=waiting,
        may_edit=desk.may(Deed.EDIT_CAMPAIGN),
        done=DONE.get(request.query_params.get("done", "")),
    )


def _seen(row: Any, currency: str, locale: str) -> dict[str, Any]:
    """A listing for the list: its picture, its price in the store's own currency, its stock."""
    variants = row["variants"] or []
    picture = next((v for v in variants if v["image"]), None)
    stocks = [v["stock"] for v in variants]
    return {
        **dict(row),
        "title": in_language(row, locale)("title"),
        "image": picture["image"] if picture else "",
        "image_alt": picture["image_alt"] if picture else "",
        "count": len(variants),
        "price": price_of(Offer(v["prices"].get(currency), v["stock"]) for v in variants),
        "stock": None if None in stocks else sum(stocks),
        "sold_out": sum(stock == 0 for stock in stocks),
        "tenths": tenths(row["stars"], row["reviews"]),
    }


@dataclass(frozen=True, slots=True)
class _Begun:
    """What a new listing's form stands on: the product that it is to sell, if it is there."""

    product: Any | None

    @property
    def saved(self) -> dict[str, str]:
        """What the form holds at first."""
        return {"ships": "on"} | ({"title": self.product["title"]} if self.product else {})


@behind(Deed.EDIT_CAMPAIGN)
async def new(request: Request, desk: Desk) -> Response:
    """`…/shop/new`: a listing and its first variant in one form; `?product=` one that is there."""
    site = request.state.site
    product_id = number_in(asked(request, "product"))
    async with reading(site.database) as db:
        store = await listings.store(db, desk.store_id)
        row = await products.one(db, desk.store_id, product_id) if product_id else None
    if product_id and (row is None or row["listing_id"] is not None):
        raise HTTPException(404)
    begun = _Begun(row)
    others = languages_beside(store["locale"])
    context = {"listing": None, "store_row": store, "others": others, "product": row}
    labels = LABELS | labels_of(store["currencies"])
    sheet = Sheet("listing-new", "studio/shop/listing_new.html", begun.saved, labels, context)
    if request.method != "POST":
        return await _form(request, desk, sheet)
    sent = await forms.sent_to(request, files=MOST_FILES)
    typed, base = forms.typed_in(sent), forms.base_of(sent)
    if sent.get("do") == "preview":
        return await _form(request, desk, sheet, typed=typed, base=base)
    try:
        first, _ = await variant_in(request, desk, sent, typed, store, row)
        listing = _typed_listing(typed, store)
        made = await selling.add_listing(
            site.database, desk.author, listing, first, site.clock(), product_id
        )
    except Refusal as refusal:
        return await _form(request, desk, sheet, typed=typed, base=base, refusal=refusal)
    return back_to(f"{desk.home}/shop/{made}?done=added")


@behind(Deed.EDIT_CAMPAIGN)
async def one(request: Request, desk: Desk) -> Response:
    """`…/shop/{listing}`: GET shows its form and its variants; POST saves it, or previews it."""
    site, listing_id = request.state.site, request.path_params["listing"]
    _, store, sheet = await _sheet(request, desk)
    if request.method != "POST":
        return await _form(request, desk, sheet)
    sent = await forms.sent_to(request)
    typed, base = forms.typed_in(sent), forms.base_of(sent)
    if sent.get("do") == "preview":
        return await _form(request, desk, sheet, typed=typed, base=base)
    try:
        listing = _typed_listing(typed, store)
        await selling.save_listing(
            site.database, desk.author, listing_id, base, listing, site.clock()
        )
    except Refusal as refusal:
        return await _form(request, desk, sheet, typed=typed, base=base, refusal=refusal)
    return back_to(f"{desk.home}/shop/{listing_id}?done=saved")


async def _sheet(request: Request, desk: Desk) -> tuple[Any, Any, Sheet]:
    """The listing, what its forms know of the store, and its form. Raises 404."""
    listing_id = request.path_params["listing"]
    async with reading(request.state.site.database) as db:
        row = await _row(db, desk, listing_id)
        store = await listings.store(db, desk.store_id)
    currency = store["currencies"][0]
    said = asked(request, "served")
    context = {
        "listing": row,
        "store_row": store,
        "others": languages_beside(store["locale"]),
        "variants": [
            {**v, "price": v["prices"].get(currency), "has_price": bool(v["prices"])}
            for v in row["variants"] or ()
        ],
        "currency": currency,
        "tenths": tenths(row["stars"], row["reviews"]),
        "address_stands": row["published_at"] is not None,
        "said": DONE.get(asked(request, "done")),
        "served": number_in(said, 10**15) or 0,
    }
    labels = {k: v for k, v in LABELS.items() if k != "slug" or row["published_at"] is None}
    part = f"listing-{listing_id}"
    return row, store, Sheet(part, "studio/shop/listing.html", _saved(row), labels, context)


async def _row(db: Any, desk: Desk, listing_id: int) -> Any:
    if not 0 < listing_id < 2**63:
        raise HTTPException(404)
    row = await listings.one_in_studio(db, desk.store_id, listing_id)
    if row is None:
        raise HTTPException(404)
    return row


async def _form(
    request: Request,
    desk: Desk,
    sheet: Sheet,
    *,
    typed: dict[str, str] | None = None,
    base: int | None = None,
    refusal: Refusal | None = None,
) -> Response:
    """The form; with its text as shoppers read it, where that was asked for."""
    is_asked = typed is not None and refusal is None
    preview = prose(typed.get("text", "")) if typed is not None and is_asked else None
    return await show(
        request, desk, sheet, typed=typed, base=base, refusal=refusal, preview=preview
    )


def _saved(row: Any) -> dict[str, str]:
    saved = {"title": row["title"], "slug": row["slug"], "text": row["text"]}
    saved |= {"is_gift_card": "on"} if row["is_gift_card"] else {}
    saved |= {f"collection-{one}": "on" for one in row["collected"]}
    for tag, said in row["translations"].items():
        saved |= {f"{name}-{tag}": said[name] for name in ("title", "text") if said.get(name)}
    return saved


def _typed_listing(typed: Mapping[str, str], store: Any) -> NewListing:
    """The listing that was typed. Raises Invalid."""
    title = forms.line(typed, "title", LONGEST_TITLE)
    if not title:
        raise Invalid(N_("Give the listing a title."), about="title")
    translations: Translations = {}
    for tag, _ in languages_beside(store["locale"]):
        texts = {
            "title": forms.line(typed, f"title-{tag}", LONGEST_TITLE),
            "text": forms.text(typed, f"text-{tag}", LONGEST_TEXT),
        }
        if said := {name: text for name, text in texts.items() if text}:
            translations[tag] = said
    return NewListing(
        title=title,
        slug=forms.line(typed, "slug", 80).lower(),
        text=forms.text(typed, "text", LONGEST_TEXT),
        is_gift_card="is_gift_card" in typed,
        collections=tuple(
            one["id"] for one in store["collections"] or () if f"collection-{one['id']}" in typed
        ),
        translations=translations,
    )


async def _act(request: Request, desk: Desk, act: Act, done: str) -> Response:
    """Do it, and say what was done; or say beside the form why not."""
    site, listing_id = request.state.site, request.path_params["listing"]
    here = f"{desk.home}/shop/{listing_id}"
    if request.method != "POST":
        return back_to(here)
    _, _, sheet = await _sheet(request, desk)
    try:
        await act(site.database, desk.author, listing_id, site.clock())
    except Refusal as refusal:
        return await _refused(request, desk, sheet, refusal)
    return back_to(f"{desk.home}/shop?done=removed" if done == "removed" else f"{here}?done={done}")


async def _refused(request: Request, desk: Desk, sheet: Sheet, refusal: Refusal) -> Response:
    """The listing as it is saved, and why something else could not be done with it."""
    context = dict(sheet.context) | {"refused": say(refusal.sentence, desk.locale)}
    sheet = Sheet(sheet.part, sheet.template, sheet.saved, sheet.labels, context)
    response = await show(request, desk, sheet, preview=None)
    response.status_code = 409
    return response


@behind(Deed.EDIT_CAMPAIGN)
async def publish(request: Request, desk: Desk) -> Response:
    """`POST …/shop/{listing}/publish`: everybody sees it."""
    return await _act(request, desk, selling.publish_listing, "published")


@behind(Deed.EDIT_CAMPAIGN)
async def withdraw(request: Request, desk: Desk) -> Response:
    """`POST …/shop/{listing}/withdraw`: nobody but the studio sees it."""
    return await _act(request, desk, selling.withdraw_listing, "withdrawn")


@behind(Deed.EDIT_CAMPAIGN)
async def remove(request: Request, desk: Desk) -> Response:
    """`POST …/shop/{listing}/remove`: a listing that was never in the shop is gone."""
    return await _act(request, desk, selling.remove_listing, "removed")
