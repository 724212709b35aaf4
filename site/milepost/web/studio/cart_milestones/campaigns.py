"""`…/cart-milestones`: the list, a new one, and the button that turns one on or off."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.cart_plans import TRIGGERS
from milepost.domain.errors import Refusal
from milepost.domain.messages import N_
from milepost.domain.numbers import number_in
from milepost.domain.plans import CART_MILESTONES
from milepost.domain.roles import Deed
from milepost.services.cart_campaigns import discard, make_campaign, pause, turn_on
from milepost.storage import cart_campaigns
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.studio.cart_milestones.frame import HOME, campaign_of
from milepost.web.studio.cart_milestones.rule import show_rule
from milepost.web.studio.cart_milestones.rule_fields import NAME
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.editor import forms
from milepost.web.studio.gates import gate, require
from milepost.web.studio.parts import errors_of, status_of

PAGE = 24
DONE = {"discarded": N_("The draft is gone.")}


@behind(Deed.SEE_STORE)
async def campaigns(request: Request, desk: Desk) -> Response:
    """`GET …/cart-milestones`: the latest first; `?before=` goes on below."""
    query = request.query_params
    before = number_in(query.get("before", ""))
    async with reading(request.state.site.database) as db:
        rows = await cart_campaigns.of_store(db, desk.store_id, before, PAGE + 1)
        active = await cart_campaigns.active(db, desk.store_id)
    older = urlencode({"before": rows[PAGE - 1]["id"]}) if len(rows) > PAGE else ""
    return shown(
        request,
        "studio/cart_milestones/campaigns.html",
        desk,
        rows=rows[:PAGE],
        active=active,
        gate=gate(request, desk, CART_MILESTONES),
        older=older,
        is_first=before is None,
        may_edit=desk.may(Deed.EDIT_CAMPAIGN),
        done=DONE.get(query.get("done", "")),
    )


@behind(Deed.SEE_STORE)
async def help_page(request: Request, desk: Desk) -> Response:
    """`GET …/cart-milestones/help`: each step explained (S43)."""
    return shown(request, "studio/cart_milestones/help.html", desk)


@behind(Deed.EDIT_CAMPAIGN)
async def new(request: Request, desk: Desk) -> Response:
    """`…/cart-milestones/new`: its name and what it counts; the rest has its own pages."""
    site, refusal = request.state.site, None
    typed = {"trigger": "value"}
    if request.method == "POST":
        typed |= forms.typed_in(await forms.sent_to(request))
        trigger = next((one for one in TRIGGERS if one == typed["trigger"]), TRIGGERS[0])
        try:
            require(request, desk, CART_MILESTONES)
            name = forms.line(typed, "name", NAME)
            made = await make_campaign(site.database, desk.author, name, trigger, site.clock())
            return back_to(f"{desk.home}{HOME}/{made}/rule?done=begun")
        except Refusal as refused:
            refusal = refused
    return shown(
        request,
        "studio/cart_milestones/new.html",
        desk,
        status_of(refusal),
        v=typed,
        errors=errors_of(refusal, desk.locale),
    )


@behind(Deed.SEE_STORE)
async def one(request: Request, desk: Desk) -> Response:
    """`GET …/{cart}`: its first step."""
    row = await campaign_of(request, desk)
    return back_to(f"{desk.home}{HOME}/{row['id']}/rule")


@behind(Deed.EDIT_CAMPAIGN)
async def turn(request: Request, desk: Desk) -> Response:
    """`POST …/{cart}/turn`: active if no other is, or paused; it saves nothing (S36)."""
    site, row = request.state.site, await campaign_of(request, desk)
    home = f"{desk.home}{HOME}"
    if request.method != "POST":
        return back_to(f"{home}/{row['id']}/rule")
    sent = await forms.sent_to(request)
    if sent.get("do") == "pause":
        await pause(site.database, desk.author, row["id"], site.clock())
        return back_to(f"{home}/{row['id']}/rule?done=paused")
    try:
        require(request, desk, CART_MILESTONES)
        await turn_on(site.database, desk.author, row["id"], site.clock())
    except Refusal as refusal:
        return await show_rule(request, desk, row, refusal=refusal)
    return back_to(f"{home}/{row['id']}/rule?done=activated")


@behind(Deed.EDIT_CAMPAIGN)
async def throw_away(request: Request, desk: Desk) -> Response:
    """`…/{cart}/discard`: asked first; then a draft that no cart has shown is gone."""
    site, row, refusal = request.state.site, await campaign_of(request, desk), None
    if request.method == "POST":
        try:
            await discard(site.database, desk.author, row["id"], site.clock())
            return back_to(f"{desk.home}{HOME}?done=discarded")
        except Refusal as refused:
            refusal = refused
    return shown(
        request,
        "studio/cart_milestones/discard.html",
        desk,
        status_of(refusal),
        row=row,
        errors=errors_of(refusal, desk.locale),
    )
