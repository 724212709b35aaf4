"""`…/shop/collections`: shelves of the shop, in their order."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import NotFound, Refusal
from milepost.domain.listings import LONGEST_TITLE
from milepost.domain.messages import N_
from milepost.domain.roles import Deed
from milepost.services import collecting
from milepost.services.preparing import Translations
from milepost.storage import listings
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.editor import forms
from milepost.web.studio.editor.sheet import status_of
from milepost.web.studio.milestone_view import languages_beside
from milepost.web.studio.parts import asked, errors_of, numbered

DONE = {
    "added": N_("The collection is there. Put listings into it on their own pages."),
    "renamed": N_("The collection is renamed."),
    "moved": N_("The order is changed."),
    "removed": N_("The collection is gone. What was in it is still in the shop."),
}


@behind(Deed.SEE_STORE)
async def collections(request: Request, desk: Desk) -> Response:
    """`GET …/shop/collections`: all of them, each with how many listings are in it."""
    return await _page(request, desk)


async def _page(
    request: Request,
    desk: Desk,
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
    collection_id: int | None = None,
) -> Response:
    """The list; what was typed is kept in the form that it was typed into."""
    async with reading(request.state.site.database) as db:
        rows = await listings.collections(db, desk.store_id)
        store = await listings.store(db, desk.store_id)
    return shown(
        request,
        "studio/shop/collections.html",
        desk,
        404 if isinstance(refusal, NotFound) else status_of(refusal),
        collections=[{**dict(row), "v": _filled(row)} for row in rows],
        others=languages_beside(store["locale"]),
        v=typed or {},
        changed=collection_id,
        errors=errors_of(refusal, desk.locale),
        may_edit=desk.may(Deed.EDIT_CAMPAIGN),
        longest=LONGEST_TITLE,
        done=DONE.get(asked(request, "done")),
    )


def _filled(row: Any) -> dict[str, str]:
    texts = {f"title-{tag}": said.get("title", "") for tag, said in row["translations"].items()}
    return texts | {"title": row["title"]}


def _typed(typed: Mapping[str, str]) -> tuple[str, Translations]:
    """The title and its translations. Raises Invalid."""
    translations = {
        name.removeprefix("title-"): {"title": text}
        for name in typed
        if name.startswith("title-") and (text := forms.line(typed, name, LONGEST_TITLE))
    }
    known = {tag for tag, _ in languages_beside("")}
    kept = {tag: said for tag, said in translations.items() if tag in known}
    return forms.line(typed, "title", LONGEST_TITLE), kept


@behind(Deed.EDIT_CAMPAIGN)
async def add(request: Request, desk: Desk) -> Response:
    """`POST …/collections/add`: one more, the last."""
    here, site = f"{desk.home}/shop/collections", request.state.site
    if request.method != "POST":
        return back_to(here)
    typed = forms.typed_in(await forms.sent_to(request))
    try:
        title, translations = _typed(typed)
        await collecting.add_collection(
            site.database, desk.author, title, translations, site.clock()
        )
    except Refusal as refusal:
        return await _page(request, desk, refusal, typed)
    return back_to(f"{here}?done=added")


@behind(Deed.EDIT_CAMPAIGN)
async def rename(request: Request, desk: Desk) -> Response:
    """`POST …/collections/{collection}`: it is called something else."""
    here, site = f"{desk.home}/shop/collections", request.state.site
    collection_id = numbered(request, "collection")
    if request.method != "POST":
        return back_to(here)
    typed = forms.typed_in(await forms.sent_to(request))
    try:
        title, translations = _typed(typed)
        await collecting.rename_collection(
            site.database, desk.author, collection_id, title, translations, site.clock()
        )
    except Refusal as refusal:
        return await _page(request, desk, refusal, typed, collection_id)
    return back_to(f"{here}?done=renamed#collection-{collection_id}")


@behind(Deed.EDIT_CAMPAIGN)
async def move(request: Request, desk: Desk) -> Response:
    """`POST …/collections/{collection}/move`: one place `up` or `down`."""
    here, site = f"{desk.home}/shop/collections", request.state.site
    collection_id = numbered(request, "collection")
    if request.method != "POST":
        return back_to(here)
    to = (await forms.sent_to(request)).get("to")
    if to not in ("up", "down"):
        return back_to(here)
    try:
        await collecting.move_collection(
            site.database, desk.author, collection_id, to == "up", site.clock()
        )
    except Refusal as refusal:
        return await _page(request, desk, refusal)
    return back_to(f"{here}?done=moved#collection-{collection_id}")


@behind(Deed.EDIT_CAMPAIGN)
async def remove(request: Request, desk: Desk) -> Response:
    """`POST …/collections/{collection}/remove`: gone; what was in it stays in the shop."""
    here, site = f"{desk.home}/shop/collections", request.state.site
    collection_id = numbered(request, "collection")
    if request.method != "POST":
        return back_to(here)
    try:
        await collecting.remove_collection(site.database, desk.author, collection_id, site.clock())
    except Refusal as refusal:
        return await _page(request, desk, refusal)
    return back_to(f"{here}?done=removed")
