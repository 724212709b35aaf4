"""Pledging on the web: the form and its errors, the way to pay, the backer's own page."""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from milepost.domain.errors import Refusal
from milepost.domain.messages import N_, Sentence
from milepost.domain.money import exponent
from milepost.gateways.stripe import PaymentUnavailable
from milepost.services.choosing import MOST_ADDONS, Choice
from milepost.services.pledging import Words, start_pledge
from milepost.services.publishing import publish
from milepost.services.showing import ShownPledge, ShownReward, show_pledge
from milepost.storage.database import reading
from milepost.web.public.destinations import select, shipping_title
from milepost.web.public.home import reader_locale
from milepost.web.public.view import campaign_view, store_view
from milepost.web.slugs import is_key, is_slug
from milepost.wording.languages import LOCALES, translator
from milepost.wording.prose import prose
from milepost.wording.saying import card_sentence, say

log = logging.getLogger("milepost.web")
FIELDS = ("tier", "quantity", "amount", "bonus", "country", "shown_total")
ADDON = "addon-"  # and the add-on's id: the field for how many of it (domain.lines.addon_field)
MOST_FIELDS = 20 + MOST_ADDONS
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


def _plain(typed: str) -> str:
    """What was typed, without characters that no page can hold."""
    return "".join(character for character in typed[:200] if character.isprintable())


def _typed(sent: Mapping[str, str]) -> dict[str, str]:
    """What the form's fields hold, those of the add-ons among them, each as it was typed."""
    addons = [name for name in sent if name.startswith(ADDON) and len(name) < 30]
    return {name: _plain(sent.get(name, "")) for name in (*FIELDS, *addons)}


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
    sent = await request.form(max_files=0, max_fields=MOST_FIELDS)
    locale = _language(request, str(sent.get("lang", "")))
    typed = _typed({name: str(value) for name, value in sent.items()})
    instead = str(sent.get("instead", ""))
    gettext = translator(locale).gettext
    choice = Choice(
        **{name: typed[name] for name in FIELDS},
        addons={name.removeprefix(ADDON): typed[name] for name in typed if name not in FIELDS},
        locale=locale,
        instead=instead if is_key(instead) else "",
    )
    words = Words(
        own_amount=gettext("Pledge without a reward"),
        bonus=gettext("Bonus"),
        shipping=partial(shipping_title, locale),
    )
    try:
        url = await start_pledge(
            site.database, site.gateway, site.addresses, site.clock, slug, choice, words
        )
    except Refusal as refusal:
        errors = {refusal.about: say(refusal.sentence, locale)}
        return await _form(request, slug, locale, typed, errors, status=STATUS_OF_ERRORS)
    except PaymentUnavailable as error:
        log.warning("no payment page for %s: %s", slug, error)
        errors = {"": say(Sentence(error.sentence), locale)}
        return await _form(request, slug, locale, typed, errors, status=503)
    return RedirectResponse(url, 303, PRIVATE)


async def form(request: Request) -> Response:
    """`GET /c/{slug}/pledge`: the form alone, as an address to link to."""
    typed = _typed(request.query_params)
    chosen = {name: value for name, value in typed.items() if value}
    return await _form(request, _slug(request), reader_locale(request), chosen, {})


async def _form(
    request: Request,
    slug: str,
    locale: str,
    typed: dict[str, str],
    errors: dict[str, str],
    *,
    notice: str = "",
    instead: str = "",
    pay_url: str = "",
    held: dict[str, int] | None = None,
    status: int = 200,
    headers: dict[str, str] = NOT_KEPT,
) -> Response:
    site = request.state.site
    now = site.clock()
    async with reading(site.database) as db:
        published = await publish(db, slug, now)
    if published is None:
        raise HTTPException(404)
    c = campaign_view(published, locale, now, site.settings.base_url)
    for tier in (*c["tiers"], *c["addons"]):
        _give_back(tier, (held or {}).get(tier["id"], 0))
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
        pay_url=pay_url or None,
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
    places = exponent(row["currency"])
    typed = {
        "tier": "",
        "quantity": "1",
        "amount": "",
        "bonus": "",
        "country": row["country"] or "",
    }
    held = {}
    for line in shown.lines:
        tier_id, count = str(line["tier_id"] or ""), line["quantity"]
        if line["source"] == "tier":
            typed |= {"tier": tier_id, "quantity": str(count)}
        elif line["source"] == "addon":
            typed[f"{ADDON}{tier_id}"] = str(count)
        elif line["source"] != "shipping":
            typed["bonus" if line["source"] == "bonus" else "amount"] = _major(
                line["unit_price"], places
            )
        if tier_id and row["claiming"]:
            held[tier_id] = count
    return await _form(
        request,
        row["slug"],
        locale,
        typed,
        {},
        notice=translator(locale).gettext(NOTHING_CHARGED),
        instead=row["key"],
        pay_url=row["pay_url"] or "",
        held=held,
        headers=PRIVATE_FORM,
    )


def _major(minor: int, places: int) -> str:
    """Minor units as somebody would type them, with so many decimals."""
    whole, rest = divmod(minor, 10**places)
    return f"{whole}.{rest:0{places}}" if places else str(whole)


def _give_back(tier: dict[str, Any], held: int) -> None:
    """Count the slots that this backer holds as free: choosing again frees them first (P3)."""
    if held and tier["left"] is not None:
        tier["left"] += held
        tier["state"] = "open" if tier["state"] == "sold_out" else tier["state"]


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
        p=_pledge_view(shown, c, locale),
        rewards=[_reward_view(r, locale) for r in shown.rewards if r.is_mine],
        not_yet=[
            {"target": r.target, "left": r.left, "title": r.title, "reason": say(r.why, locale)}
            for r in shown.rewards
            if not r.is_mine
        ],
    )
    return HTMLResponse(html, headers=PRIVATE)


def _pledge_view(shown: ShownPledge, c: dict[str, Any], locale: str) -> dict[str, Any]:
    row, gettext = shown.row, translator(locale).gettext
    names = {"bonus": gettext("Bonus"), "own_amount": gettext("Pledge without a reward")}
    tiers = {t["id"]: t["title"] for t in (*c["tiers"], *c["addons"])}
    lines = [
        {
            "title": shipping_title(locale, row["country"], x["title"])
            if x["source"] == "shipping"
            else tiers.get(str(x["tier_id"])) or x["title"] or names.get(x["source"], ""),
            "quantity": x["quantity"],
            "unit_price": x["unit_price"],
            "amount": x["quantity"] * x["unit_price"],
            "source": x["source"],
        }
        for x in shown.lines
    ]
    given = [
        {
            "title": r.title,
            "quantity": r.quantity,
            "unit_price": 0,
            "amount": 0,
            "source": "milestone",
        }
        for r in shown.rewards
        if r.kind == "product" and r.state in ("owed", "fulfilled", "held", "provisional")
    ]
    return {
        "key": row["key"],
        "state": "processing" if row["processing"] else row["state"],
        "held": row["held"],
        "lines": lines + given,
        "tax": row["tax"],
        "total": row["money"] + row["shipping"] + row["tax"],
        "currency": row["currency"],
        "refunded": shown.refunded,
        "made_at": row["started_at"],
        "confirmed_at": row["confirmed_at"],
        "pay_url": row["pay_url"],
        "card_sentence": card_sentence(c, locale) if row["state"] == "confirmed" else None,
    }


def _reward_view(r: ShownReward, locale: str) -> dict[str, Any]:
    return {
        "milestone_id": r.milestone_id,
        "target": r.target,
        "title": r.title,
        "image": r.image,
        "image_alt": r.image_alt,
        "text": r.text,
        "state": r.state,
        "backordered": r.backordered,
        "quantity": r.quantity,
        "reason": say(r.why, locale),
        "exclusive": prose(r.exclusive) if r.exclusive else None,
        "code": r.code or None,
    }
