"""`…/edit/shipping`: zones with their countries, fees by reward, countries left out."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Invalid, Refusal
from milepost.domain.messages import N_
from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.domain.shipping import COUNTRIES, Fee
from milepost.services import rewarding
from milepost.services.preparing import NewZone
from milepost.storage import editing, tiers
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind
from milepost.web.studio.editor import forms
from milepost.web.studio.editor.sheet import Sheet, show
from milepost.wording.format import written_in
from milepost.wording.languages import LOCALES

TITLE, NAMES = 80, 12_000
# Those of the European Union (ISO 3166-1; the Union's own list of members, 2020).
UNION = ("AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE").split()
GROUPS = {"eu": UNION, "european union": UNION, "europäische union": UNION}


@behind(Deed.EDIT_CAMPAIGN)
async def shipping(request: Request, desk: Desk) -> Response:
    """GET lists the zones; POST saves the countries to which nothing is sent."""
    site = request.state.site
    async with reading(site.database) as db:
        row = await editing.campaign(db, desk.campaign_id)
        choices = await editing.tiers(db, desk.campaign_id)
        zones = await tiers.zones_of(db, desk.campaign_id)
    ships = [r for r in choices if r["ships"]]
    reached = {tier for zone in zones for tier in zone.fees}
    context = {
        "row": row,
        "zones": [_seen(zone, desk.locale) for zone in zones],
        "ships": ships,
        "unreached": [r for r in ships if r["id"] not in reached],
        "names": country_names(desk.locale),
        "tab_part": "shipping",
    }
    saved = {"excluded": written(row["excluded_countries"], desk.locale)}
    labels = {"excluded": N_("Nothing is sent to")}
    sheet = Sheet("shipping", "studio/edit/shipping.html", saved, labels, context)
    if request.method != "POST":
        return await show(request, desk, sheet)
    sent = await forms.sent_to(request)
    typed, base = forms.typed_in(sent), forms.base_of(sent)
    try:
        codes = countries_in(typed.get("excluded", ""), desk.locale, "excluded")
        await rewarding.save_excluded(site.database, desk.author, base, codes, site.clock())
    except Refusal as refusal:
        return await show(request, desk, sheet, typed=typed, base=base, refusal=refusal)
    return back_to(f"{desk.campaign_home}/edit/shipping?done=saved")


@behind(Deed.EDIT_CAMPAIGN)
async def zone(request: Request, desk: Desk) -> Response:
    """`…/edit/shipping/{zone}`, also `new`: GET shows the form; POST saves or removes the zone."""
    site, name = request.state.site, request.path_params["zone"]
    async with reading(site.database) as db:
        row = await editing.campaign(db, desk.campaign_id)
        choices = await editing.tiers(db, desk.campaign_id)
        zones = await tiers.zones_of(db, desk.campaign_id)
    own = _of_address(zones, name)
    ships = [r for r in choices if r["ships"]]
    saved = _saved(own, row, desk.locale) if own is not None else {}
    labels = {"title": N_("Name of the zone"), "countries": N_("Countries")}
    context = {
        "row": row,
        "zone": own,
        "ships": ships,
        "name": name,
        "names": country_names(desk.locale),
        "tab_part": "shipping",
    }
    fees = {f"{side}-{r['id']}": r["title"] for r in ships for side in ("first", "further")}
    sheet = Sheet(
        f"zone-{own.id if own else 'new'}", "studio/edit/zone.html", saved, labels | fees, context
    )
    if request.method != "POST":
        return await show(request, desk, sheet)
    sent = await forms.sent_to(request)
    typed, base = forms.typed_in(sent), forms.base_of(sent)
    author, now = desk.author, site.clock()
    try:
        if sent.get("do") == "remove" and own is not None:
            await rewarding.remove_zone(site.database, author, own.id, now)
            return back_to(f"{desk.campaign_home}/edit/shipping?done=removed")
        made = NewZone(
            forms.line(typed, "title", TITLE),
            tuple(countries_in(typed.get("countries", ""), desk.locale, "countries")),
            _fees(typed, ships, row["currency"]),
        )
        zone_id = own.id if own is not None else None
        await rewarding.save_zone(site.database, author, zone_id, base, made, now)
    except Refusal as refusal:
        return await show(request, desk, sheet, typed=typed, base=base, refusal=refusal)
    return back_to(f"{desk.campaign_home}/edit/shipping?done={'saved' if own else 'added'}")


def _of_address(zones: Iterable[Any], name: str) -> Any | None:
    if name == "new":
        return None
    zone_id = number_in(name)
    found = next((zone for zone in zones if zone.id == zone_id), None)
    if found is None:
        raise HTTPException(404)
    return found


def _seen(zone: Any, locale: str) -> dict[str, Any]:
    return {
        "id": zone.id,
        "title": zone.title,
        "countries": written(zone.countries, locale).replace("\n", ", "),
        "fees": zone.fees,
    }


def _saved(zone: Any, row: Any, locale: str) -> dict[str, str]:
    saved = {"title": zone.title, "countries": written(zone.countries, locale)}
    for tier_id, fee in zone.fees.items():
        saved[f"first-{tier_id}"] = forms.shown_amount(fee.first, row["currency"])
        saved[f"further-{tier_id}"] = forms.shown_amount(fee.further, row["currency"])
    return saved


def _fees(typed: dict[str, str], ships: Iterable[Any], currency: str) -> dict[int, Fee]:
    """A fee for each reward that is sent there; where none is typed, it is not sent."""
    found = {}
    for row in ships:
        first = forms.amount(typed, f"first-{row['id']}", currency)
        further = forms.amount(typed, f"further-{row['id']}", currency)
        if first is not None:
            found[row["id"]] = Fee(first, first if further is None else further)
        elif further is not None:
            raise Invalid(N_("Type what the first one costs, too."), about=f"first-{row['id']}")
    return found


def countries_in(said: str, locale: str, about: str) -> list[str]:
    """The codes of countries typed by name or code, each on a line or after a comma.

    Raises Invalid for one that nobody knows.
    """
    known, found = _known(), []
    for name in re.split(r"[,;\n]", said[:NAMES]):
        key = _key(name)
        if not key:
            continue
        codes = GROUPS.get(key) or ([known[key]] if key in known else [])
        if not codes:
            raise Invalid(
                N_("“%(typed)s” is not a country that we know. Type its name, or its two letters."),
                about=about,
                typed=name.strip()[:40],
            )
        found += codes
    return sorted(set(found))


def written(codes: Iterable[str], locale: str) -> str:
    """The countries by name, each on a line, as one may type them."""
    return "\n".join(sorted(written_in(locale).country(code) for code in codes))


@cache
def country_names(locale: str) -> list[str]:
    """Each country by its name in the language."""
    return sorted(written_in(locale).country(code) for code in COUNTRIES)


@cache
def _known() -> dict[str, str]:
    """Code by name, in every language of the pages, and by itself."""
    names = {
        _key(written_in(locale).country(code)): code for locale in LOCALES for code in COUNTRIES
    }
    return names | {code.lower(): code for code in COUNTRIES}


def _key(name: str) -> str:
    return " ".join(name.replace("’", "'").casefold().split())
