"""The cart on other sites: the API that its element talks to.

`GET /api/cart` gives the cart behind the token in the header `milepost-cart`, an empty one without
it; `POST /api/cart` begins one; `POST /api/cart/change` takes a JSON object with the fields of
`/cart/change` (`do`, `product`, `quantity`, …) and begins a cart where something is added without
one. Each answers, amounts in minor units of `currency`:

    {"token": only for a cart that was just begun, "count": 2, "currency": "USD",
     "lines": [{"product", "title", "label", "url", "image", "quantity", "price", "amount",
                "charged"}],
     "gifts": [{"tier", "product", "title", "image", "state": "given" | "declined" | "sold_out"}],
     "milestones": null | {"trigger", "reading", "message", "layout", "tiers": [{"id", "kind",
                "reward", "target", "goal", "left", "reached", "applies", "gift"}]},
     "bill": {"goods", "code", "code_off", "tiers_off", "shipping": null until a country is chosen,
                "shipping_off", "total"},
     "notices": what the shop had to change, "said": what this change did, "reached": [tier, …]}

With `?html=1` also the `html` that the element shows, with its `lang` and `dir`; `?lang=` chooses
the language. A refused
change is the same under 422 with `errors`, by field; under 429 where one network asks too often. No
cookie is looked at: whoever has the token has the cart. A browser sends the token, or JSON, to
another site only after asking whether it may (Fetch, "CORS-preflight request"); the answer is yes
for the origins in the store's settings.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Refusal
from milepost.domain.messages import N_, Sentence
from milepost.services.cart_limits import count_cart
from milepost.services.carting import LONGEST_TOKEN, Changed, begin_cart, read_cart, read_no_cart
from milepost.services.shop_cart import ShopCart
from milepost.services.signing_in import TooOften
from milepost.storage import carts
from milepost.storage.database import reading
from milepost.web.me.visit import client_of
from milepost.web.shop.cart import as_too_often, change_in, changed_by
from milepost.web.shop.cart_view import cart_view, what_changed
from milepost.wording.colour import DEFAULT_BRAND, bar_css, brand_css
from milepost.wording.format import direction
from milepost.wording.languages import CART_LOCALES, negotiate
from milepost.wording.saying import say

ALLOWED = {
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "content-type, milepost-cart",
    "access-control-max-age": "600",
}
AWAY = N_("The shop can’t be reached just now. Nothing was changed.")
NOT_JSON = N_("Send the change as a JSON object, under the content type application/json.")
LINE = ("product", "title", "label", "url", "image", "quantity", "price", "amount", "charged")
TIER = ("id", "kind", "reward", "target", "goal", "left", "reached", "applies", "gift")
BILL = ("goods", "code", "code_off", "tiers_off", "shipping", "shipping_off", "total")
NOTHING = dict.fromkeys(BILL, 0) | {"code": ""}


async def cart(request: Request) -> Response:
    """`GET /api/cart`: the cart; `POST /api/cart`: a new one, with its token."""
    site = request.state.site
    if request.method == "OPTIONS":
        return await _preflight(request)
    if request.method == "GET":
        return await _answer(request, await _read(request, _token(request)))
    fields = await _json(request)
    if fields is None:
        return await _answer(request, None, errors={"": _said(request, Sentence(NOT_JSON))})
    try:
        await count_cart(site.database, client_of(request), site.clock())
        made = await begin_cart(
            site.database, site.clock(), currency=str(fields.get("currency", "")).upper()
        )
    except Refusal as refusal:
        answer = await _answer(request, None, errors={"": _said(request, refusal.sentence)})
        return as_too_often(answer) if isinstance(refusal, TooOften) else answer
    return await _answer(request, await _read(request, made), token=made)


async def change(request: Request) -> Response:
    """`POST /api/cart/change`."""
    if request.method == "OPTIONS":
        return await _preflight(request)
    fields = await _json(request)
    if fields is None:
        return await _answer(request, None, errors={"": _said(request, Sentence(NOT_JSON))})
    token, locale = _token(request), _locale(request)
    try:
        done, made = await changed_by(request, token, change_in(fields), locale)
    except Refusal as refusal:
        errors = {refusal.about: say(refusal.sentence, locale)}
        typed = str(fields.get("code", ""))[:40]
        found = await _read(request, token)
        answer = await _answer(request, found, errors=errors, typed_code=typed)
        return as_too_often(answer) if isinstance(refusal, TooOften) else answer
    if done is None:
        return await _answer(request, await _read(request, token))
    return await _answer(request, done.after, done=done, token=made)


async def _read(request: Request, token: str | None) -> ShopCart | None:
    if token is None:
        return None
    site = request.state.site
    async with reading(site.database) as db:
        return await read_cart(db, token, site.clock())


def _locale(request: Request) -> str:
    """The language that the other site asks for, else the browser's, among those of carts."""
    accepted = request.headers.get("accept-language", "")
    asked = request.query_params.get("lang", "").split("-")[0].lower()
    return negotiate(accepted, asked, CART_LOCALES)


def _token(request: Request) -> str | None:
    token = request.headers.get("milepost-cart", "")
    return token if 0 < len(token) <= LONGEST_TOKEN else None


def _said(request: Request, sentence: Sentence) -> str:
    return say(sentence, _locale(request))


async def _json(request: Request) -> Mapping[str, Any] | None:
    """The object that was sent; a browser asks first before it sends one to another site."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return None
    try:
        fields = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        return None
    return fields if isinstance(fields, dict) else None


async def _preflight(request: Request) -> Response:
    async with reading(request.state.site.database) as db:
        known = await carts.embedding_origins(db)
    headers = _cors(request, known)
    if "access-control-allow-origin" not in headers:
        return Response(status_code=403, headers=headers)
    return Response(status_code=204, headers=headers | ALLOWED)


def _cors(request: Request, known: Iterable[str]) -> dict[str, str]:
    """Which site may read the answer: the one that asks, if it is among the `known`."""
    headers = {"cache-control": "no-store", "vary": "origin"}
    origin = request.headers.get("origin")
    if origin is not None and (origin in known or origin == request.state.site.settings.base_url):
        headers["access-control-allow-origin"] = origin
    return headers


async def _answer(
    request: Request,
    found: ShopCart | None,
    *,
    done: Changed | None = None,
    token: str | None = None,
    errors: Mapping[str, str] | None = None,
    typed_code: str = "",
) -> Response:
    site, locale = request.state.site, _locale(request)
    if found is None:
        async with reading(site.database) as db:
            found = await read_no_cart(db)
    view = cart_view(found, locale, "embed", errors=errors, typed_code=typed_code,
                     base=site.settings.base_url)  # fmt: skip
    body = _told(view, found, site.settings.base_url) | {
        "said": what_changed(done, view["whole_bar"], locale)
        if done is not None
        else " ".join((errors or {}).values()),
        "reached": done.moved[0] if done is not None else [],
    }
    if errors:
        body["errors"] = errors
    if token is not None:
        body["token"] = token
    if "html" in request.query_params:
        body["html"] = site.renderer.page("shop/parts/cart.html", locale, cart=view)
        body |= {"lang": locale, "dir": direction(locale)}
        body["away"] = say(Sentence(AWAY), locale)
        if request.method == "GET" or token is not None:
            body["css"] = _colours(found)
    if found is not None and found.id:
        known: Iterable[str] = found.row["embed_origins"]
    else:
        async with reading(site.database) as db:
            known = await carts.embedding_origins(db)
    headers = _cors(request, known)
    status = 422 if errors else 200
    return Response(orjson.dumps(body), status, headers, "application/json")


def _told(view: Mapping[str, Any], found: ShopCart | None, base: str) -> dict[str, Any]:
    """The cart as the API tells it."""
    if found is None:
        return {"count": 0, "currency": None, "lines": [], "gifts": [], "milestones": None,
                "bill": NOTHING, "notices": []}  # fmt: skip
    bar, campaign = view["whole_bar"], found.campaign
    milestones = None
    if bar is not None and campaign is not None:
        milestones = {
            "trigger": campaign.trigger,
            "reading": found.evaluation.reading,
            "message": bar["message"],
            "layout": bar["layout"],
            "tiers": [{name: tier[name] for name in TIER} for tier in bar["tiers"]],
        }
    lines = [{name: line[name] for name in LINE} for line in view["lines"]]
    for line in lines:
        line["url"] = base + line["url"]
        line["image"] = line["image"] and base + line["image"]
    return {
        "count": view["count"],
        "currency": view["currency"],
        "lines": lines,
        "gifts": view["gifts"],
        "milestones": milestones,
        "bill": {name: view[name] for name in BILL},
        "notices": view["notices"],
    }


def _colours(found: ShopCart | None) -> str:
    """The store's tokens, and the bar's own colour, for the element's shadow tree."""
    brand = found.row["store_brand"] if found is not None else DEFAULT_BRAND
    colour = str((found.row["design"] or {}).get("colour", "")) if found is not None else ""
    css = (
        brand_css(brand, ":host")
        + ":host{display:block;font:400 1rem/1.5 inherit;color:var(--ink)}"
    )
    return css + (bar_css(colour, ".cart-milestones") if colour else "")
