"""`/embed/campaign.js`, `/embed/cart.js`: the elements for any site, each one script without parts.

Anybody's page may load them, as a module or not (Fetch, "CORS protocol"), also one that isolates
itself (HTML, "Cross-origin embedder policy").
"""

import gzip
from functools import lru_cache
from hashlib import sha256

import brotli  # type: ignore[import-untyped]
import orjson
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.messages import Sentence
from milepost.web.embed.words import AWAY, UNKNOWN
from milepost.web.static import embedded_campaign, embedded_cart
from milepost.web.wishes import encoding
from milepost.wording.languages import CART_LOCALES
from milepost.wording.saying import say

ANYWHERE = {
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
}


async def cart(request: Request) -> Response:
    """`GET /embed/cart.js`: the element `<milepost-cart>`."""
    return _answer(request, _packed(request.state.site.settings.base_url, embedded_cart()))


async def campaign(request: Request) -> Response:
    """`GET /embed/campaign.js`: the element `<milepost-campaign>`."""
    told = f"const SAID = {_said()};\n{embedded_campaign()}"
    return _answer(request, _packed(request.state.site.settings.base_url, told))


@lru_cache(1)
def _said() -> str:
    """What the element says where the site can't: it is away, or knows no such campaign."""
    told = {
        locale: {
            name: say(Sentence(words), locale)
            for name, words in {"away": AWAY, "unknown": UNKNOWN}.items()
        }
        for locale in CART_LOCALES
    }
    return orjson.dumps(told).decode()


@lru_cache(4)
def _packed(base_url: str, script: str) -> tuple[dict[str, bytes], str]:
    told = f"const BASE = {orjson.dumps(base_url).decode()};\n{script}"
    body = f'"use strict";\n(() => {{\n{told}}})();\n'.encode()
    packed = {
        "": body,
        "br": brotli.compress(body, quality=11),
        "gzip": gzip.compress(body, 9, mtime=0),
    }
    return packed, f'"{sha256(body).hexdigest()[:20]}"'


def _answer(request: Request, script: tuple[dict[str, bytes], str]) -> Response:
    packed, tag = script
    headers = {"cache-control": "public, max-age=300", "etag": tag, "vary": "accept-encoding"}
    headers |= ANYWHERE
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    wanted = encoding(request.headers.get("accept-encoding", "").encode("latin-1"))
    if wanted:
        headers["content-encoding"] = wanted
    return Response(packed[wanted], 200, headers, "text/javascript; charset=utf-8")
