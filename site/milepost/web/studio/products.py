"""`/studio/{store}/products`: what the store has to give; restocking serves whoever waits (A14)."""

from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Invalid, Refusal
from milepost.domain.messages import N_, Sentence
from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.services.preparing import NewProduct
from milepost.services.publishing import in_language
from milepost.services.stocking import Restock, change_product, make_product, remove_product
from milepost.storage import products as storage
from milepost.storage import studio_milestones
from milepost.storage.database import reading
from milepost.web.me.visit import back_to, said
from milepost.web.public.chosen import plain
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.milestone_form import SHORT, whole
from milepost.web.studio.milestone_view import languages_beside
from milepost.web.studio.parts import numbered
from milepost.web.studio.pictures import check_alt, chosen

PAGE = 24
DONE = {
    "added": N_("The product is in the store."),
    "changed": N_("The product is changed."),
    "removed": N_("The product is gone."),
}


@behind(Deed.SEE_STORE)
async def products(request: Request, desk: Desk) -> Response:
    """`GET /studio/{store}/products`: newest first; `?find=` a word, `?before=` goes on below."""
    query, site = request.query_params, request.state.site
    find, asked = plain(query.get("find", ""), 80).strip(), query.get("before", "")
    before = number_in(asked)
    async with reading(site.database) as db:
        rows = await storage.of_store(db, desk.store_id, find, before, PAGE + 1)
    older = ""
    if len(rows) > PAGE:
        further = {"before": rows[PAGE - 1]["id"]} | ({"find": find} if find else {})
        older = urlencode(further)
    return shown(
        request,
        "studio/products.html",
        desk,
        products=[
            {**dict(row), "title": in_language(row, desk.locale)("title")} for row in rows[:PAGE]
        ],
        find=find,
        older=older,
        is_first=before is None,
        may_edit=desk.may(Deed.EDIT_CAMPAIGN),
        done=DONE.get(query.get("done", "")),
    )


@behind(Deed.EDIT_CAMPAIGN)
async def new(request: Request, desk: Desk) -> Response:
    """`…/products/new`: the form, and the product that comes of it."""
    if request.method != "POST":
        return await _form(request, desk, _empty(), {})
    typed, errors, product, _ = await _read(request, desk, None)
    if product is None:
        return await _form(request, desk, typed, errors, status=422)
    site = request.state.site
    await make_product(site.database, desk.store_id, product, desk.creator_id, site.clock())
    return back_to(f"{desk.home}/products?done=added")


@behind(Deed.SEE_STORE)
async def one(request: Request, desk: Desk) -> Response:
    """`GET …/products/{product}`: what it is, who gets it, and for editors the form."""
    row = await _row(request, desk)
    return await _form(request, desk, _filled(row), {}, row)


async def _row(request: Request, desk: Desk) -> Any:
    """The store's product. Raises 404."""
    async with reading(request.state.site.database) as db:
        row = await storage.one(db, desk.store_id, numbered(request, "product"))
    if row is None:
        raise HTTPException(404)
    return row


@behind(Deed.EDIT_CAMPAIGN)
async def edit(request: Request, desk: Desk) -> Response:
    """`POST …/products/{product}/edit`: changed; what is put on the shelf serves who waits."""
    site, product_id = request.state.site, numbered(request, "product")
    row = await _row(request, desk)
    if request.method != "POST":
        return back_to(f"{desk.home}/products/{product_id}")
    typed, errors, product, restock = await _read(request, desk, row)
    if product is None or restock is None:
        return await _form(request, desk, typed, errors, row, status=422)
    try:
        served = await change_product(
            site.database,
            desk.store_id,
            product_id,
            product,
            restock,
            desk.creator_id,
            site.clock(),
        )
    except Refusal as refusal:
        errors = {refusal.about: refusal.sentence}
        return await _form(request, desk, typed, errors, row, status=409)
    return back_to(f"{desk.home}/products/{product_id}?done=changed&served={served}")


@behind(Deed.EDIT_CAMPAIGN)
async def remove(request: Request, desk: Desk) -> Response:
    """`POST …/products/{product}/remove`: gone, unless a reward is or was it (A13)."""
    site, product_id = request.state.site, numbered(request, "product")
    row = await _row(request, desk)
    if request.method != "POST":
        return back_to(f"{desk.home}/products/{product_id}")
    try:
        await remove_product(
            site.database, desk.store_id, product_id, desk.creator_id, site.clock()
        )
    except Refusal as refusal:
        errors = {"": refusal.sentence}
        return await _form(request, desk, _filled(row), errors, row, status=409)
    return back_to(f"{desk.home}/products?done=removed")


def _empty() -> dict[str, str]:
    return {"title": "", "stock": "", "stock_was": "", "image": "", "image_alt": ""}


def _filled(row: Any) -> dict[str, str]:
    stock = "" if row["stock"] is None else str(row["stock"])
    texts = {f"{tag}-title": told.get("title", "") for tag, told in row["translations"].items()}
    return texts | {
        "title": row["title"],
        "stock": stock,
        "stock_was": stock,
        "image": row["image"],
        "image_alt": row["image_alt"],
    }


async def _read(
    request: Request, desk: Desk, row: Any | None
) -> tuple[dict[str, str], dict[str, Sentence], NewProduct | None, Restock | None]:
    async with request.form(max_files=1, max_fields=30) as sent:
        return await _made_of(request, desk, row, sent)


async def _made_of(
    request: Request, desk: Desk, row: Any | None, sent: FormData
) -> tuple[dict[str, str], dict[str, Sentence], NewProduct | None, Restock | None]:
    site = request.state.site
    typed = _empty() | {
        name: plain(str(value), SHORT)
        for name, value in sent.items()
        if name in ("title", "stock", "stock_was") or name.endswith("-title")
    }
    errors: dict[str, Sentence] = {}
    try:
        current = row["image"] if row is not None else ""
        typed["image"], typed["image_alt"] = await chosen(request, desk, sent, "image", current)
        check_alt("image", typed["image"], typed["image_alt"])
    except Invalid as error:
        errors[error.about] = error.sentence
    title = typed["title"].strip()
    if not title:
        errors["title"] = Sentence(N_("Give the product a title."))
    counts: dict[str, int | None] = {"stock": None, "stock_was": None}
    for name in counts:
        try:
            counts[name] = whole(typed[name], name) if typed[name].strip() else None
        except Invalid as error:
            errors["stock"] = error.sentence
    async with reading(site.database) as db:
        own = await studio_milestones.language(db, desk.store_id)
    translations = {}
    for tag, _ in languages_beside(own):
        if text := typed.get(f"{tag}-title", "").strip():
            translations[tag] = {"title": text}
    if errors:
        return typed, errors, None, None
    made = NewProduct(title, typed["image"], typed["image_alt"], counts["stock"], translations)
    return typed, errors, made, Restock(counts["stock_was"], counts["stock"])


async def _form(
    request: Request,
    desk: Desk,
    typed: dict[str, str],
    errors: dict[str, Sentence],
    row: Any | None = None,
    status: int = 200,
) -> Response:
    query = request.query_params
    async with reading(request.state.site.database) as db:
        uses = await storage.uses(db, row["id"]) if row is not None else []
        own = await studio_milestones.language(db, desk.store_id)
    served = query.get("served", "")
    return shown(
        request,
        "studio/product.html",
        desk,
        status,
        product=row,
        typed=typed,
        uses=[{**dict(u), "title": in_language(u, desk.locale)("title")} for u in uses],
        languages=languages_beside(own),
        errors=said(errors, desk.locale),
        may_edit=desk.may(Deed.EDIT_CAMPAIGN),
        done=DONE.get(query.get("done", "")),
        served=int(served) if served.isdecimal() and len(served) < 16 else 0,
    )
