"""`…/shop/settings`: the currencies that the shop sells in, the first its own (M1); its clock."""

import re

from babel import Locale
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Invalid, Refusal
from milepost.domain.messages import N_
from milepost.domain.roles import Deed
from milepost.services.collecting import Losing, losses, save_currencies, save_zone
from milepost.storage import listings
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.editor import forms
from milepost.web.studio.editor.page import CURRENCIES, ZONES, zone_in
from milepost.web.studio.editor.sheet import status_of
from milepost.web.studio.parts import asked, errors_of

KNOWN = frozenset(Locale("en").currencies)
DONE = {
    "saved": N_("The shop sells in these currencies from now on."),
    "clock": N_("Dates are in this time zone from now on."),
}


@behind(Deed.EDIT_CAMPAIGN)
async def settings(request: Request, desk: Desk) -> Response:
    """GET shows the forms; POST saves one, after a question where prices would be left behind."""
    site = request.state.site
    async with reading(site.database) as db:
        present = (await listings.store(db, desk.store_id))["currencies"]
    if request.method != "POST":
        return _page(request, desk, present, " ".join(present))
    sent = await forms.sent_to(request)
    if "zone" in sent:
        return await _set_clock(request, desk, present, forms.clean(str(sent["zone"]))[:60])
    typed = forms.clean(str(sent.get("currencies", "")))[:200]
    lost: list[Losing] = []
    try:
        wanted = currencies_in(typed)
        lost = await losses(site.database, desk.store_id, present, wanted)
        accepted = str(sent.get("accepted", ""))[:200].split()
        await save_currencies(site.database, desk.author, wanted, accepted, site.clock())
    except Refusal as refusal:
        return _page(request, desk, present, typed, lost, refusal)
    return back_to(f"{desk.home}/shop/settings?done=saved")


async def _set_clock(request: Request, desk: Desk, present: list[str], typed: str) -> Response:
    site = request.state.site
    try:
        await save_zone(site.database, desk.author, zone_in({"zone": typed}), site.clock())
    except Refusal as refusal:
        return _page(request, desk, present, " ".join(present), None, refusal, typed)
    return back_to(f"{desk.home}/shop/settings?done=clock")


def currencies_in(typed: str) -> list[str]:
    """The ISO 4217 currencies of a line like “USD, EUR”, each once. Raises Invalid."""
    found = list(dict.fromkeys(re.findall(r"[^\s,;]+", typed.upper())))
    for code in found:
        if not re.fullmatch("[A-Z]{3}", code) or code not in KNOWN:
            raise Invalid(
                N_("“%(typed)s” is not a currency. One has three letters, like USD or EUR."),
                about="currencies",
                typed=code[:20],
            )
    return found


def _page(
    request: Request,
    desk: Desk,
    present: list[str],
    typed: str,
    lost: list[Losing] | None = None,
    refusal: Refusal | None = None,
    zone: str | None = None,
) -> Response:
    names = Locale(desk.locale).currencies
    return shown(
        request,
        "studio/shop/settings.html",
        desk,
        status_of(refusal),
        present=[(code, names.get(code, code)) for code in present],
        v={"currencies": typed, "zone": desk.row["store_zone"] if zone is None else zone},
        zones=ZONES,
        lost=lost or [],
        usual=[code for code in CURRENCIES if code not in present],
        errors=errors_of(refusal, desk.locale),
        done=DONE.get(asked(request, "done")),
    )
