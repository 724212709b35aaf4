"""The web process: doors in front, Starlette behind, one listener on the database's notices."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Closed, Conflict, Invalid, NotFound, Refusal, SoldOut
from milepost.domain.messages import N_, Sentence
from milepost.services.ending import end
from milepost.settings import Settings, read_settings
from milepost.storage import notices
from milepost.storage.database import UNREACHABLE
from milepost.web.api.problems import problem
from milepost.web.doors import Doors
from milepost.web.guard import TOKEN_API, App, Guard, Scope, TooLargeError, largest, too_large
from milepost.web.routes import ROUTES
from milepost.web.site import Site, make_site, utc_now
from milepost.wording.languages import negotiate
from milepost.wording.saying import say

log = logging.getLogger("milepost.web")
STATUSES = {NotFound: 404, Invalid: 422, Closed: 409, SoldOut: 409, Conflict: 409}
TITLES = {
    400: N_("That did not work"),
    403: N_("Not from here"),
    404: N_("Nothing here"),
    405: N_("Not that way"),
    409: N_("Not now"),
    413: N_("Too large"),
    422: N_("Something is missing"),
    500: N_("Our mistake"),
    503: N_("Not just now"),
}
SENTENCES = {
    400: N_("This form could not be read. Nothing was changed. Go back and send it again."),
    404: N_("There is no page at this address. It may have moved, or the link is incomplete."),
    405: N_("This address can't be used that way. Go back and try again."),
    500: N_("Something broke on our side. Please try again in a minute."),
    503: N_("The site can't reach its database just now. Please try again in a minute."),
}


def create_app(settings: Settings | None = None, clock: Callable[[], datetime] = utc_now) -> App:
    """The ASGI application of one web process. Raises SettingsError."""
    settings = settings or read_settings()
    site = make_site(settings, clock)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        async with site.database:
            listening = notices.listen(
                site.database, notices.CAMPAIGN, site.shelf.moved, site.shelf.doubt
            )
            works = (listening, site.intake.run(), site.hub.beat(), site.arrivals.run())
            tasks = [asyncio.create_task(work) for work in works]
            try:
                yield {"site": site}
            finally:
                await end([*tasks, *site.shelf.keepers])
                await site.arrivals.write_down()
                await site.gateway.close()

    pages = Starlette(
        routes=ROUTES,
        lifespan=lifespan,
        exception_handlers={
            Refusal: _refused,
            HTTPException: _http_error,
            TooLargeError: _too_large,
            **dict.fromkeys(UNREACHABLE, _away),
            Exception: _broken,
        },
    )
    pages.router.redirect_slashes = False  # it would trust the Host header
    return Doors(site, Guard(pages, settings, _refusal_outside(site)))


def error_page(
    site: Site, scope: Scope, status: int, sentence: str | Sentence, **headers: str
) -> Response:
    """An error as a page in the reader's language."""
    request = Request(scope)
    locale = negotiate(request.headers.get("accept-language", ""), request.query_params.get("lang"))
    words = Sentence(sentence) if isinstance(sentence, str) else sentence
    if f"{scope['path']}/".startswith(TOKEN_API):
        return problem(status, say(words, "en"), headers)
    html = site.renderer.page(
        "public/error.html",
        locale,
        status=status,
        title=say(Sentence(TITLES.get(status, TITLES[400])), locale),
        sentence=say(words, locale),
    )
    return Response(html, status, {"cache-control": "no-store", **headers}, "text/html")


def _refusal_outside(site: Site) -> Callable[[Scope, int, str], Response]:
    return lambda scope, status, sentence: error_page(site, scope, status, sentence)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    status = next((s for kind, s in STATUSES.items() if isinstance(error, kind)), 400)
    return error_page(request.state.site, request.scope, status, error.sentence)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = SENTENCES.get(error.status_code, SENTENCES[404])
    return error_page(
        request.state.site, request.scope, error.status_code, sentence, **dict(error.headers or {})
    )


def _too_large(request: Request, error: Exception) -> Response:
    sentence = too_large(largest(request.url.path))
    return error_page(request.state.site, request.scope, 413, sentence)


def _away(request: Request, error: Exception) -> Response:
    log.warning("%s %s: the database is away: %r", request.method, _where(request), error)
    headers = {"retry-after": "5"}
    return error_page(request.state.site, request.scope, 503, SENTENCES[503], **headers)


def _where(request: Request) -> str:
    """The route's path, as logs may have it: the address itself may hold a key."""
    return str(getattr(request.scope.get("route"), "path", "an unknown address"))


def _broken(request: Request, error: Exception) -> Response:
    log.error("%s %s broke", request.method, _where(request), exc_info=error)
    return error_page(request.state.site, request.scope, 500, SENTENCES[500])
