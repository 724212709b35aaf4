"""Who is signed in: a cookie's token, looked up at each request; a page for nobody else."""

import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from milepost.domain.messages import Sentence
from milepost.services.signing_in import VISIT_LASTS, Visit, find_visit, own_page
from milepost.settings import Settings
from milepost.storage import people
from milepost.storage.database import Connection, reading
from milepost.web.public.home import reader_locale
from milepost.web.public.view import store_view
from milepost.web.slugs import is_key
from milepost.wording.languages import LOCALES
from milepost.wording.saying import say

# A form at a private address must show its origin: under `no-referrer` that is “null”.
PRIVATE = {"cache-control": "no-store", "referrer-policy": "same-origin"}
SIGN_IN = "/me/sign-in"
LONGEST_TOKEN = 100
Page = Callable[[Request, Visit], Awaitable[Response]]


def cookie_name(settings: Settings) -> str:
    """`__Host-` binds it to this very host, where there is TLS (RFC 6265bis, 4.1.3.2)."""
    return "__Host-milepost-visit" if settings.is_https else "milepost-visit"


def give_cookie(response: Response, settings: Settings, token: str) -> None:
    """Let the browser keep the visit, for our own pages alone."""
    response.set_cookie(
        cookie_name(settings),
        token,
        max_age=int(VISIT_LASTS.total_seconds()),
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )


def take_cookie(response: Response, settings: Settings) -> None:
    """Let the browser forget the visit."""
    response.delete_cookie(
        cookie_name(settings), path="/", secure=settings.is_https, httponly=True, samesite="lax"
    )


def visit_token(request: Request) -> str | None:
    """The token of this browser's visit, if it has one; whether that stands is not looked at."""
    token = request.cookies.get(cookie_name(request.state.site.settings), "")
    return token if 0 < len(token) <= LONGEST_TOKEN else None


async def visit_of(request: Request) -> Visit | None:
    """The visit of whoever asks; None when there is none, or it is over."""
    site, token = request.state.site, visit_token(request)
    if token is None:
        return None
    return await find_visit(site.database, token, site.clock())


def signed_in(page: Page) -> Callable[[Request], Awaitable[Response]]:
    """The page for whoever is signed in; everybody else is led to where they can."""

    async def guarded(request: Request) -> Response:
        visit, settings = await visit_of(request), request.state.site.settings
        if visit is not None and request.method == "POST":
            await request.body()  # whoever sends slowly may be nobody any more by its end
            renewed, visit = visit.renewed, await visit_of(request)
            visit = visit and replace(visit, renewed=renewed)
        if visit is None:
            next_ = own_page(request.url.path)
            question = f"?{urlencode({'next': next_})}" if next_ and next_ != "/me" else ""
            response: Response = RedirectResponse(SIGN_IN + question, 303, PRIVATE)
            if cookie_name(settings) in request.cookies:
                take_cookie(response, settings)
            return response
        response = await page(request, visit)
        if visit.renewed and "set-cookie" not in response.headers:
            give_cookie(response, settings, visit.token)
        return response

    guarded.__doc__ = page.__doc__
    return guarded


async def the_pledge(db: Connection, request: Request, visit: Visit) -> Any:
    """The pledge that the address names, if it is this visitor's: found and allowed in one.

    Raises 404 for another's as for nobody's.
    """
    key = request.path_params["key"]
    own = await people.own_pledge(db, visit.email, key) if is_key(key) else None
    if own is None:
        raise HTTPException(404)
    return own


async def my_pledge(request: Request, visit: Visit) -> Any:
    """The same, where nothing else is asked of the database at that time."""
    async with reading(request.state.site.database) as db:
        return await the_pledge(db, request, visit)


async def is_own(request: Request, visit: Visit) -> bool:
    """True when the pledge that the address names is this visitor's."""
    async with reading(request.state.site.database) as db:
        return await people.own_pledge(db, visit.email, request.path_params["key"]) is not None


def client_of(request: Request) -> str:
    """The network that asks: an IPv4 address, or the 64 bits that an IPv6 customer has."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 6 and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return host


def language_of(request: Request, known: str = "") -> str:
    """The language asked for in the address, else the one `known`, else the browser's."""
    asked = request.query_params.get("lang")
    return asked if asked in LOCALES else known if known in LOCALES else reader_locale(request)


def said(errors: Mapping[Any, Sentence], locale: str) -> dict[Any, str]:
    """Each sentence in the reader's language."""
    return {name: say(sentence, locale) for name, sentence in errors.items()}


async def store_here(db: Connection, locale: str) -> dict[str, Any] | None:
    """The store for the frame of a page that belongs to no campaign."""
    row = await people.only_store(db)
    return store_view(row, locale) if row is not None else None


def shown(
    request: Request, template: str, locale: str, status: int = 200, **context: object
) -> HTMLResponse:
    """A page of these pages' own, kept by no cache."""
    html = request.state.site.renderer.page(template, locale, **context)
    return HTMLResponse(html, status, PRIVATE)


def back_to(path: str) -> RedirectResponse:
    """303 to one of our own pages."""
    return RedirectResponse(path, 303, PRIVATE)
