"""`/me/pledges/{key}/change`, `/cancel` and `/pay`: what a backer does with a pledge (P5, P6)."""

import logging
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from milepost.domain.errors import Refusal
from milepost.domain.messages import N_, Sentence
from milepost.domain.pledges import credit_used
from milepost.gateways.stripe import PaymentUnavailable
from milepost.services.changing import Way, cancel, change, mend
from milepost.services.publishing import in_language
from milepost.services.showing import ShownPledge
from milepost.services.signing_in import Visit
from milepost.storage.database import reading
from milepost.web.me import next as coming
from milepost.web.me.pledges import whole
from milepost.web.me.visit import PRIVATE, back_to, language_of, my_pledge, shown, signed_in
from milepost.web.public.chosen import choice_of, filled_in, keep, sent_with, typed_in
from milepost.web.public.destinations import select
from milepost.web.public.shown import rewards_view
from milepost.web.public.view import store_view
from milepost.wording.languages import translator
from milepost.wording.saying import say

log = logging.getLogger("milepost.web")
UNCHARGED = N_("Nothing is charged today: your saved card pays what the pledge holds at the close.")
CHARGED = N_(
    "What it costs more you pay on the next page; what it costs less goes back to your card."
)
UNCHARGED_CREDIT = N_(
    "Nothing is charged today: at the close the store credit that is set aside pays first, and your"
    " card the rest."
)
CHARGED_CREDIT = N_(
    "What it costs more you pay on the next page; what it costs less goes back to your card as far"
    " as that paid, and then to your store credit."
)


def _way(request: Request, own: Any, locale: str, what: str) -> Way:
    base_url = request.state.site.settings.base_url
    return Way(f"{base_url}/me/pledges/{own['key']}", what, locale)


@signed_in
async def change_it(request: Request, visit: Visit) -> Response:
    """GET: the pledge form as it stands. POST: 303 back, or to the page that takes the rest."""
    site = request.state.site
    async with reading(site.database) as db:
        own, found, c = await whole(db, request, visit)
    locale = found.locale
    if request.method != "POST":
        if not coming.is_open(own, site.clock()):
            return back_to(f"/me/pledges/{own['key']}")
        return _change_form(request, visit, own, found, c, filled_in(found)[0], {})
    typed = typed_in(await sent_with(request))
    way = _way(request, own, locale, translator(locale).gettext("Change of your pledge"))
    try:
        url = await change(
            site.database, site.gateway, site.clock, own["id"], choice_of(typed, locale), way
        )
    except Refusal as refusal:
        errors = {refusal.about: say(refusal.sentence, locale)}
        return _change_form(request, visit, own, found, c, typed, errors, 422)
    except PaymentUnavailable as error:
        log.warning("no payment page for a change: %s", error)
        errors = {"": say(Sentence(error.sentence), locale)}
        return _change_form(request, visit, own, found, c, typed, errors, 503)
    if url is None:
        return back_to(f"/me/pledges/{own['key']}?done=changed")
    return RedirectResponse(url, 303, PRIVATE)


def _change_form(
    request: Request,
    visit: Visit,
    own: Any,
    found: ShownPledge,
    c: dict[str, Any],
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    status: int = 200,
) -> Response:
    locale = found.locale
    has = {str(line["tier_id"]): line for line in found.lines}
    for tier in (*c["tiers"], *c["addons"]):
        if line := has.get(tier["id"]):
            keep(tier, line["quantity"], line["unit_price"])
    countries, chosen = c["shipping"]["countries"], typed.get("tier", "")
    if chosen in countries:
        countries[chosen] = select(countries[chosen], typed.get("country", "").upper())
    terms = CHARGED if own["state"] == "charged" else UNCHARGED
    if credit_used(own):
        terms = CHARGED_CREDIT if own["state"] == "charged" else UNCHARGED_CREDIT
    return shown(
        request,
        "me/change.html",
        locale,
        status,
        visit=visit,
        c=c,
        store=store_view(own, locale),
        own=dict(own),
        typed=typed,
        errors=errors,
        changing=f"/me/pledges/{own['key']}/change?lang={locale}",
        terms=translator(locale).gettext(terms),
    )


@signed_in
async def cancel_it(request: Request, visit: Visit) -> Response:
    """GET: what exactly a cancel does, and a button. POST: 303 back, or why it can't be."""
    site = request.state.site
    async with reading(site.database) as db:
        own, found, c = await whole(db, request, visit)
    locale, refused, status = found.locale, "", 200
    if request.method == "POST":
        try:
            await cancel(site.database, site.gateway, site.clock, own["id"])
            return back_to(f"/me/pledges/{own['key']}?done=cancelled")
        except Refusal as refusal:
            refused, status = say(refusal.sentence, locale), 409
        except PaymentUnavailable as error:
            refused, status = say(Sentence(error.sentence), locale), 503
    elif not coming.is_open(own, site.clock()):
        return back_to(f"/me/pledges/{own['key']}")
    left = sum(own["paid"].values()) - max(own["refunds_asked"], found.refunded)
    kept = ("owed", "held", "provisional", "waiting")
    return shown(
        request,
        "me/cancel.html",
        locale,
        status,
        visit=visit,
        c=c,
        store=store_view(own, locale),
        own=dict(own),
        refused=refused,
        left=max(0, left),
        credit=credit_used(own),
        lost=[r for r in rewards_view(found, locale)["rewards"] if r["state"] in kept],
    )


@signed_in
async def pay(request: Request, visit: Visit) -> Response:
    """GET: what was declined, why, what is due until when. POST: 303 to the payment page.

    Before the close it takes another card, and charges nothing.
    """
    site = request.state.site
    own = await my_pledge(request, visit)
    locale, refused, status = language_of(request, own["locale"]), "", 200
    title = in_language(own, locale)("title")
    if request.method == "POST":
        what = translator(locale).gettext("Your pledge to %(title)s") % {"title": title}
        way = _way(request, own, locale, what)
        try:
            url = await mend(site.database, site.gateway, site.clock, own["id"], way)
            return RedirectResponse(url, 303, PRIVATE)
        except Refusal as refusal:
            refused, status = say(refusal.sentence, locale), 409
        except PaymentUnavailable as error:
            log.warning("no payment page to mend a card: %s", error)
            refused, status = say(Sentence(error.sentence), locale), 503
    elif not coming.can_pay(own):
        return back_to(f"/me/pledges/{own['key']}")
    return shown(
        request,
        "me/pay.html",
        locale,
        status,
        visit=visit,
        store=store_view(own, locale),
        own=dict(own),
        title=title,
        sum=coming.to_charge(own),
        lacks_card=coming.lacks_card(own),
        reason=coming.why_declined(own["reason"] or "", locale),
        drop_at=coming.drop_at(own),
        refused=refused,
    )
