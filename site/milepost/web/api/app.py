"""`/api/v1`: the operations, and how what they raise is answered."""

import logging
from functools import cache
from pathlib import Path

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from milepost.domain.errors import Refusal
from milepost.storage.database import DEADLOCK, UNREACHABLE
from milepost.web.api import (
    batches,
    campaigns,
    carts,
    customers,
    events,
    foresight,
    fulfilments,
    grants,
    loyalty,
    milestones,
    orders,
    pledges,
    products,
    programs,
    reports,
    stock,
    tiers,
)
from milepost.web.api.cart_door import CartDoor
from milepost.web.api.document import document
from milepost.web.api.gate import Gate, said
from milepost.web.api.invalid import invalid
from milepost.web.api.problems import Wrong, problem, status_of
from milepost.wording.saying import say

ABOUT = Path(__file__).with_name("about.md")  # what an integrator reads first
log = logging.getLogger("milepost.web.api")
SENTENCES = {
    404: "There is nothing at this address. The operations are in /api/v1/openapi.json.",
    405: "There is something at this address, but no operation with this method.",
    413: "That is more than can be sent at once. Send it in several calls; none of it was kept.",
    500: "Something broke on our side. Nothing was changed. Please try again in a minute.",
    503: "The database can’t be reached just now. Nothing was changed. Try again in a moment.",
}
ROUTERS = (
    carts.router,  # first, for addresses are looked for in order, and this one at each click (V9)
    campaigns.router,
    tiers.router,
    milestones.router,
    foresight.router,
    pledges.router,
    reports.router,
    grants.router,
    fulfilments.router,
    batches.router,
    products.router,
    stock.router,
    orders.router,
    customers.router,
    programs.router,
    loyalty.router,
    events.router,
)


def make_api() -> FastAPI:
    """The application behind `/api/v1`; it takes its site from the request's state."""
    api = FastAPI(
        title="Milepost",
        summary="Campaigns, pledges, rewards and the shop, for programs of a store’s own.",
        description=ABOUT.read_text("utf-8"),
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
        exception_handlers={
            Refusal: _refused,
            RequestValidationError: invalid,
            HTTPException: _http_error,
            **dict.fromkeys((*UNREACHABLE, DEADLOCK), _away),
            Exception: _broken,
        },
    )
    api.add_middleware(Gate)
    api.add_middleware(CartDoor)
    api.router.redirect_slashes = False
    for router in ROUTERS:
        api.include_router(router)
    api.openapi = cache(lambda: document(api))  # type: ignore[method-assign]
    api.router.routes.append(Route("/openapi.json", _openapi))
    return api


async def _openapi(request: Request) -> Response:
    return Response(
        orjson.dumps(request.app.openapi()),
        headers={"cache-control": "public, max-age=300", "access-control-allow-origin": "*"},
        media_type="application/json",
    )


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    status, detail = status_of(error), say(error.sentence, "en")
    wrong = [Wrong(detail=detail, pointer=f"/{error.about}")] if error.about else []
    return problem(status, detail, wrong=wrong)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = SENTENCES.get(error.status_code)
    unsaid = error.detail in ("Not Found", "Method Not Allowed") or error.status_code == 413
    detail = said(sentence) if sentence and unsaid else error.detail
    headers = dict(error.headers or {})
    if allowed := _allowed(request) if error.status_code == 405 else set():
        headers["Allow"] = ", ".join(sorted(allowed))
    return problem(error.status_code, detail, headers)


def _allowed(request: Request) -> set[str]:
    """The methods of all operations at this address, each of which is a route of its own."""
    routes = (route for router in ROUTERS for route in router.routes)
    here = [route for route in routes if route.matches(request.scope)[0] is not Match.NONE]
    return {method for route in here if isinstance(route, Route) for method in route.methods or ()}


async def _away(request: Request, error: Exception) -> Response:
    log.warning("%s %s: the database is away: %r", request.method, _where(request), error)
    return problem(503, said(SENTENCES[503]), {"retry-after": "5"})


def _where(request: Request) -> str:
    return str(getattr(request.scope.get("route"), "path", "an unknown address"))


async def _broken(request: Request, error: Exception) -> Response:
    log.error("%s %s broke", request.method, _where(request), exc_info=error)
    return problem(500, said(SENTENCES[500]))
