"""One part of a campaign as a form: what is saved, what is typed, and who else is at it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from milepost.domain.errors import Closed, Conflict, Invalid, Refusal
from milepost.domain.messages import N_
from milepost.domain.roles import Deed
from milepost.services.editing import (
    Held,
    Overtaken,
    forget_typed,
    keep_typed,
    part_held,
)
from milepost.web.me.visit import PRIVATE, back_to
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.editor.forms import base_of, sent_to, typed_in
from milepost.wording.format import written_in
from milepost.wording.saying import say

DONE = {
    "saved": N_("Saved."),
    "begun": N_("The draft is there. Nobody sees it until you say so."),
    "forgotten": N_("What you had typed is put aside. Here is what is saved."),
    "moved": N_("The order is changed."),
    "added": N_("Added."),
    "removed": N_("Removed."),
    "closed": N_("Closed. Whoever has it keeps it."),
    "opened": N_("Open again."),
}


PARTS = frozenset(
    ("page", "money", "shipping", "language", "tier", "addon", "zone", "listing", "variant")
)


@dataclass(frozen=True)
class Sheet:
    """A part, the template of its form, and what its fields hold as it is saved."""

    part: str
    template: str
    saved: dict[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    says: Callable[[str, str], str] = lambda _name, value: value  # a field's value as it is read


async def show(
    request: Request,
    desk: Desk,
    sheet: Sheet,
    *,
    typed: dict[str, str] | None = None,
    base: int | None = None,
    refusal: Refusal | None = None,
    **context: Any,
) -> Response:
    """The form with what was typed just now, or some time before, or as it is saved."""
    site = request.state.site
    author = desk.author
    if typed is None:
        held = await part_held(site.database, author, sheet.part, site.clock())
        restored = held.typed is not None and bool(_differences(sheet, held.typed))
        values = held.typed if restored and held.typed is not None else sheet.saved
        stands_on = held.base if restored else held.revision
    else:
        stands_on = base or 0
        held = await keep_typed(site.database, author, sheet.part, stands_on, typed, site.clock())
        values, restored = typed, False
    overtaken = stands_on != held.revision
    errors = {}
    if refusal is not None and not isinstance(refusal, Overtaken):
        errors = {refusal.about: say(refusal.sentence, desk.locale)}
    return shown(
        request,
        sheet.template,
        desk,
        status_of(refusal),
        **{
            "v": values,
            "base": held.revision,
            "held": held,
            "part": sheet.part,
            "restored": restored,
            "overtaken": _differences(sheet, values) if overtaken else None,
            "is_overtaken": overtaken,
            "errors": errors,
            "done": DONE.get(request.query_params.get("done", "")),
            **sheet.context,
            **context,
        },
    )


def status_of(refusal: Refusal | None) -> int:
    """The status of a page that was asked for, or of a form that was refused."""
    if refusal is None:
        return 200
    if isinstance(refusal, Conflict | Closed):
        return 409
    return 422 if isinstance(refusal, Invalid) else 404


def _differences(sheet: Sheet, values: Mapping[str, str]) -> list[tuple[str, str]]:
    """What is saved now, field by field, where it is not what was typed."""
    return [
        (label, sheet.says(name, sheet.saved.get(name, "")))
        for name, label in sheet.labels.items()
        if sheet.saved.get(name, "") != values.get(name, "")
    ]


@behind(Deed.EDIT_CAMPAIGN)
async def keep(request: Request, desk: Desk) -> Response:
    """`POST …/edit/keep/{part}`: what is typed is kept, or put aside; says who else is at it."""
    part, home = request.path_params["part"], f"{desk.campaign_home}/edit"
    if request.method != "POST" or not is_part(part):
        return back_to(home)
    return await kept_as_typed(request, desk, part, home)


@behind(Deed.EDIT_CAMPAIGN)
async def keep_brand(request: Request, desk: Desk) -> Response:
    """`POST …/brand/keep`: the same for the store's own page."""
    home = f"{desk.home}/brand"
    if request.method != "POST":
        return back_to(home)
    return await kept_as_typed(request, desk, "brand", home)


@behind(Deed.EDIT_CAMPAIGN)
async def keep_shop(request: Request, desk: Desk) -> Response:
    """`POST …/shop/keep/{part}`: the same for a listing of the shop, and for a variant."""
    part, home = request.path_params["part"], f"{desk.home}/shop"
    if request.method != "POST" or not is_part(part):
        return back_to(home)
    return await kept_as_typed(request, desk, part, home)


async def kept_as_typed(request: Request, desk: Desk, part: str, home: str) -> Response:
    """What was sent is kept for that part, or put aside; `home` is where its pages begin."""
    site, author, sent = request.state.site, desk.author, await sent_to(request)
    if sent.get("do") == "forget":
        await forget_typed(site.database, author, part)
        return back_to(f"{back_from(sent, home)}?done=forgotten")
    typed, base = typed_in(sent), base_of(sent)
    held = await keep_typed(site.database, author, part, base, typed, site.clock())
    return JSONResponse(_told(held, base, desk.locale), headers=PRIVATE)


def _told(held: Held, base: int, locale: str) -> dict[str, Any]:
    """What the script shows beside the form."""
    clock = written_in(locale)
    return {
        "at": int(held.kept_at.timestamp() * 1000) if held.kept_at else 0,
        "overtaken": held.revision != base,
        "saver": held.saver,
        "others": [{"name": other.name, "at": clock.iso(other.at)} for other in held.others],
    }


def is_part(part: str) -> bool:
    """True for what a part can be called."""
    kind, _, rest = part.partition("-")
    return kind in PARTS and len(rest) < 20 and (not rest or (rest.isascii() and rest.isalnum()))


def back_from(sent: FormData, home: str) -> str:
    """The editor's page that the form says it came from; never anywhere else."""
    path = str(sent.get("back", ""))
    below = path.startswith(home) and re.fullmatch("(?:/[a-z0-9-]{1,40}){0,2}", path[len(home) :])
    return path if below else home
