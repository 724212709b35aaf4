"""`…/shop/{listing}/{variant}`: one kind of what a listing sells: prices, stock, picture."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Refusal
from milepost.domain.listings import LONGEST_LABEL
from milepost.domain.messages import N_
from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.domain.subscriptions import MOST_EVERY
from milepost.services import offering
from milepost.services.offering import NewVariant
from milepost.services.preparing import NewProduct, Translations
from milepost.services.publishing import in_language
from milepost.services.stocking import Restock
from milepost.storage import listings
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.editor import forms
from milepost.web.studio.editor.sheet import Sheet, show
from milepost.web.studio.milestone_view import languages_beside
from milepost.web.studio.parts import asked, errors_of, question
from milepost.web.studio.pictures import check_alt, chosen

PAGE = 24
LABELS = {
    "label": N_("Label"),
    "stock": N_("On the shelf"),
    "ships": N_("It is sent by post"),
    "every": N_("How it is sold"),
    "every_count": N_("How many of them"),
    "image_alt": N_("What it shows, in words"),
}


def labels_of(currencies: Sequence[str]) -> dict[str, str]:
    """The names of a variant's fields, for telling what somebody else has saved."""
    return LABELS | {f"price-{currency}": currency for currency in currencies}


def filled(row: Any, currencies: Sequence[str]) -> dict[str, str]:
    """What the form of a variant holds as it is saved."""
    stock = "" if row["stock"] is None else str(row["stock"])
    texts = {
        f"label-{tag}": said["label"]
        for tag, said in row["translations"].items()
        if said.get("label")
    }
    prices = {
        f"price-{currency}": forms.shown_amount(row["prices"][currency], currency)
        for currency in currencies
        if currency in row["prices"]
    }
    return (
        texts
        | prices
        | {
            "label": row["label"],
            "stock": stock,
            "stock_was": stock,
            "image": row["image"],
            "image_alt": row["image_alt"],
            "every": row["every_unit"] or "",
            "every_count": str(row["every_count"] or 1),
        }
        | ({"ships": "on"} if row["ships"] else {})
    )


async def variant_in(
    request: Request,
    desk: Desk,
    sent: FormData,
    typed: dict[str, str],
    store: Any,
    row: Any | None,
) -> tuple[NewVariant, Restock]:
    """The variant that was typed, and what happens to its stock. Raises Invalid.

    The picture that came with it is kept and put into `typed`, so that it is not asked for again.
    Prices in currencies that the store does not sell in now stay as they are.
    """
    if "image_alt" in sent:
        image, alt = await chosen(request, desk, sent, "image", row["image"] if row else "")
        typed |= {"image": image, "image_alt": alt}
        check_alt("image", image, alt)
    else:  # a form without a picture changes none
        image, alt = (row["image"], row["image_alt"]) if row else ("", "")
    was = row["prices"] if row is not None else {}
    prices = {c: amount for c, amount in was.items() if c not in store["currencies"]}
    for currency in store["currencies"]:
        amount = forms.amount(typed, f"price-{currency}", currency)
        if amount is not None:
            prices[currency] = amount
    translations: Translations = {}
    for tag, _ in languages_beside(store["locale"]):
        if label := forms.line(typed, f"label-{tag}", LONGEST_LABEL):
            translations[tag] = {"label": label}
    stock = forms.whole(typed, "stock")
    every = (row["every_count"], row["every_unit"]) if row and row.get("every_unit") else None
    if "every" in typed:  # a form without the field changes nothing of it
        unit = typed["every"] if typed["every"] in MOST_EVERY else ""
        every = (forms.whole(typed, "every_count", 99) or 1, unit) if unit else None
    product = NewProduct("", image, alt, stock, translations)
    label = forms.line(typed, "label", LONGEST_LABEL)
    return (
        NewVariant(product, label, prices, "ships" in typed, every),
        Restock(number_in(typed.get("stock_was", "")), stock),
    )


async def _place(request: Request, desk: Desk) -> tuple[Any, Any]:
    """The listing and what its forms know of the store. Raises 404."""
    listing_id = request.path_params["listing"]
    if not 0 < listing_id < 2**63:
        raise HTTPException(404)
    async with reading(request.state.site.database) as db:
        listing = await listings.one_in_studio(db, desk.store_id, listing_id)
        store = await listings.store(db, desk.store_id)
    if listing is None:
        raise HTTPException(404)
    return listing, store


@behind(Deed.EDIT_CAMPAIGN)
async def new(request: Request, desk: Desk) -> Response:
    """`…/shop/{listing}/new`: one more variant of it."""
    site = request.state.site
    listing, store = await _place(request, desk)
    sheet = _sheet(f"variant-new{listing['id']}", listing, store, None, {"ships": "on"})
    if request.method != "POST":
        return await show(request, desk, sheet)
    sent = await forms.sent_to(request, files=1)
    typed, base = forms.typed_in(sent), forms.base_of(sent)
    try:
        variant, _ = await variant_in(request, desk, sent, typed, store, None)
        await offering.add_variant(site.database, desk.author, listing["id"], variant, site.clock())
    except Refusal as refusal:
        return await show(request, desk, sheet, typed=typed, base=base, refusal=refusal)
    return back_to(f"{desk.home}/shop/{listing['id']}?done=variant_added#variants")


def _sheet(part: str, listing: Any, store: Any, row: Any | None, saved: dict[str, str]) -> Sheet:
    context = {
        "listing": listing,
        "store_row": store,
        "variant": row,
        "product": None,
        "others": languages_beside(store["locale"]),
        "is_only": len(listing["variants"] or ()) == 1,
    }
    labels = labels_of(store["currencies"])
    return Sheet(part, "studio/shop/variant.html", saved, labels, context)


@behind(Deed.EDIT_CAMPAIGN)
async def one(request: Request, desk: Desk) -> Response:
    """`…/shop/{listing}/{variant}`: GET shows its form; POST saves, and serves who waits (A14)."""
    site, product_id = request.state.site, request.path_params["variant"]
    listing, store = await _place(request, desk)
    row = await _variant(request, desk, listing["id"], product_id)
    saved = filled(row, store["currencies"])
    sheet = _sheet(f"variant-{product_id}", listing, store, row, saved)
    if request.method != "POST":
        return await show(request, desk, sheet)
    sent = await forms.sent_to(request, files=1)
    typed, base = forms.typed_in(sent), forms.base_of(sent)
    try:
        variant, restock = await variant_in(request, desk, sent, typed, store, row)
        served = await offering.save_variant(
            site.database,
            desk.author,
            listing["id"],
            product_id,
            base,
            variant,
            restock,
            site.clock(),
        )
    except Refusal as refusal:
        return await show(request, desk, sheet, typed=typed, base=base, refusal=refusal)
    said = question(done="variant_saved", served=served or "")
    return back_to(f"{desk.home}/shop/{listing['id']}{said}#variants")


async def _variant(request: Request, desk: Desk, listing_id: int, product_id: int) -> Any:
    if not 0 < product_id < 2**63:
        raise HTTPException(404)
    async with reading(request.state.site.database) as db:
        row = await listings.variant(db, desk.store_id, listing_id, product_id)
    if row is None:
        raise HTTPException(404)
    return row


@behind(Deed.EDIT_CAMPAIGN)
async def move(request: Request, desk: Desk) -> Response:
    """`POST …/{variant}/move`: one place `up` or `down`."""
    site, product_id = request.state.site, request.path_params["variant"]
    listing, _ = await _place(request, desk)
    await _variant(request, desk, listing["id"], product_id)
    here = f"{desk.home}/shop/{listing['id']}"
    if request.method != "POST":
        return back_to(here)
    to = (await forms.sent_to(request)).get("to")
    if to in ("up", "down"):
        await offering.move_variant(
            site.database, desk.author, listing["id"], product_id, to == "up", site.clock()
        )
    return back_to(f"{here}?done=moved#variants")


@behind(Deed.EDIT_CAMPAIGN)
async def off(request: Request, desk: Desk) -> Response:
    """`POST …/{variant}/off`: it is a product like any other again."""
    site, product_id = request.state.site, request.path_params["variant"]
    listing, store = await _place(request, desk)
    row = await _variant(request, desk, listing["id"], product_id)
    if request.method != "POST":
        return back_to(f"{desk.home}/shop/{listing['id']}/{product_id}")
    try:
        await offering.take_off(site.database, desk.author, listing["id"], product_id, site.clock())
    except Refusal as refusal:
        saved = filled(row, store["currencies"])
        sheet = _sheet(f"variant-{product_id}", listing, store, row, saved)
        return await show(request, desk, sheet, typed=saved, refusal=refusal)
    return back_to(f"{desk.home}/shop/{listing['id']}?done=off#variants")


@behind(Deed.EDIT_CAMPAIGN)
async def there(request: Request, desk: Desk) -> Response:
    """`…/shop/{listing}/products`: what the store has and does not sell; POST puts one up."""
    site = request.state.site
    listing, _ = await _place(request, desk)
    if request.method == "POST":
        sent = await forms.sent_to(request)
        product_id = number_in(str(sent.get("product", ""))) or 0
        try:
            await offering.put_up(
                site.database, desk.author, listing["id"], product_id, site.clock()
            )
        except Refusal as refusal:
            return await _there(request, desk, listing, refusal)
        return back_to(f"{desk.home}/shop/{listing['id']}/{product_id}")
    return await _there(request, desk, listing)


async def _there(
    request: Request, desk: Desk, listing: Any, refusal: Refusal | None = None
) -> Response:
    find, before = asked(request, "find", 80), number_in(asked(request, "before"))
    async with reading(request.state.site.database) as db:
        rows = await listings.unlisted(db, desk.store_id, find, before, PAGE + 1)
    shown_rows: list[Mapping[str, Any]] = [
        {**dict(row), "title": in_language(row, desk.locale)("title")} for row in rows[:PAGE]
    ]
    return shown(
        request,
        "studio/shop/products.html",
        desk,
        409 if refusal else 200,
        listing=listing,
        products=shown_rows,
        find=find,
        older=question(find=find, before=rows[PAGE - 1]["id"]) if len(rows) > PAGE else "",
        is_first=before is None,
        errors=errors_of(refusal, desk.locale),
    )
