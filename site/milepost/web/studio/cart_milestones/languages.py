"""`…/cart-milestones/{cart}/languages`: what the bar says, in each language (S31, S32, S42, K8)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain import cart_words
from milepost.domain.cart_words import LONGEST
from milepost.domain.errors import Refusal
from milepost.domain.roles import Deed
from milepost.services.cart_bars import save_messages
from milepost.storage import cart_campaigns
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.studio.cart_milestones.bar_fields import (
    fields,
    kept_in,
    messages_typed,
    saved_messages,
)
from milepost.web.studio.cart_milestones.frame import HOME, campaign_of, show_step
from milepost.web.studio.cart_milestones.preview import beside
from milepost.web.studio.desk import Desk, behind
from milepost.web.studio.editor import forms
from milepost.wording.languages import CART_LOCALES, NAMES, translator
from milepost.wording.saying import say


@behind(Deed.SEE_STORE)
async def languages(request: Request, desk: Desk) -> Response:
    """GET shows the step, POST saves it."""
    row, site = await campaign_of(request, desk), request.state.site
    async with reading(site.database) as db:
        tiers = await cart_campaigns.tiers(db, row["track_id"])
    typed, base, refusal = None, None, None
    if request.method == "POST" and desk.may(Deed.EDIT_CAMPAIGN):
        sent = await forms.sent_to(request)
        typed, base = forms.typed_in(sent), forms.base_of(sent)
        if sent.get("do") == "save":
            try:
                messages, rewards = messages_typed(typed, tiers, row["trigger"])
                await save_messages(
                    site.database, desk.author, row["id"], base, messages, rewards, site.clock()
                )
                return back_to(f"{desk.home}{HOME}/{row['id']}/languages?done=saved")
            except Refusal as refused:
                refusal = refused
    context: dict[str, Any] = {
        "tiers": tiers,
        "spoken": [(tag, NAMES[tag]) for tag in _in_order(row["store_locale"])],
        "fallback": _fallbacks(row, tiers),
        "variables": cart_words.variables("before", row["trigger"]),
        "longest": LONGEST,
        **await beside(request, desk, row, "languages", typed),
    }
    return await show_step(
        request,
        desk,
        row,
        "languages",
        saved_messages(row, tiers),
        _labels(tiers, desk.locale),
        context,
        typed=typed,
        base=base,
        refusal=refusal,
    )


def _in_order(own: str) -> list[str]:
    """The languages, the store's own before the others."""
    return sorted(CART_LOCALES, key=lambda tag: tag != own)


def _fallbacks(row: Any, tiers: list[Any]) -> dict[str, str]:
    """What is said where a field stays empty."""
    found = {}
    for field in fields(tiers):
        others = {tag: said for tag, said in kept_in(field, row).items() if tag != field.locale}
        told = cart_words.message(
            others, field.name, field.locale, row["store_locale"], row["trigger"]
        )
        found[field.key] = say(told, field.locale)
    return found


def _labels(tiers: list[Any], locale: str) -> dict[str, str]:
    _ = translator(locale).gettext
    names = {"before": _("Before a tier"), "after": _("After all are reached")}
    places = {tier["id"]: place for place, tier in enumerate(tiers, 1)}
    found = {}
    for field in fields(tiers):
        said = names.get(field.name, "")
        if field.tier is not None:
            said = _("Once tier %(place)s is reached") % {"place": places[field.tier["id"]]}
        found[field.key] = f"{said} ({NAMES[field.locale]})"
    return found
