"""Who asks: the token of a call, its pace, and its content type. What it may do: `may`.

Source: RFC 6750 (bearer tokens); RateLimit header fields for HTTP (IETF draft).
"""

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.params import Security as Needed
from fastapi.security import HTTPBearer, SecurityScopes
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from milepost.domain.messages import Sentence
from milepost.services.api_tokens import MOST_REQUESTS, Opened, open_with
from milepost.services.author import Author
from milepost.storage.database import Database
from milepost.web.api.problems import problem
from milepost.web.guard import SAFE
from milepost.web.site import Site
from milepost.wording.saying import say

SHOW = "Send a token of the store’s: Authorization: Bearer mp_…"
UNKNOWN = "This token opens nothing: it is mistyped, or was revoked."
TOO_OFTEN = "This token has asked too often. Try again in %(seconds)s seconds."
NOT_JSON = "Send JSON, as application/json."
bearer = HTTPBearer(
    scheme_name="token",
    description="A token of the store’s, made in Studio → Connections → API.",
    auto_error=False,
)


class Gate:
    """In front of every operation; whoever shows no token goes on, as nobody."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find out whose call it is, and tell with each answer how many more there may be."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, site = Headers(scope=scope), scope["state"]["site"]
        now = site.clock()
        try:
            opened = await _opened(site, headers.get("authorization"), now)
        except PermissionError as unknown:
            refused = problem(401, said(str(unknown)), {"www-authenticate": "Bearer"})
            await refused(scope, receive, send)
            return
        scope["state"]["opened"] = opened
        if opened is None:
            await self._app(scope, receive, send)
            return
        left, seconds = MOST_REQUESTS - opened.asked, ceil((opened.ends - now).total_seconds())

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = MutableHeaders(scope=message)
                told["ratelimit-policy"] = f'"token";q={MOST_REQUESTS};w=60'
                told["ratelimit"] = f'"token";r={max(left, 0)};t={seconds}'
                told.setdefault("cache-control", "no-store")
            await send(message)

        if left < 0:
            detail = said(TOO_OFTEN, seconds=seconds)
            refused = problem(429, detail, {"retry-after": str(seconds)})
            await refused(scope, receive, send_counted)
        elif scope["method"] not in SAFE and not is_json(headers):
            await problem(415, said(NOT_JSON))(scope, receive, send_counted)
        else:
            await self._app(scope, receive, send_counted)


async def _opened(site: Site, shown: str | None, now: datetime) -> Opened | None:
    """Whose call it is; None without a token. Raises PermissionError for any other."""
    if shown is None:
        return None
    scheme, _, token = shown.partition(" ")
    if scheme.lower() != "bearer":
        raise PermissionError(SHOW)
    opened = await open_with(site.database, token.strip(), now)
    if opened is None:
        raise PermissionError(UNKNOWN)
    return opened


def is_json(headers: Headers) -> bool:
    """True also where nothing is sent."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    empty = headers.get("content-length", "") in ("", "0")
    return kind == "application/json" or (empty and "transfer-encoding" not in headers)


@dataclass(frozen=True, slots=True)
class Call:
    """A call that may be made: by whom, and when."""

    site: Site
    author: Author
    now: datetime
    scopes: frozenset[str] = frozenset()

    @property
    def database(self) -> Database:
        """The store's database."""
        return self.site.database

    @property
    def store_id(self) -> int:
        """The store whose token it is."""
        return self.author.store_id


async def _allowed(
    needed: SecurityScopes,
    request: Request,
    _: Annotated[object, Security(bearer)],
) -> Call:
    """Raises HTTPException 401 without a token, 403 with one that may not do this."""
    opened: Opened | None = request.state.opened
    if opened is None:
        raise HTTPException(401, said(SHOW), {"www-authenticate": "Bearer"})
    for scope in needed.scopes:
        if scope not in opened.scopes:
            detail = said("This token may not do that: it lacks “%(scope)s”.", scope=scope)
            raise HTTPException(403, detail)
    site: Site = request.state.site
    return Call(site, opened.author, site.clock(), opened.scopes)


def may(scope: str) -> Needed:
    """What gives an operation its `Call`, to whoever shows a token with this scope."""
    needed: Needed = Security(_allowed, scopes=[scope])
    return needed


def said(message: str, **fields: object) -> str:
    """A sentence to a program: English, as its programmer's logs are."""
    return say(Sentence(message, fields), "en")


__all__ = ["Call", "Depends", "Gate", "bearer", "may", "said"]
