"""Pledging on the web: the form and its errors, the way to pay, the backer's own page."""

import logging
from dataclasses import replace
from functools import partial
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from milepost.domain.errors import Refusal
from milepost.domain.messages import N_, Sentence
from milepost.domain.origins import Origin
from milepost.gateways.stripe import PaymentUnavailable
from milepost.services.pledging import Words, start_pledge
from milepost.services.publishing import publish
from milepost.services.showing import ShownPledge, show_pledge
from milepost.storage.database import reading
from milepost.web.public.chosen import choice_of, filled_in, give_back, sent_with, typed_in
from milepost.web.public.destinations import select, shipping_title
from milepost.web.public.home import reader_locale
from milepost.web.public.purse import purse_here, purse_view, wish_of
from milepost.web.public.referral import referral_of_pledge
from milepost.web.public.shown import pledge_view, rewards_view
from milepost.web.public.unlocking import told_at_payment
from milepost.web.public.view import campaign_view, store_view
from milepost.web.slugs import is_key, is_slug
from milepost.wording.languages import LOCALES, translator
from milepost.wording.saying import say

log = logging.getLogger("milepost.web")
STATUS_OF_ERRORS = 422
NOT_KEPT = {"cache-control": "no-store"}
PRIVATE = NOT_KEPT | {"referrer-policy": "no-referrer"}
# A form at a private address must still show its origin: under `no-referrer` that is “null”.
PRIVATE_FORM = NOT_KEPT | {"referrer-policy": "same-origin"}
NOTHING_CHARGED = N_("Nothing was charged. You can go on to the payment, or choose something else.")


def _slug(request: Request) -> str:
    slug: str = request.path_params["slug"]
    if not is_slug(slug):
        raise HTTPException(404)
    return slug


def _key(request: Request) -> str:
    key: str = request.path_params["key"]
    if not is_key(key):
        raise HTTPException(404)
    return key


def _language(request: Request, known: str) -> str:
    """The language asked for in the address, else the one `known`, else the browser's."""
    asked = request.query_params.get("lang")
    return asked if asked in LOCALES else known if known in LOCALES else reader_locale(request)


async def form_or_start(request: Request) -> Response:
    """`/c/{slug}/pledge`: the form, or what comes of sending it."""
    return await (start if request.method == "POST" else form)(request)


async def start(request: Request) -> Response:
    """`POST /c/{slug}/pledge`: 303 to the payment page, or the form again with what is wrong."""
    site, slug = request.state.site, _slug(request)
    sent = await sent_with(request)
    locale, typed = _language(request, sent.get("lang", "")), typed_in(sent)
    gettext = translator(locale).gettext
    origin = site.arrivals.of_pledge(request, slug, sent)
    friend = referral_of_pledge(request, sent)
    choice = replace(
        choice_of(typed, locale, sent.get("instead", ""), origin),
        referral=friend,
        purse=wish_of(request, typed),
    )
    words = Words(
        own_amount=gettext("Pledge without a reward"),
        bonus=gettext("Bonus"),
        shipping=partial(shipping_title, locale),
        unlocks=partial(told_at_payment, locale),
    )
    try:
        url = await start_pledge(
            site.database, site.gateway, site.addresses, site.clock, slug, choice, words
        )
    except Refusal as refusal:
        errors = {refusal.about: say(refusal.sentence, locale)}
        return await _form(
            request,
            slug,
            locale,
            typed,
            errors,
            origin=origin,
            friend=friend,
            status=STATUS_OF_ERRORS,
        )
    except PaymentUnavailable as error:
        log.warning("no payment page for %s: %s", slug, error)
        errors = {"": say(Sentence(error.sentence), locale)}
        return await _form(
            request, slug, locale, typed, errors, origin=origin, friend=friend, status=503
        )
    return RedirectResponse(url, 303, PRIVATE)


async def form(request: Request) -> Response:
    """`GET /c/{slug}/pledge`: the form alone, as an address to link to."""
    site, slug = request.state.site, _slug(request)
    typed = typed_in(request.query_params)
    chosen = {name: value for name, value in typed.items() if value}
    origin = site.arrivals.of_pledge(request, slug, {})
    friend = referral_of_pledge(request, {})
    return await _form(
        request, slug, reader_locale(request), chosen, {}, origin=origin, friend=friend
    )


async def _form(
    request: Request,
    slug: str,
    locale: str,
    typed: dict[str, str],
    errors: dict[str, str],
    *,
    origin: Origin,
    friend: str = "",
    notice: str = "",
    instead: str = "",
    pay_url: str = "",
    held: dict[str, int] | None = None,
    given_up: Any = None,
    status: int = 200,
    headers: dict[str, str] = NOT_KEPT,
) -> Response:
    site = request.state.site
    now = site.clock()
    async with reading(site.database) as db:
        published = await publish(db, slug, now)
        purse = await purse_here(db, request, slug)
    if published is None:
        raise HTTPException(404)
    if given_up is not None and purse is not None:
        purse = purse.with_again(given_up["credit"], given_up["gifts"])
    if request.method == "GET" and not instead:  # whoever was led straight to the form
        said, asked = dict(request.scope["headers"]), request.scope["query_string"]
        site.arrivals.saw(published.campaign["id"], slug, said, asked)
    c = campaign_view(published, locale, now, site.settings.base_url)
    for tier in (*c["tiers"], *c["addons"]):
        give_back(tier, (held or {}).get(tier["id"], 0))
    countries, chosen = c["shipping"]["countries"], typed.get("tier", "")
    if chosen in countries:
        countries[chosen] = select(countries[chosen], typed.get("country", "").upper())
    html = site.renderer.page(
        "public/pledge_form.html",
        locale,
        c=c,
        store=store_view(published.campaign, locale),
        typed=typed,
        errors=errors,
        notice=notice or None,
        instead=instead,
        origin=origin,
        friend=friend,
        pay_url=pay_url or None,
        purse=purse_view(purse, typed, locale) if purse else None,
        asks_who=purse is None and "purse" in request.query_params,
    )
    return HTMLResponse(html, status, headers)


async def _shown(request: Request) -> ShownPledge:
    """The pledge behind the link, in the language that is asked for or that it was made in."""
    site, key = request.state.site, _key(request)
    async with reading(site.database) as db:
        shown = await show_pledge(db, key, partial(_language, request), site.clock())
    if shown is None:
        raise HTTPException(404)
    return shown


async def again(request: Request) -> Response:
    """`GET /p/{key}/again`: back from the payment page without paying; the form as it was typed."""
    shown = await _shown(request)
    row, locale = shown.row, shown.locale
    if row["state"] != "started":
        return RedirectResponse(f"/p/{row['key']}", 303, PRIVATE)
    typed, held = filled_in(shown)
    return await _form(
        request,
        row["slug"],
        locale,
        typed,
        {},
        origin=Origin(row["source"] or "", row["tag"] or ""),
        notice=translator(locale).gettext(NOTHING_CHARGED),
        instead=row["key"],
        pay_url=row["pay_url"] or "",
        held=held,
        given_up=row,
        headers=PRIVATE_FORM,
    )


async def own_page(request: Request) -> Response:
    """`GET /p/{key}`: the pledge, its state, and each reward with its reason."""
    site, shown = request.state.site, await _shown(request)
    locale = shown.locale
    c = campaign_view(shown.published, locale, site.clock(), site.settings.base_url)
    html = site.renderer.page(
        "public/pledge.html",
        locale,
        c=c,
        store=store_view(shown.published.campaign, locale),
        p=pledge_view(shown, c, locale),
        **rewards_view(shown, locale),
    )
    return HTMLResponse(html, headers=PRIVATE_FORM)
