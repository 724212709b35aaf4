"""`…/edit/rewards`: what can be chosen, tiers and add-ons alike, one form each."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Invalid, Refusal
from milepost.domain.lines import Tier
from milepost.domain.messages import N_
from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.services import rewarding
from milepost.services.author import Author
from milepost.services.preparing import NewTier
from milepost.storage import editing
from milepost.storage.database import Database, reading
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.editor import forms
from milepost.web.studio.editor.sheet import DONE, Sheet, show, status_of
from milepost.wording.saying import say

TITLE, TEXT = 120, 2_000
LABELS = {
    "title": N_("Title"),
    "text": N_("What it is"),
    "price": N_("Price"),
    "units": N_("Units"),
    "slots": N_("How many there are"),
    "most": N_("At most in one pledge"),
    "opens_at": N_("From"),
    "closes_at": N_("Until"),
    "ships": N_("It is sent by post"),
}
_COLUMNS = (
    *("id", "title", "price", "units", "slots", "claimed", "opens_at", "closes_at"),
    *("kind", "most", "ships"),
)
KINDS = {"new": "tier", "new-addon": "addon"}
Act = Callable[[Database, Author, int, datetime], Awaitable[None]]


async def _up(database: Database, author: Author, tier_id: int, now: datetime) -> None:
    await rewarding.move_tier(database, author, tier_id, -1, now)


async def _down(database: Database, author: Author, tier_id: int, now: datetime) -> None:
    await rewarding.move_tier(database, author, tier_id, 1, now)


ACTS: dict[str, tuple[str, Act]] = {
    "up": ("moved", _up),
    "down": ("moved", _down),
    "close": ("closed", rewarding.close_tier),
    "open": ("opened", rewarding.open_tier),
    "remove": ("removed", rewarding.remove_tier),
}


@behind(Deed.EDIT_CAMPAIGN)
async def rewards(request: Request, desk: Desk) -> Response:
    """GET lists them; POST moves, closes, opens or removes one."""
    if request.method == "POST":
        return await _act(request, desk)
    return await _list(request, desk)


async def _list(request: Request, desk: Desk, refusal: Refusal | None = None) -> Response:
    site = request.state.site
    async with reading(site.database) as db:
        row = await editing.campaign(db, desk.campaign_id)
        rows = await editing.tiers(db, desk.campaign_id)
    errors = {"": say(refusal.sentence, desk.locale)} if refusal else {}
    return shown(
        request,
        "studio/edit/rewards.html",
        desk,
        status_of(refusal),
        row=row,
        tiers=[_seen(r, site.clock()) for r in rows if r["kind"] == "tier"],
        addons=[_seen(r, site.clock()) for r in rows if r["kind"] == "addon"],
        errors=errors,
        tab_part="rewards",
        done=DONE.get(request.query_params.get("done", "")),
    )


def _seen(row: Any, now: datetime) -> dict[str, Any]:
    tier = Tier(**{name: row[name] for name in _COLUMNS})
    return {**dict(row), "state": tier.state(now), "left": tier.left}


async def _act(request: Request, desk: Desk) -> Response:
    site, sent = request.state.site, await forms.sent_to(request)
    tier_id = number_in(str(sent.get("tier", ""))) or 0
    found = ACTS.get(str(sent.get("do", "")))
    if found is None:
        return back_to(f"{desk.campaign_home}/edit/rewards")
    done, act = found
    try:
        await act(site.database, desk.author, tier_id, site.clock())
    except Refusal as refusal:
        return await _list(request, desk, refusal)
    return back_to(f"{desk.campaign_home}/edit/rewards?done={done}#tier-{tier_id}")


@behind(Deed.EDIT_CAMPAIGN)
async def one(request: Request, desk: Desk) -> Response:
    """`…/edit/rewards/{tier}`, also `new` and `new-addon`: GET shows the form, POST saves it."""
    site, name = request.state.site, request.path_params["tier"]
    async with reading(site.database) as db:
        row = await editing.campaign(db, desk.campaign_id)
        rows = await editing.tiers(db, desk.campaign_id)
    tier = _of_address(rows, name)
    kind = KINDS[name] if tier is None else tier["kind"]
    saved = _saved(tier, row) if tier is not None else {"units": "1" if kind == "tier" else "0"}
    part = f"tier-{tier['id']}" if tier is not None else f"{kind}-new"
    context = {"row": row, "tier": tier, "kind": kind, "tab_part": "rewards", "name": name}
    sheet = Sheet(part, "studio/edit/reward.html", saved, LABELS, context)
    if request.method != "POST":
        return await show(request, desk, sheet)
    sent = await forms.sent_to(request)
    typed, base = forms.typed_in(sent), forms.base_of(sent)
    author, now = desk.author, site.clock()
    try:
        made = _typed_tier(typed, row, kind)
        if tier is None:
            await rewarding.add_tier(site.database, author, base, made, now)
        else:
            await rewarding.save_tier(site.database, author, tier["id"], base, made, now)
    except Refusal as refusal:
        return await show(request, desk, sheet, typed=typed, base=base, refusal=refusal)
    done = "added" if tier is None else "saved"
    if sent.get("do") == "another":
        again = "new" if kind == "tier" else "new-addon"
        return back_to(f"{desk.campaign_home}/edit/rewards/{again}?done=added")
    return back_to(f"{desk.campaign_home}/edit/rewards?done={done}")


def _of_address(rows: Iterable[Any], name: str) -> Any | None:
    """The tier of that id, None for a new one. Raises 404 for any other."""
    if name in KINDS:
        return None
    tier_id = number_in(name)
    found = next((row for row in rows if row["id"] == tier_id), None)
    if found is None:
        raise HTTPException(404)
    return found


def _saved(tier: Any, row: Any) -> dict[str, str]:
    zone = row["zone"]
    whole = {name: str(tier[name]) for name in ("units", "slots", "most") if tier[name] is not None}
    return {
        "title": tier["title"],
        "text": tier["text"],
        "price": forms.shown_amount(tier["price"], row["currency"]),
        "opens_at": forms.shown_time(tier["opens_at"], zone),
        "closes_at": forms.shown_time(tier["closes_at"], zone),
        **whole,
        **({"ships": "on"} if tier["ships"] else {}),
    }


def _typed_tier(typed: dict[str, str], row: Any, kind: str) -> NewTier:
    price = forms.amount(typed, "price", row["currency"])
    units = forms.whole(typed, "units", 1_000_000)
    most = forms.whole(typed, "most", 100)
    title = forms.line(typed, "title", TITLE)
    if not title:
        raise Invalid(N_("Give it a title."), about="title")
    if price is None:
        raise Invalid(N_("Type a price."), about="price")
    return NewTier(
        title=title,
        price=price,
        text=forms.text(typed, "text", TEXT),
        units=(1 if kind == "tier" else 0) if units is None else units,
        slots=forms.whole(typed, "slots"),
        opens_at=forms.moment_in(typed, "opens_at", row["zone"]),
        closes_at=forms.moment_in(typed, "closes_at", row["zone"]),
        kind="addon" if kind == "addon" else "tier",
        most=most or None,
        ships="ships" in typed,
    )
