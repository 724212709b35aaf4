"""Somebody's subscriptions: what is paid when, the card, the cancel and its undoing."""

import logging
from functools import partial
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from milepost.domain.errors import Refusal
from milepost.domain.messages import N_, Sentence
from milepost.gateways.stripe import PaymentUnavailable
from milepost.services.addressing import WrongAddress, read_address
from milepost.services.signing_in import Visit
from milepost.services.subscribing import end_with_period, other_card, send_to
from milepost.storage import subscriptions
from milepost.storage.database import reading
from milepost.web.me.address import address_form, typed_address
from milepost.web.me.visit import PRIVATE, back_to, language_of, said, shown, signed_in
from milepost.web.public.subscription import subscription_view
from milepost.web.public.view import store_view
from milepost.web.slugs import is_key
from milepost.wording.languages import translator
from milepost.wording.saying import say

log = logging.getLogger("milepost.web")
MOST = 100  # payments on the page
DONE = {
    "cancelled": N_("It is cancelled. You pay nothing more."),
    "kept": N_("It goes on."),
    "address": N_("Your address is saved."),
    "card": N_("Your card is saved. What is due is paid with it in a moment."),
}


async def _mine(request: Request, visit: Visit) -> Any:
    """The visitor's subscription. Raises 404 for another's as for nobody's."""
    key = request.path_params["subscription"]
    async with reading(request.state.site.database) as db:
        rows = await subscriptions.own(db, visit.email, key, 1) if is_key(key) else []
    if not rows:
        raise HTTPException(404)
    return rows[0]


@signed_in
async def one(request: Request, visit: Visit) -> Response:
    """`GET /me/subscriptions/{subscription}`: all of it, and each payment."""
    return await _page(request, visit, await _mine(request, visit))


async def _page(
    request: Request, visit: Visit, row: Any, refused: Sentence | None = None, status: int = 200
) -> Response:
    async with reading(request.state.site.database) as db:
        cycles = await subscriptions.cycles(db, row["id"], MOST)
    locale = language_of(request, row["locale"])
    done = DONE.get(request.query_params.get("done", ""))
    return shown(
        request,
        "me/subscription.html",
        locale,
        status,
        visit=visit,
        store=store_view(row, locale),
        s=subscription_view(row, locale),
        name=row["name"],
        address=row["address"],
        cycles=[dict(cycle) for cycle in cycles],
        done=translator(locale).gettext(done) if done else None,
        refused=say(refused, locale) if refused is not None else "",
    )


@signed_in
async def cancel(request: Request, visit: Visit) -> Response:
    """`…/cancel`: GET says what that does; POST lets it end with the period that is paid."""
    row = await _mine(request, visit)
    here = f"/me/subscriptions/{row['key']}"
    if request.method == "POST":
        return await _end(request, visit, row, True, f"{here}?done=cancelled")
    if row["state"] == "ended" or row["cancels"]:
        return back_to(here)
    locale = language_of(request, row["locale"])
    return shown(
        request,
        "me/subscription_cancel.html",
        locale,
        visit=visit,
        store=store_view(row, locale),
        s=subscription_view(row, locale),
    )


@signed_in
async def keep(request: Request, visit: Visit) -> Response:
    """`POST …/keep`: the cancel is undone, while its period runs."""
    row = await _mine(request, visit)
    here = f"/me/subscriptions/{row['key']}"
    if request.method != "POST":
        return back_to(here)
    return await _end(request, visit, row, False, f"{here}?done=kept")


async def _end(request: Request, visit: Visit, row: Any, cancels: bool, then: str) -> Response:
    site = request.state.site
    try:
        await end_with_period(site.database, site.gateway, visit.email, row["key"], cancels)
    except Refusal as refusal:
        return await _page(request, visit, row, refusal.sentence, 409)
    except PaymentUnavailable as error:
        log.warning("a subscription could not be changed: %s", error)
        return await _page(request, visit, row, Sentence(error.sentence), 503)
    return back_to(then)


@signed_in
async def card(request: Request, visit: Visit) -> Response:
    """`POST …/card`: 303 to Stripe's page, on which another card is saved."""
    row = await _mine(request, visit)
    if request.method != "POST":
        return back_to(f"/me/subscriptions/{row['key']}")
    site, locale = request.state.site, language_of(request, row["locale"])
    try:
        url = await other_card(
            site.database, site.gateway, site.settings.base_url, visit.email, row["key"], locale
        )
    except Refusal as refusal:
        return await _page(request, visit, row, refusal.sentence, 409)
    except PaymentUnavailable as error:
        log.warning("no page for another card: %s", error)
        return await _page(request, visit, row, Sentence(error.sentence), 503)
    return RedirectResponse(url, 303, PRIVATE)


@signed_in
async def address(request: Request, visit: Visit) -> Response:
    """`…/address`: where it is sent from the next payment on, in the country that is paid for."""
    row = await _mine(request, visit)
    here = f"/me/subscriptions/{row['key']}"
    if not row["ships"]:
        raise HTTPException(404)
    if row["state"] == "ended":
        return back_to(here)
    locale, site = language_of(request, row["locale"]), request.state.site
    form = partial(
        address_form,
        request,
        visit,
        row,
        here=here,
        title=row["line"]["title"],
        is_again=True,
        locked=False,
    )
    if request.method != "POST":
        return form(row["address"] or {}, {}, locale, 200)
    typed = await typed_address(request, row["country"])
    try:
        await send_to(site.database, visit.email, row["key"], read_address(typed))
    except WrongAddress as wrong:
        return form(typed, said(wrong.errors, locale), locale, 422)
    except Refusal as refusal:
        return await _page(request, visit, row, refusal.sentence, 409)
    return back_to(f"{here}?done=address")
