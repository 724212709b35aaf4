"""`/studio/{store}/shop/shipping`: how orders travel, where to, for how much."""

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Refusal
from milepost.domain.messages import N_
from milepost.domain.roles import Deed
from milepost.services.routing import Route, move_option, remove_option, save_option
from milepost.storage import shipping_options as storage
from milepost.storage import shop_codes, studio_milestones
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.editor import forms
from milepost.web.studio.editor.shipping import countries_in, written
from milepost.web.studio.milestone_view import languages_beside
from milepost.web.studio.parts import asked, errors_of, numbered, status_of, typed_in
from milepost.web.studio.shop_codes import amounts_in

TITLE = 80
DONE = {
    "added": N_("Orders can travel so now."),
    "saved": N_("It is changed."),
    "moved": N_("It is moved."),
    "removed": N_("It is gone."),
}


@behind(Deed.SEE_STORE)
async def options(request: Request, desk: Desk) -> Response:
    """`GET …/shop/shipping`: the ways to send orders, in the order in which shoppers see them."""
    async with reading(request.state.site.database) as db:
        rows = await storage.of_store(db, desk.store_id)
        currencies = await shop_codes.currencies(db, desk.store_id)
    return shown(
        request,
        "studio/shop/shipping.html",
        desk,
        options=[
            {
                "id": row["id"],
                "title": row["title"],
                "countries": written(row["countries"], desk.locale).replace("\n", ", "),
                "prices": row["prices"],
            }
            for row in rows
        ],
        currencies=currencies,
        may_edit=desk.may(Deed.EDIT_CAMPAIGN),
        done=DONE.get(asked(request, "done")),
    )


@behind(Deed.EDIT_CAMPAIGN)
async def new(request: Request, desk: Desk) -> Response:
    """`…/shop/shipping/new`: the form, and the option that comes of it."""
    return await _save(request, desk, None)


@behind(Deed.EDIT_CAMPAIGN)
async def one(request: Request, desk: Desk) -> Response:
    """`…/shop/shipping/{option}`: the form, and what it changes."""
    return await _save(request, desk, await _row(request, desk))


@behind(Deed.EDIT_CAMPAIGN)
async def move(request: Request, desk: Desk) -> Response:
    """`POST …/move`: one place up or down."""
    site, row = request.state.site, await _row(request, desk)
    if request.method != "POST":
        return back_to(f"{desk.home}/shop/shipping")
    up = (await typed_in(request)).get("to") == "up"
    await move_option(site.database, desk.store_id, row["id"], up, desk.creator_id, site.clock())
    return back_to(f"{desk.home}/shop/shipping?done=moved")


@behind(Deed.EDIT_CAMPAIGN)
async def remove(request: Request, desk: Desk) -> Response:
    """`POST …/remove`: gone; orders keep what they were told."""
    site, row = request.state.site, await _row(request, desk)
    if request.method != "POST":
        return back_to(f"{desk.home}/shop/shipping/{row['id']}")
    await remove_option(site.database, desk.store_id, row["id"], desk.creator_id, site.clock())
    return back_to(f"{desk.home}/shop/shipping?done=removed")


async def _row(request: Request, desk: Desk) -> Any:
    """The store's option. Raises 404."""
    option_id = numbered(request, "option")
    async with reading(request.state.site.database) as db:
        rows = await storage.of_store(db, desk.store_id)
    found = next((row for row in rows if row["id"] == option_id), None)
    if found is None:
        raise HTTPException(404)
    return found


async def _save(request: Request, desk: Desk, row: Any | None) -> Response:
    if request.method != "POST":
        return await _form(request, desk, _filled(row, desk.locale), row)
    site, typed = request.state.site, await typed_in(request)
    try:
        async with reading(site.database) as db:
            currencies = await shop_codes.currencies(db, desk.store_id)
        route = Route(
            forms.line(typed, "title", TITLE),
            tuple(countries_in(typed.get("countries", ""), desk.locale, "countries")),
            amounts_in(typed, "price", currencies),
            {
                name.removeprefix("title-"): {"title": forms.line(typed, name, TITLE)}
                for name in typed
                if name.startswith("title-") and typed[name].strip()
            },
        )
        option_id = row["id"] if row is not None else None
        await save_option(
            site.database, desk.store_id, option_id, route, desk.creator_id, site.clock()
        )
    except Refusal as refusal:
        return await _form(request, desk, typed, row, refusal)
    return back_to(f"{desk.home}/shop/shipping?done={'saved' if row else 'added'}")


def _filled(row: Any | None, locale: str) -> dict[str, str]:
    if row is None:
        return {}
    typed = {"title": row["title"], "countries": written(row["countries"], locale)}
    for tag, words in row["translations"].items():
        typed[f"title-{tag}"] = words.get("title", "")
    for currency, minor in row["prices"].items():
        typed[f"price-{currency}"] = forms.shown_amount(minor, currency)
    return typed


async def _form(
    request: Request,
    desk: Desk,
    typed: Mapping[str, str],
    row: Any | None,
    refusal: Refusal | None = None,
) -> Response:
    async with reading(request.state.site.database) as db:
        currencies = await shop_codes.currencies(db, desk.store_id)
        own = await studio_milestones.language(db, desk.store_id)
    return shown(
        request,
        "studio/shop/shipping_option.html",
        desk,
        status_of(refusal),
        option=row,
        v=dict(typed),
        currencies=currencies,
        languages=languages_beside(own),
        errors=errors_of(refusal, desk.locale),
    )
