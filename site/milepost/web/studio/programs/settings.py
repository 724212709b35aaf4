"""`…/programs/settings`: what earns points, what points make, how long they are pending."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Invalid, Refusal
from milepost.domain.messages import N_
from milepost.domain.roles import Deed
from milepost.services.loyalty_settings import (
    LARGEST,
    MOST_DAYS,
    Settings,
    save_settings,
    settings_of,
)
from milepost.storage import loyalty, program_list
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.editor import forms
from milepost.web.studio.parts import errors_of, status_of
from milepost.web.studio.programs.frame import HOME


@behind(Deed.SEE_STORE)
async def settings(request: Request, desk: Desk) -> Response:
    """GET shows the form, POST saves it; they hold for what happens from then on."""
    site, refusal = request.state.site, None
    async with reading(site.database) as db:
        row = await loyalty.settings(db, desk.store_id)
        store = await program_list.store(db, desk.store_id)
    kept = settings_of(row)
    currencies = list(dict.fromkeys([*store["currencies"], *kept.earns, *kept.buys]))
    typed = saved(kept)
    may_edit = desk.may(Deed.EDIT_CAMPAIGN)
    if request.method == "POST" and may_edit:
        typed = forms.typed_in(await forms.sent_to(request))
        try:
            wanted = settings_typed(typed, currencies)
            await save_settings(site.database, desk.author, wanted, site.clock())
            return back_to(f"{desk.home}{HOME}/settings?done=saved")
        except Refusal as refused:
            refusal = refused
    return shown(
        request,
        "studio/programs/settings.html",
        desk,
        status_of(refusal),
        v=typed,
        currencies=currencies,
        most_days=MOST_DAYS,
        may_edit=may_edit,
        errors=errors_of(refusal, desk.locale),
        done=N_("Saved. It holds from now on.") if request.query_params.get("done") else "",
    )


def settings_typed(typed: Mapping[str, str], currencies: list[str]) -> Settings:
    """The settings that were typed. Raises Invalid about a field."""
    pairs: dict[str, dict[str, tuple[int, int]]] = {"earns": {}, "buys": {}}
    for name, found in pairs.items():
        for currency in currencies:
            points = forms.whole(typed, f"{name}-{currency}", LARGEST)
            amount = forms.amount(typed, f"{name}-{currency}-amount", currency)
            if (points is None) != (amount is None):
                raise Invalid(
                    N_("Fill both in, with more than nothing, or leave both empty."),
                    about=f"{name}-{currency}",
                )
            if points is not None and amount is not None:
                found[currency] = points, amount
    days = forms.whole(typed, "pending_days", 100_000) or 0
    return Settings(typed.get("counts_pledges") == "on", pairs["earns"], pairs["buys"], days)


def saved(kept: Settings) -> dict[str, Any]:
    """The fields of the form as the settings fill them."""
    typed = {"pending_days": str(kept.pending_days)}
    if kept.counts_pledges:
        typed["counts_pledges"] = "on"
    for name, pairs in (("earns", kept.earns), ("buys", kept.buys)):
        for currency, (points, amount) in pairs.items():
            typed[f"{name}-{currency}"] = str(points)
            typed[f"{name}-{currency}-amount"] = forms.shown_amount(amount, currency)
    return typed
