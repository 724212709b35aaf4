"""What every answer carries, and what an unsafe request must show: its origin, its size."""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from milepost.domain.messages import N_
from milepost.services.preparing import NOT_A_STORE
from milepost.settings import Settings

LARGEST_FORM = 64 * 1024  # bytes
LARGEST_UPLOAD = 24 * 1024 * 1024  # bytes; who sends it is known before any of it is read
# A store's own pages, behind its desk; the studio's entrance and accounts are not among them.
UPLOADS = re.compile(rf"/studio/(?!(?:{'|'.join(sorted(NOT_A_STORE))})/)[^/]+/")
SAFE = {"GET", "HEAD", "OPTIONS"}
# Mail programs post there from nowhere (RFC 8058): the signed link alone says whose wish it is.
ONE_CLICK = "/unsubscribe/"
# Programs show a token, and no cookie counts there; nor at the cart, which other sites show too.
TOKEN_API = "/api/v1/"
CART_API = "/api/v1/cart"
LARGEST_BATCH = 4 * 1024 * 1024  # bytes
OTHER_SITE = N_(
    "This form was sent from another site, or your browser does not say from where. Open the"
    " campaign's page and send it from there."
)
TOO_LARGE = N_("This form is too large. Nothing was changed.")
TOO_LARGE_BATCH = N_("That is more than 4 MB. Send less at once; none of it was kept.")
TOO_LARGE_UPLOAD = N_("That is more than the 24 MB that can be sent at once. Nothing was changed.")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class TooLargeError(HTTPException):
    """A body longer than it can be there."""

    def __init__(self) -> None:
        super().__init__(413)


@cache
def page_headers(settings: Settings) -> tuple[tuple[bytes, bytes], ...]:
    """The security headers of every page. Source: OWASP Secure Headers Project."""
    pay = "https://checkout.stripe.com"
    if settings.stripe_api_base and settings.is_local:
        pay += f" {settings.stripe_api_base}"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        " font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none';"
        f" frame-ancestors 'none'; form-action 'self' {pay}"
    )
    headers = [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"strict-origin-when-cross-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
    ]
    if settings.is_https:
        headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
    return tuple(headers)


class Guard:
    """Wraps the pages that are made per request."""

    def __init__(self, app: App, settings: Settings, refuse: Any) -> None:
        self._app = app
        self._settings = settings
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse unsafe requests of other origins and oversized bodies; add the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def send_guarded(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                extra = [h for h in page_headers(self._settings) if h[0] not in present]
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        from_anywhere = scope["path"].startswith((ONE_CLICK, TOKEN_API))
        if scope["method"] not in SAFE and not from_anywhere and not same_origin(headers):
            await self._refuse(scope, 403, OTHER_SITE)(scope, receive, send_guarded)
            return
        length, most = headers.get("content-length", "0"), largest(scope["path"])
        if not length.isdecimal() or int(length) > most:
            await self._refuse(scope, 413, too_large(most))(scope, receive, send_guarded)
            return
        await self._app(scope, _limited(receive, most), send_guarded)


def largest(path: str) -> int:
    """How many bytes may be sent there at once."""
    if path.startswith(TOKEN_API):
        return LARGEST_FORM if path.startswith(CART_API) else LARGEST_BATCH
    return LARGEST_UPLOAD if UPLOADS.match(path) else LARGEST_FORM


def too_large(most: int) -> str:
    """What whoever sent more than `most` is told."""
    return {LARGEST_UPLOAD: TOO_LARGE_UPLOAD, LARGEST_BATCH: TOO_LARGE_BATCH}.get(most, TOO_LARGE)


def same_origin(headers: Headers) -> bool:
    """True when the browser says that the request comes from this very site.

    Source: OWASP, "Cross-Site Request Forgery Prevention", Fetch Metadata with an Origin fallback.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    source = headers.get("origin") or headers.get("referer") or ""
    try:
        return bool(source) and urlsplit(source).netloc == headers.get("host")
    except ValueError:
        return False


def _limited(receive: Receive, most: int) -> Receive:
    taken = 0

    async def limited() -> MutableMapping[str, Any]:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise TooLargeError
        return message

    return limited
