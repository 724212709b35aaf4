"""`/checkout`: from the cart to the payment page, or why not, before anybody pays (P9)."""

import logging
import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from milepost.domain.errors import Invalid, NotFound, Refusal
from milepost.domain.messages import N_, Sentence
from milepost.gateways.stripe import PaymentUnavailable
from milepost.services.addressing import Address, WrongAddress, read_address
from milepost.services.carting import read_cart
from milepost.services.ordering import Pages, Words, check_out
from milepost.services.placing_orders import CartChanged, Checkout, NothingToPay, Payer
from milepost.services.shop_cart import ShopCart, title_of
from milepost.storage.database import reading
from milepost.web.me.visit import visit_token
from milepost.web.public.chosen import plain
from milepost.web.public.home import reader_locale
from milepost.web.public.referral import referral_of
from milepost.web.public.view import store_view
from milepost.wording.format import written_in
from milepost.wording.languages import LOCALES, translator
from milepost.wording.saying import say

log = logging.getLogger("milepost.web")
COOKIE = "milepost_cart"
PRIVATE = {"cache-control": "no-store", "referrer-policy": "same-origin"}
LONGEST_TOKEN = 100
FIELDS = tuple(Address.model_fields)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


async def check_out_or_back(request: Request) -> Response:
    """`POST /checkout`: 303 to the payment page; GET leads back to the cart."""
    if request.method != "POST":
        return RedirectResponse("/cart", 303, PRIVATE)
    site = request.state.site
    sent = await request.form(max_files=0, max_fields=30)
    typed = {name: plain(str(value), 320) for name, value in sent.items()}
    asked = typed.get("lang") or request.query_params.get("lang", "")
    locale = asked if asked in LOCALES else reader_locale(request)
    token = request.cookies.get(COOKIE, "")[:LONGEST_TOKEN]
    _ = translator(locale).gettext
    try:
        seen = typed.get("shown_total", ""), typed.get("shown_currency", "")
        own = visit_token(request), referral_of(request)
        wish = Checkout(*seen, locale, _payer(typed, locale), *own)
        cart = await _cart(request, token)
        words = Words(_("Gift: %(title)s"), _shipping(cart, locale), _("Everything else"))
        pages = Pages(site.settings.base_url)
        url = await check_out(site.database, site.gateway, pages, site.clock, token, wish, words)
    except WrongAddress as wrong:
        errors = {name: say(sentence, locale) for name, sentence in wrong.errors.items()}
        return await _free_form(request, token, typed, errors, locale)
    except NothingToPay:
        return await _free_form(request, token, typed, {}, locale)
    except Refusal as refusal:
        return await _refused(request, token, typed, refusal, locale)
    except PaymentUnavailable as error:
        log.warning("no payment page for a cart: %s", error)
        return await _stopped(request, token, Sentence(error.sentence), locale, 503)
    return RedirectResponse(url, 303, PRIVATE)


def _shipping(cart: ShopCart | None, locale: str) -> str:
    """What the payment page calls the way that the order travels."""
    _ = translator(locale).gettext
    option = cart.shipping_option if cart is not None else None
    if option is None:
        return _("Shipping")
    title = option["translations"].get(locale, {}).get("title") or option["title"]
    return _("Shipping: %(place)s") % {"place": title}


def _payer(typed: Mapping[str, str], locale: str) -> Payer | None:
    """Who orders for nothing, once they have said so; by the `account` of whoever is signed in.

    Raises WrongAddress.
    """
    if not typed.keys() & {"email", "account"}:
        return None
    email = typed.get("email", "").strip().lower()
    errors: dict[str, Sentence] = {}
    if "email" in typed and not _EMAIL.fullmatch(email):
        errors["email"] = Sentence(N_("Type an e-mail address, such as dana@example.org."))
    address = None
    if "line1" in typed:
        try:
            address = read_address({name: typed.get(name, "") for name in FIELDS})
        except WrongAddress as wrong:
            errors |= wrong.errors
    if errors:
        raise WrongAddress(errors)
    return Payer(email, typed.get("name", "").strip()[:200], address)


async def _refused(
    request: Request, token: str, typed: Mapping[str, str], refusal: Refusal, locale: str
) -> Response:
    if isinstance(refusal, NotFound):
        return RedirectResponse("/cart", 303, PRIVATE)
    if (
        isinstance(refusal, Invalid)
        and refusal.about in FIELDS
        and typed.keys() & {"email", "account"}
    ):
        errors = {refusal.about: say(refusal.sentence, locale)}
        return await _free_form(request, token, typed, errors, locale)
    return await _stopped(request, token, refusal.sentence, locale, 409, refusal)


async def _cart(request: Request, token: str) -> ShopCart | None:
    site = request.state.site
    async with reading(site.database) as db:
        return await read_cart(db, token, site.clock(), visit_token(request))


async def _stopped(
    request: Request,
    token: str,
    sentence: Sentence,
    locale: str,
    status: int,
    refusal: Refusal | None = None,
) -> Response:
    """Why it goes no further, what had to change, and the sum as it is now."""
    cart = await _cart(request, token)
    changed = refusal if isinstance(refusal, CartChanged) else None
    told = (*(changed.notices if changed else ()), *(cart.notices if cart else ()))
    notices = [say(notice.said(locale), locale) for notice in told]
    can_go_on = cart is not None and bool(cart.lines) and cart.shipping is not None
    html = request.state.site.renderer.page(
        "public/checkout_stopped.html",
        locale,
        store=store_view(cart.row, locale) if cart else None,
        sentence=say(sentence, locale),
        notices=notices,
        changed=changed is not None,
        total=cart.evaluation.bill.total if cart and can_go_on and not cart.notices else None,
        currency=cart.currency if cart else "",
    )
    return HTMLResponse(html, status, PRIVATE)


async def _free_form(
    request: Request,
    token: str,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    locale: str,
) -> Response:
    """The form of an order that costs nothing: an e-mail address, and where it is sent."""
    cart = await _cart(request, token)
    if cart is None:
        return RedirectResponse("/cart", 303, PRIVATE)
    bill, country = cart.evaluation.bill, cart.kept.country
    context: dict[str, Any] = {
        "store": store_view(cart.row, locale),
        "v": dict(typed),
        "errors": dict(errors),
        "ships": cart.ships,
        "country_code": country,
        "country_name": written_in(locale).country(country) if country else "",
        "total": bill.total,
        "goods": [
            (x.line.quantity, title_of(cart.products[x.line.product_id], locale))
            for x in bill.lines
        ],
        "currency": cart.currency,
        "credit": bill.credit,
        "is_known": cart.row["who"] is not None,
    }
    html = request.state.site.renderer.page("public/checkout_free.html", locale, **context)
    return HTMLResponse(html, 422 if errors else 200, PRIVATE)
