"""The cart: its page, its drawer, and what changes it; all of it without a script too."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from milepost.domain.errors import NotFound, Refusal
from milepost.domain.numbers import number_in
from milepost.services.cart_changes import (
    Add,
    Change,
    Decline,
    PayIn,
    PutOff,
    SetQuantity,
    ShipTo,
    UseCode,
    UseCredit,
)
from milepost.services.cart_limits import count_cart, count_code
from milepost.services.carting import (
    LONGEST_TOKEN,
    Changed,
    begin_cart,
    change_cart,
    read_cart,
    read_no_cart,
    take_cart,
)
from milepost.services.shop_cart import MOST_PIECES, ShopCart
from milepost.services.signing_in import TooOften
from milepost.storage.database import reading
from milepost.web.me.visit import client_of, store_here, visit_token
from milepost.web.public.chosen import plain
from milepost.web.public.home import reader_locale
from milepost.web.shop.cart_view import cart_view, store_of, what_changed
from milepost.web.shop.token import give_token, token_of
from milepost.wording.languages import CART_LOCALES
from milepost.wording.saying import say

NOT_KEPT = {"cache-control": "no-store", "vary": "accept, accept-language, cookie"}
PLACES = ("page", "drawer")
AN_HOUR = {"retry-after": "3600"}


async def cart_of(request: Request) -> ShopCart | None:
    """The cart of this browser, an empty one when it has none; None where nothing says of that."""
    site, token = request.state.site, token_of(request)
    async with reading(site.database) as db:
        found = None
        if token is not None:
            found = await read_cart(db, token, site.clock(), visit_token(request))
        return found or await read_no_cart(db)


def shopper_locale(request: Request) -> str:
    """The language of our own pages, unless the address asks for another that carts speak."""
    asked = request.query_params.get("lang", "")
    return asked if asked in CART_LOCALES else reader_locale(request)


async def cart_page(request: Request) -> Response:
    """`GET /cart`."""
    return await _page(request, await cart_of(request), shopper_locale(request))


async def drawer(request: Request) -> Response:
    """`GET /cart/drawer`: the cart as `change` gives it to a script."""
    locale = shopper_locale(request)
    return _fragment(request, await cart_of(request), locale, _place(request.query_params))


async def change(request: Request) -> Response:
    """`POST /cart/change`: 303 to the cart; for a script its HTML and a sentence on what changed.

    Fields: `do` (`add`, `set`, `remove`, `decline`, `want`, `code`, `ship`, `pay`, `credit`,
    `later`, `bring`) with `product` and `quantity` (and `step`, which is added), `tier`, `code`,
    `country` and `option`, `currency`, `wanted`, the `gift` of the customer's own by its key;
    `place` (`page`, `drawer`) for which a script wants the HTML. It gets
    `{"html", "count", "said", "reached"}` if it accepts `application/json`, under 422 when refused;
    `reached` are the tiers that this very change has unlocked.
    """
    if request.method != "POST":
        return RedirectResponse("/cart", 303, NOT_KEPT)
    sent = await request.form(max_files=0, max_fields=20)
    fields = {name: plain(str(value)) for name, value in sent.items()}
    locale = fields["lang"] if fields.get("lang") in CART_LOCALES else shopper_locale(request)
    token = token_of(request)
    wanted = change_in(fields)
    scripted = "application/json" in request.headers.get("accept", "")
    try:
        await count_try(request, token, wanted)
        done, made = await changed_by(request, token, wanted, locale, visit_token(request))
    except Refusal as refusal:
        errors = {_beside(refusal): say(refusal.sentence, locale)}
        cart, code = await cart_of(request), fields.get("code", "")
        if scripted:
            place = _place(fields)
            shown = _fragment(request, cart, locale, place, errors=errors, typed_code=code)
        else:
            shown = await _page(request, cart, locale, errors=errors, typed_code=code)
        return as_too_often(shown) if isinstance(refusal, TooOften) else shown
    if scripted:
        after = done.after if done is not None else await cart_of(request)
        response: Response = _fragment(request, after, locale, _place(fields), done=done)
    else:
        response = RedirectResponse("/cart", 303, NOT_KEPT)
    if made is not None:
        give_token(response, request.state.site.settings, made)
    return response


async def count_try(request: Request, token: str | None, wanted: Change | None) -> None:
    """A code that is tried is counted, whatever becomes of it. Raises TooOften."""
    if isinstance(wanted, UseCode) and wanted.code.strip() and token is not None:
        site = request.state.site
        await count_code(site.database, client_of(request), site.clock())


async def changed_by(
    request: Request,
    token: str | None,
    wanted: Change | None,
    locale: str,
    visit: str | None = None,
) -> tuple[Changed | None, str | None]:
    """The cart before and after, and the token of one that had to be begun. Raises Refusal.

    `visit` is the token of whoever is signed in, where that counts.
    """
    site, now = request.state.site, request.state.site.clock()
    if wanted is None:
        return None, None
    if token is not None:
        try:
            return await change_cart(site.database, token, wanted, now, locale, visit), None
        except NotFound:
            pass  # forgotten meanwhile
    if not isinstance(wanted, Add):
        return None, None
    await count_cart(site.database, client_of(request), now)
    made = await begin_cart(site.database, now, wanted.product_id, wanted.currency or None)
    return await change_cart(site.database, made, wanted, now, locale), made


async def take(request: Request) -> Response:
    """`POST /cart/take`: what was filled on another site is in this browser's cart from now on."""
    site = request.state.site
    if request.method != "POST":
        return RedirectResponse("/cart", 303, NOT_KEPT)
    sent = await request.form(max_files=0, max_fields=5)
    given = str(sent.get("token", ""))[:LONGEST_TOKEN]
    response = RedirectResponse("/cart", 303, NOT_KEPT)
    kept = None
    if given:
        kept = await take_cart(site.database, token_of(request), given, site.clock())
    if kept is not None:
        give_token(response, site.settings, kept)
    return response


def as_too_often(response: Response) -> Response:
    """The answer, as one that says when to come again."""
    response.status_code = 429
    response.headers.update(AN_HOUR)
    return response


def change_in(fields: Mapping[str, Any]) -> Change | None:
    """The change that a form or an API's caller asks for; None for what is none."""
    number = {
        name: number_in(str(fields.get(name, "")).strip())
        for name in ("product", "quantity", "tier", "option")
    }
    product, quantity, tier = number["product"], number["quantity"], number["tier"]
    match str(fields.get("do", "")):
        case "add" if product is not None:
            currency = str(fields.get("currency", "")).strip().upper()
            return Add(product, min(quantity or 1, MOST_PIECES), currency)
        case "set" if product is not None and quantity is not None:
            step = {"-1": -1, "1": 1}.get(str(fields.get("step", "")), 0)
            return SetQuantity(product, max(0, quantity + step))
        case "remove" if product is not None:
            return SetQuantity(product, 0)
        case "decline" | "want" as what if tier is not None:
            return Decline(tier, wanted=what == "want")
        case "code":
            return UseCode(str(fields.get("code", "")))
        case "ship":
            country = str(fields.get("country", "")).strip().upper()
            return ShipTo(country or None, number["option"])
        case "pay":
            return PayIn(str(fields.get("currency", "")).strip().upper())
        case "credit":
            return UseCredit(str(fields.get("wanted", "")) == "1")
        case "later" | "bring" as what:
            return PutOff(str(fields.get("gift", ""))[:50], wanted=what == "bring")
    return None


def _place(fields: Mapping[str, str]) -> str:
    place = fields.get("place", "")
    return place if place in PLACES else "drawer"


def _beside(refusal: Refusal) -> str:
    """The field of the cart that the refusal stands beside; nothing for the cart as a whole."""
    return refusal.about if refusal.about in ("code", "country") else ""


async def _page(
    request: Request,
    cart: ShopCart | None,
    locale: str,
    *,
    errors: Mapping[str, str] | None = None,
    typed_code: str = "",
) -> Response:
    site = request.state.site
    if cart is not None:
        store: Any = store_of(cart, locale)
    else:
        async with reading(site.database) as db:
            store = await store_here(db, locale)
    html = site.renderer.page(
        "shop/cart.html",
        locale,
        store=store,
        cart=cart_view(cart, locale, "page", errors=errors, typed_code=typed_code),
    )
    return HTMLResponse(html, 422 if errors else 200, NOT_KEPT)


def _fragment(
    request: Request,
    cart: ShopCart | None,
    locale: str,
    place: str,
    *,
    done: Changed | None = None,
    errors: Mapping[str, str] | None = None,
    typed_code: str = "",
) -> Response:
    view = cart_view(cart, locale, place, errors=errors, typed_code=typed_code)
    html = request.state.site.renderer.page("shop/parts/cart.html", locale, cart=view)
    said = (
        what_changed(done, view["whole_bar"], locale)
        if done is not None
        else " ".join((errors or {}).values())
    )
    reached = done.moved[0] if done is not None else []
    body = {"html": html, "count": view["count"], "said": said, "reached": reached}
    return JSONResponse(body, 422 if errors else 200, NOT_KEPT)
