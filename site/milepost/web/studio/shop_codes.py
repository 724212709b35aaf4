"""`/studio/{store}/shop/codes`: what a code takes off, when it works, how often it was used."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Invalid, Refusal
from milepost.domain.messages import N_
from milepost.domain.money import typed_money
from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.services.discounting import (
    CodeTerms,
    change_code,
    end_code,
    make_code,
    percent_written,
    remove_code,
)
from milepost.storage import shop_codes as storage
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.editor import forms
from milepost.web.studio.editor.page import ZONES, zone_in
from milepost.web.studio.parts import asked, errors_of, numbered, status_of, typed_in

PAGE = 50
DONE = {
    "added": N_("The code works."),
    "saved": N_("The code is changed."),
    "ended": N_("The code has ended."),
    "removed": N_("The code is gone."),
}


@behind(Deed.SEE_STORE)
async def codes(request: Request, desk: Desk) -> Response:
    """`GET …/shop/codes`: newest first; `?before=` goes on below."""
    site = request.state.site
    before = number_in(asked(request, "before"))
    async with reading(site.database) as db:
        rows = await storage.of_store(db, desk.store_id, before, PAGE + 1)
    now = site.clock()
    return shown(
        request,
        "studio/shop/codes.html",
        desk,
        codes=[_seen(row, now) for row in rows[:PAGE]],
        older=rows[PAGE - 1]["id"] if len(rows) > PAGE else None,
        is_first=before is None,
        may_edit=desk.may(Deed.EDIT_CAMPAIGN),
        done=DONE.get(asked(request, "done")),
    )


@behind(Deed.EDIT_CAMPAIGN)
async def new(request: Request, desk: Desk) -> Response:
    """`…/shop/codes/new`: the form, and the code that comes of it."""
    site = request.state.site
    async with reading(site.database) as db:
        zone = await storage.zone(db, desk.store_id)
    if request.method != "POST":
        return await _form(request, desk, {"kind": "percent", "zone": zone})
    typed = await typed_in(request)
    try:
        terms = await _terms(request, desk, typed)
        code = typed.get("code", "")
        await make_code(site.database, desk.store_id, code, terms, desk.creator_id, site.clock())
    except Refusal as refusal:
        return await _form(request, desk, typed, refusal=refusal)
    return back_to(f"{desk.home}/shop/codes?done=added")


@behind(Deed.EDIT_CAMPAIGN)
async def one(request: Request, desk: Desk) -> Response:
    """`…/shop/codes/{code}`: the form, and what it changes."""
    site, row = request.state.site, await _row(request, desk)
    if request.method != "POST":
        return await _form(request, desk, _filled(row), row)
    typed = await typed_in(request)
    try:
        terms = await _terms(request, desk, typed)
        await change_code(
            site.database, desk.store_id, row["id"], terms, desk.creator_id, site.clock()
        )
    except Refusal as refusal:
        return await _form(request, desk, typed, row, refusal)
    return back_to(f"{desk.home}/shop/codes?done=saved")


@behind(Deed.EDIT_CAMPAIGN)
async def end(request: Request, desk: Desk) -> Response:
    """`POST …/end`: from now on it does nothing."""
    site, row = request.state.site, await _row(request, desk)
    if request.method != "POST":
        return back_to(f"{desk.home}/shop/codes/{row['id']}")
    await end_code(site.database, desk.store_id, row["id"], desk.creator_id, site.clock())
    return back_to(f"{desk.home}/shop/codes?done=ended")


@behind(Deed.EDIT_CAMPAIGN)
async def remove(request: Request, desk: Desk) -> Response:
    """`POST …/remove`: gone, unless an order was made with it."""
    site, row = request.state.site, await _row(request, desk)
    if request.method != "POST":
        return back_to(f"{desk.home}/shop/codes/{row['id']}")
    try:
        await remove_code(site.database, desk.store_id, row["id"], desk.creator_id, site.clock())
    except Refusal as refusal:
        return await _form(request, desk, _filled(row), row, refusal)
    return back_to(f"{desk.home}/shop/codes?done=removed")


async def _row(request: Request, desk: Desk) -> Any:
    """The store's code. Raises 404."""
    async with reading(request.state.site.database) as db:
        row = await storage.one(db, desk.store_id, numbered(request, "code"))
    if row is None:
        raise HTTPException(404)
    return row


def _seen(row: Any, now: datetime) -> dict[str, Any]:
    state = "works"
    if row["closes_at"] is not None and row["closes_at"] <= now:
        state = "ended"
    elif row["most"] is not None and row["used"] >= row["most"]:
        state = "used_up"
    elif row["opens_at"] is not None and row["opens_at"] > now:
        state = "waits"
    percent = percent_written(row["percent"]) if row["percent"] is not None else ""
    return {**dict(row), "state": state, "percent": percent}


def _filled(row: Any) -> dict[str, str]:
    typed = {
        "kind": row["kind"],
        "zone": row["zone"],
        "percent": percent_written(row["percent"]) if row["percent"] is not None else "",
        "opens_at": forms.shown_time(row["opens_at"], row["zone"]),
        "closes_at": forms.shown_time(row["closes_at"], row["zone"]),
        "most": "" if row["most"] is None else str(row["most"]),
    }
    for currency, minor in row["amounts"].items():
        typed[f"amount-{currency}"] = forms.shown_amount(minor, currency)
    return typed


async def _terms(request: Request, desk: Desk, typed: Mapping[str, str]) -> CodeTerms:
    """What the form says. Raises Invalid, about the field that is wrong."""
    async with reading(request.state.site.database) as db:
        currencies = await storage.currencies(db, desk.store_id)
    zone = zone_in(dict(typed))
    opens_at, closes_at = (forms.moment_in(typed, n, zone) for n in ("opens_at", "closes_at"))
    most = forms.whole(typed, "most")
    if most == 0:
        raise Invalid(
            N_("Empty: as often as people come. Else it works once at least."), about="most"
        )
    bounds = CodeTerms("shipping", None, {}, zone, opens_at, closes_at, most)
    kind = typed.get("kind", "")
    if kind == "percent":
        return replace(bounds, kind="percent", percent=_percent(typed))
    if kind == "amount":
        amounts = amounts_in(typed, "amount", currencies)
        amounts = {currency: minor for currency, minor in amounts.items() if minor}
        return replace(bounds, kind="amount", amounts=amounts)
    if kind == "shipping":
        return bounds
    raise Invalid(N_("Say what it takes off."), about="kind")


def amounts_in(typed: Mapping[str, str], name: str, currencies: list[str]) -> dict[str, int]:
    """Minor units by currency, of the fields `{name}-{currency}` that hold any. Raises Invalid."""
    found = {}
    for currency in currencies:
        about = f"{name}-{currency}"
        minor = forms.amount(typed, about, currency)
        if minor is not None:
            found[currency] = minor
    return found


def _percent(typed: Mapping[str, str]) -> int | None:
    """Hundredths of a percent, None where nothing was typed. Raises Invalid."""
    said = typed.get("percent", "").strip().removesuffix("%")
    if not said.strip():
        return None
    try:
        found = typed_money(said, "USD", "percent").amount
    except Invalid:
        found = 0
    if not 1 <= found <= 10_000:
        raise Invalid(
            N_("“%(typed)s” is not a percentage. Type one from 0.01 to 100."),
            about="percent",
            typed=said[:40],
        )
    return found


async def _form(
    request: Request,
    desk: Desk,
    typed: Mapping[str, str],
    row: Any | None = None,
    refusal: Refusal | None = None,
) -> Response:
    site = request.state.site
    async with reading(site.database) as db:
        currencies = await storage.currencies(db, desk.store_id)
    return shown(
        request,
        "studio/shop/code.html",
        desk,
        status_of(refusal),
        code=_seen(row, site.clock()) if row is not None else None,
        is_kept=row is not None and row["is_kept"],
        v=dict(typed),
        currencies=currencies,
        zones=ZONES,
        errors=errors_of(refusal, desk.locale),
    )
