"""`…/edit/money`: goal, basis, currency, funding model, dates with their zone, tax."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Invalid, Refusal
from milepost.domain.messages import N_
from milepost.domain.roles import Deed
from milepost.services.arranging import Terms, save_terms
from milepost.storage import editing
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind
from milepost.web.studio.editor import forms
from milepost.web.studio.editor.page import CURRENCIES, ZONES, currency_in, goal_in, zone_in
from milepost.web.studio.editor.sheet import Sheet, show

LABELS = {
    "goal": N_("Goal"),
    "basis": N_("What counts"),
    "currency": N_("Currency"),
    "funding_model": N_("When cards are charged"),
    "opens_at": N_("Opens"),
    "closes_at": N_("Closes"),
    "zone": N_("Time zone"),
    "review_limit": N_("Hold pledges above"),
    "late_pledges": N_("Take late pledges"),
    "last_day_guard": N_("Guard the last day"),
    "tax": N_("Tax"),
}
STAND = ("basis", "currency", "funding_model", "opens_at", "zone")  # once it is published
_SWITCHES = ("late_pledges", "last_day_guard", "tax")


@behind(Deed.EDIT_CAMPAIGN)
async def edit(request: Request, desk: Desk) -> Response:
    """GET shows the form; POST saves what may be changed."""
    site = request.state.site
    async with reading(site.database) as db:
        row = await editing.campaign(db, desk.campaign_id)
    context = {"row": row, "zones": ZONES, "currencies": CURRENCIES, "tab_part": "money"}
    labels = {n: said for n, said in LABELS.items() if n not in STAND or not row["published"]}
    sheet = Sheet("money", "studio/edit/money.html", saved_terms(row), labels, context)
    if request.method != "POST":
        return await show(request, desk, sheet)
    sent = await forms.sent_to(request)
    typed, base = forms.typed_in(sent), forms.base_of(sent)
    try:
        terms = _terms(row, typed)
        await save_terms(site.database, desk.author, base, terms, site.clock())
    except Refusal as refusal:
        return await show(request, desk, sheet, typed=typed, base=base, refusal=refusal)
    return back_to(f"{desk.campaign_home}/edit/money?done=saved")


def saved_terms(row: Any) -> dict[str, str]:
    """What the fields hold as it is saved."""
    zone, currency = row["zone"], row["currency"]
    by_units = row["basis"] == "units"
    goal = str(row["goal"]) if by_units else forms.shown_amount(row["goal"], currency)
    return {
        "goal": goal,
        "basis": row["basis"],
        "currency": currency,
        "funding_model": row["funding_model"],
        "opens_at": forms.shown_time(row["opens_at"], zone),
        "closes_at": forms.shown_time(row["closes_at"], zone),
        "zone": zone,
        "review_limit": forms.shown_amount(row["review_limit"], currency),
        **{name: "on" for name in _SWITCHES if row[name]},
    }


def _terms(row: Any, typed: dict[str, str]) -> Terms:
    """What was typed; what a published campaign has promised comes from its row alone."""
    basis, model, currency, zone = (
        row[name] for name in ("basis", "funding_model", "currency", "zone")
    )
    if not row["published"]:
        currency, zone = currency_in(typed), zone_in(typed)
        basis, model = typed.get("basis", ""), typed.get("funding_model", "")
        if basis not in ("units", "money"):
            raise Invalid(N_("Choose one of them."), about="basis")
        if model not in ("all_or_nothing", "keep_it_all"):
            raise Invalid(N_("Choose one of them."), about="funding_model")
    opens_at = forms.local_time(saved_terms(row) if row["published"] else typed, "opens_at")
    closes_at = forms.local_time(typed, "closes_at")
    if opens_at is None or closes_at is None:
        missing = "opens_at" if opens_at is None else "closes_at"
        raise Invalid(N_("Choose a day and a time."), about=missing)
    limit = forms.amount(typed, "review_limit", currency, charged=False)
    return Terms(
        basis=basis,
        currency=currency,
        goal=goal_in(typed, basis, currency),
        funding_model=model,
        zone=zone,
        opens_at=opens_at,
        closes_at=closes_at,
        late_pledges="late_pledges" in typed,
        review_limit=limit or None,
        last_day_guard="last_day_guard" in typed,
        tax="tax" in typed,
    )
