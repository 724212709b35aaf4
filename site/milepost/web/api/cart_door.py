"""Who may ask for a cart from another site's page: those that the store has named.

A browser sends the cart's token, or JSON, to another site only after asking whether it may (Fetch,
"CORS-preflight request"); and whatever is answered, an error too, its page reads only where the
answer names it.
"""

from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from milepost.storage import carts
from milepost.storage.database import AWAY, reading
from milepost.web.api.gate import NOT_JSON, is_json, said
from milepost.web.api.problems import problem
from milepost.web.guard import CART_API, SAFE

ALLOWED = {
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "content-type, milepost-cart, idempotency-key",
    "access-control-max-age": "600",
}


class CartDoor:
    """In front of the gate: at a cart no token of the API counts, and no cookie."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a browser that asks whether it may; name the site that reads the answer."""
        if scope["type"] != "http" or not is_cart(scope["path"]):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = MutableHeaders(scope=message)
                told["cache-control"], told["vary"] = "no-store", "origin"
                if origin is not None and await _is_known(scope, origin):
                    told["access-control-allow-origin"] = origin
            await send(message)

        if scope["method"] == "OPTIONS" and origin is not None:
            known = await _is_known(scope, origin)
            answer = Response(status_code=204, headers=ALLOWED) if known else Response(None, 403)
            await answer(scope, receive, send_named)
        elif scope["method"] not in SAFE and not is_json(headers):
            await problem(415, said(NOT_JSON))(scope, receive, send_named)
        else:
            own = [(name, value) for name, value in scope["headers"] if name != b"authorization"]
            await self._app({**scope, "headers": own}, receive, send_named)


def is_cart(path: str) -> bool:
    """True for the cart's own addresses."""
    return path == CART_API or path.startswith(f"{CART_API}/")


async def _is_known(scope: Scope, origin: str) -> bool:
    """True for our own pages, and for those of the sites that the store has named."""
    site = scope["state"]["site"]
    if origin == site.settings.base_url:
        return True
    known: Iterable[str] | None = scope["state"].get("cart_origins")
    if known is None:
        try:
            async with reading(site.database) as db:
                known = await carts.embedding_origins(db)
        except AWAY:
            known = ()
    scope["state"]["cart_origins"] = known
    return origin in known
