"""`/api/v1/cart`: the shop's cart on other sites, behind a token of its own.

No token of the API and no cookie is looked at: whoever has the cart's token, sent as
`milepost-cart`, has the cart. Which sites' pages may ask is in the store's settings (`CartDoor`).
What is answered is made once, for the element and for the document: `Cart` says it, and tests hold
it to that; it is not read back through the model, for a cart changes at every click (V9).
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from milepost.domain.errors import Refusal
from milepost.domain.messages import N_, Sentence
from milepost.services import carting
from milepost.services.calling import Answer, Said, once
from milepost.services.cart_limits import count_cart
from milepost.services.carting import (
    LONGEST_TOKEN,
    Changed,
    read_cart,
    read_no_cart,
    token_hash,
)
from milepost.services.shop_cart import ShopCart
from milepost.services.signing_in import TooOften
from milepost.storage.database import reading
from milepost.web.api.cart_models import BeginCart, Cart, CartChange, GiveCode, RefusedCart
from milepost.web.api.operations import KEY
from milepost.web.api.problems import PROBLEM, Wrong, problem, status_of
from milepost.web.me.visit import client_of
from milepost.web.shop.cart import AN_HOUR, changed_by, count_try
from milepost.web.shop.cart_view import cart_view, what_changed
from milepost.wording.colour import DEFAULT_BRAND, bar_css, brand_css
from milepost.wording.format import direction
from milepost.wording.languages import CART_LOCALES, negotiate
from milepost.wording.saying import say

AWAY = N_("The shop can’t be reached just now. Nothing was changed.")
LINE = ("product", "title", "label", "url", "image", "quantity", "price", "amount", "charged")
TIER = ("id", "kind", "reward", "target", "goal", "left", "reached", "applies", "gift")
BILL = ("goods", "code", "code_off", "tiers_off", "shipping", "shipping_off", "total")
NOTHING = dict.fromkeys(BILL, 0) | {"code": ""}
REFUSED: dict[int | str, dict[str, Any]] = {
    status: {"description": said, "model": RefusedCart, "content": {PROBLEM: {}}}
    for status, said in (
        (409, "The shop can’t do this now: it is sold out, or no longer for sale."),
        (422, "What was sent can’t be used; `errors` says where."),
        (429, "One network has begun many carts, or tried many codes; `Retry-After` says."),
    )
}
router = APIRouter(tags=["Cart"])
Token = Annotated[
    str | None,
    Header(
        alias="milepost-cart",
        max_length=LONGEST_TOKEN,
        pattern=r"^[A-Za-z0-9_-]*$",
        description="The token of the cart, from whoever began it.",
    ),
]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=rf"^{KEY.pattern}$",
        description="A name of your own for this change of this cart. Said again under it within"
        " a week, it is not done again, and the cart is told as it stands.",
    ),
]


class Showing(BaseModel):
    """How a cart is to be told."""

    model_config = ConfigDict(extra="ignore")

    html: bool = Field(False, description="Also the HTML that `<milepost-cart>` shows.")
    lang: str = Field(
        "", max_length=35, pattern=r"^[^\x00-\x1f]*$", description="Else the browser’s."
    )


Shown = Annotated[Showing, Query()]


@router.get("/cart", response_model=Cart, response_model_exclude_unset=True)
async def get_cart(request: Request, show: Shown, token: Token = None) -> Response:
    """The cart behind the token, judged; an empty one where there is none."""
    return await _answer(request, show, await _read(request, token))


@router.post("/cart", status_code=201, response_model=Cart, responses=REFUSED)
async def begin_cart(request: Request, show: Shown, sent: BeginCart) -> Response:
    """Begin an empty cart; its token is told this once."""
    site = request.state.site
    try:
        await count_cart(site.database, client_of(request), site.clock())
        made = await carting.begin_cart(site.database, site.clock(), currency=sent.currency or "")
    except Refusal as refusal:
        return await _refused(request, show, None, refusal)
    return await _answer(request, show, await _read(request, made), token=made, status=201)


@router.post("/cart/changes", response_model=Cart, responses=REFUSED)
async def change_cart(
    request: Request,
    show: Shown,
    sent: CartChange,
    token: Token = None,
    key: Key = None,
) -> Response:
    """Change the cart, and get it judged anew; where something is added without one, one is begun.

    Without a cart there is nothing that could be done twice, so no key counts then.
    """
    try:
        await count_try(request, token or None, sent.change())
        if token and key:
            return await _change_once(request, show, sent, token, key)
        done, made = await changed_by(request, token or None, sent.change(), _locale(request, show))
    except Refusal as refusal:
        typed = sent.code[:40] if isinstance(sent, GiveCode) else ""
        return await _refused(request, show, await _read(request, token), refusal, typed)
    if done is None:
        return await _answer(request, show, await _read(request, token))
    return await _answer(request, show, done.after, done=done, token=made)


async def _change_once(
    request: Request, show: Showing, sent: Any, token: str, key: str
) -> Response:
    """The change is made unless it was made under this key; a cart is told as it stands."""
    site, locale = request.state.site, _locale(request, show)
    what: list[Any] = [None, None]

    async def act() -> Answer:
        what[:] = await changed_by(request, token, sent.change(), locale)
        return Answer(200, {}, b"")

    said = Said(f"cart:{token_hash(token).hex()}", key, sha256(await request.body()).digest(), None)
    _, again = await once(site.database, said, site.clock(), act)
    done, made = what
    if done is not None:
        return await _answer(request, show, done.after, done=done, token=made)
    answer = await _answer(request, show, await _read(request, token))
    if again:
        answer.headers["idempotency-replayed"] = "true"
    return answer


async def _read(request: Request, token: str | None) -> ShopCart | None:
    if not token:
        return None
    site = request.state.site
    async with reading(site.database) as db:
        return await read_cart(db, token, site.clock())


def _locale(request: Request, show: Showing) -> str:
    """The language that the other site asks for, else the browser's, among those of carts."""
    accepted = request.headers.get("accept-language", "")
    return negotiate(accepted, show.lang.split("-")[0].lower(), CART_LOCALES)


async def _refused(
    request: Request, show: Showing, found: ShopCart | None, refusal: Refusal, typed: str = ""
) -> Response:
    """The refusal in the shopper's language, with the cart as it stands, its error beside it."""
    detail = say(refusal.sentence, _locale(request, show))
    errors = {refusal.about: detail}
    cart = await _told(request, show, found, errors=errors, typed=typed)
    wrong = [Wrong(detail=detail, pointer=f"/{refusal.about}")] if refusal.about else []
    is_often = isinstance(refusal, TooOften)
    status = 429 if is_often else status_of(refusal)
    headers = AN_HOUR if is_often else {}
    return problem(status, detail, headers, wrong, cart=cart | {"said": detail})


async def _answer(
    request: Request,
    show: Showing,
    found: ShopCart | None,
    *,
    done: Changed | None = None,
    token: str | None = None,
    status: int = 200,
) -> Response:
    body = await _told(request, show, found, done=done, has_colours=done is None or bool(token))
    if token is not None:
        body["token"] = token
    return Response(orjson.dumps(body), status, media_type="application/json")


async def _told(
    request: Request,
    show: Showing,
    found: ShopCart | None,
    *,
    done: Changed | None = None,
    errors: Mapping[str, str] | None = None,
    typed: str = "",
    has_colours: bool = False,
) -> dict[str, Any]:
    """The cart as it is told, and as the element shows it where that is asked for."""
    site, locale = request.state.site, _locale(request, show)
    if found is None:
        async with reading(site.database) as db:
            found = await read_no_cart(db)
    elif found.id:
        request.state.cart_origins = found.row["embed_origins"]  # for the door, which needs them
    base = site.settings.base_url
    view = cart_view(found, locale, "embed", errors=errors, typed_code=typed, base=base)
    told = _plain(view, found, base) | {
        "said": what_changed(done, view["whole_bar"], locale) if done is not None else "",
        "reached": done.moved[0] if done is not None else [],
    }
    if show.html:
        told |= {
            "html": site.renderer.page("shop/parts/cart.html", locale, cart=view),
            "lang": locale,
            "dir": direction(locale),
            "away": say(Sentence(AWAY), locale),
        }
        if has_colours:
            told["css"] = _colours(found)
    return told


def _plain(view: Mapping[str, Any], found: ShopCart | None, base: str) -> dict[str, Any]:
    """What is told of the cart in any case."""
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
        line["image"] = base + line["image"] if line["image"] else None
    gifts = [{**gift, "image": gift["image"] or None} for gift in view["gifts"]]
    return {
        "count": view["count"],
        "currency": view["currency"],
        "lines": lines,
        "gifts": gifts,
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
